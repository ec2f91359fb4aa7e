using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace ServiceDefaults;

/// <summary><c>/alive</c>: is the process worth keeping? <c>/health</c>: may it be given work?</summary>
public static class Health
{
    /// <summary>Checks with this tag decide whether the process is restarted; keep what lies outside the process out of it.</summary>
    public const string Live = "live";

    /// <summary>Checks with this tag say whether the process can do its work now.</summary>
    public const string Ready = "ready";

    internal static void AddHealth(this IHostApplicationBuilder builder) =>
        builder.Services.AddHealthChecks().AddCheck("self", () => HealthCheckResult.Healthy(), [Live]);

    /// <summary>Maps both addresses, open to everyone. For a process without <see cref="HostDefaults.MapServiceDefaults"/>.</summary>
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapHealthChecks("/alive", new() { Predicate = check => check.Tags.Contains(Live), ResponseWriter = Write }).AllowAnonymous();
        routes.MapHealthChecks("/health", new() { ResponseWriter = Write }).AllowAnonymous();
    }

    internal static bool IsProbe(PathString path) => path == "/health" || path == "/alive";

    // Anyone may ask, so the answer names the checks and nothing else: descriptions and exceptions can hold host names and go to the log.
    private static Task Write(HttpContext http, HealthReport report) => http.Response.WriteAsJsonAsync(new
    {
        status = report.Status.ToString(),
        checks = report.Entries.ToDictionary(entry => entry.Key, entry => entry.Value.Status.ToString()),
    });
}
