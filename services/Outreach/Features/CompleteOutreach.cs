using EventSourcing;

namespace Outreach.Features;

/// <summary>The last recipient of an outreach has a verdict: the outreach is over, and the one that follows it up is put on the calendar.</summary>
public sealed class CompleteOutreach(WorkList work, StreamSessions sessions, DeliveryOptions options, TimeProvider clock)
{
    public async Task Run(Turn turn, CancellationToken ct)
    {
        var counts = GetOutreach.Summary(await work.Count(turn.Organization, turn.Outreach, ct));
        await using var session = sessions.For(turn.Organization);

        // First: should this be as far as we come, it is done again and finds itself done.
        await FollowUp(session, turn, await session.Load<OutreachBatch>(turn.Outreach, ct), ct);
        await session.DecideAndSave<OutreachBatch>(turn.Outreach, batch => Decide(batch, counts), ct, alongside: operations => Schedule.Close(operations, turn.Outreach));
    }

    public static Decision Decide(OutreachBatch? batch, GetOutreach.Counts counts) => batch switch
    {
        null or { IsCompleted: true } => Decision.Nothing,
        _ when counts.Queued > 0 => Decision.Nothing,
        _ => Decision.Of(new OutreachCompleted(counts.Sent, counts.Skipped, counts.Failed)),
    };

    /// <summary>The outreach that asks again those who have not answered this one; nothing when it was the last, or was called off.</summary>
    public static Decision Follow(OutreachBatch? next, Guid id, OutreachBatch done) => (next, done) switch
    {
        ({ }, _) or (_, { IsCancelled: true }) => Decision.Nothing,
        (null, { FollowUp: { } plan }) when done.Round < plan.Times => Decision.Of(new OutreachRequested(
            id, done.CampaignId, done.Template, 0, $"follow-up {done.Id:N} {done.Round + 1}", "follow-up", done.TemplateVersion, FollowUp: plan, Parent: done.Id, Round: done.Round + 1)),
        _ => Decision.Nothing,
    };

    private async Task FollowUp(StreamSession session, Turn turn, OutreachBatch? done, CancellationToken ct)
    {
        if (done is not { IsCompleted: false, FollowUp: { } plan })
        {
            return;
        }

        var id = StreamId.Of("follow-up", done.Id.ToString("N"));
        Decision decision = Decision.Nothing;
        await session.DecideAndSave<OutreachBatch>(
            id,
            next => decision = Follow(next, id, done),
            ct,
            alongside: operations =>
            {
                if (decision is Decision.Recorded)
                {
                    // A message asked for on purpose some days later is no repetition; two follow-ups at once would be.
                    var window = plan.After / 2 < options.Window ? plan.After / 2 : options.Window;
                    Schedule.Open(operations, new(turn.Organization, id, turn.CampaignId, turn.Template, turn.TemplateVersion, window, false, false, null, null, done.Id, null, turn.Trace), [],
                        clock.GetUtcNow() + plan.After);
                }
            });
    }
}
