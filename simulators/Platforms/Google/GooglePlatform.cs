using Platforms.Accounts;
using Platforms.Calls;
using Platforms.Consent;
using Platforms.Webhooks;

namespace Platforms.Google;

/// <summary>Google's OAuth 2.0 server with the YouTube Data API and Cross-Account Protection (RISC).</summary>
public sealed class GooglePlatform(
    ConsentPages pages, Registrations registrations, SwitchBoard switches, SigningKey signingKey, Meter meter, PlatformClock clock) : ISimulatedPlatform
{
    public const string PlatformKey = "youtube";
    public const string YouTubeScope = "https://www.googleapis.com/auth/youtube.readonly";
    public const string AnalyticsScope = "https://www.googleapis.com/auth/yt-analytics.readonly";
    public const string RevenueScope = "https://www.googleapis.com/auth/yt-analytics-monetary.readonly";
    public const string OpenIdScope = "openid";
    public const string EmailScope = "https://www.googleapis.com/auth/userinfo.email";
    public const string ChannelLessType = "NoChannel";

    /// <summary>As it stands in id tokens and in the callback's iss. Security events write it with a slash at the end.</summary>
    public const string Issuer = "https://accounts.google.com";

    public string Key => PlatformKey;

    public string Title => "YouTube";

    public IReadOnlyList<ScopeOffer> Scopes { get; } =
    [
        new(OpenIdScope, "Know who you are on Google", Locked: true),
        new(EmailScope, "See your e-mail address", Locked: true),
        new(YouTubeScope, "View your YouTube account"),
        new(AnalyticsScope, "View YouTube Analytics reports for your content"),
        new(RevenueScope, "View monetary YouTube Analytics reports for your content"),
    ];

    public IReadOnlyList<AccountType> AccountTypes { get; } = [new("Channel", "With a YouTube channel"), new(ChannelLessType, "Without a channel")];

    public Account Open(string handle, DateTimeOffset now)
    {
        var look = new Plausible(Key, handle);
        return new()
        {
            Platform = Key,
            Handle = handle,
            Name = look.Name,
            Id = look.Digits("sub", "1", 21),
            ProfileId = "UC" + look.Letters("channel", 22),
            Type = AccountTypes[0].Name,
            OpenedAt = now,
            MemberSince = look.MemberSince,
            Country = look.Country,
            Followers = look.Audience("subscribers", 700, 1_200_000),
            Posts = look.Between("videos", 5, 800),
            Reactions = look.Audience("views", 30_000, 90_000_000),
        };
    }

    public static string EmailOf(Account account) => $"{account.Handle}@gmail.example";

    public IReadOnlyList<string> Events => SecurityEvents.Names;

    public Notice Removed(Account account, int? reason, bool forge) => Tell(account, new(SecurityEvents.TokensRevoked), forge)!;

    public Notice? Tell(Account account, Announcement news, bool forge)
    {
        if (SecurityEvents.Of(account, news) is not { } events)
        {
            return null;
        }

        var token = SecurityEvents.Sign(events, registrations.YouTube.Id, signingKey, clock.GetUtcNow().AddSeconds(-news.AgeSeconds), forge);
        var headers = new Dictionary<string, string> { ["Accept"] = "application/json" };
        return new(news.Event, "/webhooks/youtube", "application/secevent+jwt", token, headers);
    }

    public Announcement? NewsOf(TroubleKind? kind) => kind switch
    {
        null => new("account-enabled"),
        TroubleKind.Suspended => new("account-disabled") { Reason = "hijacking" },
        TroubleKind.Deleted => new("account-purged"),
        _ => null,
    };

    public Trouble? TroubleOf(TroubleKind kind, TroubleWish wish, DateTimeOffset now) => kind switch
    {
        TroubleKind.Suspended => new(kind, now, wish.Code ?? "authenticatedUserAccountSuspended", Refreshes: wish.Refreshes ?? true),
        TroubleKind.Deleted => new(kind, now, wish.Code ?? "authenticatedUserAccountClosed", Refreshes: wish.Refreshes ?? false),
        _ => null,
    };

    public IResult? Shut(Trouble trouble, FaultPlace place, string endpoint) => (place, endpoint) switch
    {
        (FaultPlace.Api, _) => ApiError.Of(403, "The authenticated user's account cannot be used.", "youtube.account", trouble.Code, "PERMISSION_DENIED"),
        (_, "refresh" or "exchange") when !trouble.Refreshes => TokenError.Of(
            "invalid_grant", trouble.Kind is TroubleKind.Deleted ? "Account has been deleted" : "Token has been expired or revoked."),
        _ => null,
    };

    public object Usage => Quota.Shown(meter, switches.Current.YouTube, clock.GetUtcNow());

    public IResult? Throttle(HttpResponse response, Account? account, string endpoint) =>
        Quota.Count(endpoint, meter, switches.Current.YouTube, clock.GetUtcNow());

    public IResult Fail(Fault fault, FaultPlace place) => place is FaultPlace.Api ? ApiError.Faulted(fault) : TokenError.Faulted(fault);

    public IReadOnlyList<IssuedToken> NewTokens(Account account, DateTimeOffset now) => [IssueTokens.NewAccess(account, now), IssueTokens.NewRefresh(account, now)];

    public Notice? DataDeletion(Account account, bool forge) => null;

    public void Map(IEndpointRouteBuilder routes)
    {
        pages.Map(routes, "/google/accounts/o/oauth2/v2/auth", new Authorize(this, registrations, switches));
        IssueTokens.Map(routes);
        RevokeGrant.Map(routes);
        ReadIdentity.Map(routes);
        ListChannels.Map(routes);
        ListVideos.Map(routes);
        QueryReports.Map(routes);
        Discovery.Map(routes);
    }
}
