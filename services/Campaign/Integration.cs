using Campaigns.Features;
using CreatorConnections.Contracts.Campaigns;
using CreatorConnections.Contracts.Connections;
using CreatorConnections.Contracts.Outreach;
using EventSourcing;
using JasperFx.Events;

namespace Campaigns;

/// <summary>What Campaign tells the others and what it takes in from them.</summary>
public static class Integration
{
    private static readonly string[] ConnectionsAndOutreach = ["connections", "outreach"];

    private static readonly IReadOnlyDictionary<string, bool> NothingSet = new Dictionary<string, bool>();

    public static void Map(IntegrationMap map) => map
        .Publish<NameChosen, OrganizationNamed>(
            e => new OrganizationNamed { OrganizationId = e.TenantId, Name = e.Data.Name, Sequence = e.Version, OccurredAt = e.Timestamp },
            ConnectionsAndOutreach)
        .Publish<CreatorAdmitted, CreatorRegistered>(
            e => new CreatorRegistered { OrganizationId = e.TenantId, CreatorId = e.Data.CreatorId, Sequence = e.Version, OccurredAt = e.Timestamp },
            ConnectionsAndOutreach)
        .Publish<CampaignPlanned, CampaignCreated>(
            e => new CampaignCreated
            {
                OrganizationId = e.TenantId,
                CampaignId = e.Data.CampaignId,
                Name = e.Data.Name,
                StartsOn = e.Data.StartsOn,
                EndsOn = e.Data.EndsOn,
                RequiredConnections = e.Data.RequiredConnections,
                Sequence = e.Version,
                OccurredAt = e.Timestamp,
            },
            ConnectionsAndOutreach)
        .Publish<JoinedRoster, CreatorAddedToCampaign>(
            e => new CreatorAddedToCampaign
            {
                OrganizationId = e.TenantId,
                CampaignId = e.Data.CampaignId,
                CreatorId = e.Data.CreatorId,
                Sequence = e.Version,
                OccurredAt = e.Timestamp,
            },
            "outreach")
        .Publish<LeftRoster, CreatorRemovedFromCampaign>(
            e => new CreatorRemovedFromCampaign
            {
                OrganizationId = e.TenantId,
                CampaignId = e.Data.CampaignId,
                CreatorId = e.Data.CreatorId,
                Sequence = e.Version,
                OccurredAt = e.Timestamp,
            },
            "outreach")
        .Publish<OrganizationConnectionsSwitched, OrganizationConnectionsConfigured>(e => Configured(e, e.Data.Component, e.Data.Types), "outreach")
        .Publish<OrganizationConnectionsReset, OrganizationConnectionsConfigured>(e => Configured(e, null, NothingSet), "outreach")
        .Publish<CampaignConnectionsSwitched, CampaignConnectionsConfigured>(e => Configured(e, e.Data.CampaignId, e.Data.Component, e.Data.Types), "outreach")
        .Publish<CampaignConnectionsReset, CampaignConnectionsConfigured>(e => Configured(e, e.Data.CampaignId, null, NothingSet), "outreach")
        .Consume<ConnectionGranted, OnConnectionGranted>()
        .Consume<ConnectionInvalidated, OnConnectionInvalidated>()
        .Consume<ConnectionExpired, OnConnectionExpired>()
        .Consume<ConnectionRecovered, OnConnectionRecovered>()
        .Consume<MarketplaceStatusChanged, OnMarketplaceStatusChanged>()
        .Consume<ConnectionExpiring, OnConnectionExpiring>()
        .Consume<ConnectionRenewed, OnConnectionRenewed>()
        .Consume<InsightsCollected, OnInsightsCollected>()
        .Consume<OutreachSent, OnOutreachSent>()
        .Consume<OutreachFailed, OnOutreachFailed>()
        .Consume<OutreachBounced, OnOutreachBounced>()
        .Consume<OutreachClicked, OnOutreachClicked>()
        .Consume<OutreachConverted, OnOutreachConverted>();

    private static OrganizationConnectionsConfigured Configured(IEvent e, bool? component, IReadOnlyDictionary<string, bool> types) => new()
    {
        OrganizationId = e.TenantId,
        Component = component,
        InstagramInsights = Set(types, "InstagramInsights"),
        YouTubeInsights = Set(types, "YouTubeInsights"),
        TikTokInsights = Set(types, "TikTokInsights"),
        TikTokMarketplace = Set(types, "TikTokMarketplace"),
        Sequence = e.Version,
        OccurredAt = e.Timestamp,
    };

    private static CampaignConnectionsConfigured Configured(IEvent e, Guid campaign, bool? component, IReadOnlyDictionary<string, bool> types) => new()
    {
        OrganizationId = e.TenantId,
        CampaignId = campaign,
        Component = component,
        InstagramInsights = Set(types, "InstagramInsights"),
        YouTubeInsights = Set(types, "YouTubeInsights"),
        TikTokInsights = Set(types, "TikTokInsights"),
        TikTokMarketplace = Set(types, "TikTokMarketplace"),
        Sequence = e.Version,
        OccurredAt = e.Timestamp,
    };

    private static bool? Set(IReadOnlyDictionary<string, bool> types, string type) => types.TryGetValue(type, out var on) ? on : null;
}
