using CreatorConnections.Contracts.Outreach;
using EventSourcing;
using MassTransit;

namespace Campaigns.Features;

/// <summary>A message of a campaign could not be sent. Nothing was sent before it, so it is news of a message by itself.</summary>
public sealed class OnOutreachFailed(Inbox inbox) : IConsumer<OutreachFailed>
{
    public Task Consume(ConsumeContext<OutreachFailed> context)
    {
        var message = context.Message;
        var id = LastOutreach.StreamOf(message.OrganizationId, message.CampaignId, message.CreatorId);
        return inbox.Record<LastOutreach>(context, message.OrganizationId, id, state => Decide(state, id, message));
    }

    public static Decision Decide(LastOutreach? state, Guid id, OutreachFailed message) => LastOutreach.Note(state, new OutreachNoted(
        id, message.CampaignId, message.CreatorId, message.OutreachId, message.DeliveryId, message.Template, message.OccurredAt.ToUniversalTime(), OutreachState.Failed));
}
