using CreatorConnections.Contracts.Connections;
using EventSourcing;
using JasperFx.Events;

namespace Connections;

/// <summary>Whatever changes a creator's standing in the marketplace is one message to the others, with the status before and after.</summary>
internal static class MarketplaceIntegration
{
    public static IntegrationMap PublishMarketplace(this IntegrationMap map) => map
        .Publish<MarketplaceEligibilityFound, MarketplaceStatusChanged>(
            e => Told(e, e.Data.CreatorId, e.Data.From, e.Data.Reasons.Count > 0 ? MarketplaceStatus.NotEligible : MarketplaceStatus.NotInvited, e.Data.Evidence, e.Data.Reasons), "campaign", "outreach")
        .Publish<MarketplaceInvited, MarketplaceStatusChanged>(e => Told(e, e.Data.CreatorId, e.Data.From, MarketplaceStatus.Invited, e.Data.Evidence), "campaign", "outreach")
        .Publish<MarketplaceInviteExpired, MarketplaceStatusChanged>(e => Told(e, e.Data.CreatorId, nameof(MarketplaceStatus.Invited), MarketplaceStatus.InviteExpired, e.Data.Evidence), "campaign", "outreach")
        .Publish<MarketplaceJoined, MarketplaceStatusChanged>(e => Told(e, e.Data.CreatorId, e.Data.From, MarketplaceStatus.Joined, e.Data.Evidence), "campaign", "outreach")
        .Publish<MarketplaceDeclined, MarketplaceStatusChanged>(e => Told(e, e.Data.CreatorId, nameof(MarketplaceStatus.Invited), MarketplaceStatus.Declined, e.Data.Evidence), "campaign", "outreach")
        .Publish<MarketplaceLeft, MarketplaceStatusChanged>(e => Told(e, e.Data.CreatorId, nameof(MarketplaceStatus.Joined), MarketplaceStatus.NotInvited, e.Data.Evidence), "campaign", "outreach");

    private static MarketplaceStatusChanged? Told(IEvent e, Guid creator, string? from, MarketplaceStatus to, Evidence evidence, IReadOnlyList<string>? reasons = null) => new()
    {
        OrganizationId = e.TenantId,
        StandingId = e.StreamId,
        CreatorId = creator,
        PreviousStatus = from,
        Status = to.ToString(),
        Reasons = reasons ?? [],
        Confidence = evidence.Confidence,
        Sequence = e.Version,
        OccurredAt = e.Timestamp,
    };
}
