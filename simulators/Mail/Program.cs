await using var app = Mail.MailServer.Build(args);
await app.RunAsync();
