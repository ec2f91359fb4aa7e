namespace Connections.Platforms.TikTok.Marketplace;

/// <summary>The creator marketplace as we use it, with the brand's token. Handles go in and come back as they were given.</summary>
public interface IMarketplace
{
    /// <summary>The most handles that one call may carry.</summary>
    int MostHandles { get; }

    /// <summary>Where each creator stands; a handle the platform left out is missing.</summary>
    /// <exception cref="MarketplaceException">The platform refused the call, or could not be asked.</exception>
    Task<IReadOnlyDictionary<string, MarketplaceFinding>> StatusOf(IReadOnlyCollection<string> handles, CancellationToken ct);

    /// <summary>Invites one creator. An invitation that is open is not sent again.</summary>
    /// <exception cref="MarketplaceException">The platform refused the call, or could not be asked.</exception>
    Task<MarketplaceFinding> Invite(string handle, CancellationToken ct);

    /// <summary>The campaign with this name; null where the brand has none.</summary>
    /// <exception cref="MarketplaceException">The platform refused the call, or could not be asked.</exception>
    Task<PlatformCampaign?> FindCampaign(string name, CancellationToken ct);

    /// <summary>Creates a campaign and its link. Not idempotent: look for its name before asking again.</summary>
    /// <exception cref="MarketplaceException">The platform refused the call, or could not be asked.</exception>
    Task<PlatformCampaign> CreateCampaign(string name, string type, IReadOnlyCollection<string> handles, CancellationToken ct);

    /// <summary>The country of a connected creator, asked with the creator's own token; null where the answer names none.</summary>
    /// <exception cref="MarketplaceException">The platform refused the call, or could not be asked.</exception>
    Task<string?> CountryOf(string accountId, string creatorToken, CancellationToken ct);
}

/// <summary>A campaign of the brand at the platform.</summary>
public sealed record PlatformCampaign(string Id, string InviteLink, IReadOnlyList<string> CountryCodes, IReadOnlyList<string> FailedHandles);

/// <summary>What kind of refusal it was, and so what to do about it.</summary>
public enum MarketplaceTrouble
{
    /// <summary>Too many calls: wait, longer each time.</summary>
    Throttled,

    /// <summary>The platform is out of order or out of reach: ask again.</summary>
    Transient,

    /// <summary>The creator is no creator of the marketplace.</summary>
    NotACreator,

    /// <summary>The creator lives where the marketplace is not.</summary>
    OutsideRegions,

    /// <summary>Our token, our application or our request: a matter for an operator, never for a creator.</summary>
    Ours,
}

/// <summary>The marketplace did not do what it was asked. <see cref="Code"/> is the platform's own; the message holds nothing secret or personal.</summary>
public sealed class MarketplaceException(string code, MarketplaceTrouble trouble, Exception? inner = null) : Exception($"The marketplace answered {code}.", inner)
{
    /// <summary>The platform's return code, or a word of ours such as <c>unreachable</c>.</summary>
    public string Code { get; } = code;

    public MarketplaceTrouble Trouble { get; } = trouble;
}
