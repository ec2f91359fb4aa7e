using CreatorConnections.Contracts.Outreach;
using EventSourcing;
using MassTransit;

namespace Campaigns.Features;

/// <summary>A creator opened the Creator Hub through a message of a campaign.</summary>
public sealed class OnOutreachClicked(Inbox inbox) : IConsumer<OutreachClicked>
{
    public Task Consume(ConsumeContext<OutreachClicked> context)
    {
        var message = context.Message;
        var id = LastOutreach.StreamOf(message.OrganizationId, message.CampaignId, message.CreatorId);
        return inbox.Record<LastOutreach>(context, message.OrganizationId, id, state => Decide(state, id, message));
    }

    public static Decision Decide(LastOutreach? state, Guid id, OutreachClicked message) => LastOutreach.Note(
        state, new OutreachProgressed(id, message.CampaignId, message.CreatorId, message.DeliveryId, OutreachState.Clicked));
}
