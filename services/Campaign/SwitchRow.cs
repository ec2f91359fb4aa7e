using System.Data.Common;
using System.Text.Json;
using EventSourcing;
using Marten;
using Npgsql;
using Weasel.Postgresql.Tables;

namespace Campaigns;

/// <summary>
/// What <see cref="ConnectionSwitches"/> holds, as pages read it. Written in the transaction that records the change and not by
/// <see cref="CampaignViews"/>, so whoever switches something off sees it gone at once, and a rebuild of the views leaves it alone.
/// </summary>
public sealed record SwitchRow(bool? Component, IReadOnlyDictionary<string, bool> Types, long Version)
{
    /// <summary>What is set for the organization and for one campaign, for a batch with other statements. Takes <c>@organization</c> and <c>@campaign</c>.</summary>
    public const string Both = """
        select campaign_id, component, types::text, version from campaign.connection_switches
        where tenant_id = @organization and campaign_id in (@campaign, '00000000-0000-0000-0000-000000000000')
        """;

    /// <summary>The organization's own row has no campaign: <see cref="Guid.Empty"/>.</summary>
    public static Table Table()
    {
        var table = new Table($"{CampaignTables.Schema}.connection_switches");
        table.AddColumn("tenant_id", "text").AsPrimaryKey();
        table.AddColumn("campaign_id", "uuid").AsPrimaryKey();
        table.AddColumn("component", "boolean");
        table.AddColumn("types", "jsonb").NotNull();
        table.AddColumn("version", "bigint").NotNull();
        return table;
    }

    /// <summary>Reads the answer to <see cref="Both"/>; null for what was never set.</summary>
    public static async Task<(SwitchRow? Organization, SwitchRow? Campaign)> Read(DbDataReader reader, CancellationToken ct)
    {
        var (organization, campaign) = (default(SwitchRow), default(SwitchRow));
        while (await reader.ReadAsync(ct))
        {
            var (of, row) = One(reader);
            (organization, campaign) = of == Guid.Empty ? (row, campaign) : (organization, row);
        }

        return (organization, campaign);
    }

    /// <summary>One row, and whose it is.</summary>
    internal static (Guid Campaign, SwitchRow Row) One(DbDataReader reader) => (
        reader.GetGuid(0),
        new(reader.IsDBNull(1) ? null : reader.GetBoolean(1), JsonSerializer.Deserialize<Dictionary<string, bool>>(reader.GetString(2))!, reader.GetInt64(3)));

    /// <summary>Both rows, asked for alone. Without a campaign only the organization's.</summary>
    public static async Task<(SwitchRow? Organization, SwitchRow? Campaign)> Load(StreamSession session, Guid? campaign, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(Both) { Parameters = { new("organization", session.Organization), new("campaign", campaign ?? Guid.Empty) } };
        await using var reader = await session.Query.ExecuteReaderAsync(command, ct);
        return await Read(reader, ct);
    }

    /// <summary>In the transaction that records the change.</summary>
    public static void Write(IDocumentOperations operations, Guid? campaign, bool? component, IReadOnlyDictionary<string, bool> types, long version)
    {
        operations.QueueSqlCommand(
            """
            insert into campaign.connection_switches (tenant_id, campaign_id, component, types, version) values (?, ?, nullif(?, '')::boolean, ?::jsonb, ?)
            on conflict (tenant_id, campaign_id) do update set component = excluded.component, types = excluded.types, version = excluded.version
            """,
            operations.TenantId, campaign ?? Guid.Empty, component?.ToString() ?? "", JsonSerializer.Serialize(types), version);
        RosterNotices.TellOfSwitches(operations, campaign);
    }
}
