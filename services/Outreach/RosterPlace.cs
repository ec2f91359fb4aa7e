using EventSourcing;

namespace Outreach;

/// <summary>A creator is on the roster of a campaign.</summary>
public sealed record RosterJoined(Guid PlaceId, Guid CampaignId, Guid CreatorId, long Sequence);

/// <summary>A creator is no longer on the roster. May be the first fact to arrive, so it opens the stream as well as its opposite does.</summary>
public sealed record RosterLeft(Guid PlaceId, Guid CampaignId, Guid CreatorId, long Sequence);

public sealed record RosterPlace(Guid Id, bool IsTaken, long Sequence) : IStreamState<RosterPlace>
{
    public static Guid IdOf(string organization, Guid campaign, Guid creator) =>
        StreamId.Of("roster-place", organization, campaign.ToString("N"), creator.ToString("N"));

    public static RosterPlace? Fold(RosterPlace? state, object @event) => @event switch
    {
        RosterJoined e => new(e.PlaceId, true, e.Sequence),
        RosterLeft e => new(e.PlaceId, false, e.Sequence),
        _ => state,
    };
}
