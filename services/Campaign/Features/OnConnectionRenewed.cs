using CreatorConnections.Contracts.Connections;
using EventSourcing;
using MassTransit;

namespace Campaigns.Features;

/// <summary>A green connection was renewed: whatever was warned of is void.</summary>
public sealed class OnConnectionRenewed(Inbox inbox) : IConsumer<ConnectionRenewed>
{
    public Task Consume(ConsumeContext<ConnectionRenewed> context) => inbox.Record<CreatorAccess>(
        context, context.Message.OrganizationId, context.Message.ConnectionId, state => Decide(state, context.Message));

    public static Decision Decide(CreatorAccess? state, ConnectionRenewed message) => CreatorAccess.Note(state, new ExpiryNoted(
        message.ConnectionId, message.CreatorId, message.Platform, null, message.Sequence));
}
