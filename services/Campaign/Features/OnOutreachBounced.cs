using CreatorConnections.Contracts.Outreach;
using EventSourcing;
using MassTransit;

namespace Campaigns.Features;

/// <summary>A message of a campaign came back.</summary>
public sealed class OnOutreachBounced(Inbox inbox) : IConsumer<OutreachBounced>
{
    public Task Consume(ConsumeContext<OutreachBounced> context)
    {
        var message = context.Message;
        var id = LastOutreach.StreamOf(message.OrganizationId, message.CampaignId, message.CreatorId);
        return inbox.Record<LastOutreach>(context, message.OrganizationId, id, state => Decide(state, id, message));
    }

    public static Decision Decide(LastOutreach? state, Guid id, OutreachBounced message) => LastOutreach.Note(
        state, new OutreachProgressed(id, message.CampaignId, message.CreatorId, message.DeliveryId, OutreachState.Bounced));
}
