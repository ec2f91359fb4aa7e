using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Http.Resilience;

namespace ServiceDefaults;

/// <summary>What every process of the system has in common, so that no two services differ in how they are hosted, watched and protected.</summary>
public static class HostDefaults
{
    /// <summary>The largest request body accepted unless an endpoint says otherwise, in bytes.</summary>
    public const long MaxRequestBody = 1024 * 1024;

    /// <summary>An API service: <see cref="AddHostDefaults"/>, problem documents, JSON rules, bearer tokens and a quota of requests.</summary>
    public static TBuilder AddServiceDefaults<TBuilder>(this TBuilder builder) where TBuilder : IHostApplicationBuilder
    {
        builder.AddHostDefaults();
        builder.AddRequestProblems();
        builder.AddBearerTokens();
        builder.AddRequestQuota();
        return builder;
    }

    /// <summary>Any web process, one with its own sign-in included: telemetry, health, service discovery, resilient HTTP clients, body limit.</summary>
    public static TBuilder AddHostDefaults<TBuilder>(this TBuilder builder) where TBuilder : IHostApplicationBuilder
    {
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.AddTelemetry();
        builder.AddHealth();

        // Where ASPNETCORE_URLS says nothing, PORT may: that is how many hosts name the port to listen on.
        if (builder.Configuration["urls"] is null && builder.Configuration["PORT"] is { Length: > 0 } port)
        {
            builder.Configuration["urls"] = $"http://localhost:{port}";
        }

        builder.Services.AddServiceDiscovery();
        builder.Services.ConfigureHttpClientDefaults(http =>
        {
            // A POST that timed out may have been carried out: only methods that are safe to repeat are repeated.
            http.AddStandardResilienceHandler(options => options.Retry.DisableForUnsafeHttpMethods());
            http.AddServiceDiscovery();
        });

        builder.Services.Configure<KestrelServerOptions>(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = MaxRequestBody;
            kestrel.AddServerHeader = false;
        });
        return builder;
    }

    /// <summary>
    /// The pipeline every API service starts with: problem documents for whatever goes wrong, authentication, the quota of requests, authorization, <c>/health</c> and <c>/alive</c>.
    /// Call it before the service's own middleware and routes.
    /// </summary>
    public static WebApplication MapServiceDefaults(this WebApplication app)
    {
        app.UseRequestProblems();
        app.UseAuthentication();
        app.UseRequestQuota();
        app.UseAuthorization();
        app.MapHealth();
        return app;
    }
}
