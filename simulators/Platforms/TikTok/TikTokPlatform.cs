using Platforms.Accounts;
using Platforms.Consent;
using Platforms.Webhooks;

namespace Platforms.TikTok;

/// <summary>TikTok Login Kit v2 and Display API: rotating refresh tokens, webhooks signed with the client secret.</summary>
public sealed class TikTokPlatform(ConsentPages pages, Registrations registrations, PlatformClock clock) : ISimulatedPlatform
{
    public const string PlatformKey = "tiktok";
    public const string BasicScope = "user.info.basic";

    private const int RemovedByUser = 1;

    public string Key => PlatformKey;

    public string Title => "TikTok";

    public IReadOnlyList<ScopeOffer> Scopes { get; } =
    [
        new(BasicScope, "Read your profile: name and picture", Locked: true),
        new("user.info.profile", "Read your profile link, biography and verification"),
        new("user.info.stats", "Read your numbers: followers, likes, videos"),
        new("video.list", "Read your public videos and how they do"),
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

    public Notice Removed(Account account, int? reason, bool forge)
    {
        var now = clock.GetUtcNow();
        var body = Wire.Text(new
        {
            client_key = registrations.TikTok.Id,
            @event = "authorization.removed",
            create_time = now.ToUnixTimeSeconds(),
            user_openid = account.Id,
            content = Wire.Text(new { reason = reason ?? RemovedByUser }),
        });
        var headers = new Dictionary<string, string> { [WebhookSignature.Header] = WebhookSignature.Of(body, now, registrations.TikTok.Secret, forge) };
        return new("authorization.removed", "/webhooks/tiktok", "application/json", body, headers);
    }

    public Notice? DataDeletion(Account account, bool forge) => null;

    public void Map(IEndpointRouteBuilder routes)
    {
        pages.Map(routes, "/tiktok/www/v2/auth/authorize/", new Authorize(this, registrations));
        IssueTokens.Map(routes);
        RevokeGrant.Map(routes);
        ReadUser.Map(routes);
    }
}
