using CreatorConnections.Contracts.Campaigns;
using EventSourcing;
using MassTransit;

namespace Outreach.Features;

/// <summary>A creator left the roster, so the campaign's messages concern them no more.</summary>
public sealed class OnCreatorRemovedFromCampaign(Inbox inbox) : IConsumer<CreatorRemovedFromCampaign>
{
    public Task Consume(ConsumeContext<CreatorRemovedFromCampaign> context)
    {
        var m = context.Message;
        return inbox.Record<RosterPlace>(context, m.OrganizationId, RosterPlace.IdOf(m.OrganizationId, m.CampaignId, m.CreatorId), state => Decide(state, m));
    }

    public static Decision Decide(RosterPlace? state, CreatorRemovedFromCampaign m) => state?.Sequence >= m.Sequence
        ? Decision.Nothing
        : Decision.Of(new RosterLeft(RosterPlace.IdOf(m.OrganizationId, m.CampaignId, m.CreatorId), m.CampaignId, m.CreatorId, m.Sequence));
}
