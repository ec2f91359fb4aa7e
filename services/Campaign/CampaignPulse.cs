using System.Data.Common;
using EventSourcing;
using Npgsql;

namespace Campaigns;

/// <summary>A roster at a glance, from its one row.</summary>
/// <param name="Seq">The newest change; 0 before the first.</param>
/// <param name="ChangedAt">When that was recorded.</param>
/// <param name="Sums">How many creators stand how.</param>
public sealed record CampaignPulse(long Seq, DateTimeOffset? ChangedAt, StandingSums Sums)
{
    /// <summary>For a batch with other statements. Takes <c>@organization</c> and <c>@campaign</c>.</summary>
    public const string Sql = "select seq, changed_at, sums from campaign.campaign_pulse where tenant_id = @organization and campaign_id = @campaign";

    /// <summary>Before the first change.</summary>
    public static CampaignPulse None => new(0, null, new());

    /// <summary>The answer to <see cref="Sql"/>.</summary>
    public static async Task<CampaignPulse> Read(DbDataReader reader, CancellationToken ct) =>
        await reader.ReadAsync(ct)
            ? new(reader.GetInt64(0), reader.GetFieldValue<DateTimeOffset>(1), StandingSums.Of(reader.GetFieldValue<long[]>(2)))
            : None;

    public static async Task<CampaignPulse> Of(StreamSession session, Guid campaign, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(Sql) { Parameters = { new("organization", session.Organization), new("campaign", campaign) } };
        await using var reader = await session.Query.ExecuteReaderAsync(command, ct);
        return await Read(reader, ct);
    }
}
