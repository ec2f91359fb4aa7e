using CreatorConnections.Contracts.Connections;
using EventSourcing;
using MassTransit;

namespace Campaigns.Features;

/// <summary>An authorization died early: red, with the reason.</summary>
public sealed class OnConnectionInvalidated(Inbox inbox) : IConsumer<ConnectionInvalidated>
{
    public Task Consume(ConsumeContext<ConnectionInvalidated> context) => inbox.Record<CreatorAccess>(
        context, context.Message.OrganizationId, context.Message.ConnectionId, state => Decide(state, context.Message));

    public static Decision Decide(CreatorAccess? state, ConnectionInvalidated message) => CreatorAccess.Note(state, new AccessNoted(
        message.ConnectionId, message.CreatorId, message.Platform, ConnectionStatus.Invalidated, message.Reason, message.Sequence,
        message.OccurredAt.ToUniversalTime()));
}
