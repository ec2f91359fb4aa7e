using System.Globalization;
using Platforms.Accounts;
using Platforms.Calls;

namespace Platforms.Google;

/// <summary>The channel of the person behind the token. Counts are strings, as in life; an account may have no channel at all.</summary>
public static class ListChannels
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/google/www/youtube/v3/channels", Handle)
        .PassingTurnstile(GooglePlatform.PlatformKey, FaultPlace.Api, "channels");

    private static IResult Handle(HttpRequest request, ApiCaller caller, SwitchBoard switches) => caller.Admit(request, GooglePlatform.YouTubeScope, activity =>
    {
        var account = activity.Account;
        var parts = request.Query["part"].ToString().Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (parts.Length is 0)
        {
            return ApiError.Of(400, "Required parameter: part", "global", "required");
        }

        if (request.Query["mine"] != "true" && request.Query["id"].Count is 0)
        {
            return ApiError.Of(400, "No filter selected. Expected one of: mine, id", "youtube.parameter", "missingRequiredParameter");
        }

        // Nobody looks at other people's channels here: an id that is not the caller's is one that does not exist.
        if (request.Query["mine"] != "true" && !request.Query["id"].ToString().Split(',').Contains(account.ProfileId))
        {
            return List(null);
        }

        if (account.Type is not GooglePlatform.ChannelLessType)
        {
            return List([Channel(account, activity, parts, Avatars.Of(request, account))]);
        }

        return switches.Current.YouTube.ChannelLess is ChannelLess.SignupRequired
            ? ApiError.Of(401, "Unauthorized", "youtube.header", "youtubeSignupRequired", "UNAUTHENTICATED")
            : List(null);
    });

    private static IResult List(object[]? items) => Wire.Json(new
    {
        kind = "youtube#channelListResponse",
        etag = Wire.Secret("", 16),
        pageInfo = new { totalResults = items?.Length ?? 0, resultsPerPage = 5 },
        items,
    });

    private static Dictionary<string, object> Channel(Account account, Activity activity, string[] parts, string picture)
    {
        var channel = new Dictionary<string, object>
        {
            ["kind"] = "youtube#channel",
            ["etag"] = Wire.Secret("", 16),
            ["id"] = account.ProfileId,
            ["snippet"] = new
            {
                title = account.Name,
                description = "",
                customUrl = $"@{account.Handle}",
                publishedAt = account.MemberSince.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
                thumbnails = new { @default = new { url = picture, width = 88, height = 88 }, medium = new { url = picture, width = 240, height = 240 } },
                country = account.Country,
            },
            ["contentDetails"] = new { relatedPlaylists = new { likes = "", uploads = "UU" + account.ProfileId[2..] } },
            ["statistics"] = new
            {
                viewCount = Text(activity.Reactions(QueryReports.Views, QueryReports.ViewsPerFollower)),
                subscriberCount = Text(Rounded(activity.Followers)),
                hiddenSubscriberCount = false,
                videoCount = Text(activity.Posts),
            },
            ["status"] = new { privacyStatus = "public", isLinked = true, longUploadsStatus = "allowed" },
        };
        string[] always = ["kind", "etag", "id"];
        return channel.Where(p => always.Contains(p.Key) || parts.Contains(p.Key)).ToDictionary();
    }

    // Shown with three digits, rounded down. (Source: YouTube Data API, revision history of September 2019.)
    private static long Rounded(long subscribers)
    {
        var step = (long)Math.Pow(10, Math.Max(Math.Floor(Math.Log10(Math.Max(subscribers, 1))) - 2, 0));
        return subscribers / step * step;
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
