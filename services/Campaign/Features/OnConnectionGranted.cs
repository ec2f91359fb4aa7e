using CreatorConnections.Contracts.Connections;
using EventSourcing;
using MassTransit;

namespace Campaigns.Features;

/// <summary>A creator authorized a platform: green in every campaign the creator is on.</summary>
public sealed class OnConnectionGranted(Inbox inbox) : IConsumer<ConnectionGranted>
{
    public Task Consume(ConsumeContext<ConnectionGranted> context) => inbox.Record<CreatorAccess>(
        context, context.Message.OrganizationId, context.Message.ConnectionId, state => Decide(state, context.Message));

    public static Decision Decide(CreatorAccess? state, ConnectionGranted message) => CreatorAccess.Note(state, new AccessNoted(
        message.ConnectionId, message.CreatorId, message.Platform, ConnectionStatus.Connected, null, message.Sequence,
        message.OccurredAt.ToUniversalTime()));
}
