using EventSourcing;
using Npgsql;
using Weasel.Postgresql.Tables;

namespace Webhooks.Sending;

/// <summary>One message's way to one endpoint, as the log shows it.</summary>
/// <param name="EndpointId">Where to.</param>
/// <param name="MessageId">Which message: the id of the event, and of the header <c>webhook-id</c>.</param>
/// <param name="Type">Name of the contract, or WebhookTest.</param>
/// <param name="Subject">What it is about.</param>
/// <param name="State">How it stands.</param>
/// <param name="Attempts">How often it was tried.</param>
/// <param name="TakenInAt">When the event came to be sent.</param>
/// <param name="NextAt">When it is tried next, if it is; not before those of its subject that are older.</param>
/// <param name="SettledAt">When it was delivered or exhausted.</param>
/// <param name="LastStatus">The HTTP status of the last answer.</param>
/// <param name="LastOutcome">How the last attempt ended.</param>
/// <param name="Position">Its place in the log.</param>
public sealed record DeliveryRow(
    Guid EndpointId, Guid MessageId, string Type, string Subject, DeliveryState State, int Attempts, DateTimeOffset TakenInAt, DateTimeOffset? NextAt, DateTimeOffset? SettledAt,
    int? LastStatus, string? LastOutcome, long Position)
{
    public Place Place => new(Position, MessageId);
}

/// <summary>One attempt of a delivery.</summary>
public sealed record AttemptRow(int Number, DateTimeOffset At, int Milliseconds, int? Status, string Outcome);

/// <summary>Which deliveries are wanted; null for any.</summary>
public sealed record DeliveryFilter(Guid? Endpoint, DeliveryState? State, string? Type, DateTimeOffset? Since);

/// <summary>Which messages are to be sent once more: these, or those since a moment.</summary>
public sealed record ReplayWish(IReadOnlyList<Guid>? Messages, DateTimeOffset? Since, IReadOnlyList<string>? Types, Place? After, int Limit);

/// <summary>The log of deliveries, and what puts them into it anew.</summary>
public sealed class DeliveryTable(NpgsqlDataSource source)
{
    private const string Columns = "d.endpoint_id, d.message_id, d.type, d.subject, d.state, d.attempts, d.position, d.next_at, d.settled_at, d.last_status, d.last_outcome";

    public static Table Deliveries()
    {
        var table = new Table("webhooks.delivery");
        table.AddColumn<string>("tenant_id").AsPrimaryKey();
        table.AddColumn<Guid>("endpoint_id").AsPrimaryKey();
        table.AddColumn<Guid>("message_id").AsPrimaryKey();
        table.AddColumn("position", "bigint").NotNull();
        table.AddColumn("type", "text").NotNull();
        table.AddColumn("subject", "text").NotNull();
        table.AddColumn("sequence", "bigint").NotNull();
        table.AddColumn("state", "text").NotNull();
        table.AddColumn("is_test", "boolean").NotNull();
        table.AddColumn("attempts", "int").NotNull().DefaultValueByExpression("0");
        table.AddColumn("tries", "int").NotNull().DefaultValueByExpression("0");
        table.AddColumn("next_at", "timestamptz");
        table.AddColumn("settled_at", "timestamptz");
        table.AddColumn("last_status", "int");
        table.AddColumn("last_outcome", "text");
        table.Indexes.Add(new IndexDefinition("delivery_log") { Columns = ["tenant_id", "endpoint_id", "position", "message_id"] });
        table.Indexes.Add(new IndexDefinition("delivery_by_message") { Columns = ["tenant_id", "message_id"] });
        table.Indexes.Add(new IndexDefinition("delivery_waiting") { Columns = ["tenant_id", "endpoint_id", "subject", "sequence", "position"], Predicate = "state = 'Waiting'" });
        table.Indexes.Add(new IndexDefinition("delivery_exhausted") { Columns = ["tenant_id", "position", "message_id"], Predicate = "state = 'Exhausted'" });
        return table;
    }

    public static Table AttemptsTable()
    {
        var table = new Table("webhooks.attempt");
        table.AddColumn<string>("tenant_id").AsPrimaryKey();
        table.AddColumn<Guid>("endpoint_id").AsPrimaryKey();
        table.AddColumn<Guid>("message_id").AsPrimaryKey();
        table.AddColumn("number", "int").AsPrimaryKey();
        table.AddColumn("at", "timestamptz").NotNull();
        table.AddColumn("milliseconds", "int").NotNull();
        table.AddColumn("status", "int");
        table.AddColumn("outcome", "text").NotNull();
        return table;
    }

    /// <summary>The deliveries behind a place, the newest first.</summary>
    public async Task<IReadOnlyList<DeliveryRow>> List(string organization, DeliveryFilter filter, Place? after, int limit, CancellationToken ct)
    {
        await using var command = source.CreateCommand($"""
            select {Columns} from webhooks.delivery d join webhooks.endpoint e using (tenant_id, endpoint_id)
            where d.tenant_id = $1 and ($2::uuid is null or d.endpoint_id = $2) and ($3::text is null or d.state = $3) and ($4::text is null or d.type = $4)
                and ($5::bigint is null or d.position >= $5) and ($6::bigint is null or (d.position, d.message_id) < ($6, $7::uuid))
            order by d.position desc, d.message_id desc limit $8
            """).With(
            organization, filter.Endpoint, filter.State?.ToString(), filter.Type, filter.Since is { } since ? Intake.MessageTable.PositionOf(since) : null, after?.Position, after?.Id, limit);
        return await Read(command, ct);
    }

    public async Task<DeliveryRow?> Find(string organization, Guid endpoint, Guid message, CancellationToken ct)
    {
        await using var command = source.CreateCommand($"""
            select {Columns} from webhooks.delivery d join webhooks.endpoint e using (tenant_id, endpoint_id) where d.tenant_id = $1 and d.endpoint_id = $2 and d.message_id = $3
            """).With(organization, endpoint, message);
        return (await Read(command, ct)).SingleOrDefault();
    }

    /// <summary>The attempts of a delivery, in their order.</summary>
    public async Task<IReadOnlyList<AttemptRow>> Attempts(string organization, Guid endpoint, Guid message, CancellationToken ct)
    {
        await using var command = source.CreateCommand(
            "select number, at, milliseconds, status, outcome from webhooks.attempt where tenant_id = $1 and endpoint_id = $2 and message_id = $3 order by number")
            .With(organization, endpoint, message);
        var rows = new List<AttemptRow>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            rows.Add(new(reader.GetInt32(0), reader.GetFieldValue<DateTimeOffset>(1), reader.GetInt32(2), reader.Value<int>(3), reader.GetString(4)));
        }

        return rows;
    }

    /// <summary>How many of these messages can be sent to the endpoint.</summary>
    public async Task<long> Known(string organization, Guid endpoint, IReadOnlyCollection<Guid> messages, CancellationToken ct)
    {
        await using var command = source.CreateCommand("select count(*) from webhooks.message where tenant_id = $1 and message_id = any($3) and (only_for is null or only_for = $2)")
            .With(organization, endpoint, messages.ToArray());
        return (long)(await command.ExecuteScalarAsync(ct))!;
    }

    /// <summary>
    /// Puts messages on their way once more, oldest first; what is still waiting stays as it is. Answers how many were found, how many of them are on their way anew, and the
    /// last one's place.
    /// </summary>
    public async Task<(int Found, int Replayed, Place? Last)> Replay(string organization, Guid endpoint, ReplayWish wish, DateTimeOffset now, CancellationToken ct)
    {
        await using var command = source.CreateCommand("""
            with wanted as materialized (
                select m.tenant_id, m.message_id, m.position, m.type, m.subject, m.sequence, m.only_for is not null as is_test
                from webhooks.message m join webhooks.endpoint e on e.tenant_id = m.tenant_id and e.endpoint_id = $2
                where m.tenant_id = $1 and ($3::uuid[] is null or m.message_id = any($3)) and ($4::bigint is null or m.position >= $4)
                    and (m.only_for = $2 and $3::uuid[] is not null or m.only_for is null)
                    and ($3::uuid[] is not null or m.type = any(coalesce($5::text[], e.types)) or ($5::text[] is null and e.types = '{}'))
                    and ($6::bigint is null or (m.position, m.message_id) > ($6, $7::uuid))
                order by m.position, m.message_id limit $8),
            locked as materialized (
                -- Before the deliveries, as those who write down what came of them do.
                select 1 from webhooks.lane where tenant_id = $1 and endpoint_id = $2 and subject in (select subject from wanted) order by subject for update),
            anew as (
                insert into webhooks.delivery as d (tenant_id, endpoint_id, message_id, position, type, subject, sequence, state, is_test, next_at)
                select tenant_id, $2, message_id, position, type, subject, sequence, 'Waiting', is_test, $9
                from wanted where (select count(*) from locked) >= 0 order by position, message_id
                on conflict (tenant_id, endpoint_id, message_id) do update set state = 'Waiting', tries = 0, next_at = $9, settled_at = null where d.state <> 'Waiting'
                returning d.tenant_id, d.endpoint_id, d.subject, d.is_test),
            lanes as (
                insert into webhooks.lane as l (tenant_id, endpoint_id, subject, is_test, due_at)
                select distinct tenant_id, endpoint_id, subject, is_test, $9::timestamptz from anew order by 1, 2, 3
                on conflict (tenant_id, endpoint_id, subject) do update set due_at = case when l.lease is null then least(l.due_at, $9) else l.due_at end
                returning 1)
            select (select count(*)::int from wanted), (select count(*)::int from anew), (select count(*) from lanes), w.position, w.message_id
            from (select 1) one left join lateral (select position, message_id from wanted order by position desc, message_id desc limit 1) w on true
            """).With(
            organization, endpoint, wish.Messages?.ToArray(), wish.Since is { } since ? Intake.MessageTable.PositionOf(since) : null, wish.Types?.ToArray(),
            wish.After?.Position, wish.After?.Id, wish.Limit, now);
        await using var reader = await command.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        return (reader.GetInt32(0), reader.GetInt32(1), reader.IsDBNull(3) ? null : new(reader.GetInt64(3), reader.GetGuid(4)));
    }

    private static async Task<IReadOnlyList<DeliveryRow>> Read(NpgsqlCommand command, CancellationToken ct)
    {
        var rows = new List<DeliveryRow>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            rows.Add(new(
                reader.GetGuid(0), reader.GetGuid(1), reader.GetString(2), reader.GetString(3), Enum.Parse<DeliveryState>(reader.GetString(4)), reader.GetInt32(5),
                Intake.MessageTable.MomentOf(reader.GetInt64(6)), reader.Value<DateTimeOffset>(7), reader.Value<DateTimeOffset>(8), reader.Value<int>(9), reader.Text(10), reader.GetInt64(6)));
        }

        return rows;
    }
}
