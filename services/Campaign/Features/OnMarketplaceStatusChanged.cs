using CreatorConnections.Contracts.Connections;
using EventSourcing;
using MassTransit;

namespace Campaigns.Features;

/// <summary>A creator's standing in TikTok's marketplace changed: the column TikTokMarketplace shows it in every campaign the creator is on.</summary>
public sealed class OnMarketplaceStatusChanged(Inbox inbox) : IConsumer<MarketplaceStatusChanged>
{
    public Task Consume(ConsumeContext<MarketplaceStatusChanged> context) => inbox.Record<CreatorMarketplace>(
        context, context.Message.OrganizationId, context.Message.StandingId, state => Decide(state, context.Message));

    public static Decision Decide(CreatorMarketplace? state, MarketplaceStatusChanged message) => CreatorMarketplace.Note(state, new(
        message.StandingId, message.CreatorId, message.Status, message.Sequence, message.OccurredAt.ToUniversalTime()));
}
