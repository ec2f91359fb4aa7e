using CreatorConnections.Contracts.Connections;
using EventSourcing;
using MassTransit;

namespace Campaigns.Features;

/// <summary>A green connection's known end is near: it shows as expiring in every campaign the creator is on.</summary>
public sealed class OnConnectionExpiring(Inbox inbox) : IConsumer<ConnectionExpiring>
{
    public Task Consume(ConsumeContext<ConnectionExpiring> context) => inbox.Record<CreatorAccess>(
        context, context.Message.OrganizationId, context.Message.ConnectionId, state => Decide(state, context.Message));

    public static Decision Decide(CreatorAccess? state, ConnectionExpiring message) => CreatorAccess.Note(state, new ExpiryNoted(
        message.ConnectionId, message.CreatorId, message.Platform, message.ExpiresAt.ToUniversalTime(), message.Sequence));
}
