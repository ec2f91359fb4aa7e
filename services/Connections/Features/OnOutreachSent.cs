using CreatorConnections.Contracts.Outreach;
using EventSourcing;
using MassTransit;

namespace Connections.Features;

/// <summary>
/// A creator was mailed a campaign's marketplace link: by our words they have been asked to join. Those whose handle the platform did not take for the
/// campaign can do nothing with the link, and stay as they were.
/// </summary>
public sealed class OnOutreachSent(Inbox inbox, StreamSessions sessions, MarketplaceDesk desk) : IConsumer<OutreachSent>
{
    private const string MarketplaceInvitee = nameof(MarketplaceInvitee);

    public async Task Consume(ConsumeContext<OutreachSent> context)
    {
        var m = context.Message;
        if (m.Audience is not MarketplaceInvitee)
        {
            return;
        }

        // Written before any message could carry it, and never changed: it may be read outside the inbox's transaction.
        MarketplaceLink? link;
        await using (var session = sessions.For(m.OrganizationId))
        {
            link = await session.Load<MarketplaceLink>(MarketplaceLink.IdOf(m.OrganizationId, m.CampaignId), context.CancellationToken);
        }

        await inbox.Record<MarketplaceStanding>(
            context,
            m.OrganizationId,
            MarketplaceStanding.IdOf(m.OrganizationId, m.CreatorId),
            standing => Decide(standing, link, m, desk.Terms),
            alongside: operations => MarketplaceTables.Due(operations, m.OrganizationId, m.CreatorId, m.OccurredAt + desk.CheckInvitedEvery));
    }

    public static Decision Decide(MarketplaceStanding? state, MarketplaceLink? link, OutreachSent message, MarketplaceTerms terms) =>
        link?.Created is { } created && !created.FailedCreatorIds.Contains(message.CreatorId)
            ? MarketplaceStanding.NoteMessage(state, message.CreatorId, message.OccurredAt, terms)
            : Decision.Nothing;
}
