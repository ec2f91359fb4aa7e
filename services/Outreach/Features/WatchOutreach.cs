using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using EventSourcing;
using ServiceDefaults;

namespace Outreach.Features;

/// <summary>Somebody watches an outreach: server-sent events with its state, one whenever it has changed, the last one when it is over.</summary>
public static class WatchOutreach
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan SilentFor = TimeSpan.FromSeconds(15);

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/v1/outreach/{id:guid}/progress", Handle).WithName(nameof(WatchOutreach)).WithTags("Outreach").WithSummary("Watch an outreach").RequireScope("outreach.read")
            .WithDescription("text/event-stream: event `progress` with the body of GET /v1/outreach/{id}, at once and on every change; `over` as the last one.")
            .Produces<GetOutreach.Response>(200, "text/event-stream")
            .Refuses(404, "outreach.unknown");

    private static async Task<IResult> Handle(Guid id, StreamSession session, WorkList work, Engagements engagements, TimeProvider clock, CancellationToken ct) =>
        await GetOutreach.Read(id, session, work, engagements, clock, ct) is null ? GetOutreach.Unknown : TypedResults.ServerSentEvents(Watch(id, session, work, engagements, clock, ct));

    private static async IAsyncEnumerable<SseItem<GetOutreach.Response?>> Watch(
        Guid id, StreamSession session, WorkList work, Engagements engagements, TimeProvider clock, [EnumeratorCancellation] CancellationToken ct)
    {
        GetOutreach.Response? told = null;
        var toldAt = DateTimeOffset.MinValue;
        while (!ct.IsCancellationRequested && await GetOutreach.Read(id, session, work, engagements, clock, ct) is { } current)
        {
            var isOver = current is { Status: "Completed" or "Cancelled", Counts.Queued: 0 };
            if (current != told || isOver || clock.GetUtcNow() - toldAt > SilentFor)
            {
                (told, toldAt) = (current, clock.GetUtcNow());
                yield return new(current, isOver ? "over" : "progress");
            }

            if (isOver)
            {
                yield break;
            }

            await Task.Delay(LookEvery, clock, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
