using EventSourcing;
using Marten;
using Npgsql;
using Weasel.Postgresql.Tables;

namespace Outreach;

/// <summary>An outreach whose turn it is.</summary>
/// <param name="Organization">Whose.</param>
/// <param name="Outreach">Which.</param>
/// <param name="CampaignId">What for.</param>
/// <param name="Template">The template's key.</param>
/// <param name="TemplateVersion">The very text that was asked for.</param>
/// <param name="Window">How long a message of the same template keeps another one back.</param>
/// <param name="IsPrepared">Does the work list hold all its recipients?</param>
/// <param name="IsCancelled">Is nothing to be sent any more?</param>
/// <param name="Filter">The query of the creators list that names the recipients, when nobody named them one by one.</param>
/// <param name="Cursor">How far the list has been read.</param>
/// <param name="Parent">The outreach that this one follows up.</param>
/// <param name="SendAt">Nothing is sent before.</param>
/// <param name="Trace">The trace of the request that asked for it.</param>
public sealed record Turn(
    string Organization, Guid Outreach, Guid CampaignId, string Template, Guid TemplateVersion, TimeSpan Window, bool IsPrepared, bool IsCancelled,
    string? Filter, string? Cursor, Guid? Parent, DateTimeOffset? SendAt, string? Trace)
{
    public Recipient Recipient(Guid creator) => global::Outreach.Recipient.Of(Outreach, CampaignId, creator, Template);
}

/// <summary>
/// Whose turn it is: the outreaches that are not over, few rows however many recipients and however old the service is. Turns go round the organizations, and within
/// one round its outreaches, so that a large outreach keeps nobody else waiting for longer than a turn takes.
/// </summary>
public sealed class Schedule(NpgsqlDataSource source)
{
    /// <summary>Creators in one row of the chosen: enough for one commit's work.</summary>
    public const int Portion = 5000;

    private const int Attempts = 5;

    // Whoever was held before and has no row in under_way is one of whom the database has forgotten whether their message left: it may have. A row without a lease that
    // is held all the same was left behind by a replica of the version before, which kept that knowledge in the row itself.
    private const string TakeSql = """
        with due as materialized (
            select r.delivery_id, r.creator_id, r.trace, r.lease, r.begun_at, r.answer, r.answer_reason,
                r.holds or not exists (
                    select from outreach.recipients o
                    where o.tenant_id = r.tenant_id and o.campaign_id = r.campaign_id and o.template = r.template and o.creator_id = r.creator_id and o.holds) as holds
            from outreach.recipients r
            where r.tenant_id = $1 and r.outreach_id = $2 and r.verdict = 'Queued' and r.due_at <= $3 order by r.due_at limit $4 for update of r skip locked),
        held as (
            update outreach.recipients r set lease_owner = $5, due_at = $6, lease = $7, was_taken = true, holds = r.delivery_id = any(array(select delivery_id from due where holds))
            where r.delivery_id = any(array(select delivery_id from due))),
        marked as (
            insert into outreach.under_way (delivery_id, lease) select delivery_id, $7 from due on conflict (delivery_id) do update set lease = excluded.lease)
        select due.creator_id, due.trace, due.holds,
            case when due.lease is null then due.begun_at is not null else u.delivery_id is null or u.begun_at is not null end,
            nullif(u.attempt, 0), coalesce(u.answer, due.answer), coalesce(u.answer_reason, due.answer_reason)
        from due left join outreach.under_way u on u.delivery_id = due.delivery_id
        """;

    private const string Doing = "case when b.is_cancelled then 'cancelled' when b.is_paused then 'paused' when b.is_prepared then 'sending' else 'preparing' end";

    /// <summary>How many outreaches do what, for a gauge.</summary>
    public const string Batches = $"select {Doing}, count(*) from outreach.batch b group by 1";

    /// <summary>How many recipients wait in them, for a gauge.</summary>
    public const string Waiting = $"""
        select {Doing}, coalesce(sum(waiting.recipients), 0)
        from outreach.batch b, lateral (select count(*) as recipients from outreach.recipients r where r.tenant_id = b.tenant_id and r.outreach_id = b.outreach_id and r.verdict = 'Queued') waiting
        group by 1
        """;

    public static Table BatchTable()
    {
        var table = new Table("outreach.batch");
        table.AddColumn<string>("tenant_id").AsPrimaryKey();
        table.AddColumn<Guid>("outreach_id").AsPrimaryKey();
        table.AddColumn<Guid>("campaign_id").NotNull();
        table.AddColumn("template", "text").NotNull();
        table.AddColumn<Guid>("template_version").NotNull();
        table.AddColumn("send_window", "interval").NotNull();
        table.AddColumn("is_prepared", "boolean").NotNull().DefaultValueByExpression("false");
        table.AddColumn("is_paused", "boolean").NotNull().DefaultValueByExpression("false");
        table.AddColumn("is_cancelled", "boolean").NotNull().DefaultValueByExpression("false");
        table.AddColumn("filter", "text");
        table.AddColumn("cursor", "text");
        table.AddColumn("parent", "uuid");
        table.AddColumn("send_at", "timestamptz");
        table.AddColumn("trace", "text");
        table.AddColumn("next_at", "timestamptz").NotNull();
        table.AddColumn("prepare_until", "timestamptz");
        table.AddColumn("served_at", "timestamptz").NotNull().DefaultValueByExpression("'-infinity'");
        return table;
    }

    /// <summary>Recipients that were named and are not in the work list yet.</summary>
    public static Table ChosenTable()
    {
        var table = new Table("outreach.chosen");
        table.AddColumn<string>("tenant_id").AsPrimaryKey();
        table.AddColumn<Guid>("outreach_id").AsPrimaryKey();
        table.AddColumn("portion", "int").AsPrimaryKey();
        table.AddColumn("creator_ids", "uuid[]").NotNull();
        return table;
    }

    /// <summary>How fast an organization has been sending, over all replicas, and when it last had a turn.</summary>
    public static Table PaceTable()
    {
        var table = new Table("outreach.pace");
        table.AddColumn<string>("tenant_id").AsPrimaryKey();
        table.AddColumn("served_at", "timestamptz").NotNull();
        table.AddColumn("free_at", "timestamptz");
        table.AddColumn("day", "date");
        table.AddColumn("sent_today", "int").NotNull().DefaultValueByExpression("0");
        return table;
    }

    /// <summary>In the transaction that records the request.</summary>
    public static void Open(IDocumentOperations operations, Turn turn, IReadOnlyList<Guid> creators, DateTimeOffset nextAt)
    {
        operations.QueueSqlCommand(
            """
            insert into outreach.batch (tenant_id, outreach_id, campaign_id, template, template_version, send_window, filter, parent, send_at, trace, next_at)
            values (?, ?, ?, ?, ?, ?, nullif(?, ''), nullif(?, '00000000-0000-0000-0000-000000000000'::uuid), nullif(?, '-infinity'::timestamptz), nullif(?, ''), ?)
            """,
            operations.TenantId, turn.Outreach, turn.CampaignId, turn.Template, turn.TemplateVersion, turn.Window, turn.Filter is null ? "" : $"?{turn.Filter}", turn.Parent ?? Guid.Empty,
            turn.SendAt ?? DateTimeOffset.MinValue, turn.Trace ?? "", nextAt);
        foreach (var (number, portion) in creators.Chunk(Portion).Index())
        {
            operations.QueueSqlCommand("insert into outreach.chosen (tenant_id, outreach_id, portion, creator_ids) values (?, ?, ?, ?)", operations.TenantId, turn.Outreach, number, portion);
        }
    }

    public static void Pause(IDocumentOperations operations, Guid outreach) =>
        operations.QueueSqlCommand("update outreach.batch set is_paused = true where tenant_id = ? and outreach_id = ?", operations.TenantId, outreach);

    public static void Resume(IDocumentOperations operations, Guid outreach, DateTimeOffset now) =>
        operations.QueueSqlCommand("update outreach.batch set is_paused = false, next_at = ? where tenant_id = ? and outreach_id = ?", now, operations.TenantId, outreach);

    /// <summary>Nobody is written to any more. Those whom no worker has taken yet are skipped at once, the others when their worker is done with them.</summary>
    public static void Cancel(IDocumentOperations operations, Guid outreach, DateTimeOffset now)
    {
        operations.QueueSqlCommand(
            "update outreach.batch set is_cancelled = true, is_paused = false, is_prepared = true, next_at = ? where tenant_id = ? and outreach_id = ?", now, operations.TenantId, outreach);
        operations.QueueSqlCommand("delete from outreach.chosen where tenant_id = ? and outreach_id = ?", operations.TenantId, outreach);
        operations.QueueSqlCommand(
            "update outreach.recipients set verdict = 'Skipped', reason = 'cancelled', at = ? where tenant_id = ? and outreach_id = ? and verdict = 'Queued' and not was_taken",
            now, operations.TenantId, outreach);
        operations.QueueSqlCommand(
            "update outreach.recipients set due_at = ? where tenant_id = ? and outreach_id = ? and verdict = 'Queued' and lease_owner is null and due_at > ?",
            now, operations.TenantId, outreach, now);
    }

    public static void Close(IDocumentOperations operations, Guid outreach) =>
        operations.QueueSqlCommand("delete from outreach.batch where tenant_id = ? and outreach_id = ?", operations.TenantId, outreach);

    /// <summary>The outreach that has waited longest of the organization that has waited longest; null when there is nothing to do now.</summary>
    public async Task<Turn?> Next(DateTimeOffset now, CancellationToken ct)
    {
        await using var command = Command(
            """
            with next as (
                select b.tenant_id, b.outreach_id from outreach.batch b left join outreach.pace p on p.tenant_id = b.tenant_id
                where not b.is_paused and b.next_at <= $1 order by p.served_at nulls first, b.served_at limit 1 for update of b skip locked),
            served as (
                insert into outreach.pace as p (tenant_id, served_at) select tenant_id, clock_timestamp() from next
                on conflict (tenant_id) do update set served_at = excluded.served_at)
            update outreach.batch b set served_at = clock_timestamp() from next
            where b.tenant_id = next.tenant_id and b.outreach_id = next.outreach_id
            returning b.tenant_id, b.outreach_id, b.campaign_id, b.template, b.template_version, b.send_window, b.is_prepared, b.is_cancelled, b.filter, b.cursor, b.parent, b.send_at, b.trace
            """, now);
        await using var reader = await command.ExecuteReaderAsync(ct);
        return await reader.ReadAsync(ct)
            ? new(
                reader.GetString(0), reader.GetGuid(1), reader.GetGuid(2), reader.GetString(3), reader.GetGuid(4), reader.GetTimeSpan(5), reader.GetBoolean(6),
                reader.GetBoolean(7), Maybe<string>(reader, 8)?[1..], Maybe<string>(reader, 9), reader.IsDBNull(10) ? null : reader.GetGuid(10),
                reader.IsDBNull(11) ? null : reader.GetFieldValue<DateTimeOffset>(11), Maybe<string>(reader, 12))
            : null;
    }

    /// <summary>Only one worker at a time fills the work list of an outreach.</summary>
    public async Task<bool> Prepares(Turn turn, DateTimeOffset now, DateTimeOffset until, CancellationToken ct)
    {
        await using var command = Command(
            """
            update outreach.batch set prepare_until = $4
            where tenant_id = $1 and outreach_id = $2 and not is_prepared and (prepare_until is null or prepare_until <= $3)
            """, turn.Organization, turn.Outreach, now, until);
        return await command.ExecuteNonQueryAsync(ct) == 1;
    }

    /// <summary>The list cannot be filled now; whoever looks at <paramref name="lookAgain"/> may try.</summary>
    public async Task StopPreparing(Turn turn, DateTimeOffset lookAgain, CancellationToken ct)
    {
        await using var command = Command(
            "update outreach.batch set prepare_until = null, next_at = $3 where tenant_id = $1 and outreach_id = $2 and not is_cancelled", turn.Organization, turn.Outreach, lookAgain);
        await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>The next portion of those that were named one by one.</summary>
    public async Task<(int Number, Guid[] Creators)?> NextPortion(Turn turn, CancellationToken ct)
    {
        await using var command = Command(
            "select portion, creator_ids from outreach.chosen where tenant_id = $1 and outreach_id = $2 order by portion limit 1", turn.Organization, turn.Outreach);
        await using var reader = await command.ExecuteReaderAsync(ct);
        return await reader.ReadAsync(ct) ? (reader.GetInt32(0), reader.GetFieldValue<Guid[]>(1)) : null;
    }

    /// <summary>Tells the database what has become of the work list: until it looks by itself, it would read a new list from end to end for each message.</summary>
    public async Task Analyze(CancellationToken ct)
    {
        await using var command = source.CreateCommand("analyze outreach.recipients");
        await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>In the transaction that adds the portion to the work list.</summary>
    public static void Took(IDocumentOperations operations, Turn turn, int portion) =>
        operations.QueueSqlCommand("delete from outreach.chosen where tenant_id = ? and outreach_id = ? and portion = ?", operations.TenantId, turn.Outreach, portion);

    /// <summary>In the transaction that adds a page to the work list. Without a cursor the list has been read to its end.</summary>
    public static void ReadTo(IDocumentOperations operations, Turn turn, string? cursor) =>
        operations.QueueSqlCommand(
            "update outreach.batch set cursor = nullif(?, ''), is_prepared = ?, prepare_until = null where tenant_id = ? and outreach_id = ? and not is_cancelled",
            cursor ?? "", cursor is null, operations.TenantId, turn.Outreach);

    /// <summary>The outreach has nothing to do before its next recipient is due. Is it over?</summary>
    public async Task<bool> Rest(Turn turn, DateTimeOffset lookAgain, CancellationToken ct)
    {
        // The lock comes first, in a statement of its own: what is looked at after it was written by whoever held it before.
        await using var batch = source.CreateBatch();
        foreach (var sql in (string[])
        [
            "select from outreach.batch where tenant_id = $1 and outreach_id = $2 for update",
            """
            with waiting as materialized (
                select (select due_at from outreach.recipients r where r.tenant_id = $1 and r.outreach_id = $2 and r.verdict = 'Queued' order by due_at limit 1) as due_at)
            update outreach.batch b set next_at = case when b.is_prepared then coalesce(waiting.due_at, $3) else $3 end
            from waiting where b.tenant_id = $1 and b.outreach_id = $2
            returning b.is_prepared and waiting.due_at is null
            """,
        ])
        {
            var command = new NpgsqlBatchCommand(sql) { Parameters = { new() { Value = turn.Organization }, new() { Value = turn.Outreach } } };
            if (sql.Contains("$3", StringComparison.Ordinal))
            {
                command.Parameters.Add(new() { Value = lookAgain });
            }

            batch.BatchCommands.Add(command);
        }

        var isOver = false;
        await using var reader = await batch.ExecuteReaderAsync(ct);
        do
        {
            while (await reader.ReadAsync(ct))
            {
                isOver = reader.FieldCount == 1 && reader.GetBoolean(0);
            }
        }
        while (await reader.NextResultAsync(ct));
        return isOver;
    }

    /// <summary>The organization may send nothing before then.</summary>
    public async Task Wait(string organization, DateTimeOffset until, CancellationToken ct)
    {
        await using var command = Command("update outreach.batch set next_at = $2 where tenant_id = $1 and next_at < $2 and not is_cancelled", organization, until);
        await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Gives back what was taken and has not begun to leave.</summary>
    public async Task Release(Turn turn, IReadOnlyCollection<QueuedRecipient> queued, DateTimeOffset dueAt, CancellationToken ct)
    {
        await using var command = Command(
            """
            with given as (
                update outreach.recipients set lease_owner = null, lease = null, holds = false, begun_at = null, due_at = $5
                where tenant_id = $1 and outreach_id = $2 and creator_id = any($3) and lease = any($4) and verdict = 'Queued'
                returning delivery_id),
            forgotten as (delete from outreach.under_way where delivery_id in (select delivery_id from given))
            update outreach.batch set next_at = least(next_at, $5) where tenant_id = $1 and outreach_id = $2
            """, turn.Organization, turn.Outreach, queued.Select(one => one.Recipient.CreatorId).ToArray(), queued.Select(one => one.Lease).Distinct().ToArray(), dueAt);
        await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>
    /// Takes up to <paramref name="limit"/> due recipients for <paramref name="owner"/>, past those that another worker holds or is just taking. Each of them has the message in
    /// hand from then on, unless another outreach has.
    /// </summary>
    public async Task<IReadOnlyList<QueuedRecipient>> Take(
        Turn turn, string owner, Pace pace, DateTimeOffset now, DateTimeOffset until, int limit, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await TryTake(turn, owner, pace, now, until, limit, ct);
            }
            catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.DeadlockDetected && attempt < Attempts)
            {
                // Another outreach took the same message in hand at the same moment. Looked at again, it is seen to have it.
            }
        }
    }

    private async Task<IReadOnlyList<QueuedRecipient>> TryTake(
        Turn turn, string owner, Pace pace, DateTimeOffset now, DateTimeOffset until, int limit, CancellationToken ct)
    {
        await using var connection = await source.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        var allowance = pace.IsFree || turn.IsCancelled ? null : await Allowance.Read(connection, turn.Organization, pace, now, ct);
        if (allowance is { Messages: 0 })
        {
            await transaction.CommitAsync(ct);
            await Wait(turn.Organization, allowance.NextAt, ct);
            return [];
        }

        var (taken, lease) = (new List<QueuedRecipient>(limit), Guid.CreateVersion7());
        await using (var command = new NpgsqlCommand(TakeSql, connection, transaction)
            .With(turn.Organization, turn.Outreach, now, Math.Min(limit, allowance?.Messages ?? limit), owner, until, lease))
        {
            await using var reader = await command.ExecuteReaderAsync(ct);
            while (await reader.ReadAsync(ct))
            {
                taken.Add(new(
                    turn.Organization, turn.Recipient(reader.GetGuid(0)), Maybe<string>(reader, 1), lease, reader.GetBoolean(2), reader.GetBoolean(3),
                    reader.IsDBNull(4) ? null : reader.GetInt32(4), Maybe<string>(reader, 5) is { } answer ? Journal.Read(answer, Maybe<string>(reader, 6)) : null));
            }
        }

        if (allowance is not null)
        {
            await allowance.Spend(connection, turn.Organization, taken.Count, ct);
        }

        await transaction.CommitAsync(ct);
        return taken;
    }

    /// <summary>Room that was taken and not used.</summary>
    public async Task GiveBack(string organization, Pace pace, int messages, CancellationToken ct)
    {
        if (messages > 0 && !pace.IsFree)
        {
            await using var command = Command(
                "update outreach.pace set free_at = free_at - $2, sent_today = greatest(0, sent_today - $3) where tenant_id = $1",
                organization, pace.Interval * messages, messages);
            await command.ExecuteNonQueryAsync(ct);
        }
    }

    internal static T? Maybe<T>(NpgsqlDataReader reader, int column)
        where T : class
        => reader.IsDBNull(column) ? null : reader.GetFieldValue<T>(column);

    private NpgsqlCommand Command(string sql, params object[] values) => source.CreateCommand(sql).With(values);
}
