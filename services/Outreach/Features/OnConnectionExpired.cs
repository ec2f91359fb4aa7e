using CreatorConnections.Contracts.Connections;
using EventSourcing;
using MassTransit;

namespace Outreach.Features;

/// <summary>A creator's authorization reached its end of life.</summary>
public sealed class OnConnectionExpired(Inbox inbox) : IConsumer<ConnectionExpired>
{
    public Task Consume(ConsumeContext<ConnectionExpired> context)
    {
        var m = context.Message;
        return inbox.Record<CreatorStanding>(context, m.OrganizationId, CreatorStanding.IdOf(m.OrganizationId, m.CreatorId), state => Decide(state, m));
    }

    public static Decision Decide(CreatorStanding? state, ConnectionExpired m) => state?.KnowsBetter(m.Platform, m.Sequence) == true
        ? Decision.Nothing
        : Decision.Of(new OptInLapsed(CreatorStanding.IdOf(m.OrganizationId, m.CreatorId), m.Platform, m.Sequence));
}
