using EventSourcing;
using EventSourcing.Operations;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using ServiceDefaults;

namespace Campaigns.Features;

/// <summary>An operator has the campaign views built anew from the events, while they go on being read and kept.</summary>
public sealed partial class RebuildViews(ViewRebuild rebuild, TimeProvider clock, ILogger<RebuildViews> logger)
{
    private readonly Lock gate = new();
    private Task? running;
    private Rebuild? last;

    /// <param name="State">Running, Done, Failed, or Refused where another replica was at it.</param>
    /// <param name="StartedAt">When it began.</param>
    /// <param name="Events">How many events were folded, when it is done.</param>
    /// <param name="Seconds">How long that took.</param>
    public sealed record Rebuild(string State, DateTimeOffset StartedAt, long? Events = null, double? Seconds = null);

    /// <param name="Generation">Which of the two sets of tables counts, a or b.</param>
    /// <param name="Rebuild">The newest rebuild this replica was asked for; null before the first.</param>
    public sealed record Response(string Generation, Rebuild? Rebuild);

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/operations/campaign-views/rebuild", Start).WithName(nameof(RebuildViews)).WithTags("Operations").RequireScope("ops")
            .WithSummary("Build the campaign views anew").WithDescription("Goes on in the background; asking again meanwhile changes nothing. Readers see the old views until the new ones have caught up.").Refuses(422, [.. OperatorAudit.Codes]);
        routes.MapGet("/v1/operations/campaign-views", Show).WithName("ShowViewGenerations").WithTags("Operations").RequireScope("ops").WithSummary("Which views count, and the newest rebuild")
        .WithDescription("Which of the two sets of tables counts, and how the newest rebuild this replica was asked for goes.");
    }

    private static async Task<Results<Accepted<Response>, ProblemHttpResult>> Start(
        [FromHeader(Name = "Idempotency-Key")] string? key, RebuildViews rebuilds, OperatorAudit audit, StreamSession session, HttpContext http, CancellationToken ct)
    {
        // The audit keeps that it was begun; how it goes on is in the answer of the GET.
        var outcome = await audit.Run(http, "campaign-views.rebuild", null, null, _ => Task.FromResult(rebuilds.Begin() ? 1L : 0));
        return outcome.Result is ProblemHttpResult problem
            ? problem
            : TypedResults.Accepted("/v1/operations/campaign-views", new Response(await ViewGenerations.Current(session.Query, ct), rebuilds.last));
    }

    private static async Task<Ok<Response>> Show(RebuildViews rebuilds, StreamSession session, CancellationToken ct) =>
        TypedResults.Ok(new Response(await ViewGenerations.Current(session.Query, ct), rebuilds.last));

    private bool Begin()
    {
        lock (gate)
        {
            if (running is { IsCompleted: false })
            {
                return false;
            }

            last = new("Running", clock.GetUtcNow());
            running = Task.Run(Run);
            return true;
        }
    }

    private async Task Run()
    {
        try
        {
            last = await rebuild.Run(CancellationToken.None) is { } outcome
                ? last! with { State = "Done", Events = outcome.Events, Seconds = Math.Round(outcome.Elapsed.TotalSeconds, 1) }
                : last! with { State = "Refused" };
        }
        catch (Exception exception)
        {
            Failed(exception);
            last = last! with { State = "Failed" };
        }
    }

    [LoggerMessage(LogLevel.Error, "The rebuild of the campaign views failed; the views that are read are as they were.")]
    private partial void Failed(Exception exception);
}
