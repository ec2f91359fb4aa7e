using Connections.Platforms;
using Connections.Upkeep;
using EventSourcing.Operations;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
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
            .Refuses(404, "platform.unknown").Refuses(422, [.. OperatorAudit.Codes]);
        routes.MapPost("/v1/platforms/{platform}/resume", Resume).WithName("ResumePlatform").WithTags("Operations").RequireScope("ops")
            .WithSummary("Go on calling a platform")
            .WithDescription("Ends a pause, and an open incident: what was held is asked again within a minute, and no new incident opens for the time of Breaker:Override. Repeating it changes nothing.")
            .Refuses(404, "platform.unknown").Refuses(422, [.. OperatorAudit.Codes]);
    }

    private static Task<Results<NoContent, ProblemHttpResult>> Pause(
        string platform, [FromHeader(Name = "Idempotency-Key")] string? key, HttpContext http, OperatorAudit audit, PlatformList platforms, PlatformWatch watch, NpgsqlDataSource source, TimeProvider clock) =>
        Order(http, audit, platforms, platform, "platform.pause", async (who, ct) =>
        {
            await source.Run(PlatformTables.Pause(platform, who, clock.GetUtcNow()), ct);
            await watch.Look(ct);
        });

    private static Task<Results<NoContent, ProblemHttpResult>> Resume(
        string platform, [FromHeader(Name = "Idempotency-Key")] string? key, HttpContext http, OperatorAudit audit, PlatformList platforms, PlatformWatch watch, NpgsqlDataSource source,
        BreakerOptions options, TimeProvider clock) =>
        Order(http, audit, platforms, platform, "platform.resume", async (who, ct) =>
        {
            var now = clock.GetUtcNow();
            await source.Run(PlatformTables.Unpause(platform), ct);
            await PlatformTables.Close(source, platform, who, now + options.Override, now, ct);
            await watch.Look(ct);
        });

    private static async Task<Results<NoContent, ProblemHttpResult>> Order(
        HttpContext http, OperatorAudit audit, PlatformList platforms, string platform, string command, Func<string, CancellationToken, Task> act)
    {
        if (platforms.Find(platform) is null)
        {
            return ShowPlatforms.Unknown();
        }

        var outcome = await audit.Run(http, command, platform, platform, async ct =>
        {
            await act(OperatorAudit.WhoIs(http.User), ct);
            return 1;
        });
        return outcome.Result is ProblemHttpResult problem ? problem : TypedResults.NoContent();
    }
}
