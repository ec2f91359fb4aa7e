await using var app = await Identity.IdentityProvider.Build(args);
await app.RunAsync();
