using Platforms.Accounts;
using Platforms.Calls;

namespace Platforms.Instagram;

/// <summary>The account behind the token: only the fields that were asked for, and the id.</summary>
public static class ReadProfile
{
    private const int BadParameter = 100;

    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/instagram/graph/v{version:decimal}/me", Handle)
        .PassingTurnstile(InstagramPlatform.PlatformKey, FaultPlace.Api, "me");

    /// <summary>The profile with the fields that were asked for.</summary>
    public static IResult Show(HttpRequest request, Account account, SwitchBoard switches, PlatformClock clock)
    {
        var all = Fields(account, new(account, clock.GetUtcNow()), Avatars.Of(request, account));
        string[] asked = ["id", .. request.Query["fields"].ToString().Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];
        if (asked.FirstOrDefault(f => !all.ContainsKey(f)) is { } unknown)
        {
            return GraphError.Of(BadParameter, $"(#100) Tried accessing nonexisting field ({unknown})", type: "IGApiException");
        }

        var answer = asked.Distinct().ToDictionary(f => f, f => all[f]);
        return Wire.Json(switches.Current.Instagram.Profile is Shape.Flat ? answer : new { data = new[] { answer } });
    }

    private static IResult Handle(HttpRequest request, GraphCaller caller, SwitchBoard switches, PlatformClock clock) =>
        caller.Admit(request, InstagramPlatform.BasicScope, (account, _) => Show(request, account, switches, clock));

    private static Dictionary<string, object> Fields(Account account, Activity activity, string picture) => new()
    {
        ["id"] = account.Id,
        ["user_id"] = account.ProfileId,
        ["username"] = account.Handle,
        ["name"] = account.Name,
        ["account_type"] = account.Type is InstagramPlatform.PersonalType ? "PERSONAL" : account.Type,
        ["profile_picture_url"] = picture,
        ["followers_count"] = activity.Followers,
        ["follows_count"] = account.Following,
        ["media_count"] = activity.Posts,
    };
}
