using System.Data.Common;
using EventSourcing;
using Npgsql;

namespace Campaigns;

/// <summary>A campaign and the connection types it shows: those it requires and that are on.</summary>
public sealed record ShownCampaign(Campaign Campaign, IReadOnlyList<string> Shown)
{
    /// <summary>The plan and the switches, for a batch with other statements. Takes <c>@organization</c> and <c>@campaign</c>.</summary>
    public const string Sql = $"""
        select name, starts_on, ends_on, required_connections from campaign.plan where tenant_id = @organization and campaign_id = @campaign;
        {SwitchRow.Both}
        """;

    /// <summary>The campaign; null when the organization has none with that id.</summary>
    public static async Task<ShownCampaign?> Find(StreamSession session, Guid id, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(Sql) { Parameters = { new("organization", session.Organization), new("campaign", id) } };
        Read read;
        await using (var reader = await session.Query.ExecuteReaderAsync(command, ct))
        {
            read = await Read.From(reader, id, ct);
        }

        return await read.Complete(session, id, ct);
    }

    /// <summary>The types that are shown of everyone.</summary>
    public static async Task<IReadOnlyList<string>> OfOrganization(StreamSession session, CancellationToken ct) =>
        EffectiveConnections.OfOrganization((await SwitchRow.Load(session, null, ct)).Organization).Shown;

    /// <summary>The answer to <see cref="Sql"/>.</summary>
    internal sealed record Read(Campaign? Campaign, SwitchRow? Organization, SwitchRow? Override)
    {
        public static async Task<Read> From(DbDataReader reader, Guid id, CancellationToken ct)
        {
            Campaign? campaign = null;
            if (await reader.ReadAsync(ct))
            {
                campaign = new(id, reader.GetString(0), reader.GetFieldValue<DateOnly>(1), reader.GetFieldValue<DateOnly>(2), reader.GetFieldValue<string[]>(3));
            }

            await reader.NextResultAsync(ct);
            var (organization, own) = await SwitchRow.Read(reader, ct);
            return new(campaign, organization, own);
        }

        /// <summary>A campaign planned a moment ago is in its stream before it is in the views.</summary>
        public async Task<ShownCampaign?> Complete(StreamSession session, Guid id, CancellationToken ct) =>
            (Campaign ?? await session.Load<Campaign>(id, ct)) is { } campaign ? new(campaign, EffectiveConnections.Of(campaign, Organization, Override).Shown) : null;
    }
}
