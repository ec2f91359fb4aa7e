using Platforms.Accounts;
using Platforms.Calls;
using Platforms.Consent;
using Platforms.Webhooks;

namespace Platforms.TikTok;

/// <summary>TikTok Login Kit v2 and Display API: rotating refresh tokens, webhooks signed with the client secret.</summary>
public sealed class TikTokPlatform(ConsentPages pages, Registrations registrations, SwitchBoard switches, Meter meter, PlatformClock clock)
    : ISimulatedPlatform
{
    public const string PlatformKey = "tiktok";
    public const string BasicScope = "user.info.basic";
    public const string VideoScope = "video.list";

    private const string AuthorizationRemoved = "authorization.removed";
    private const int RemovedByUser = 1;
    private const int AccountDeleted = 2;
    private const int AccountBanned = 4;

    public string Key => PlatformKey;

    public string Title => "TikTok";

    public IReadOnlyList<ScopeOffer> Scopes { get; } =
    [
        new(BasicScope, "Read your profile: name and picture", Locked: true),
        new("user.info.profile", "Read your profile link, biography and verification"),
        new("user.info.stats", "Read your numbers: followers, likes, videos"),
        new(VideoScope, "Read your public videos and how they do"),
        new(TikTokBusiness.CreatorCalls.LinkScope, "Link your videos to campaigns you join"),
    ];

    public IReadOnlyList<AccountType> AccountTypes { get; } = [new("Account", "Account")];

    public Account Open(string handle, DateTimeOffset now)
    {
        var look = new Plausible(Key, handle);
        return new()
        {
            Platform = Key,
            Handle = handle,
            Name = look.Name,
            Id = "-000" + look.Letters("open_id", 32),
            ProfileId = look.Letters("union_id", 36),
            Type = AccountTypes[0].Name,
            OpenedAt = now,
            MemberSince = look.MemberSince,
            Country = look.Country,
            Followers = look.Audience("followers", 1100, 1_900_000),
            Following = look.Between("following", 20, 900),
            Posts = look.Between("posts", 8, 900),
            Reactions = look.Audience("likes", 9000, 40_000_000),
        };
    }

    public Notice Removed(Account account, int? reason, bool forge) => Removed(account, reason, forge, ageSeconds: 0);

    // Signed at the time of sending, whenever it happened.
    private Notice Removed(Account account, int? reason, bool forge, int ageSeconds)
    {
        var now = clock.GetUtcNow();
        var body = Wire.Text(new
        {
            client_key = registrations.TikTok.Id,
            @event = AuthorizationRemoved,
            create_time = now.AddSeconds(-ageSeconds).ToUnixTimeSeconds(),
            user_openid = account.Id,
            content = Wire.Text(new { reason = reason ?? RemovedByUser }),
        });
        var headers = new Dictionary<string, string> { [WebhookSignature.Header] = WebhookSignature.Of(body, now, registrations.TikTok.Secret, forge) };
        return new(AuthorizationRemoved, "/webhooks/tiktok", "application/json", body, headers);
    }

    public Notice? DataDeletion(Account account, bool forge) => null;

    public IReadOnlyList<string> Events { get; } = [AuthorizationRemoved];

    public Notice? Tell(Account account, Announcement news, bool forge) => news.Event is AuthorizationRemoved
        ? Removed(account, int.TryParse(news.Reason, out var reason) ? reason : null, forge, news.AgeSeconds)
        : null;

    public Announcement? NewsOf(TroubleKind? kind) => kind switch
    {
        TroubleKind.Suspended => new(AuthorizationRemoved) { Reason = $"{AccountBanned}" },
        TroubleKind.Deleted => new(AuthorizationRemoved) { Reason = $"{AccountDeleted}" },
        _ => null,
    };

    public Trouble? TroubleOf(TroubleKind kind, TroubleWish wish, DateTimeOffset now) => kind is TroubleKind.Checkpointed
        ? null
        : new(kind, now, wish.Code ?? "access_token_invalid", Refreshes: wish.Refreshes ?? false);

    public IResult? Shut(Trouble trouble, FaultPlace place, string endpoint) => (place, endpoint) switch
    {
        (FaultPlace.Api, _) => ApiAnswer.Error(trouble.Code, "The access token is invalid or not found in the request.", StatusCodes.Status401Unauthorized),
        (_, "refresh" or "exchange") when !trouble.Refreshes => OAuthError.Of(switches, "invalid_grant", "Refresh token is invalid or expired."),
        _ => null,
    };

    public object Usage => new { };

    public IResult? Throttle(HttpResponse response, Account? account, string endpoint) =>
        meter.Fits($"{Key}/{endpoint}", switches.Current.TikTok.CallsPerMinute, TimeSpan.FromMinutes(1))
            ? null
            : ApiAnswer.Error("rate_limit_exceeded", "The API rate limit was exceeded. Please try again later.", StatusCodes.Status429TooManyRequests);

    public IResult Fail(Fault fault, FaultPlace place) => place is FaultPlace.Api ? ApiAnswer.Faulted(fault) : OAuthError.Faulted(fault);

    public IReadOnlyList<IssuedToken> NewTokens(Account account, DateTimeOffset now) => IssueTokens.NewPair(switches, account, now);

    public void Map(IEndpointRouteBuilder routes)
    {
        pages.Map(routes, "/tiktok/www/v2/auth/authorize/", new Authorize(this, registrations));
        IssueTokens.Map(routes);
        RevokeGrant.Map(routes);
        ReadUser.Map(routes);
        ReadVideos.Map(routes);
    }
}
