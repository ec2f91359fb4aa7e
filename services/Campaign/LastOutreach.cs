using EventSourcing;

namespace Campaigns;

public sealed record OutreachNoted(Guid Id, Guid CampaignId, Guid CreatorId, Guid OutreachId, Guid DeliveryId, string Template, DateTimeOffset At);

/// <summary>The newest message that a creator was sent for a campaign.</summary>
public sealed record LastOutreach(Guid Id, Guid OutreachId, Guid DeliveryId, string Template, DateTimeOffset At) : IStreamState<LastOutreach>
{
    public static Guid StreamOf(string organization, Guid campaign, Guid creator) =>
        StreamId.Of("last-outreach", organization, campaign.ToString(), creator.ToString());

    /// <summary>
    /// Two messages to one creator are two deliveries, each with a sequence of its own, so only their times can be compared. The id breaks
    /// a tie, the same way in whatever order they arrive.
    /// </summary>
    public static Decision Note(LastOutreach? state, OutreachNoted news) =>
        state is not null && (news.At, news.DeliveryId).CompareTo((state.At, state.DeliveryId)) <= 0 ? Decision.Nothing : Decision.Of(news);

    public static LastOutreach? Fold(LastOutreach? state, object @event) => (state, @event) switch
    {
        (_, OutreachNoted e) => new(e.Id, e.OutreachId, e.DeliveryId, e.Template, e.At),
        _ => state,
    };
}
