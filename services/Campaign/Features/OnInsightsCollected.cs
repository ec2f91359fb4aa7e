using CreatorConnections.Contracts.Connections;
using EventSourcing;
using MassTransit;

namespace Campaigns.Features;

/// <summary>Insights of a connection were pulled: its column says since when data are here.</summary>
public sealed class OnInsightsCollected(Inbox inbox) : IConsumer<InsightsCollected>
{
    public Task Consume(ConsumeContext<InsightsCollected> context)
    {
        var message = context.Message;
        var id = CreatorInsights.StreamOf(message.OrganizationId, message.ConnectionId);
        return inbox.Record<CreatorInsights>(context, message.OrganizationId, id, state => Decide(state, id, message));
    }

    public static Decision Decide(CreatorInsights? state, Guid id, InsightsCollected message) => CreatorInsights.Note(state, new(
        id, message.ConnectionId, message.CreatorId, message.Platform, message.OccurredAt.ToUniversalTime(), message.Through, message.ContentItems, message.Sequence));
}
