using CreatorConnections.Contracts.Campaigns;
using EventSourcing;
using MassTransit;

namespace Connections.Features;

/// <summary>Campaign registered a creator: remember that this organization knows them.</summary>
public sealed class OnCreatorRegistered(Inbox inbox) : IConsumer<CreatorRegistered>
{
    public Task Consume(ConsumeContext<CreatorRegistered> context) =>
        inbox.Record<KnownCreator>(
            context, context.Message.OrganizationId, context.Message.CreatorId, known => Decide(known, context.Message),
            alongside: operations => MarketplaceTables.Due(operations, context.Message.OrganizationId, context.Message.CreatorId, context.Message.OccurredAt));

    public static Decision Decide(KnownCreator? state, CreatorRegistered message) =>
        message.Sequence <= (state?.Sequence ?? 0) ? Decision.Nothing : Decision.Of(new CreatorLearnt(message.Sequence));
}
