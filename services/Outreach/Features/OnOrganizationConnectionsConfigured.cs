using CreatorConnections.Contracts.Campaigns;
using EventSourcing;
using MassTransit;

namespace Outreach.Features;

/// <summary>An organization switched connections on or off: nobody is asked for what is off.</summary>
public sealed class OnOrganizationConnectionsConfigured(Inbox inbox) : IConsumer<OrganizationConnectionsConfigured>
{
    public Task Consume(ConsumeContext<OrganizationConnectionsConfigured> context)
    {
        var m = context.Message;
        return inbox.Record<ConnectionSwitches>(context, m.OrganizationId, ConnectionSwitches.IdOf(m.OrganizationId), state => Decide(state, m));
    }

    public static Decision Decide(ConnectionSwitches? state, OrganizationConnectionsConfigured m) => ConnectionSwitches.Note(
        state, ConnectionSwitches.IdOf(m.OrganizationId), m.Sequence, m.Component,
        (nameof(m.InstagramInsights), m.InstagramInsights), (nameof(m.YouTubeInsights), m.YouTubeInsights),
        (nameof(m.TikTokInsights), m.TikTokInsights), (nameof(m.TikTokMarketplace), m.TikTokMarketplace));
}
