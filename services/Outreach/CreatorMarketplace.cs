using EventSourcing;

namespace Outreach;

/// <summary>We heard how a creator stands in TikTok's creator marketplace.</summary>
public sealed record MarketplaceStandingHeard(Guid MarketplaceId, string Status, long Sequence);

/// <summary>One creator's standing in the marketplace as this service heard of it. Statuses it does not know stand in nobody's way.</summary>
public sealed record CreatorMarketplace(Guid Id, string Status, long Sequence) : IStreamState<CreatorMarketplace>
{
    public static Guid IdOf(string organization, Guid creator) => StreamId.Of("creator-marketplace", organization, creator.ToString("N"));

    public bool HasJoined => Status == "Joined";

    public bool IsNotEligible => Status == "NotEligible";

    public static CreatorMarketplace? Fold(CreatorMarketplace? state, object @event) => @event switch
    {
        MarketplaceStandingHeard e => new(e.MarketplaceId, e.Status, e.Sequence),
        _ => state,
    };
}
