using System.Security.Claims;
using EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using ServiceDefaults;

namespace Outreach.Features;

/// <summary>Somebody holds an outreach up, lets it go on, or calls it off. Honoured before the next message leaves: only one already on its way still arrives.</summary>
public static class SteerOutreach
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        Route("pause", "Hold an outreach up", (batch, by) => Pause(batch, by), (operations, id, _) => Schedule.Pause(operations, id));
        Route("resume", "Let a paused outreach go on", (batch, by) => Resume(batch, by), Schedule.Resume);
        Route("cancel", "Call an outreach off", (batch, by) => Cancel(batch, by), Schedule.Cancel);

        void Route(string verb, string summary, Func<OutreachBatch?, string, Decision> decide, Action<Marten.IDocumentOperations, Guid, DateTimeOffset> alongside) =>
            routes.MapPost($"/v1/outreach/{{id:guid}}/{verb}", (Guid id, ClaimsPrincipal user, StreamSession session, WorkSignal signal, TimeProvider clock, CancellationToken ct) =>
                    Handle(id, decide, alongside, user, session, signal, clock, ct))
                .WithName($"{char.ToUpperInvariant(verb[0])}{verb[1..]}Outreach").WithTags("Outreach").WithSummary(summary).RequireScope("outreach.send")
                .WithDescription("Holds from the next message on. Repeating it changes nothing.")
                .Refuses(404, "outreach.unknown").Refuses(409, "outreach.over");
    }

    public static Decision Pause(OutreachBatch? batch, string by) => Over(batch) ?? (batch!.IsPaused ? Decision.Nothing : Decision.Of(new OutreachPaused(by)));

    public static Decision Resume(OutreachBatch? batch, string by) => Over(batch) ?? (batch!.IsPaused ? Decision.Of(new OutreachResumed(by)) : Decision.Nothing);

    public static Decision Cancel(OutreachBatch? batch, string by) =>
        batch is { IsCancelled: true } ? Decision.Nothing : Over(batch) ?? Decision.Of(new OutreachCancelled(by));

    private static Decision? Over(OutreachBatch? batch) => batch switch
    {
        null => Decision.Unknown("outreach.unknown", "There is no outreach with this id."),
        { IsCancelled: true } => Decision.Refuse("outreach.over", "This outreach was cancelled."),
        { IsCompleted: true } => Decision.Refuse("outreach.over", "Every recipient of this outreach has a verdict; there is nothing left to hold up or call off."),
        _ => null,
    };

    private static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        Guid id, Func<OutreachBatch?, string, Decision> decide, Action<Marten.IDocumentOperations, Guid, DateTimeOffset> alongside, ClaimsPrincipal user, StreamSession session,
        WorkSignal signal, TimeProvider clock, CancellationToken ct)
    {
        Decision decision = Decision.Nothing;
        var outcome = await session.DecideAndSave<OutreachBatch>(
            id,
            batch => decision = decide(batch, user.FindFirstValue("sub") ?? "unknown"),
            ct,
            alongside: operations =>
            {
                if (decision is Decision.Recorded)
                {
                    alongside(operations, id, clock.GetUtcNow());
                }
            });
        signal.Pulse();
        return outcome.ToHttp(_ => TypedResults.NoContent());
    }
}
