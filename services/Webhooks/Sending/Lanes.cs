using EventSourcing;
using Npgsql;
using Weasel.Postgresql.Tables;

namespace Webhooks.Sending;

/// <summary>A lane that this replica holds until then: one subject's deliveries to one endpoint.</summary>
public sealed record Lane(string Organization, Guid Endpoint, string Subject, Guid Lease, DateTimeOffset Until);

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
    // Only endpoints that something waits for are looked at, from one to the next along the index, and of those only the ones where it is due: most of thousands have nothing to be sent.
    internal const string TakeDue = """
        with recursive waiting as (
            (select tenant_id, endpoint_id, due_at from webhooks.lane where not is_test order by tenant_id, endpoint_id, due_at limit 1)
            union all
            select n.tenant_id, n.endpoint_id, n.due_at from waiting w cross join lateral (
                select l.tenant_id, l.endpoint_id, l.due_at from webhooks.lane l
                where not l.is_test and (l.tenant_id, l.endpoint_id) > (w.tenant_id, w.endpoint_id) order by l.tenant_id, l.endpoint_id, l.due_at limit 1) n),
        events as (
            select l.tenant_id, l.endpoint_id, l.subject
            from (
                select e.* from waiting w join webhooks.endpoint e using (tenant_id, endpoint_id)
                where w.due_at <= $1 and e.paused is null and (e.hold_until is null or e.hold_until <= $1) order by random()) e
            left join unnest($2, $3, $8) as busy (endpoint_id, room, is_busy) on busy.endpoint_id = e.endpoint_id
            cross join lateral (
                select l.tenant_id, l.endpoint_id, l.subject from webhooks.lane l
                where l.tenant_id = e.tenant_id and l.endpoint_id = e.endpoint_id and l.due_at <= $1 and not l.is_test
                order by l.due_at limit case when e.failing_since is null then coalesce(busy.room, $4) when busy.is_busy then 0 else 1 end
                for update of l skip locked) l
            limit $5),
        tests as (
            select l.tenant_id, l.endpoint_id, l.subject from webhooks.lane l join webhooks.endpoint e using (tenant_id, endpoint_id)
            where l.is_test and l.due_at <= $1 order by l.due_at limit least(8, $5) for update of l skip locked),
        picked as (select * from events union all select * from tests)
        update webhooks.lane l set lease = $6, due_at = $7 from picked p
        where l.tenant_id = p.tenant_id and l.endpoint_id = p.endpoint_id and l.subject = p.subject
        returning l.tenant_id, l.endpoint_id, l.subject
        """;

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
    /// <param name="underWay">Of endpoints this replica is sending to: how many more it may take, and whether something is under way; where nothing gets through, that is enough.</param>
    /// <param name="room">How many more it may have of all together.</param>
    /// <param name="now">What is due by then.</param>
    /// <param name="ct">Gives up.</param>
    public async Task<IReadOnlyList<Lane>> Take(IReadOnlyDictionary<Guid, (int Room, bool IsBusy)> underWay, int room, DateTimeOffset now, CancellationToken ct)
    {
        var (lease, until) = (Guid.CreateVersion7(), now + options.Timeout + options.LeaseMargin);
        await using var command = source.CreateCommand(TakeDue).With(
            now, underWay.Keys.ToArray(), underWay.Values.Select(one => one.Room).ToArray(), options.PerEndpoint, room, lease, until, underWay.Values.Select(one => one.IsBusy).ToArray());
        var taken = new List<Lane>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            taken.Add(new(reader.GetString(0), reader.GetGuid(1), reader.GetString(2), lease, until));
        }

        return taken;
    }

    /// <summary>What is to be sent of lanes that were taken. In a statement of its own: the one that takes may see a delivery as waiting that was settled while it took.</summary>
    public async Task<IReadOnlyDictionary<Lane, DueDelivery>> Oldest(IReadOnlyList<Lane> lanes, DateTimeOffset now, CancellationToken ct)
    {
        await using var command = source.CreateCommand("""
            select l.n, d.message_id, d.type, d.attempts, d.tries, e.url, e.failing_since, m.body, m.trace, s.ids, s.keys, s.sealed
            from unnest($1, $2, $3) with ordinality as l (tenant_id, endpoint_id, subject, n)
            cross join lateral (
                select d.message_id, d.type, d.attempts, d.tries from webhooks.delivery d
                where d.tenant_id = l.tenant_id and d.endpoint_id = l.endpoint_id and d.subject = l.subject and d.state = 'Waiting'
                order by d.sequence, d.position limit 1) d
            join webhooks.endpoint e on e.tenant_id = l.tenant_id and e.endpoint_id = l.endpoint_id
            join webhooks.message m on m.tenant_id = l.tenant_id and m.message_id = d.message_id
            left join lateral (
                select array_agg(secret_id order by created_at desc) as ids, array_agg(key_id order by created_at desc) as keys, array_agg(sealed order by created_at desc) as sealed
                from webhooks.endpoint_secret where tenant_id = l.tenant_id and endpoint_id = l.endpoint_id and (ends_at is null or ends_at > $4)) s on true
            """).With(lanes.Select(lane => lane.Organization).ToArray(), lanes.Select(lane => lane.Endpoint).ToArray(), lanes.Select(lane => lane.Subject).ToArray(), now);
        var oldest = new Dictionary<Lane, DueDelivery>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            var lane = lanes[(int)reader.GetInt64(0) - 1];
            var (ids, keys, bytes) = reader.IsDBNull(9) ? ([], [], []) : (reader.GetFieldValue<Guid[]>(9), reader.GetFieldValue<string[]>(10), reader.GetFieldValue<byte[][]>(11));
            oldest.Add(lane, new(
                lane, reader.GetGuid(1), reader.GetString(2), reader.GetInt32(3), reader.GetInt32(4), reader.GetString(5), reader.Value<DateTimeOffset>(6), reader.GetFieldValue<byte[]>(7),
                reader.Text(8), [.. ids.Select((id, i) => new SealedSecret(id, keys[i], bytes[i]))]));
        }

        return oldest;
    }
}
