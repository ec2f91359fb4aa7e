using EventSourcing;
using Npgsql;

namespace Campaigns;

/// <summary>A campaign, its sums and the types it shows.</summary>
public sealed record CampaignFigures(Campaign Campaign, StandingSums Sums, IReadOnlyList<string> Shown)
{
    /// <summary>Who lack an authorization that is shown.</summary>
    public long Incomplete { get; } = Figures.IncompleteOf(Sums, Shown);

    /// <summary>All that is said of it at a glance.</summary>
    public Figures Figures => Figures.Of(Sums, Shown);

    /// <summary>Of some campaigns, or of all that end on a day or later: one row each, however many creators they have.</summary>
    public static async Task<IReadOnlyDictionary<Guid, CampaignFigures>> Read(StreamSession session, IReadOnlyCollection<Guid>? campaigns, DateOnly? endOn, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(Sql)
        {
            Parameters =
            {
                new("organization", session.Organization),
                new("campaigns", (object?)campaigns?.ToArray() ?? DBNull.Value),
                new("end_on", (object?)endOn ?? DBNull.Value),
            },
        };
        await using var reader = await session.Query.ExecuteReaderAsync(command, ct);
        var switches = new Dictionary<Guid, SwitchRow>();
        while (await reader.ReadAsync(ct))
        {
            var (of, row) = SwitchRow.One(reader);
            switches[of] = row;
        }

        await reader.NextResultAsync(ct);
        var found = new Dictionary<Guid, CampaignFigures>();
        while (await reader.ReadAsync(ct))
        {
            Campaign campaign = new(reader.GetGuid(0), reader.GetString(1), reader.GetFieldValue<DateOnly>(2), reader.GetFieldValue<DateOnly>(3), reader.GetFieldValue<string[]>(4));
            var shown = EffectiveConnections.Of(campaign, switches.GetValueOrDefault(Guid.Empty), switches.GetValueOrDefault(campaign.Id)).Shown;
            found[campaign.Id] = new(campaign, StandingSums.Of(reader.IsDBNull(5) ? null : reader.GetFieldValue<long[]>(5)), shown);
        }

        return found;
    }

    private const string Sql = """
        select campaign_id, component, types::text, version from campaign.connection_switches
        where tenant_id = @organization and (@campaigns::uuid[] is null or campaign_id = any (@campaigns::uuid[] || '00000000-0000-0000-0000-000000000000'::uuid));
        select plan.campaign_id, plan.name, plan.starts_on, plan.ends_on, plan.required_connections, pulse.sums
        from campaign.plan plan
        left join campaign.campaign_pulse pulse on pulse.tenant_id = plan.tenant_id and pulse.campaign_id = plan.campaign_id
        where plan.tenant_id = @organization and (@campaigns::uuid[] is null or plan.campaign_id = any (@campaigns::uuid[])) and (@end_on::date is null or plan.ends_on >= @end_on::date)
        """;
}
