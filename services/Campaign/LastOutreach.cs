using EventSourcing;

namespace Campaigns;

/// <summary>A message was sent, or could not be: the newest of its kind. Progress is what was known of it by then; a message of before that was told is Sent.</summary>
public sealed record OutreachNoted(
    Guid Id, Guid CampaignId, Guid CreatorId, Guid OutreachId, Guid DeliveryId, string Template, DateTimeOffset At, string? Progress = null);

/// <summary>Something became of a message.</summary>
public sealed record OutreachProgressed(Guid Id, Guid CampaignId, Guid CreatorId, Guid DeliveryId, string Progress);

/// <summary>
/// The newest message to a creator for a campaign (none, while only progress of one is known whose sending is still on its way to us), and per message
/// we heard of how far it has come; a creator is written to a handful of times, so these are few.
/// </summary>
public sealed record LastOutreach(Guid Id, Guid? DeliveryId, DateTimeOffset At, IReadOnlyDictionary<Guid, string> Progress) : IStreamState<LastOutreach>
{
    public static Guid StreamOf(string organization, Guid campaign, Guid creator) =>
        StreamId.Of("last-outreach", organization, campaign.ToString(), creator.ToString());

    /// <summary>
    /// Two messages to one creator are two deliveries, each with a sequence of its own, so only their times can be compared. The id breaks
    /// a tie, the same way in whatever order they arrive.
    /// </summary>
    public static Decision Note(LastOutreach? state, OutreachNoted news)
    {
        if (state is { DeliveryId: { } newest } && (news.At, news.DeliveryId).CompareTo((state.At, newest)) <= 0)
        {
            return Decision.Nothing;
        }

        return Decision.Of(news with { Progress = OutreachState.Later(state?.Progress.GetValueOrDefault(news.DeliveryId), news.Progress ?? OutreachState.Sent) });
    }

    /// <summary>A step that is not further than the one we know changes nothing.</summary>
    public static Decision Note(LastOutreach? state, OutreachProgressed news)
    {
        var known = state?.Progress.GetValueOrDefault(news.DeliveryId);
        return OutreachState.Later(known, news.Progress) == known ? Decision.Nothing : Decision.Of(news);
    }

    public static LastOutreach? Fold(LastOutreach? state, object @event) => (state, @event) switch
    {
        (_, OutreachNoted e) => new(e.Id, e.DeliveryId, e.At, With(state, e.DeliveryId, e.Progress ?? OutreachState.Sent)),
        (_, OutreachProgressed e) => new(e.Id, state?.DeliveryId, state?.At ?? default, With(state, e.DeliveryId, e.Progress)),
        _ => state,
    };

    private static Dictionary<Guid, string> With(LastOutreach? state, Guid delivery, string progress) =>
        new(state?.Progress ?? new Dictionary<Guid, string>()) { [delivery] = progress };
}
