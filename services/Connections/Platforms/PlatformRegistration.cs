using Connections.Platforms.Instagram;
using Connections.Platforms.TikTok;
using Connections.Platforms.YouTube;

namespace Connections.Platforms;

/// <summary>The one list of platforms. Adding one is a folder, an options section and a line here.</summary>
public static class PlatformRegistration
{
    public static void AddPlatforms(this IHostApplicationBuilder builder)
    {
        Add<InstagramPlatform, InstagramInsights, InstagramOptions>(builder, "Instagram");
        Add<YouTubePlatform, YouTubeInsights, YouTubeOptions>(builder, "YouTube");
        Add<TikTokPlatform, TikTokInsights, TikTokOptions>(builder, "TikTok");
        builder.Services.AddSingleton<PlatformList>();
    }

    private static void Add<TPlatform, TInsights, TOptions>(IHostApplicationBuilder builder, string section)
        where TPlatform : class, IPlatform
        where TInsights : class, IInsightsSource
        where TOptions : PlatformOptions
    {
        builder.Services.AddOptions<TOptions>().BindConfiguration($"Platforms:{section}").ValidateDataAnnotations().ValidateOnStart();

        // No retry: an authorization code must never be sent twice. No request logging: these URLs and bodies hold secrets.
        var client = builder.Services.AddHttpClient(section, http => http.Timeout = TimeSpan.FromSeconds(20)).RemoveAllLoggers();
#pragma warning disable EXTEXP0001 // Marked as subject to change; it takes the handlers of ServiceDefaults off this one client.
        client.RemoveAllResilienceHandlers();
#pragma warning restore EXTEXP0001
        builder.Services.AddSingleton<IPlatform>(services => ActivatorUtilities.CreateInstance<TPlatform>(
            services, services.GetRequiredService<Microsoft.Extensions.Options.IOptions<TOptions>>().Value, new PlatformHttp(services.GetRequiredService<IHttpClientFactory>(), section)));

        builder.Services.AddSingleton<IInsightsSource>(services => ActivatorUtilities.CreateInstance<TInsights>(
            services, services.GetRequiredService<Microsoft.Extensions.Options.IOptions<TOptions>>().Value, new PlatformHttp(services.GetRequiredService<IHttpClientFactory>(), section)));

        // Workers for each: a platform that answers slowly holds up no other.
        builder.Services.AddSingleton<IHostedService>(services =>
            ActivatorUtilities.CreateInstance<Features.RefreshConnections>(services, services.GetServices<IPlatform>().OfType<TPlatform>().Single()));
        builder.Services.AddSingleton<IHostedService>(services =>
            ActivatorUtilities.CreateInstance<Features.PullInsights>(services, services.GetServices<IInsightsSource>().OfType<TInsights>().Single()));
    }
}

/// <summary>Hands a platform its HTTP client, fresh each time so that DNS changes are seen.</summary>
public sealed class PlatformHttp(IHttpClientFactory clients, string name)
{
    /// <summary>A client for one call.</summary>
    public HttpClient Client => clients.CreateClient(name);
}

/// <summary>Every platform, by key.</summary>
public sealed class PlatformList(IEnumerable<IPlatform> platforms, IEnumerable<IInsightsSource> sources)
{
    private readonly IReadOnlyList<IPlatform> all = [.. platforms];
    private readonly IReadOnlyList<IInsightsSource> allSources = [.. sources];

    /// <summary>In the order they are shown.</summary>
    public IReadOnlyList<IPlatform> All => all;

    /// <summary>The platform with this key; null where there is none.</summary>
    public IPlatform? Find(string key) => all.FirstOrDefault(platform => platform.Options.Key == key);

    /// <summary>Where this platform's insights come from; null where there is no such platform.</summary>
    public IInsightsSource? InsightsOf(string key) => allSources.FirstOrDefault(source => source.Options.Key == key);
}
