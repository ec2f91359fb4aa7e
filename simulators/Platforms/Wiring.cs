using System.Text.Json.Serialization;
using Platforms.Accounts;
using Platforms.Calls;
using Platforms.Consent;
using Platforms.Control;
using Platforms.Google;
using Platforms.Instagram;
using Platforms.TikTok;
using Platforms.TikTokBusiness;
using Platforms.Webhooks;
using ServiceDefaults;

namespace Platforms;

public static class Wiring
{
    /// <summary>The whole application, not yet started. Tests build it the same way.</summary>
    public static WebApplication Build(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        if (builder.Configuration["PORT"] is { Length: > 0 } port && builder.Configuration[WebHostDefaults.ServerUrlsKey] is null)
        {
            builder.WebHost.UseUrls($"http://localhost:{port}");
        }

        builder.AddParts();
        var app = builder.Build();
        app.MapEndpoints();
        return app;
    }

    private static void AddParts(this WebApplicationBuilder builder)
    {
        // Also keeps whole addresses out of logs and traces: Instagram's hold secrets and tokens.
        builder.AddHostDefaults();

        var services = builder.Services;
        var options = builder.Configuration.GetSection("Webhooks").Get<WebhookOptions>() ?? new();
        services.AddSingleton(options);
        // A webhook has its own patience, and a circuit breaker would fail deliveries that were never tried.
#pragma warning disable EXTEXP0001 // For evaluation only, and the only way to leave the default handlers out.
        services.AddHttpClient(nameof(DeliverWebhooks), client => client.Timeout = options.Timeout)
            .RemoveAllResilienceHandlers()
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { AllowAutoRedirect = false });
#pragma warning restore EXTEXP0001
        services.AddSingleton<DeliverWebhooks>().AddHostedService(p => p.GetRequiredService<DeliverWebhooks>());

        services.AddSingleton(_ => new Journal(builder.Configuration["State:Directory"]));
        services.AddSingleton<SwitchBoard>().AddSingleton<PlatformClock>().AddSingleton<Registrations>();
        services.AddSingleton<Ledger>().AddSingleton<Codes>().AddSingleton<DeliveryLog>().AddSingleton<Desk>();
        services.AddSingleton<Outages>().AddSingleton<CallLog>().AddSingleton<Turnstile>().AddSingleton<Meter>();
        services.AddSingleton<ConsentPages>().AddSingleton<GraphCaller>().AddSingleton<SigningKey>();
        services.AddSingleton<Google.ApiCaller>().AddSingleton<TikTok.ApiCaller>();

        services.AddSingleton<TikTokPlatform>();
        services.AddSingleton<BusinessRegistration>().AddSingleton<MarketplaceBook>();
        services.AddSingleton<ISimulatedPlatform, InstagramPlatform>();
        services.AddSingleton<ISimulatedPlatform, GooglePlatform>();
        services.AddSingleton<ISimulatedPlatform>(p => p.GetRequiredService<TikTokPlatform>());

        services.AddProblemDetails();
        services.AddRazorComponents();
        services.ConfigureHttpJsonOptions(json => json.SerializerOptions.Converters.Add(new JsonStringEnumConverter()));
    }
}
