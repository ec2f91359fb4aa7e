using Platforms.Accounts;
using Platforms.Calls;
using Platforms.Consent;
using Platforms.Webhooks;

namespace Platforms.Instagram;

/// <summary>Instagram API with Instagram Login: professional accounts, long-lived tokens that are refreshed by themselves, signed_request callbacks.</summary>
public sealed class InstagramPlatform(ConsentPages pages, Registrations registrations, SwitchBoard switches, Meter meter, PlatformClock clock)
    : ISimulatedPlatform
{
    public const string PlatformKey = "instagram";
    public const string BasicScope = "instagram_business_basic";
    public const string InsightsScope = "instagram_business_manage_insights";
    public const string PersonalType = "Personal";

    private const string Deauthorize = "deauthorize";
    private const string DataDeletionEvent = "data-deletion";

    // Fields of the general webhook, which goes to one address for all of them.
    private static readonly string[] FieldEvents = ["comments", "mentions", "messages", "story_insights"];

    public string Key => PlatformKey;

    public string Title => "Instagram";

    public IReadOnlyList<ScopeOffer> Scopes { get; } =
    [
        new(BasicScope, "See your profile and your posts", Locked: true),
        new(InsightsScope, "See the insights of your account, posts, reels and stories"),
        new("instagram_business_manage_comments", "Read and answer comments"),
        new("instagram_business_content_publish", "Publish posts for you"),
        new("instagram_business_manage_messages", "Read and answer messages"),
    ];

    public IReadOnlyList<AccountType> AccountTypes { get; } = [new("Media_Creator", "Creator"), new("Business", "Business"), new(PersonalType, "Personal")];

    public Account Open(string handle, DateTimeOffset now)
    {
        var look = new Plausible(Key, handle);
        return new()
        {
            Platform = Key,
            Handle = handle,
            Name = look.Name,
            // 17 digits, above 2^53: whoever reads these ids as a JavaScript number or a double gets another account.
            Id = look.Digits("app-scoped", "2", 17),
            ProfileId = look.Digits("professional", "17841", 17),
            Type = AccountTypes[0].Name,
            OpenedAt = now,
            MemberSince = look.MemberSince,
            Country = look.Country,
            Followers = look.Audience("followers", 900, 480_000),
            Following = look.Between("following", 60, 1400),
            Posts = look.Between("posts", 12, 1100),
            Reactions = look.Audience("likes", 4000, 9_000_000),
        };
    }

    public Notice Removed(Account account, int? reason, bool forge) => Callback(Deauthorize, account, forge);

    public Notice? DataDeletion(Account account, bool forge) => Callback(DataDeletionEvent, account, forge);

    public IReadOnlyList<string> Events { get; } = [Deauthorize, DataDeletionEvent, .. FieldEvents];

    public Notice? Tell(Account account, Announcement news, bool forge) => news.Event switch
    {
        Deauthorize or DataDeletionEvent => Callback(news.Event, account, forge, news.AgeSeconds),
        _ when FieldEvents.Contains(news.Event) => FieldEvent(news, account, forge),
        _ => null,
    };

    // Nothing tells an application that an account is checkpointed, restricted or gone.
    public Announcement? NewsOf(TroubleKind? kind) => null;

    public Trouble TroubleOf(TroubleKind kind, TroubleWish wish, DateTimeOffset now) => kind is TroubleKind.Deleted
        ? new(kind, now, wish.Code ?? "9009", wish.Subcode)
        : new(kind, now, wish.Code ?? "190", wish.Subcode ?? (wish.Code is null or "190" ? "459" : null));

    public IResult? Shut(Trouble trouble, FaultPlace place, string endpoint)
    {
        var words = trouble.Code switch
        {
            "368" => "The action attempted has been deemed abusive or is otherwise disallowed",
            "9009" => "The Instagram account is unavailable.",
            _ => "Error validating access token: The user must log in at www.instagram.com and follow the instructions given.",
        };
        var subcode = switches.Current.Instagram.Subcodes ? GraphError.Number(trouble.Subcode) : null;
        return GraphError.Of(GraphError.Number(trouble.Code) ?? 190, words, subcode);
    }

    public object Usage => UsageLimits.Shown(meter, switches.Current.Instagram, clock.GetUtcNow());

    public IResult? Throttle(HttpResponse response, Account? account, string endpoint) =>
        UsageLimits.Count(response, account, meter, switches.Current.Instagram, clock.GetUtcNow());

    public IResult Fail(Fault fault, FaultPlace place) => GraphError.Faulted(fault);

    public IReadOnlyList<IssuedToken> NewTokens(Account account, DateTimeOffset now) => [LongLivedTokens.New(account, now)];

    public void Map(IEndpointRouteBuilder routes)
    {
        pages.Map(routes, "/instagram/www/oauth/authorize", new Authorize(this, registrations, switches));
        TradeCode.Map(routes);
        LongLivedTokens.Map(routes);
        ReadProfile.Map(routes);
        ListMedia.Map(routes);
        ReadInsights.Map(routes);
    }

    private Notice Callback(string kind, Account account, bool forge, int ageSeconds = 0)
    {
        var body = "signed_request=" + SignedRequest.Sign(account.Id, clock.GetUtcNow().AddSeconds(-ageSeconds), registrations.Instagram.Secret, forge);
        return new(kind, $"/webhooks/instagram/{kind}", "application/x-www-form-urlencoded", body, new Dictionary<string, string>());
    }

    private Notice FieldEvent(Announcement news, Account account, bool forge)
    {
        var time = clock.GetUtcNow().AddSeconds(-news.AgeSeconds).ToUnixTimeSeconds();
        var entry = new { id = account.ProfileId, time, changes = new[] { new { field = news.Event, value = new { } } } };
        var body = Wire.Text(new { @object = "instagram", entry = new[] { entry } });
        var headers = new Dictionary<string, string> { [HubSignature.Header] = HubSignature.Of(body, registrations.Instagram.Secret, forge) };
        return new(news.Event, "/webhooks/instagram", "application/json", body, headers);
    }
}
