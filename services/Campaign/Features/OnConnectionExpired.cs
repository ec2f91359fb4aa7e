using CreatorConnections.Contracts.Connections;
using EventSourcing;
using MassTransit;

namespace Campaigns.Features;

/// <summary>An authorization reached its end of life: red.</summary>
public sealed class OnConnectionExpired(Inbox inbox) : IConsumer<ConnectionExpired>
{
    public Task Consume(ConsumeContext<ConnectionExpired> context) => inbox.Record<CreatorAccess>(
        context, context.Message.OrganizationId, context.Message.ConnectionId, state => Decide(state, context.Message));

    public static Decision Decide(CreatorAccess? state, ConnectionExpired message) => CreatorAccess.Note(state, new AccessNoted(
        message.ConnectionId, message.CreatorId, message.Platform, ConnectionStatus.Expired, null, message.Sequence,
        message.OccurredAt.ToUniversalTime()));
}
