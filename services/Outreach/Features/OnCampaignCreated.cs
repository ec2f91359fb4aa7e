using CreatorConnections.Contracts.Campaigns;
using EventSourcing;
using MassTransit;

namespace Outreach.Features;

/// <summary>There is a campaign that outreach can be sent for.</summary>
public sealed class OnCampaignCreated(Inbox inbox) : IConsumer<CampaignCreated>
{
    public Task Consume(ConsumeContext<CampaignCreated> context)
    {
        var m = context.Message;
        return inbox.Record<KnownCampaign>(context, m.OrganizationId, m.CampaignId, state => Decide(state, m));
    }

    public static Decision Decide(KnownCampaign? state, CampaignCreated m) => state?.Sequence >= m.Sequence
        ? Decision.Nothing
        : Decision.Of(new CampaignBecameKnown(m.CampaignId, m.Name, [.. m.RequiredConnections], m.Sequence, m.EndsOn));
}
