using EventSourcing;
using Marten;
using Npgsql;
using Weasel.Postgresql.Tables;

namespace Outreach;

/// <summary>One reason not to write to a creator, as the API shows it.</summary>
public sealed record SuppressionRow(Guid CreatorId, Guid? CampaignId, string Reason, string By, DateTimeOffset At);

/// <summary>
/// Who is not written to, as a table beside the streams, so that the question is cheap for a page of recipients. It is written in the transaction
/// that records the fact: from the next look on, nobody who unsubscribed is written to.
/// </summary>
public sealed class Suppressions(NpgsqlDataSource source)
{
    /// <summary>The whole organization, in a column that cannot be null because it is part of the key.</summary>
    private static readonly Guid Everything = Guid.Empty;

    public static Table Table()
    {
        var table = new Table("outreach.suppression");
        table.AddColumn<string>("tenant_id").AsPrimaryKey();
        table.AddColumn<Guid>("creator_id").AsPrimaryKey();
        table.AddColumn<Guid>("campaign_id").AsPrimaryKey();
        table.AddColumn<string>("reason").AsPrimaryKey();
        table.AddColumn("by", "text").NotNull();
        table.AddColumn("at", "timestamptz").NotNull();
        return table;
    }

    /// <summary>Decides on one creator's suppression and records it with its rows.</summary>
    public static async Task<Outcome<Suppression>> Record(
        StreamSession session, Guid creator, Func<Suppression?, Decision> decide, DateTimeOffset now, CancellationToken ct,
        Action<IDocumentOperations>? alongside = null)
    {
        Decision decision = Decision.Nothing;
        return await session.DecideAndSave<Suppression>(
            Suppression.IdOf(session.Organization, creator), suppression => decision = decide(suppression), ct,
            alongside: operations =>
            {
                Write(operations, decision, now);
                alongside?.Invoke(operations);
            });
    }

    /// <summary>Which of these creators are not to be written to for this campaign, each with the reason.</summary>
    public async Task<IReadOnlyDictionary<Guid, string>> Of(string organization, Guid campaign, IReadOnlyCollection<Guid> creators, CancellationToken ct)
    {
        await using var command = source.CreateCommand(
            "select creator_id, reason from outreach.suppression where tenant_id = $1 and creator_id = any($2) and campaign_id = any($3) order by at desc");
        command.Parameters.Add(new() { Value = organization });
        command.Parameters.Add(new() { Value = creators.ToArray() });
        command.Parameters.Add(new() { Value = new[] { campaign, Everything } });
        var found = new Dictionary<Guid, string>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            found[reader.GetGuid(0)] = reader.GetString(1);
        }

        return found;
    }

    /// <summary>The reasons after a place in the order of the key, those wanted only.</summary>
    public async Task<IReadOnlyList<SuppressionRow>> List(
        string organization, SuppressionFilter filter, SuppressionRow? after, int limit, CancellationToken ct)
    {
        await using var command = source.CreateCommand("""
            select creator_id, campaign_id, reason, "by", at from outreach.suppression
            where tenant_id = $1 and ($2::uuid is null or creator_id = $2) and ($3::uuid is null or campaign_id = $3) and ($4::text is null or reason = $4)
                and ($5::uuid is null or (creator_id, campaign_id, reason) > ($5, $6, $7))
            order by creator_id, campaign_id, reason limit $8
            """);
        command.Parameters.Add(new() { Value = organization });
        command.Parameters.Add(new() { Value = filter.CreatorId ?? (object)DBNull.Value });
        command.Parameters.Add(new() { Value = filter.CampaignId ?? (object)DBNull.Value });
        command.Parameters.Add(new() { Value = filter.Reason?.ToString() ?? (object)DBNull.Value });
        command.Parameters.Add(new() { Value = after?.CreatorId ?? (object)DBNull.Value });
        command.Parameters.Add(new() { Value = after?.CampaignId ?? Everything });
        command.Parameters.Add(new() { Value = after?.Reason ?? "" });
        command.Parameters.Add(new() { Value = limit });
        var rows = new List<SuppressionRow>(limit);
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            var campaign = reader.GetGuid(1);
            rows.Add(new(
                reader.GetGuid(0), campaign == Everything ? null : campaign, reader.GetString(2), reader.GetString(3), reader.GetFieldValue<DateTimeOffset>(4)));
        }

        return rows;
    }

    private static void Write(IDocumentOperations operations, Decision decision, DateTimeOffset now)
    {
        foreach (var fact in decision is Decision.Recorded recorded ? recorded.Events : [])
        {
            switch (fact)
            {
                case CreatorSuppressed e:
                    operations.QueueSqlCommand(
                        """insert into outreach.suppression (tenant_id, creator_id, campaign_id, reason, "by", at) values (?, ?, ?, ?, ?, ?) on conflict do nothing""",
                        operations.TenantId, e.CreatorId, e.CampaignId ?? Everything, e.Reason, e.By, now);
                    break;
                case CreatorReadmitted e:
                    operations.QueueSqlCommand(
                        "delete from outreach.suppression where tenant_id = ? and creator_id = ? and campaign_id = ? and reason = ?",
                        operations.TenantId, e.CreatorId, e.CampaignId ?? Everything, e.Reason);
                    break;
            }
        }
    }
}

/// <summary>Which reasons are wanted; null for any.</summary>
public sealed record SuppressionFilter(Guid? CreatorId, Guid? CampaignId, SuppressionReason? Reason);
