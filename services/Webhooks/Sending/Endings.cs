using EventSourcing;
using Npgsql;

namespace Webhooks.Sending;

/// <summary>What was tried and what came of it.</summary>
public sealed record Attempt(DueDelivery Delivery, Answer Answer, Judgement Judgement, DateTimeOffset StartedAt, TimeSpan Took, DateTimeOffset EndedAt);

/// <summary>A lane is let go.</summary>
/// <param name="Lane">Which.</param>
/// <param name="DueAt">When it comes due again, if something waits in it; it ends where nothing does.</param>
/// <param name="Attempt">What was sent of it; null for nothing.</param>
public sealed record Ending(Lane Lane, DateTimeOffset DueAt, Attempt? Attempt = null);

/// <summary>What became of a lane that was let go.</summary>
public enum Ended
{
    /// <summary>The lease was over and somebody else has the lane. Nothing of the ending is written; what they do counts.</summary>
    NotHeld,

    /// <summary>Nothing waits in it.</summary>
    Over,

    /// <summary>Something waits in it, due now or later.</summary>
    GoesOn,
}

/// <summary>Writes down what came of attempts, and lets their lanes go: of however many lanes in one commit, for it is commits that sending waits for.</summary>
public sealed class Endings(NpgsqlDataSource source)
{
    private const string Waits = "exists (select 1 from webhooks.delivery d where d.tenant_id = l.tenant_id and d.endpoint_id = l.endpoint_id and d.subject = l.subject and d.state = 'Waiting')";

    // A batch is one transaction and one way there and back; each of its statements sees what is committed when it begins. The lanes are locked by the first: those who add to a lane
    // lock it too, so that what they add is seen by the statements that follow, or they find the lane gone and open it anew. Whoever locks several does it in this order.
    private const string Hold = """
        select o.n from unnest($1, $2, $3, $4) with ordinality as o (tenant_id, endpoint_id, subject, lease, n) join webhooks.lane l using (tenant_id, endpoint_id, subject, lease)
        order by l.tenant_id, l.endpoint_id, l.subject for update of l
        """;

    private const string LogAttempts = """
        insert into webhooks.attempt (tenant_id, endpoint_id, message_id, number, at, milliseconds, status, outcome)
        select tenant_id, endpoint_id, o.message_id, o.number, o.at, o.milliseconds, o.status, o.outcome
        from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) as o (tenant_id, endpoint_id, subject, lease, message_id, number, at, milliseconds, status, outcome)
        join webhooks.lane using (tenant_id, endpoint_id, subject, lease)
        on conflict do nothing
        """;

    private const string SettleDeliveries = """
        update webhooks.delivery d
        set state = o.state, attempts = d.attempts + 1, tries = d.tries + 1, next_at = o.next_at, settled_at = o.settled_at, last_status = o.status, last_outcome = o.outcome
        from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) as o (tenant_id, endpoint_id, subject, lease, message_id, state, next_at, settled_at, status, outcome)
        join webhooks.lane l using (tenant_id, endpoint_id, subject, lease)
        where d.tenant_id = l.tenant_id and d.endpoint_id = l.endpoint_id and d.message_id = o.message_id and d.state = 'Waiting'
        """;

    // Hardly ever anything to do: how an endpoint does changes when it breaks and when it is mended.
    private const string NoteEndpoints = """
        with changed as materialized (
            select e.tenant_id, e.endpoint_id, o.hold_until,
                case when o.failed_at is null then null when o.got_through then o.failed_at else coalesce(e.failing_since, o.failed_at) end as failing_since
            from unnest($1, $2, $3, $4, $5) as o (tenant_id, endpoint_id, got_through, failed_at, hold_until) join webhooks.endpoint e using (tenant_id, endpoint_id)
            where o.hold_until is not null or case when o.failed_at is null then e.failing_since is not null else o.got_through or e.failing_since is null end
            order by e.tenant_id, e.endpoint_id for update of e)
        update webhooks.endpoint e set failing_since = c.failing_since, hold_until = greatest(e.hold_until, c.hold_until)
        from changed c where e.tenant_id = c.tenant_id and e.endpoint_id = c.endpoint_id
        """;

    private const string LetGo = $"""
        update webhooks.lane l set lease = null, due_at = o.due_at from unnest($1, $2, $3, $4, $5) with ordinality as o (tenant_id, endpoint_id, subject, lease, due_at, n)
        where l.tenant_id = o.tenant_id and l.endpoint_id = o.endpoint_id and l.subject = o.subject and l.lease = o.lease and {Waits}
        returning o.n
        """;

    private const string End = $"""
        delete from webhooks.lane l using unnest($1, $2, $3, $4) as o (tenant_id, endpoint_id, subject, lease)
        where l.tenant_id = o.tenant_id and l.endpoint_id = o.endpoint_id and l.subject = o.subject and l.lease = o.lease and not {Waits}
        """;

    /// <summary>All of them or, where it throws, none. Answers what became of each lane.</summary>
    public async Task<IReadOnlyList<Ended>> Write(IReadOnlyList<Ending> endings, CancellationToken ct)
    {
        await using var batch = source.CreateBatch();
        batch.Add(Hold, Keys(endings));
        if (endings.Where(ending => ending.Attempt is not null).ToArray() is { Length: > 0 } tried)
        {
            var attempts = tried.Select(ending => ending.Attempt!).ToArray();
            object[] keys = [.. Keys(tried), attempts.Select(one => one.Delivery.MessageId).ToArray()];
            var (statuses, outcomes) = (attempts.Select(one => one.Answer.Status).ToArray(), attempts.Select(one => one.Answer.Outcome.ToString()).ToArray());
            batch.Add(LogAttempts, [
                .. keys, attempts.Select(one => one.Delivery.Attempts + 1).ToArray(), attempts.Select(one => one.StartedAt).ToArray(), attempts.Select(one => (int)one.Took.TotalMilliseconds).ToArray(), statuses, outcomes]);
            batch.Add(SettleDeliveries, [
                .. keys, attempts.Select(one => one.Judgement.State.ToString()).ToArray(), attempts.Select(one => one.Judgement.NextAt).ToArray(),
                attempts.Select(one => one.Judgement.State is DeliveryState.Waiting ? null : (DateTimeOffset?)one.EndedAt).ToArray(), statuses, outcomes]);
            Note(batch, attempts);
        }

        batch.Add(LetGo, [.. Keys(endings), endings.Select(ending => ending.DueAt).ToArray()]);
        batch.Add(End, Keys(endings));

        // Of the statements two answer with rows. A fault of a later one is thrown while they are read to the end, and undoes the earlier ones.
        var ended = new Ended[endings.Count];
        await using var reader = await batch.ExecuteReaderAsync(ct);
        await Mark(Ended.Over);
        await reader.NextResultAsync(ct);
        await Mark(Ended.GoesOn);
        while (await reader.NextResultAsync(ct))
        {
        }

        return ended;

        async Task Mark(Ended state)
        {
            while (await reader.ReadAsync(ct))
            {
                ended[reader.GetInt64(0) - 1] = state;
            }
        }
    }

    // In the order in which they ended: an endpoint fails since the first that failed after the last that got through.
    private static void Note(NpgsqlBatch batch, IReadOnlyList<Attempt> attempts)
    {
        var endpoints = attempts.GroupBy(one => (one.Delivery.Lane.Organization, one.Delivery.Lane.Endpoint)).Select(group =>
        {
            var failed = group.OrderBy(one => one.EndedAt).Reverse().TakeWhile(one => one.Answer.Outcome is not AttemptOutcome.Delivered).ToArray();
            return (group.Key, GotThrough: failed.Length < group.Count(), FailedAt: failed.Length == 0 ? null : (DateTimeOffset?)failed.Min(one => one.StartedAt), HoldUntil: group.Max(one => one.Judgement.HoldUntil));
        }).ToArray();
        batch.Add(
            NoteEndpoints, endpoints.Select(one => one.Key.Organization).ToArray(), endpoints.Select(one => one.Key.Endpoint).ToArray(), endpoints.Select(one => one.GotThrough).ToArray(),
            endpoints.Select(one => one.FailedAt).ToArray(), endpoints.Select(one => one.HoldUntil).ToArray());
    }

    private static object[] Keys(IReadOnlyList<Ending> endings) =>
    [
        endings.Select(ending => ending.Lane.Organization).ToArray(), endings.Select(ending => ending.Lane.Endpoint).ToArray(),
        endings.Select(ending => ending.Lane.Subject).ToArray(), endings.Select(ending => ending.Lane.Lease).ToArray(),
    ];
}
