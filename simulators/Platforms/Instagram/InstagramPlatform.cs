using Platforms.Accounts;
using Platforms.Consent;
using Platforms.Webhooks;

namespace Platforms.Instagram;

/// <summary>Instagram API with Instagram Login: professional accounts, long-lived tokens that are refreshed by themselves, signed_request callbacks.</summary>
public sealed class InstagramPlatform(ConsentPages pages, Registrations registrations, SwitchBoard switches, PlatformClock clock) : ISimulatedPlatform
{
    public const string PlatformKey = "instagram";
    public const string BasicScope = "instagram_business_basic";
    public const string PersonalType = "Personal";

    public string Key => PlatformKey;

    public string Title => "Instagram";

    public IReadOnlyList<ScopeOffer> Scopes { get; } =
    [
        new(BasicScope, "See your profile and your posts", Locked: true),
        new("instagram_business_manage_insights", "See the insights of your account, posts, reels and stories"),
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

    public Notice Removed(Account account, int? reason, bool forge) => Callback("deauthorize", account, forge);

    public Notice? DataDeletion(Account account, bool forge) => Callback("data-deletion", account, forge);

    public void Map(IEndpointRouteBuilder routes)
    {
        pages.Map(routes, "/instagram/www/oauth/authorize", new Authorize(this, registrations, switches));
        TradeCode.Map(routes);
        LongLivedTokens.Map(routes);
        ReadProfile.Map(routes);
    }

    private Notice Callback(string kind, Account account, bool forge)
    {
        var body = "signed_request=" + SignedRequest.Sign(account.Id, clock.GetUtcNow(), registrations.Instagram.Secret, forge);
        return new(kind, $"/webhooks/instagram/{kind}", "application/x-www-form-urlencoded", body, new Dictionary<string, string>());
    }
}
