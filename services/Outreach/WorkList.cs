using EventSourcing;
using Marten;
using Npgsql;
using Weasel.Postgresql.Tables;

namespace Outreach;

/// <summary>One recipient whose turn it is, held by the worker that took it until its lease ends.</summary>
/// <param name="Organization">Whose.</param>
/// <param name="Recipient">Who, and of which outreach.</param>
/// <param name="Trace">The trace of the request that asked for it.</param>
/// <param name="Lease">What they were taken under; whoever takes them next does so under another.</param>
/// <param name="Holds">Theirs is the message of this template, campaign and creator. False while another outreach has it in hand.</param>
/// <param name="Begun">A message has begun to leave for them, or may have, and the worker that held them did not live to say what became of it.</param>
/// <param name="Attempt">Which attempt that was, where it is known.</param>
/// <param name="Answer">What was known of that message before its worker ended.</param>
public sealed record QueuedRecipient(
    string Organization, Recipient Recipient, string? Trace, Guid Lease, bool Holds = true, bool Begun = false, int? Attempt = null, Channels.Answer? Answer = null);

/// <summary>One recipient as the API shows it.</summary>
public sealed record RecipientRow(Guid CreatorId, Guid DeliveryId, Verdict Verdict, string? Reason, DateTimeOffset At, long Position);

public enum Verdict
{
    Queued,
    Skipped,
    Sent,
    Bounced,
    Failed,
    InDoubt,
}

/// <summary>
/// Who is to be written to, and what became of them. Every change of a verdict is written in the transaction that records the event it follows from.
/// What is in hand at this moment is written here (who holds whom) and in <see cref="UnderWay"/> (whose message has begun to leave).
/// </summary>
public sealed class WorkList(NpgsqlDataSource source)
{
    public static Table RecipientsTable()
    {
        var table = new Table("outreach.recipients");
        table.AddColumn<string>("tenant_id").AsPrimaryKey();
        table.AddColumn<Guid>("outreach_id").AsPrimaryKey();
        table.AddColumn<Guid>("creator_id").AsPrimaryKey();
        table.AddColumn<Guid>("delivery_id").NotNull();
        table.AddColumn("position", "bigint").NotNull();
        table.AddColumn<Guid>("campaign_id").NotNull();
        table.AddColumn("template", "text").NotNull();
        table.AddColumn("verdict", "text").NotNull();
        table.AddColumn("reason", "text");
        table.AddColumn("at", "timestamptz").NotNull();
        table.AddColumn("trace", "text");

        // A lease moves the due time: whoever holds a row has until then, and whoever looks for work sees one condition.
        table.AddColumn("due_at", "timestamptz").NotNull();
        table.AddColumn("lease_owner", "text");
        table.AddColumn<Guid>("lease");
        table.AddColumn("was_taken", "boolean").NotNull().DefaultValueByExpression("false");

        // Of two outreaches with the same message for the same creator, one at a time has it in hand.
        table.AddColumn("holds", "boolean").NotNull().DefaultValueByExpression("false");

        // Written by replicas of the version before, which kept here what is under way; read where they left it.
        table.AddColumn("begun_at", "timestamptz");
        table.AddColumn("answer", "text");
        table.AddColumn("answer_reason", "text");
        table.Indexes.Add(new IndexDefinition("recipients_by_delivery") { Columns = ["delivery_id"], IsUnique = true });
        table.Indexes.Add(new IndexDefinition("recipients_by_position") { Columns = ["tenant_id", "outreach_id", "position"] });
        table.Indexes.Add(new IndexDefinition("recipients_holding") { Columns = ["tenant_id", "campaign_id", "template", "creator_id"], IsUnique = true, Predicate = "holds" });
        table.Indexes.Add(new IndexDefinition("recipients_due") { Columns = ["tenant_id", "outreach_id", "due_at"], Predicate = "verdict = 'Queued'" });
        return table;
    }

    /// <summary>
    /// Adds recipients, after <see cref="Schedule.ReadTo"/> in one transaction: its lock keeps a cancellation from passing between the two. Whoever is there already
    /// stays as they are, so that a portion may be added again.
    /// </summary>
    public static void Add(IDocumentOperations operations, Turn turn, IReadOnlyList<Guid> creators, long position, DateTimeOffset dueAt, DateTimeOffset now) =>
        operations.QueueSqlCommand(
            """
            insert into outreach.recipients (tenant_id, outreach_id, creator_id, delivery_id, position, campaign_id, template, verdict, at, due_at, trace)
            select ?, ?, creator.id, creator.delivery_id, ? + creator.position, ?, ?, 'Queued', ?, ?, nullif(?, '')
            from unnest(?, ?) with ordinality as creator(id, delivery_id, position)
            where exists (select from outreach.batch where tenant_id = ? and outreach_id = ? and not is_cancelled)
            on conflict (tenant_id, outreach_id, creator_id) do nothing
            """,
            operations.TenantId, turn.Outreach, position, turn.CampaignId, turn.Template, now, dueAt, turn.Trace ?? "", creators.ToArray(),
            creators.Select(creator => turn.Recipient(creator).DeliveryId).ToArray(), operations.TenantId, turn.Outreach);

    /// <summary>Gives recipients of one outreach their verdicts. What Queued lets go of, nothing takes back, except the news that a message in doubt did arrive, or that one did not.</summary>
    public static void Settle(IDocumentOperations operations, Guid outreach, IReadOnlyList<(Guid Creator, Verdict Verdict, string? Reason)> verdicts, DateTimeOffset now)
    {
        if (verdicts.Count > 0)
        {
            operations.QueueSqlCommand(
                """
                update outreach.recipients r
                set verdict = s.verdict, reason = nullif(s.reason, ''), at = ?, lease_owner = null, lease = null, holds = false, begun_at = null, answer = null, answer_reason = null
                from unnest(?, ?, ?) as s(creator_id, verdict, reason)
                where r.tenant_id = ? and r.outreach_id = ? and r.creator_id = s.creator_id
                  and (r.verdict in ('Queued', 'InDoubt') or r.verdict = 'Sent' and s.verdict = 'Bounced')
                """,
                now, verdicts.Select(one => one.Creator).ToArray(), verdicts.Select(one => one.Verdict.ToString()).ToArray(),
                verdicts.Select(one => one.Reason ?? "").ToArray(), operations.TenantId, outreach);
            UnderWay.Forget(operations, [.. verdicts.Select(one => Recipient.DeliveryOf(outreach, one.Creator))]);
        }
    }

    /// <summary>Their message did not go out; they wait until the time given.</summary>
    public static void Postpone(IDocumentOperations operations, Guid outreach, IReadOnlyList<(Guid Creator, DateTimeOffset DueAt)> waits)
    {
        if (waits.Count > 0)
        {
            operations.QueueSqlCommand(
                """
                update outreach.recipients r set due_at = s.due_at, lease_owner = null, lease = null, holds = false, begun_at = null, answer = null, answer_reason = null
                from unnest(?, ?) as s(creator_id, due_at)
                where r.tenant_id = ? and r.outreach_id = ? and r.creator_id = s.creator_id and r.verdict = 'Queued'
                """,
                waits.Select(one => one.Creator).ToArray(), waits.Select(one => one.DueAt).ToArray(), operations.TenantId, outreach);
            UnderWay.Forget(operations, [.. waits.Select(one => Recipient.DeliveryOf(outreach, one.Creator))]);
        }
    }

    /// <summary>Whose delivery that is; null where this organization has none of that id. Known before its message can leave.</summary>
    public async Task<Recipient?> Find(string organization, Guid delivery, CancellationToken ct) =>
        await Find(delivery, ct) is { } found && found.Organization == organization ? found.Recipient : null;

    /// <summary>The same where nothing but the id is known: a mail server that gives a message back knows no organizations. <c>WasTaken</c>: a worker has had them in hand.</summary>
    public async Task<(string Organization, Recipient Recipient, bool WasTaken)?> Find(Guid delivery, CancellationToken ct)
    {
        await using var command = source.CreateCommand(
            "select tenant_id, outreach_id, campaign_id, creator_id, template, was_taken from outreach.recipients where delivery_id = $1").With(delivery);
        await using var reader = await command.ExecuteReaderAsync(ct);
        return await reader.ReadAsync(ct)
            ? (reader.GetString(0), Recipient.Of(reader.GetGuid(1), reader.GetGuid(2), reader.GetGuid(3), reader.GetString(4)), reader.GetBoolean(5))
            : null;
    }

    /// <summary>The verdict of a delivery; null where this organization has none of that id.</summary>
    public async Task<Verdict?> VerdictOf(string organization, Guid delivery, CancellationToken ct)
    {
        await using var command = source.CreateCommand("select verdict from outreach.recipients where delivery_id = $1 and tenant_id = $2").With(delivery, organization);
        return await command.ExecuteScalarAsync(ct) is string verdict ? Enum.Parse<Verdict>(verdict) : null;
    }

    /// <summary>How many recipients of an outreach have which verdict. Those who have not been written into the list yet are Queued.</summary>
    public async Task<IReadOnlyDictionary<Verdict, int>> Count(string organization, Guid outreach, CancellationToken ct)
    {
        await using var command = source.CreateCommand(
            """
            select verdict, sum(many)::int from (
                select verdict, count(*) as many from outreach.recipients where tenant_id = $1 and outreach_id = $2 group by verdict
                union all select 'Queued', cardinality(creator_ids) from outreach.chosen where tenant_id = $1 and outreach_id = $2) as counted
            group by verdict
            """);
        command.Parameters.Add(new() { Value = organization });
        command.Parameters.Add(new() { Value = outreach });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var counts = new Dictionary<Verdict, int>();
        while (await reader.ReadAsync(ct))
        {
            counts[Enum.Parse<Verdict>(reader.GetString(0))] = reader.GetInt32(1);
        }

        return counts;
    }

    /// <summary>The recipients of an outreach in the order they were named, after a position.</summary>
    public async Task<IReadOnlyList<RecipientRow>> List(string organization, Guid outreach, long after, int limit, string? verdict, CancellationToken ct)
    {
        await using var command = source.CreateCommand("""
            select creator_id, delivery_id, verdict, reason, at, position from outreach.recipients
            where tenant_id = $1 and outreach_id = $2 and position > $3 and ($5::text is null or verdict = $5) order by position limit $4
            """);
        command.Parameters.Add(new() { Value = organization });
        command.Parameters.Add(new() { Value = outreach });
        command.Parameters.Add(new() { Value = after });
        command.Parameters.Add(new() { Value = limit });
        command.Parameters.Add(new() { Value = (object?)verdict ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var rows = new List<RecipientRow>(limit);
        while (await reader.ReadAsync(ct))
        {
            rows.Add(new(
                reader.GetGuid(0),
                reader.GetGuid(1),
                Enum.Parse<Verdict>(reader.GetString(2)),
                reader.IsDBNull(3) ? null : reader.GetString(3),
                reader.GetFieldValue<DateTimeOffset>(4),
                reader.GetInt64(5)));
        }

        return rows;
    }
}
