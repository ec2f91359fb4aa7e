using Campaigns.Features;
using CreatorConnections.Contracts.Campaigns;
using CreatorConnections.Contracts.Connections;
using CreatorConnections.Contracts.Outreach;
using EventSourcing;

namespace Campaigns;

/// <summary>What Campaign tells the others and what it takes in from them.</summary>
public static class Integration
{
    private static readonly string[] ConnectionsAndOutreach = ["connections", "outreach"];

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
        .Consume<ConnectionGranted, OnConnectionGranted>()
        .Consume<ConnectionInvalidated, OnConnectionInvalidated>()
        .Consume<ConnectionExpired, OnConnectionExpired>()
        .Consume<ConnectionRecovered, OnConnectionRecovered>()
        .Consume<MarketplaceStatusChanged, OnMarketplaceStatusChanged>()
        .Consume<OutreachSent, OnOutreachSent>();
}
