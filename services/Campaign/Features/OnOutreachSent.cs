using CreatorConnections.Contracts.Outreach;
using EventSourcing;
using MassTransit;

namespace Campaigns.Features;

/// <summary>A creator was written to for a campaign: the creators list shows the newest such message.</summary>
public sealed class OnOutreachSent(Inbox inbox) : IConsumer<OutreachSent>
{
    public Task Consume(ConsumeContext<OutreachSent> context)
    {
        var message = context.Message;
        var id = LastOutreach.StreamOf(message.OrganizationId, message.CampaignId, message.CreatorId);
        return inbox.Record<LastOutreach>(context, message.OrganizationId, id, state => Decide(state, id, message));
    }

    public static Decision Decide(LastOutreach? state, Guid id, OutreachSent message) => LastOutreach.Note(state, new OutreachNoted(
        id, message.CampaignId, message.CreatorId, message.OutreachId, message.DeliveryId, message.Template, message.OccurredAt.ToUniversalTime()));
}
