using EventSourcing;

namespace Outreach.Features;

/// <summary>The last recipient of an outreach has a verdict: the outreach is over.</summary>
public sealed class CompleteOutreach(WorkList work, StreamSessions sessions)
{
    /// <summary>Looked for and not counted down, so that a crash at any moment leaves nothing open for ever.</summary>
    public async Task Run(CancellationToken ct)
    {
        foreach (var (organization, outreach) in await work.Finished(ct))
        {
            var counts = GetOutreach.Summary(await work.Count(organization, outreach, ct));
            await using var session = sessions.For(organization);
            await session.DecideAndSave<OutreachBatch>(outreach, batch => Decide(batch, counts), ct, alongside: operations => WorkList.Close(operations, outreach));
        }
    }

    public static Decision Decide(OutreachBatch? batch, GetOutreach.Counts counts) => batch switch
    {
        null or { IsCompleted: true } => Decision.Nothing,
        _ when counts.Queued > 0 => Decision.Nothing,
        _ => Decision.Of(new OutreachCompleted(counts.Sent, counts.Skipped, counts.Failed)),
    };
}
