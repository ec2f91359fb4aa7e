using System.Security.Claims;
using Connections.Platforms;
using Connections.Upkeep;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using ServiceDefaults;

namespace Connections.Features;

/// <summary>An operator stops calling a platform, or goes on calling it and overrules an open incident.</summary>
public static class PausePlatform
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/platforms/{platform}/pause", Pause).WithName(nameof(PausePlatform)).WithTags("Operations").RequireScope("ops")
            .WithSummary("Stop calling a platform").WithDescription("No refreshes and no probes until it is resumed. Repeating it changes nothing.")
            .Refuses(404, "platform.unknown");
        routes.MapPost("/v1/platforms/{platform}/resume", Resume).WithName("ResumePlatform").WithTags("Operations").RequireScope("ops")
            .WithSummary("Go on calling a platform")
            .WithDescription("Ends a pause, and an open incident: what was held is asked again within a minute, and no new incident opens for the time of Breaker:Override. Repeating it changes nothing.")
            .Refuses(404, "platform.unknown");
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Pause(
        string platform, HttpContext http, PlatformList platforms, PlatformWatch watch, NpgsqlDataSource source, TimeProvider clock, ILogger<PlatformWatch> logger, CancellationToken ct)
    {
        if (platforms.Find(platform) is null)
        {
            return ShowPlatforms.Unknown();
        }

        var who = WhoIs(http.User);
        await source.Run(PlatformTables.Pause(platform, who, clock.GetUtcNow()), ct);
        await watch.Look(ct);
        logger.LogWarning("{Platform} was paused by {Who}.", platform, who);
        return TypedResults.NoContent();
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Resume(
        string platform, HttpContext http, PlatformList platforms, PlatformWatch watch, NpgsqlDataSource source, BreakerOptions options, TimeProvider clock, ILogger<PlatformWatch> logger, CancellationToken ct)
    {
        if (platforms.Find(platform) is null)
        {
            return ShowPlatforms.Unknown();
        }

        var (who, now) = (WhoIs(http.User), clock.GetUtcNow());
        await source.Run(PlatformTables.Unpause(platform), ct);
        await PlatformTables.Close(source, platform, who, now + options.Override, now, ct);
        await watch.Look(ct);
        logger.LogWarning("{Platform} was resumed by {Who}.", platform, who);
        return TypedResults.NoContent();
    }

    // An id, never a name or an address.
    private static string WhoIs(ClaimsPrincipal user) => user.FindFirst("sub")?.Value ?? user.FindFirst("client_id")?.Value ?? "unknown";
}
