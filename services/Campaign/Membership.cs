using EventSourcing;

namespace Campaigns;

public sealed record JoinedRoster(Guid MembershipId, Guid CampaignId, Guid CreatorId);

public sealed record LeftRoster(Guid MembershipId, Guid CampaignId, Guid CreatorId);

/// <summary>
/// One creator's place on one campaign's roster. A stream of its own, so that a roster of a hundred thousand is never one stream and
/// two people filling the same roster never wait for each other.
/// </summary>
public sealed record Membership(Guid Id, Guid CampaignId, Guid CreatorId, bool IsOnRoster) : IStreamState<Membership>
{
    public static Guid StreamOf(string organization, Guid campaign, Guid creator) =>
        StreamId.Of("membership", organization, campaign.ToString(), creator.ToString());

    public static Membership? Fold(Membership? state, object @event) => (state, @event) switch
    {
        (null, JoinedRoster e) => new(e.MembershipId, e.CampaignId, e.CreatorId, true),
        ({ } m, JoinedRoster) => m with { IsOnRoster = true },
        ({ } m, LeftRoster) => m with { IsOnRoster = false },
        _ => state,
    };
}
