using EventSourcing;
using JasperFx.Events;
using JasperFx.Events.Projections;
using Marten;
using Marten.Events.Projections;

namespace Campaigns;

/// <summary>
/// Folds a page of this service's own events into one upsert per table. One projection and not four: each would read the event store and
/// commit its progress for itself. The newer sequence wins in the row too, so a page that is applied again changes nothing.
/// </summary>
public sealed class CampaignViews : ProjectionBase, IProjection
{
    private readonly TimeProvider clock;

    public CampaignViews(TimeProvider clock)
    {
        this.clock = clock;
        IncludeType<CampaignPlanned>();
        IncludeType<JoinedRoster>();
        IncludeType<LeftRoster>();
        IncludeType<AccessNoted>();
        IncludeType<MarketplaceNoted>();
        IncludeType<OutreachNoted>();
        Options.BatchSize = 2000;
        foreach (var table in CampaignTables.All())
        {
            Options.DeleteDataInTableOnTeardown(table.Identifier.QualifiedName);
        }
    }

    /// <summary>No campaign of this organization has that id.</summary>
    public static Decision.Refused Unknown { get; } =
        new(RefusalKind.Unknown, "campaign.unknown", "Your organization has no campaign with this id.", null);

    /// <summary>Every event of the page belongs to the organization of <paramref name="operations"/>; the daemon sorts them so.</summary>
    public Task ApplyAsync(IDocumentOperations operations, IReadOnlyList<IEvent> events, CancellationToken cancellation)
    {
        var startedAt = clock.GetUtcNow();
        // A statement may touch a row once, so of several events about one row only the last is written.
        var plans = new Dictionary<Guid, IEvent<CampaignPlanned>>();
        var places = new Dictionary<(Guid, Guid), Place>();
        var accesses = new Dictionary<(Guid, string), (AccessNoted News, DateTimeOffset NotedAt)>();
        var outreach = new Dictionary<(Guid, Guid), OutreachNoted>();
        foreach (var @event in events)
        {
            switch (@event)
            {
                case IEvent<CampaignPlanned> planned:
                    plans[planned.Data.CampaignId] = planned;
                    break;
                case IEvent<JoinedRoster> { Data: var joined }:
                    places[(joined.CampaignId, joined.CreatorId)] = new(true, @event.Timestamp, @event.Version);
                    break;
                case IEvent<LeftRoster> { Data: var left }:
                    places[(left.CampaignId, left.CreatorId)] = new(false, @event.Timestamp, @event.Version);
                    break;
                case IEvent<AccessNoted> { Data: var news } when ConnectionType.AuthorizedBy(news.Platform) is { } type:
                    accesses[(news.CreatorId, type.Name)] = (news, @event.Timestamp);
                    break;
                case IEvent<MarketplaceNoted> { Data: var standing }:
                    var (column, status) = (ConnectionType.Marketplace, CreatorMarketplace.ConnectionStatusOf(standing.Status));
                    var reason = status == ConnectionStatus.Connected ? null : standing.Status;
                    accesses[(standing.CreatorId, column.Name)] =
                        (new(standing.StandingId, standing.CreatorId, column.Platform, status, reason, standing.Sequence, standing.Since), @event.Timestamp);
                    break;
                case IEvent<OutreachNoted> { Data: var sent }:
                    outreach[(sent.CampaignId, sent.CreatorId)] = sent;
                    break;
            }
        }

        Write(operations, [.. plans.Values]);
        Write(operations, places);
        Write(operations, accesses);
        Write(operations, [.. outreach.Values]);
        EventMetadata.TraceProjected(Name, events, startedAt);
        return Task.CompletedTask;
    }

    private static void Write(IDocumentOperations operations, IReadOnlyList<IEvent<CampaignPlanned>> rows)
    {
        if (rows.Count > 0)
        {
            operations.QueueSqlCommand(
                """
                insert into campaign.campaign_plan (tenant_id, campaign_id, name, starts_on, ends_on, required_connections, planned_at)
                select ?, row.campaign_id, row.name, row.starts_on, row.ends_on, string_to_array(row.required, ','), row.planned_at
                from unnest(?, ?, ?, ?, ?, ?) as row (campaign_id, name, starts_on, ends_on, required, planned_at)
                on conflict (tenant_id, campaign_id) do nothing
                """,
                operations.TenantId,
                rows.Select(row => row.Data.CampaignId).ToArray(),
                rows.Select(row => row.Data.Name).ToArray(),
                rows.Select(row => row.Data.StartsOn).ToArray(),
                rows.Select(row => row.Data.EndsOn).ToArray(),
                rows.Select(row => string.Join(',', row.Data.RequiredConnections)).ToArray(),
                rows.Select(row => row.Timestamp).ToArray());
        }
    }

    private static void Write(IDocumentOperations operations, Dictionary<(Guid Campaign, Guid Creator), Place> rows)
    {
        if (rows.Count > 0)
        {
            operations.QueueSqlCommand(
                """
                insert into campaign.roster as old (tenant_id, campaign_id, creator_id, on_roster, since, sequence)
                select ?, row.* from unnest(?, ?, ?, ?, ?) as row (campaign_id, creator_id, on_roster, since, sequence)
                on conflict (tenant_id, campaign_id, creator_id) do update
                set on_roster = excluded.on_roster, since = excluded.since, sequence = excluded.sequence
                where excluded.sequence > old.sequence
                """,
                operations.TenantId,
                rows.Keys.Select(key => key.Campaign).ToArray(),
                rows.Keys.Select(key => key.Creator).ToArray(),
                rows.Values.Select(place => place.OnRoster).ToArray(),
                rows.Values.Select(place => place.Since).ToArray(),
                rows.Values.Select(place => place.Sequence).ToArray());
        }
    }

    private static void Write(IDocumentOperations operations, Dictionary<(Guid Creator, string Type), (AccessNoted News, DateTimeOffset NotedAt)> rows)
    {
        if (rows.Count > 0)
        {
            operations.QueueSqlCommand(
                """
                insert into campaign.creator_connection as old (tenant_id, creator_id, type, status, reason, since, connection_id, sequence, noted_at)
                select ?, row.* from unnest(?, ?, ?, ?, ?, ?, ?, ?) as row (creator_id, type, status, reason, since, connection_id, sequence, noted_at)
                on conflict (tenant_id, creator_id, type) do update
                set status = excluded.status, reason = excluded.reason, since = excluded.since,
                    connection_id = excluded.connection_id, sequence = excluded.sequence, noted_at = excluded.noted_at
                where excluded.sequence > old.sequence
                """,
                operations.TenantId,
                rows.Keys.Select(key => key.Creator).ToArray(),
                rows.Keys.Select(key => key.Type).ToArray(),
                rows.Values.Select(row => row.News.Status).ToArray(),
                rows.Values.Select(row => row.News.Reason).ToArray(),
                rows.Values.Select(row => row.News.Since).ToArray(),
                rows.Values.Select(row => row.News.ConnectionId).ToArray(),
                rows.Values.Select(row => row.News.Sequence).ToArray(),
                rows.Values.Select(row => row.NotedAt).ToArray());
        }
    }

    private static void Write(IDocumentOperations operations, IReadOnlyList<OutreachNoted> rows)
    {
        if (rows.Count > 0)
        {
            operations.QueueSqlCommand(
                """
                insert into campaign.last_outreach as old (tenant_id, campaign_id, creator_id, outreach_id, delivery_id, template, at)
                select ?, row.* from unnest(?, ?, ?, ?, ?, ?) as row (campaign_id, creator_id, outreach_id, delivery_id, template, at)
                on conflict (tenant_id, campaign_id, creator_id) do update
                set outreach_id = excluded.outreach_id, delivery_id = excluded.delivery_id, template = excluded.template, at = excluded.at
                where (excluded.at, excluded.delivery_id) > (old.at, old.delivery_id)
                """,
                operations.TenantId,
                rows.Select(row => row.CampaignId).ToArray(),
                rows.Select(row => row.CreatorId).ToArray(),
                rows.Select(row => row.OutreachId).ToArray(),
                rows.Select(row => row.DeliveryId).ToArray(),
                rows.Select(row => row.Template).ToArray(),
                rows.Select(row => row.At).ToArray());
        }
    }

    private sealed record Place(bool OnRoster, DateTimeOffset Since, long Sequence);
}
