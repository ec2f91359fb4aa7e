using Mail.Smtp;
using Microsoft.Extensions.Options;
using ServiceDefaults;

namespace Mail;

/// <summary>The whole simulator as one object, so that a test can run it in its own process.</summary>
public static class MailServer
{
    /// <summary>Builds it, ready to start.</summary>
    /// <param name="args">Settings such as <c>--Smtp:Port=5225</c>; they count before the environment.</param>
    public static WebApplication Build(params string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.AddHostDefaults();
        builder.AddRequestProblems();
        builder.Configuration["urls"] ??= "http://localhost:5202";

        builder.Services.AddOptions<Settings>().Bind(builder.Configuration).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton(services => services.GetRequiredService<IOptions<Settings>>().Value);
        builder.Services.AddSingleton<Archive>();
        builder.Services.AddSingleton<Mailbox>();
        builder.Services.AddSingleton<Faults>();
        builder.Services.AddSingleton<Greylist>();
        builder.Services.AddSingleton<Certificate>();
        builder.Services.AddSingleton<Returns>();
        builder.Services.AddHostedService(services => services.GetRequiredService<Returns>());
        builder.Services.AddHttpClient(Returns.HttpClient);
        if (builder.Configuration["Authentication:ClientId"] is { Length: > 0 })
        {
            builder.AddServiceTokens();
        }

        builder.Services.AddSingleton<Listener>();
        builder.Services.AddHostedService(services => services.GetRequiredService<Listener>());

        var app = builder.Build();
        app.UseRequestProblems();
        app.MapHealth();
        InboxPage.Map(app);
        MessagePage.Map(app);
        MessagesApi.Map(app);
        FaultsApi.Map(app);
        GreylistApi.Map(app);
        app.MapGet("/certificate.pem", (Certificate certificate) => TypedResults.Text(certificate.Pem, "application/x-pem-file"));
        return app;
    }

    /// <summary>The port mail is taken on, once started: the one asked for, or one of the system's choice where 0 was asked for.</summary>
    public static int SmtpPort(this WebApplication app) => app.Services.GetRequiredService<Listener>().Port;

    /// <summary>The port on which TLS begins at once; null where there is none.</summary>
    public static int? SmtpTlsPort(this WebApplication app) => app.Services.GetRequiredService<Listener>().TlsPort;
}
