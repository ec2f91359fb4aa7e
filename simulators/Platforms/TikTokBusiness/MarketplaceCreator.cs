using System.Text.Json.Serialization;

namespace Platforms.TikTokBusiness;

/// <summary>Where a person stands with the creator marketplace. The API of today tells only Joined from the rest.</summary>
public enum Membership
{
    NotIn,
    Invited,
    InviteExpired,
    Declined,
    Joined,
}

/// <summary>A TikTok account as the marketplace sees it.</summary>
/// <param name="Handle">As the platform stores it.</param>
/// <param name="Followers">Decides with country and age whether the person may be invited.</param>
/// <param name="Country">ISO 3166 code.</param>
public sealed record MarketplaceCreator(string Handle, long Followers, string Country)
{
    public bool IsAdult { get; init; } = true;

    /// <summary>False: no account has this handle, as after a renaming.</summary>
    public bool Exists { get; init; } = true;

    public Membership Membership { get; init; }

    public DateTimeOffset? InvitedAt { get; init; }

    /// <summary>An invitation that nobody answered runs out by itself.</summary>
    public Membership MembershipAt(DateTimeOffset now, MarketplaceSettings settings) =>
        Membership is Membership.Invited && InvitedAt + TimeSpan.FromDays(settings.InviteDays) <= now ? Membership.InviteExpired : Membership;

    /// <summary>Why the person cannot be invited; null when nothing stands against it.</summary>
    public string? RefusalUnder(MarketplaceSettings settings) => this switch
    {
        { Exists: false } => "INVALID_HANDLE",
        { IsAdult: false } => "UNDERAGE",
        _ when !settings.Regions.Contains(Country) => "COUNTRY_NOT_SUPPORTED",
        _ when Followers < settings.MinimumFollowers => "INSUFFICIENT_FOLLOWERS",
        _ => null,
    };
}

/// <summary>The next calls answer with this code.</summary>
/// <param name="Calls">How many are left.</param>
/// <param name="Code">The return code, e.g. 40100.</param>
/// <param name="Path">Only calls whose path contains this; null for all.</param>
public sealed record BusinessFault(int Calls, int Code, string? Path = null);

/// <summary>What holds for the whole marketplace. Where nobody outside knows what the real one does, it is set here.</summary>
public sealed record MarketplaceSettings
{
    /// <summary>Does the status call say INVITED of whoever has an open invitation, as the older API did, or NOT_IN?</summary>
    public bool LegacyInvited { get; init; }

    public long MinimumFollowers { get; init; } = 10_000;

    public int InviteDays { get; init; } = 30;

    /// <summary>Countries whose people the marketplace takes.</summary>
    public IReadOnlyList<string> Regions { get; init; } = ["ES", "SE", "GB", "US", "DE", "FR", "IT", "BR", "MX", "NL"];

    /// <summary>What a new campaign says under country_codes.</summary>
    public IReadOnlyList<string> CampaignCountries { get; init; } = ["ES", "SE", "GB", "US", "DE", "FR", "IT", "BR", "MX", "NL"];

    public BusinessFault? Fault { get; init; }

    /// <summary>Brand tokens that codes were traded for; the configured one is not among them.</summary>
    public IReadOnlyList<string> BrandTokens { get; init; } = [];
}

/// <summary>A campaign of the brand, with the one link creators join by.</summary>
public sealed record BusinessCampaign(string Id, string Name, string Type, IReadOnlyList<string> Handles, DateTimeOffset CreatedAt)
{
    public IReadOnlyList<string> FailedHandles { get; init; } = [];

    public IReadOnlyList<string> CountryCodes { get; init; } = [];

    public IReadOnlyList<string> Joined { get; init; } = [];

    public IReadOnlyList<CampaignVideo> Videos { get; init; } = [];

    [JsonIgnore]
    public string InviteLink => $"https://www.tiktok.com/tto/invite/{Id}";
}

/// <param name="Id">The post.</param>
/// <param name="Status">IN_REVIEW, APPROVE, REJECTED or REVOKE.</param>
public sealed record CampaignVideo(string Id, string Status);
