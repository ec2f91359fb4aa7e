using EventSourcing;

namespace Campaigns;

public sealed record MarketplaceNoted(Guid StandingId, Guid CreatorId, string Status, long Sequence, DateTimeOffset Since);

/// <summary>What this service has heard of one creator's standing in TikTok's marketplace. The newest news counts, whatever order it came in.</summary>
public sealed record CreatorMarketplace(Guid Id, Guid CreatorId, string Status, long Sequence, DateTimeOffset Since) : IStreamState<CreatorMarketplace>
{
    /// <summary>Old news changes nothing.</summary>
    public static Decision Note(CreatorMarketplace? state, MarketplaceNoted news) =>
        state is not null && news.Sequence <= state.Sequence ? Decision.Nothing : Decision.Of(news);

    /// <summary>
    /// The status of the column, so that counts, colours and filters speak one language: in is Connected, an invitation that ran out is
    /// Expired, one that was turned down is Invalidated, and whatever is not an end is NotConnected. The standing itself is the reason beside it.
    /// </summary>
    public static string ConnectionStatusOf(string marketplaceStatus) => marketplaceStatus switch
    {
        "Joined" => ConnectionStatus.Connected,
        "InviteExpired" => ConnectionStatus.Expired,
        "Declined" => ConnectionStatus.Invalidated,
        _ => ConnectionStatus.NotConnected,
    };

    public static CreatorMarketplace? Fold(CreatorMarketplace? state, object @event) => (state, @event) switch
    {
        (_, MarketplaceNoted e) => new(e.StandingId, e.CreatorId, e.Status, e.Sequence, e.Since),
        _ => state,
    };
}
