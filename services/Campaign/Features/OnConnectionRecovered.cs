using CreatorConnections.Contracts.Connections;
using EventSourcing;
using MassTransit;

namespace Campaigns.Features;

/// <summary>A dead authorization works again without the creator's doing: green.</summary>
public sealed class OnConnectionRecovered(Inbox inbox) : IConsumer<ConnectionRecovered>
{
    public Task Consume(ConsumeContext<ConnectionRecovered> context) => inbox.Record<CreatorAccess>(
        context, context.Message.OrganizationId, context.Message.ConnectionId, state => Decide(state, context.Message));

    public static Decision Decide(CreatorAccess? state, ConnectionRecovered message) => CreatorAccess.Note(state, new AccessNoted(
        message.ConnectionId, message.CreatorId, message.Platform, ConnectionStatus.Connected, null, message.Sequence,
        message.OccurredAt.ToUniversalTime()));
}
