using CreatorConnections.Contracts.Connections;
using EventSourcing;
using MassTransit;

namespace Outreach.Features;

/// <summary>A creator's authorization died early.</summary>
public sealed class OnConnectionInvalidated(Inbox inbox) : IConsumer<ConnectionInvalidated>
{
    public Task Consume(ConsumeContext<ConnectionInvalidated> context)
    {
        var m = context.Message;
        return inbox.Record<CreatorStanding>(context, m.OrganizationId, CreatorStanding.IdOf(m.OrganizationId, m.CreatorId), state => Decide(state, m));
    }

    public static Decision Decide(CreatorStanding? state, ConnectionInvalidated m) => state?.KnowsBetter(m.Platform, m.Sequence) == true
        ? Decision.Nothing
        : Decision.Of(new OptInLost(CreatorStanding.IdOf(m.OrganizationId, m.CreatorId), m.Platform, m.Sequence));
}
