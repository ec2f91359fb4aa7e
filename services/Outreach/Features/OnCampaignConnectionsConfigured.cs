using CreatorConnections.Contracts.Campaigns;
using EventSourcing;
using MassTransit;

namespace Outreach.Features;

/// <summary>Connections were switched on or off for one campaign, or inherit again. May be heard before the campaign itself.</summary>
public sealed class OnCampaignConnectionsConfigured(Inbox inbox) : IConsumer<CampaignConnectionsConfigured>
{
    public Task Consume(ConsumeContext<CampaignConnectionsConfigured> context)
    {
        var m = context.Message;
        return inbox.Record<ConnectionSwitches>(context, m.OrganizationId, ConnectionSwitches.IdOf(m.OrganizationId, m.CampaignId), state => Decide(state, m));
    }

    public static Decision Decide(ConnectionSwitches? state, CampaignConnectionsConfigured m) => ConnectionSwitches.Note(
        state, ConnectionSwitches.IdOf(m.OrganizationId, m.CampaignId), m.Sequence, m.Component,
        (nameof(m.InstagramInsights), m.InstagramInsights), (nameof(m.YouTubeInsights), m.YouTubeInsights),
        (nameof(m.TikTokInsights), m.TikTokInsights), (nameof(m.TikTokMarketplace), m.TikTokMarketplace));
}
