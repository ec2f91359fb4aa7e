using CreatorConnections.Contracts.Campaigns;
using EventSourcing;
using MassTransit;

namespace Outreach.Features;

/// <summary>There is a creator who can be written to.</summary>
public sealed class OnCreatorRegistered(Inbox inbox) : IConsumer<CreatorRegistered>
{
    public Task Consume(ConsumeContext<CreatorRegistered> context)
    {
        var m = context.Message;
        return inbox.Record<KnownCreator>(context, m.OrganizationId, m.CreatorId, state => Decide(state, m));
    }

    public static Decision Decide(KnownCreator? state, CreatorRegistered m) => state?.Sequence >= m.Sequence
        ? Decision.Nothing
        : Decision.Of(new CreatorBecameKnown(m.CreatorId, m.Sequence));
}
