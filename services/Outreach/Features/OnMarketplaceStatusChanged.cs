using CreatorConnections.Contracts.Connections;
using EventSourcing;
using MassTransit;

namespace Outreach.Features;

/// <summary>A creator's standing in TikTok's creator marketplace changed.</summary>
public sealed class OnMarketplaceStatusChanged(Inbox inbox) : IConsumer<MarketplaceStatusChanged>
{
    public Task Consume(ConsumeContext<MarketplaceStatusChanged> context)
    {
        var m = context.Message;
        return inbox.Record<CreatorMarketplace>(context, m.OrganizationId, CreatorMarketplace.IdOf(m.OrganizationId, m.CreatorId), state => Decide(state, m));
    }

    public static Decision Decide(CreatorMarketplace? state, MarketplaceStatusChanged m) => state?.Sequence >= m.Sequence
        ? Decision.Nothing
        : Decision.Of(new MarketplaceStandingHeard(CreatorMarketplace.IdOf(m.OrganizationId, m.CreatorId), m.Status, m.Sequence));
}
