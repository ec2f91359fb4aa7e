using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace ServiceDefaults;

/// <summary><c>/alive</c>: is the process worth keeping? <c>/started</c>: has it finished starting? <c>/health</c>: may it be given work, and if not, what helps?</summary>
public static class Health
{
    /// <summary>Checks with this tag decide whether the process is restarted; keep what lies outside the process out of it.</summary>
    public const string Live = "live";

    /// <summary>Checks with this tag say whether the process can do its work now.</summary>
    public const string Ready = "ready";

    /// <summary>Checks with this tag say whether it has finished starting; until then nobody should judge whether it is alive.</summary>
    public const string Startup = "startup";

    /// <summary>Checks with this tag say what helps in words of ours, which anybody may read.</summary>
    public const string Spoken = "spoken";

    private static readonly string[] Addresses = ["/alive", "/started", "/health"];

    internal static void AddHealth(this IHostApplicationBuilder builder)
    {
        builder.Services.AddHealthChecks().AddCheck("self", () => HealthCheckResult.Healthy(), [Live]).AddCheck<Lifetime>("lifetime", tags: [Ready, Startup, Spoken]);
        builder.Services.AddSingleton<Lifetime>();
    }

    /// <summary>Maps the addresses, open to everyone. For a process without <see cref="HostDefaults.MapServiceDefaults"/>.</summary>
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapHealthChecks("/alive", new() { Predicate = check => check.Tags.Contains(Live), ResponseWriter = Write }).AllowAnonymous();
        routes.MapHealthChecks("/started", new() { Predicate = check => check.Tags.Contains(Startup), ResponseWriter = Write }).AllowAnonymous();
        routes.MapHealthChecks("/health", new() { ResponseWriter = Write }).AllowAnonymous();
    }

    internal static bool IsProbe(PathString path) => Addresses.Any(address => path == address);

    private static Task Write(HttpContext http, HealthReport report) => http.Response.WriteAsJsonAsync(new
    {
        status = report.Status.ToString(),
        checks = report.Entries.ToDictionary(entry => entry.Key, entry => entry.Value.Status.ToString()),
        help = report.Entries.Where(entry => entry.Value.Status is not HealthStatus.Healthy).ToDictionary(entry => entry.Key, entry => HelpOf(entry.Value)),
    });

    // Anyone may ask. What libraries' checks and exceptions say can hold host names: that is for the log alone.
    private static string HelpOf(HealthReportEntry entry) =>
        entry.Tags.Contains(Spoken) && entry is { Exception: null, Description.Length: > 0 } ? entry.Description : "Look at this service's log: it names the cause.";

    /// <summary>Given no work before it has started, and none any more when it is about to end.</summary>
    private sealed class Lifetime(IHostApplicationLifetime host) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(
            !host.ApplicationStarted.IsCancellationRequested ? HealthCheckResult.Unhealthy("It is still starting. Wait; if it takes minutes, its log says what it waits for.")
            : host.ApplicationStopping.IsCancellationRequested ? HealthCheckResult.Unhealthy("It is about to end. Another replica, or the next start, takes over.")
            : HealthCheckResult.Healthy());
    }
}
