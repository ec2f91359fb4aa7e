using CreatorConnections.Contracts.Campaigns;
using EventSourcing;
using MassTransit;

namespace Outreach.Features;

/// <summary>A creator joined the roster, so the campaign's messages concern them.</summary>
public sealed class OnCreatorAddedToCampaign(Inbox inbox) : IConsumer<CreatorAddedToCampaign>
{
    public Task Consume(ConsumeContext<CreatorAddedToCampaign> context)
    {
        var m = context.Message;
        return inbox.Record<RosterPlace>(context, m.OrganizationId, RosterPlace.IdOf(m.OrganizationId, m.CampaignId, m.CreatorId), state => Decide(state, m));
    }

    public static Decision Decide(RosterPlace? state, CreatorAddedToCampaign m) => state?.Sequence >= m.Sequence
        ? Decision.Nothing
        : Decision.Of(new RosterJoined(RosterPlace.IdOf(m.OrganizationId, m.CampaignId, m.CreatorId), m.CampaignId, m.CreatorId, m.Sequence));
}
