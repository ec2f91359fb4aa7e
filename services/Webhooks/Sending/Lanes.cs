using EventSourcing;
using Npgsql;
using Weasel.Postgresql.Tables;

namespace Webhooks.Sending;

/// <summary>A lane that this replica holds: one subject's deliveries to one endpoint.</summary>
public sealed record Lane(string Organization, Guid Endpoint, string Subject, Guid Lease);

/// <summary>The oldest waiting delivery of a lane, with all it takes to send it.</summary>
/// <param name="Lane">Where it waits.</param>
/// <param name="MessageId">The message.</param>
/// <param name="Type">Name of the contract.</param>
/// <param name="Attempts">How often it was tried.</param>
/// <param name="Tries">How often since it was last begun.</param>
/// <param name="Url">Where to.</param>
/// <param name="FailingSince">Since when nothing gets through there.</param>
/// <param name="Body">What to send.</param>
/// <param name="Trace">The trace of its event.</param>
/// <param name="Secrets">What signs it, the newest first.</param>
public sealed record DueDelivery(
    Lane Lane, Guid MessageId, string Type, int Attempts, int Tries, string Url, DateTimeOffset? FailingSince, byte[] Body, string? Trace, IReadOnlyList<SealedSecret> Secrets);

/// <summary>
/// What is to be sent, a row per endpoint and subject that has something waiting. Whoever holds the row sends the oldest of its deliveries and no other, so messages of one subject
/// are neither overtaken nor sent by two replicas. A lease moves the due time: whoever looks for work sees one condition, and what a replica that died held comes due again.
/// </summary>
public sealed class Lanes(NpgsqlDataSource source, SendingOptions options)
{
    private const string Held = "exists (select 1 from webhooks.lane where tenant_id = $1 and endpoint_id = $2 and subject = $3 and lease = $4)";
    private const string Waits = "exists (select 1 from webhooks.delivery where tenant_id = $1 and endpoint_id = $2 and subject = $3 and state = 'Waiting')";

    public static Table Table()
    {
        var table = new Table("webhooks.lane");
        table.AddColumn<string>("tenant_id").AsPrimaryKey();
        table.AddColumn<Guid>("endpoint_id").AsPrimaryKey();
        table.AddColumn("subject", "text").AsPrimaryKey();
        table.AddColumn("is_test", "boolean").NotNull();
        table.AddColumn("due_at", "timestamptz").NotNull();
        table.AddColumn("lease", "uuid");
        table.Indexes.Add(new IndexDefinition("lane_due") { Columns = ["tenant_id", "endpoint_id", "due_at"], Predicate = "not is_test" });
        table.Indexes.Add(new IndexDefinition("lane_tests") { Columns = ["due_at"], Predicate = "is_test" });
        return table;
    }

    /// <summary>Takes what is due, of each endpoint as much as it has room for: one that keeps its requests waiting uses up its own room and nobody else's. Tests go first, paused or not.</summary>
    /// <param name="underWay">Requests this replica has under way, by endpoint.</param>
    /// <param name="room">How many more it may have.</param>
    /// <param name="now">What is due by then.</param>
    /// <param name="ct">Gives up.</param>
    public async Task<IReadOnlyList<Lane>> Take(IReadOnlyDictionary<Guid, int> underWay, int room, DateTimeOffset now, CancellationToken ct)
    {
        var lease = Guid.CreateVersion7();
        await using var command = source.CreateCommand("""
            with events as (
                select l.tenant_id, l.endpoint_id, l.subject
                from (select * from webhooks.endpoint where paused is null and (hold_until is null or hold_until <= $1) order by random()) e
                left join unnest($2, $3) as busy (endpoint_id, requests) on busy.endpoint_id = e.endpoint_id
                cross join lateral (
                    select l.tenant_id, l.endpoint_id, l.subject from webhooks.lane l
                    where l.tenant_id = e.tenant_id and l.endpoint_id = e.endpoint_id and l.due_at <= $1 and not l.is_test
                    order by l.due_at limit greatest(0, case when e.failing_since is null then $4 else 1 end - coalesce(busy.requests, 0))
                    for update of l skip locked) l
                limit $5),
            tests as (
                select l.tenant_id, l.endpoint_id, l.subject from webhooks.lane l join webhooks.endpoint e using (tenant_id, endpoint_id)
                where l.is_test and l.due_at <= $1 order by l.due_at limit least(8, $5) for update of l skip locked),
            picked as (select * from events union all select * from tests)
            update webhooks.lane l set lease = $6, due_at = $7 from picked p
            where l.tenant_id = p.tenant_id and l.endpoint_id = p.endpoint_id and l.subject = p.subject
            returning l.tenant_id, l.endpoint_id, l.subject
            """).With(now, underWay.Keys.ToArray(), underWay.Values.ToArray(), options.PerEndpoint, room, lease, now + options.Timeout + options.LeaseMargin);
        var taken = new List<Lane>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            taken.Add(new(reader.GetString(0), reader.GetGuid(1), reader.GetString(2), lease));
        }

        return taken;
    }

    /// <summary>What is to be sent of a lane that was taken. In a statement of its own: the one that takes may see a delivery as waiting that was settled while it took.</summary>
    public async Task<DueDelivery?> Oldest(Lane lane, DateTimeOffset now, CancellationToken ct)
    {
        await using var command = source.CreateCommand("""
            select d.message_id, d.type, d.attempts, d.tries, e.url, e.failing_since, m.body, m.trace, s.ids, s.keys, s.sealed
            from webhooks.delivery d
            join webhooks.endpoint e using (tenant_id, endpoint_id)
            join webhooks.message m using (tenant_id, message_id)
            left join lateral (
                select array_agg(secret_id order by created_at desc) as ids, array_agg(key_id order by created_at desc) as keys, array_agg(sealed order by created_at desc) as sealed
                from webhooks.endpoint_secret where tenant_id = d.tenant_id and endpoint_id = d.endpoint_id and (ends_at is null or ends_at > $4)) s on true
            where d.tenant_id = $1 and d.endpoint_id = $2 and d.subject = $3 and d.state = 'Waiting'
            order by d.sequence, d.position limit 1
            """).With(lane.Organization, lane.Endpoint, lane.Subject, now);
        await using var reader = await command.ExecuteReaderAsync(ct);
        if (!await reader.ReadAsync(ct))
        {
            return null;
        }

        var (ids, keys, bytes) = reader.IsDBNull(8) ? ([], [], []) : (reader.GetFieldValue<Guid[]>(8), reader.GetFieldValue<string[]>(9), reader.GetFieldValue<byte[][]>(10));
        return new(
            lane, reader.GetGuid(0), reader.GetString(1), reader.GetInt32(2), reader.GetInt32(3), reader.GetString(4), reader.Value<DateTimeOffset>(5), reader.GetFieldValue<byte[]>(6),
            reader.Text(7), [.. ids.Select((id, i) => new SealedSecret(id, keys[i], bytes[i]))]);
    }

    /// <summary>Writes down what came of an attempt, and lets the lane go. False: the lease was over and somebody else has the lane; what they do counts.</summary>
    public async Task<bool> Settle(DueDelivery delivery, Answer answer, Judgement judgement, DateTimeOffset startedAt, TimeSpan took, DateTimeOffset now, CancellationToken ct)
    {
        await using var batch = Hold(delivery.Lane);
        Add(
            batch, delivery.Lane,
            $"""
            insert into webhooks.attempt (tenant_id, endpoint_id, message_id, number, at, milliseconds, status, outcome) select $1, $2, $5, $6, $7, $8, $9::int, $10 where {Held} on conflict do nothing
            """,
            delivery.MessageId, delivery.Attempts + 1, startedAt, (int)took.TotalMilliseconds, answer.Status, answer.Outcome.ToString());
        Add(
            batch, delivery.Lane,
            $"""
            update webhooks.delivery set state = $6, attempts = attempts + 1, tries = tries + 1, next_at = $7::timestamptz, settled_at = $8::timestamptz, last_status = $9::int, last_outcome = $10
            where tenant_id = $1 and endpoint_id = $2 and message_id = $5 and state = 'Waiting' and {Held}
            """,
            delivery.MessageId, judgement.State.ToString(), judgement.NextAt, judgement.State is DeliveryState.Waiting ? null : now, answer.Status, answer.Outcome.ToString());
        if (answer.Outcome is AttemptOutcome.Delivered)
        {
            Add(batch, delivery.Lane, $"update webhooks.endpoint set failing_since = null where tenant_id = $1 and endpoint_id = $2 and failing_since is not null and {Held}");
        }
        else
        {
            Add(batch, delivery.Lane, $"update webhooks.endpoint set failing_since = $5 where tenant_id = $1 and endpoint_id = $2 and failing_since is null and {Held}", startedAt);
        }

        if (judgement.HoldUntil is { } until)
        {
            Add(batch, delivery.Lane, $"update webhooks.endpoint set hold_until = greatest(hold_until, $5) where tenant_id = $1 and endpoint_id = $2 and {Held}", until);
        }

        return await Release(batch, delivery.Lane, judgement.NextAt ?? now, ct);
    }

    /// <summary>Lets a lane go that nothing was sent of: to come due then, or to end where nothing waits in it.</summary>
    public async Task LetGo(Lane lane, DateTimeOffset dueAt, CancellationToken ct)
    {
        await using var batch = Hold(lane);
        await Release(batch, lane, dueAt, ct);
    }

    // A batch is one transaction and one way there and back; each of its statements sees what is committed when it begins. The lane is locked by the first: those who add to a lane
    // lock it too, so that what they add is seen by the statements that follow, or they find the lane gone and open it anew.
    private NpgsqlBatch Hold(Lane lane)
    {
        var batch = source.CreateBatch();
        Add(batch, lane, "select 1 from webhooks.lane where tenant_id = $1 and endpoint_id = $2 and subject = $3 and lease = $4 for update");
        return batch;
    }

    private static async Task<bool> Release(NpgsqlBatch batch, Lane lane, DateTimeOffset dueAt, CancellationToken ct)
    {
        Add(batch, lane, $"update webhooks.lane set lease = null, due_at = $5 where tenant_id = $1 and endpoint_id = $2 and subject = $3 and lease = $4 and {Waits}", dueAt);
        Add(batch, lane, $"delete from webhooks.lane where tenant_id = $1 and endpoint_id = $2 and subject = $3 and lease = $4 and not {Waits}");
        await using var reader = await batch.ExecuteReaderAsync(ct);
        var held = await reader.ReadAsync(ct);
        while (await reader.NextResultAsync(ct))
        {
            // A fault of a later statement is thrown here, and undoes the earlier ones.
        }

        return held;
    }

    private static void Add(NpgsqlBatch batch, Lane lane, string sql, params object?[] more) => batch.Add(sql, [lane.Organization, lane.Endpoint, lane.Subject, lane.Lease, .. more]);
}
