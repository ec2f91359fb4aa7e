using Connections.Platforms;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Connections.Upkeep;

/// <summary>Is there an incident at a platform, a pause somebody may have forgotten, or something of ours to mend? Degraded and no worse: the service itself is well.</summary>
internal sealed class PlatformHealth(PlatformWatch watch, PlatformList platforms) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        string[] concerns = [.. platforms.All.Select(platform => Concern(platform.Options.Name, watch.StateOf(platform.Options.Key))).OfType<string>()];
        return Task.FromResult(concerns.Length == 0 ? HealthCheckResult.Healthy() : HealthCheckResult.Degraded(string.Join(' ', concerns)));
    }

    private static string? Concern(string name, PlatformState state) => state switch
    {
        { IsHolding: true } => $"{name}: so many calls fail that no connection is changed. Look at GET /v1/platforms; it ends by itself when calls work again, or by POST /v1/platforms/{state.Platform}/resume.",
        { PausedAt: not null } => $"{name}: paused by an operator (GET /v1/platforms says who). POST /v1/platforms/{state.Platform}/resume goes on.",
        { OursCode: { } code } => $"{name}: it answers {code}, which is ours to mend: check its app's credentials and settings.",
        _ => null,
    };
}
