using Platforms.Accounts;
using Platforms.Calls;

namespace Platforms.TikTok;

/// <summary>The account behind the token. Each field belongs to a scope; one that the person did not grant fails the whole call.</summary>
public static class ReadUser
{
    private static readonly Dictionary<string, string> ScopeOf = new()
    {
        ["open_id"] = TikTokPlatform.BasicScope,
        ["union_id"] = TikTokPlatform.BasicScope,
        ["avatar_url"] = TikTokPlatform.BasicScope,
        ["avatar_url_100"] = TikTokPlatform.BasicScope,
        ["avatar_large_url"] = TikTokPlatform.BasicScope,
        ["display_name"] = TikTokPlatform.BasicScope,
        ["bio_description"] = "user.info.profile",
        ["profile_deep_link"] = "user.info.profile",
        ["is_verified"] = "user.info.profile",
        ["username"] = "user.info.profile",
        ["follower_count"] = "user.info.stats",
        ["following_count"] = "user.info.stats",
        ["likes_count"] = "user.info.stats",
        ["video_count"] = "user.info.stats",
    };

    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/tiktok/open/v2/user/info/", Handle)
        .PassingTurnstile(TikTokPlatform.PlatformKey, FaultPlace.Api, "user.info");

    private static IResult Handle(HttpRequest request, ApiCaller caller) => caller.Admit(request, activity =>
    {
        var account = activity.Account;
        var fields = request.Query["fields"].ToString().Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (fields.Length is 0 || fields.Any(f => !ScopeOf.ContainsKey(f)))
        {
            return ApiAnswer.Error("invalid_params", "One or more fields in the request are invalid.", StatusCodes.Status400BadRequest);
        }

        if (fields.Any(f => !account.Allows(ScopeOf[f])))
        {
            return ApiAnswer.ScopeMissing();
        }

        var all = Fields(account, activity, Avatars.Of(request, account));
        return ApiAnswer.Of(new { user = fields.Distinct().ToDictionary(f => f, f => all[f]) });
    });

    private static Dictionary<string, object> Fields(Account account, Activity activity, string picture) => new()
    {
        ["open_id"] = account.Id,
        ["union_id"] = account.ProfileId,
        ["avatar_url"] = picture,
        ["avatar_url_100"] = picture,
        ["avatar_large_url"] = picture,
        ["display_name"] = account.Name,
        ["bio_description"] = $"{account.Name} · {account.Country}",
        ["profile_deep_link"] = $"https://vm.tiktok.com/{account.Handle}",
        ["is_verified"] = account.Followers > 500_000,
        ["username"] = account.Handle,
        ["follower_count"] = activity.Followers,
        ["following_count"] = account.Following,
        ["likes_count"] = activity.Reactions("likes", 0.05),
        ["video_count"] = activity.Posts,
    };
}
