using System.ComponentModel.DataAnnotations;

namespace Connections.Platforms;

/// <summary>How a platform wants the proof key of RFC 7636.</summary>
public enum ProofKey
{
    /// <summary>Undocumented there: none is sent.</summary>
    None,

    /// <summary>Base64url of the SHA-256, as the RFC says.</summary>
    S256,
}

/// <summary>
/// What can be said of a platform as data: addresses, credentials, parameter names, scopes. Section <c>Platforms:{name}</c>. The addresses are the platform's own unless they
/// are set; the credentials always are.
/// </summary>
/// <param name="authorizeBase">The platform's own origin of consent pages.</param>
public abstract class PlatformOptions(string authorizeBase)
{
    /// <summary>The platform's key in ids, routes and contracts.</summary>
    public abstract string Key { get; }

    /// <summary>The platform's name as people write it.</summary>
    public abstract string Name { get; }

    /// <summary>The connection type that columns and filters speak of.</summary>
    public abstract string ConnectionType { get; }

    /// <summary>Path of the authorization endpoint below <see cref="AuthorizeBase"/>.</summary>
    public abstract string AuthorizePath { get; }

    /// <summary>Origin (and path prefix) of the consent pages.</summary>
    [Required]
    public Uri AuthorizeBase { get; set; } = new(authorizeBase);

    /// <summary>Secret of our app at the platform. Signs its webhooks too.</summary>
    [Required]
    public string ClientSecret { get; set; } = "";

    /// <summary>What we ask for.</summary>
    public abstract IReadOnlyList<string> Scopes { get; }

    /// <summary>Without which of them the connection is of no use.</summary>
    public abstract IReadOnlyList<string> RequiredScopes { get; }

    /// <summary>Between scopes in the authorization request.</summary>
    public virtual string ScopeSeparator => " ";

    /// <summary>Name of the client id parameter.</summary>
    public virtual string ClientIdParameter => "client_id";

    /// <summary>Our app's id at the platform.</summary>
    public abstract string AppId { get; }

    /// <summary>The proof key the authorization request carries.</summary>
    public virtual ProofKey ProofKey => ProofKey.None;

    /// <summary>Further parameters of the authorization request.</summary>
    public virtual IReadOnlyDictionary<string, string> AuthorizeParameters { get; } = new Dictionary<string, string>();

    /// <summary>The issuer a callback may name (RFC 9207); null where the platform never sends one, and a callback with one is refused.</summary>
    public virtual string? Issuer => null;

    /// <summary>When tokens are renewed and probed.</summary>
    public RefreshPolicy Refresh { get; set; } = new();

    /// <summary>When insights are pulled, how far back, and how long they are kept.</summary>
    public InsightsPolicy Insights { get; set; } = new();

    /// <summary>How long to leave the platform alone once it asked our whole app for patience, where its answer does not say.</summary>
    public virtual TimeSpan QuietFor(Observation seen, DateTimeOffset now) => seen.RetryAfter ?? TimeSpan.FromMinutes(15);

    /// <summary>Has the platform a creator marketplace, where a creator's handle is asked about?</summary>
    public virtual bool HasMarketplace => false;

    /// <summary>What each scope lets us read, in a creator's words.</summary>
    public abstract IReadOnlyDictionary<string, string> ScopeMeanings { get; }

    /// <summary>What a creator can do about it there: the way to the platform's own list of connected apps.</summary>
    public abstract string WhereToRemove { get; }
}

/// <summary>Instagram API with Instagram Login, for professional accounts. Section <c>Platforms:Instagram</c>.</summary>
public sealed class InstagramOptions : PlatformOptions
{
    public const string InsightsScope = "instagram_business_manage_insights";
    public const string BasicScope = "instagram_business_basic";

    // Extended in place: not in its first day, and long before its sixty days are over. Removal of the app may go untold, so it is probed.
    // Stories are gone after a day, so they are looked for every few hours.
    public InstagramOptions()
        : base("https://www.instagram.com")
    {
        Refresh = new() { MinAge = TimeSpan.FromHours(24), AfterAge = TimeSpan.FromDays(7), BeforeEnd = TimeSpan.FromDays(15), ProbeEvery = TimeSpan.FromHours(24) };
        Insights = new() { LiveEvery = TimeSpan.FromHours(5) };
    }

    public override string Key => "instagram";

    public override string Name => "Instagram";

    public override string ConnectionType => "InstagramInsights";

    public override string AuthorizePath => "/oauth/authorize";

    /// <summary>Origin of the code-to-token endpoint.</summary>
    [Required]
    public Uri TokenBase { get; set; } = new("https://api.instagram.com");

    /// <summary>Origin of the Graph API and of the long-lived exchange.</summary>
    [Required]
    public Uri GraphBase { get; set; } = new("https://graph.instagram.com");

    /// <summary>Version segment of Graph calls.</summary>
    [Required]
    public string GraphVersion { get; set; } = "v25.0";

    /// <summary>The Instagram app's own id, not the Meta app's.</summary>
    [Required]
    public string ClientId { get; set; } = "";

    /// <summary>What Meta shows when it asks whether our address for webhooks is ours; empty where none is set up there.</summary>
    public string VerifyToken { get; set; } = "";

    public override string AppId => ClientId;

    public override IReadOnlyList<string> Scopes => [BasicScope, InsightsScope];

    public override IReadOnlyList<string> RequiredScopes => [BasicScope, InsightsScope];

    public override string ScopeSeparator => ",";

    public override IReadOnlyDictionary<string, string> ScopeMeanings { get; } = new Dictionary<string, string>
    {
        [BasicScope] = "Your profile, posts and reels",
        [InsightsScope] = "Insights: reach, views, saves and audience of your content",
    };

    public override string WhereToRemove => "Instagram: Settings, Website permissions, Apps and websites";
}

/// <summary>YouTube through Google's OAuth 2.0. Section <c>Platforms:YouTube</c>.</summary>
public sealed class YouTubeOptions : PlatformOptions
{
    public const string ReadScope = "https://www.googleapis.com/auth/youtube.readonly";
    public const string AnalyticsScope = "https://www.googleapis.com/auth/yt-analytics.readonly";

    private static readonly TimeZoneInfo Pacific = TimeZoneInfo.FindSystemTimeZoneById("America/Los_Angeles");

    // Access tokens are renewed when needed. A refresh token nobody uses for six months dies, so each is used once a month.
    // What is stored of the API has to be read again or deleted within 30 days.
    public YouTubeOptions()
        : base("https://accounts.google.com")
    {
        Refresh = new() { AfterAge = TimeSpan.FromDays(30) };
        Insights = new()
        {
            RecentDays = 7,
            HistoryDays = 365,
            RefreshWithin = TimeSpan.FromDays(30),
            Limits = { ["data"] = new() { Calls = 10_000, Per = LimitWindow.PacificDay }, ["analytics"] = new() { Calls = 50_000, Per = LimitWindow.PacificDay } },
        };
    }

    /// <summary>Is the app's consent screen in testing? Google then ends refresh tokens after seven days.</summary>
    public bool Testing { get; set; }

    public override string Key => "youtube";

    public override string Name => "YouTube";

    public override string ConnectionType => "YouTubeInsights";

    public override string AuthorizePath => "/o/oauth2/v2/auth";

    /// <summary>Origin of token and revocation endpoints.</summary>
    [Required]
    public Uri TokenBase { get; set; } = new("https://oauth2.googleapis.com");

    /// <summary>Origin of the YouTube Data API.</summary>
    [Required]
    public Uri DataBase { get; set; } = new("https://www.googleapis.com");

    /// <summary>Origin of the YouTube Analytics API.</summary>
    [Required]
    public Uri AnalyticsBase { get; set; } = new("https://youtubeanalytics.googleapis.com");

    /// <summary>Issuer of security event tokens (Cross-Account Protection).</summary>
    [Required]
    public string RiscIssuer { get; set; } = "https://accounts.google.com/";

    /// <summary>Where the keys that sign security event tokens and id tokens are published.</summary>
    [Required]
    public Uri RiscJwksUri { get; set; } = new("https://www.googleapis.com/oauth2/v3/certs");

    [Required]
    public string ClientId { get; set; } = "";

    public override string AppId => ClientId;

    public override IReadOnlyList<string> Scopes => [ReadScope, AnalyticsScope, "openid", "email"];

    public override IReadOnlyList<string> RequiredScopes => [ReadScope, AnalyticsScope];

    public override ProofKey ProofKey => ProofKey.S256;

    public override string Issuer => "https://accounts.google.com";

    // offline and consent: without both Google sends no refresh token when a creator connects again.
    public override IReadOnlyDictionary<string, string> AuthorizeParameters { get; } =
        new Dictionary<string, string> { ["access_type"] = "offline", ["prompt"] = "consent", ["include_granted_scopes"] = "true" };

    public override IReadOnlyDictionary<string, string> ScopeMeanings { get; } = new Dictionary<string, string>
    {
        [ReadScope] = "Your channel and its videos",
        [AnalyticsScope] = "Analytics: views, watch time and audience",
    };

    // Quota comes back at midnight in California, whatever the season.
    public override TimeSpan QuietFor(Observation seen, DateTimeOffset now)
    {
        var there = TimeZoneInfo.ConvertTime(now, Pacific);
        var midnight = there.Date.AddDays(1);
        return seen.RetryAfter ?? new DateTimeOffset(midnight, Pacific.GetUtcOffset(midnight)) - now;
    }

    public override string WhereToRemove => "Google Account: Security, Your connections to third-party apps and services";
}

/// <summary>TikTok Login Kit v2. Section <c>Platforms:TikTok</c>.</summary>
public sealed class TikTokOptions : PlatformOptions
{
    // Access tokens last hours, and by the current terms every refresh replaces the refresh token.
    // 600 calls of an endpoint within any minute: half of it in each minute of the clock stays below that wherever the minute begins.
    public TikTokOptions()
        : base("https://www.tiktok.com")
    {
        Refresh = new() { Rotates = true, AtShare = 0.8, Margin = TimeSpan.FromMinutes(10) };
        Insights = new() { Limits = { ["user-info"] = new() { Calls = 300 }, ["video-list"] = new() { Calls = 300 } } };
    }

    public override string Key => "tiktok";

    public override string Name => "TikTok";

    public override string ConnectionType => "TikTokInsights";

    public override string AuthorizePath => "/v2/auth/authorize/";

    /// <summary>Origin of the API, tokens included.</summary>
    [Required]
    public Uri ApiBase { get; set; } = new("https://open.tiktokapis.com");

    /// <summary>TikTok's word for the client id.</summary>
    [Required]
    public string ClientKey { get; set; } = "";

    public override string AppId => ClientKey;

    public override string ClientIdParameter => "client_key";

    public override bool HasMarketplace => true;

    /// <summary>Ask creators to allow linking their posts to campaigns too. Only an application approved for that scope may: any other's authorizations would fail.</summary>
    public bool AskForCampaignLinks { get; set; }

    public override IReadOnlyList<string> Scopes =>
        ["user.info.basic", "user.info.profile", "user.info.stats", "video.list", .. AskForCampaignLinks ? [Compatibility.LinkScope] : Array.Empty<string>()];

    public override IReadOnlyList<string> RequiredScopes => ["user.info.basic", "user.info.stats", "video.list"];

    public override string ScopeSeparator => ",";

    public override IReadOnlyDictionary<string, string> ScopeMeanings => AskForCampaignLinks
        ? new Dictionary<string, string>(Meanings) { [Compatibility.LinkScope] = "Linking your videos to campaigns you join" }
        : Meanings;

    private static readonly Dictionary<string, string> Meanings = new()
    {
        ["user.info.basic"] = "Your name and picture",
        ["user.info.profile"] = "Your profile and handle",
        ["user.info.stats"] = "Follower, like and video counts",
        ["video.list"] = "Your public videos and their counts",
    };

    public override string WhereToRemove => "TikTok: Settings and privacy, Security & permissions, Manage app permissions";
}
