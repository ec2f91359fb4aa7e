using Marten;
using Npgsql;
using Weasel.Postgresql.Tables;

namespace Outreach;

/// <summary>One recipient that waits for its message, leased to the worker that claimed it.</summary>
public sealed record QueuedRecipient(string Organization, Recipient Recipient, string? Trace);

/// <summary>One recipient as the API shows it.</summary>
public sealed record RecipientRow(Guid CreatorId, Verdict Verdict, string? Reason, DateTimeOffset At, long Position);

public enum Verdict
{
    Queued,
    Sent,
    Skipped,
    Failed,
    InDoubt,
    Bounced,
}

/// <summary>
/// Who is still to be written to, and what became of the others: plain tables that workers can take rows from without meeting each other
/// (<c>for update skip locked</c>). Every change of a verdict is written in the transaction that records the event it follows from.
/// </summary>
public sealed class WorkList(NpgsqlDataSource source)
{
    private const string Schema = "outreach";

    public static Table RecipientsTable()
    {
        var table = new Table($"{Schema}.recipients");
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
        table.AddColumn("due_at", "timestamptz").NotNull();
        table.AddColumn("lease_owner", "text");
        table.AddColumn("lease_until", "timestamptz");
        table.AddColumn("trace", "text");
        table.Indexes.Add(new IndexDefinition("recipients_by_delivery") { Columns = ["delivery_id"], IsUnique = true });
        table.Indexes.Add(new IndexDefinition("recipients_by_position") { Columns = ["tenant_id", "outreach_id", "position"] });
        table.Indexes.Add(new IndexDefinition("recipients_due") { Columns = ["due_at"], Predicate = "verdict = 'Queued'" });
        return table;
    }

    /// <summary>Outreaches that are not completed: few rows, however many recipients and however old the service is.</summary>
    public static Table OpenOutreachTable()
    {
        var table = new Table($"{Schema}.open_outreach");
        table.AddColumn<string>("tenant_id").AsPrimaryKey();
        table.AddColumn<Guid>("outreach_id").AsPrimaryKey();
        return table;
    }

    public static void Add(IDocumentOperations operations, Guid outreach, OutreachRequest request, DateTimeOffset now, string? trace)
    {
        operations.QueueSqlCommand(
            """
            insert into outreach.recipients (tenant_id, outreach_id, creator_id, delivery_id, position, campaign_id, template, verdict, at, due_at, trace)
            select ?, ?, creator.id, creator.delivery_id, creator.position, ?, ?, 'Queued', ?, ?, nullif(?, '')
            from unnest(?, ?) with ordinality as creator(id, delivery_id, position)
            """,
            operations.TenantId, outreach, request.CampaignId, request.Template, now, now, trace ?? "", request.Creators.ToArray(),
            request.Creators.Select(creator => Recipient.Of(outreach, request.CampaignId, creator, request.Template).DeliveryId).ToArray());
        operations.QueueSqlCommand("insert into outreach.open_outreach (tenant_id, outreach_id) values (?, ?)", operations.TenantId, outreach);
    }

    /// <summary>Gives a recipient its verdict. What Queued lets go of, nothing takes back, except the news that a message in doubt did arrive, or that one did not.</summary>
    public static void Settle(IDocumentOperations operations, Recipient recipient, Verdict verdict, string? reason, DateTimeOffset now) =>
        operations.QueueSqlCommand(
            """
            update outreach.recipients set verdict = ?, reason = nullif(?, ''), at = ?, lease_owner = null, lease_until = null
            where tenant_id = ? and outreach_id = ? and creator_id = ? and (verdict in ('Queued', 'InDoubt') or verdict = 'Sent' and ? = 'Bounced')
            """,
            verdict.ToString(), reason ?? "", now, operations.TenantId, recipient.OutreachId, recipient.CreatorId, verdict.ToString());

    public static void Postpone(IDocumentOperations operations, Recipient recipient, DateTimeOffset dueAt) =>
        operations.QueueSqlCommand(
            """
            update outreach.recipients set due_at = ?, lease_owner = null, lease_until = null
            where tenant_id = ? and outreach_id = ? and creator_id = ? and verdict = 'Queued'
            """,
            dueAt, operations.TenantId, recipient.OutreachId, recipient.CreatorId);

    public static void Close(IDocumentOperations operations, Guid outreach) =>
        operations.QueueSqlCommand("delete from outreach.open_outreach where tenant_id = ? and outreach_id = ?", operations.TenantId, outreach);

    /// <summary>Takes up to <paramref name="limit"/> due recipients for <paramref name="owner"/>, past those that another worker holds or is just taking.</summary>
    public async Task<IReadOnlyList<QueuedRecipient>> Claim(string owner, DateTimeOffset now, DateTimeOffset until, int limit, CancellationToken ct)
    {
        await using var command = source.CreateCommand("""
            with due as (
                select tenant_id, outreach_id, creator_id from outreach.recipients
                where verdict = 'Queued' and due_at <= $1 and (lease_until is null or lease_until <= $1)
                order by due_at limit $2 for update skip locked)
            update outreach.recipients r set lease_owner = $3, lease_until = $4 from due
            where (r.tenant_id, r.outreach_id, r.creator_id) = (due.tenant_id, due.outreach_id, due.creator_id)
            returning r.tenant_id, r.outreach_id, r.campaign_id, r.creator_id, r.template, r.trace
            """);
        command.Parameters.Add(new() { Value = now });
        command.Parameters.Add(new() { Value = limit });
        command.Parameters.Add(new() { Value = owner });
        command.Parameters.Add(new() { Value = until });
        var claimed = new List<QueuedRecipient>(limit);
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            claimed.Add(new(
                reader.GetString(0),
                Recipient.Of(reader.GetGuid(1), reader.GetGuid(2), reader.GetGuid(3), reader.GetString(4)),
                reader.IsDBNull(5) ? null : reader.GetString(5)));
        }

        return claimed;
    }

    /// <summary>Whose delivery that is; null where this organization has none of that id. Known before its message can leave.</summary>
    public async Task<Recipient?> Find(string organization, Guid delivery, CancellationToken ct)
    {
        await using var command = source.CreateCommand(
            "select outreach_id, campaign_id, creator_id, template from outreach.recipients where delivery_id = $1 and tenant_id = $2");
        command.Parameters.Add(new() { Value = delivery });
        command.Parameters.Add(new() { Value = organization });
        await using var reader = await command.ExecuteReaderAsync(ct);
        return await reader.ReadAsync(ct) ? Recipient.Of(reader.GetGuid(0), reader.GetGuid(1), reader.GetGuid(2), reader.GetString(3)) : null;
    }

    /// <summary>Gives back what was claimed and not begun.</summary>
    public async Task Release(string owner, IReadOnlyCollection<QueuedRecipient> recipients, DateTimeOffset dueAt, CancellationToken ct)
    {
        await using var command = source.CreateCommand("""
            update outreach.recipients r set lease_owner = null, lease_until = null, due_at = $5
            from unnest($1::text[], $2::uuid[], $3::uuid[]) as mine(tenant_id, outreach_id, creator_id)
            where (r.tenant_id, r.outreach_id, r.creator_id) = (mine.tenant_id, mine.outreach_id, mine.creator_id) and r.lease_owner = $4 and r.verdict = 'Queued'
            """);
        command.Parameters.Add(new() { Value = recipients.Select(recipient => recipient.Organization).ToArray() });
        command.Parameters.Add(new() { Value = recipients.Select(recipient => recipient.Recipient.OutreachId).ToArray() });
        command.Parameters.Add(new() { Value = recipients.Select(recipient => recipient.Recipient.CreatorId).ToArray() });
        command.Parameters.Add(new() { Value = owner });
        command.Parameters.Add(new() { Value = dueAt });
        await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Open outreaches in which nobody waits any more.</summary>
    public async Task<IReadOnlyList<(string Organization, Guid Outreach)>> Finished(CancellationToken ct)
    {
        await using var command = source.CreateCommand("""
            select o.tenant_id, o.outreach_id from outreach.open_outreach o where not exists (
                select from outreach.recipients r where r.tenant_id = o.tenant_id and r.outreach_id = o.outreach_id and r.verdict = 'Queued')
            limit 100
            """);
        var finished = new List<(string, Guid)>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            finished.Add((reader.GetString(0), reader.GetGuid(1)));
        }

        return finished;
    }

    /// <summary>How many recipients of an outreach have which verdict.</summary>
    public async Task<IReadOnlyDictionary<Verdict, int>> Count(string organization, Guid outreach, CancellationToken ct)
    {
        await using var command = source.CreateCommand(
            "select verdict, count(*)::int from outreach.recipients where tenant_id = $1 and outreach_id = $2 group by verdict");
        command.Parameters.Add(new() { Value = organization });
        command.Parameters.Add(new() { Value = outreach });
        var counts = new Dictionary<Verdict, int>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            counts[Enum.Parse<Verdict>(reader.GetString(0))] = reader.GetInt32(1);
        }

        return counts;
    }

    /// <summary>The recipients of an outreach in the order they were named, after a position.</summary>
    public async Task<IReadOnlyList<RecipientRow>> List(string organization, Guid outreach, long after, int limit, CancellationToken ct)
    {
        await using var command = source.CreateCommand("""
            select creator_id, verdict, reason, at, position from outreach.recipients
            where tenant_id = $1 and outreach_id = $2 and position > $3 order by position limit $4
            """);
        command.Parameters.Add(new() { Value = organization });
        command.Parameters.Add(new() { Value = outreach });
        command.Parameters.Add(new() { Value = after });
        command.Parameters.Add(new() { Value = limit });
        var rows = new List<RecipientRow>(limit);
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            rows.Add(new(
                reader.GetGuid(0),
                Enum.Parse<Verdict>(reader.GetString(1)),
                reader.IsDBNull(2) ? null : reader.GetString(2),
                reader.GetFieldValue<DateTimeOffset>(3),
                reader.GetInt64(4)));
        }

        return rows;
    }
}
