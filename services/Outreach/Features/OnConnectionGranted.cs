using CreatorConnections.Contracts.Connections;
using EventSourcing;
using MassTransit;

namespace Outreach.Features;

/// <summary>A creator opted in on a platform.</summary>
public sealed class OnConnectionGranted(Inbox inbox) : IConsumer<ConnectionGranted>
{
    public Task Consume(ConsumeContext<ConnectionGranted> context)
    {
        var m = context.Message;
        return inbox.Record<CreatorStanding>(context, m.OrganizationId, CreatorStanding.IdOf(m.OrganizationId, m.CreatorId), state => Decide(state, m));
    }

    public static Decision Decide(CreatorStanding? state, ConnectionGranted m) => state?.KnowsBetter(m.Platform, m.Sequence) == true
        ? Decision.Nothing
        : Decision.Of(new OptInGranted(CreatorStanding.IdOf(m.OrganizationId, m.CreatorId), m.Platform, m.Sequence));
}
