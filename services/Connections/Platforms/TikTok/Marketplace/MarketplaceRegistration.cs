using Connections.Features;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using ServiceDefaults;

namespace Connections.Platforms.TikTok.Marketplace;

/// <summary>What the marketplace is made of. Without its options section the routes say so, and nobody is asked anything.</summary>
internal static class MarketplaceRegistration
{
    private const string Client = "TikTokBusiness";

    public static void AddMarketplace(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<TikTokBusinessOptions>().BindConfiguration(TikTokBusinessOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<TikTokBusinessOptions>>().Value);

        // No retry: a campaign must not be created twice. No request logging: these URLs hold handles.
        var client = services.AddHttpClient(Client, http => http.Timeout = TimeSpan.FromSeconds(20)).RemoveAllLoggers();
#pragma warning disable EXTEXP0001 // Marked as subject to change; it takes the handlers of ServiceDefaults off this one client.
        client.RemoveAllResilienceHandlers();
#pragma warning restore EXTEXP0001
        services.AddSingleton<IMarketplace>(provider => ActivatorUtilities.CreateInstance<TikTokMarketplace>(
            provider, new PlatformHttp(provider.GetRequiredService<IHttpClientFactory>(), Client)));
        services.AddTransient<MarketplaceDesk>();
        services.AddSingleton<MarketplaceAlarm>();
        services.AddSingleton<Inquiry>();

        var campaign = services.AddHttpClient<CreatorHandles>(http => http.BaseAddress = new("http://campaign"));
        if (builder.Configuration.GetSection(TikTokBusinessOptions.Section).Get<TikTokBusinessOptions>() is { IsConfigured: true })
        {
            builder.AddServiceTokens();
            campaign.AddServiceToken();
            services.AddHostedService<CheckMarketplace>();
            services.AddHealthChecks().AddCheck<MarketplaceAlarm>("marketplace", HealthStatus.Degraded, ["ready", "spoken"]);
        }
    }
}

/// <summary>Rings while the marketplace refuses our token, our application or our requests: a matter for an operator, and no creator's.</summary>
public sealed class MarketplaceAlarm : IHealthCheck
{
    private volatile string? code;

    /// <summary>The last call was refused with this code; null: it was not.</summary>
    public void Set(string? refusal) => code = refusal;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(code is null ? HealthCheckResult.Healthy() : HealthCheckResult.Degraded($"TikTok's marketplace refuses us with {code}. Check the token and the application of Platforms:TikTokBusiness; no creator's standing changes meanwhile."));
}
