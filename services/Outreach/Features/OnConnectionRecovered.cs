using CreatorConnections.Contracts.Connections;
using EventSourcing;
using MassTransit;

namespace Outreach.Features;

/// <summary>A creator's authorization works again by itself: there is nothing to ask for.</summary>
public sealed class OnConnectionRecovered(Inbox inbox) : IConsumer<ConnectionRecovered>
{
    public Task Consume(ConsumeContext<ConnectionRecovered> context)
    {
        var m = context.Message;
        return inbox.Record<CreatorStanding>(context, m.OrganizationId, CreatorStanding.IdOf(m.OrganizationId, m.CreatorId), state => Decide(state, m));
    }

    public static Decision Decide(CreatorStanding? state, ConnectionRecovered m) => state?.KnowsBetter(m.Platform, m.Sequence) == true
        ? Decision.Nothing
        : Decision.Of(new OptInGranted(CreatorStanding.IdOf(m.OrganizationId, m.CreatorId), m.Platform, m.Sequence));
}
