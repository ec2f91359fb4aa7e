using System.Globalization;
using System.Text;
using System.Xml;
using Microsoft.AspNetCore.WebUtilities;
using Platforms.Accounts;
using Platforms.Calls;

namespace Platforms.Google;

/// <summary>A channel's uploads, page by page, and the videos behind their ids, fifty at most at a time.</summary>
public static class ListVideos
{
    private const int IdLength = 11;
    private const int MostIds = 50;
    private const int LargestPage = 50;
    private const int UsualPage = 5;

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/google/www/youtube/v3/playlistItems", Uploads).PassingTurnstile(GooglePlatform.PlatformKey, FaultPlace.Api, "playlistItems");
        routes.MapGet("/google/www/youtube/v3/videos", Videos).PassingTurnstile(GooglePlatform.PlatformKey, FaultPlace.Api, "videos");
    }

    public static string IdOf(Post video) => video.Letters(IdLength);

    private static IResult Uploads(HttpRequest request, ApiCaller caller) => caller.Admit(request, GooglePlatform.YouTubeScope, activity =>
    {
        if (Parts(request) is not { Length: > 0 } parts)
        {
            return ApiError.Of(400, "Required parameter: part", "global", "required");
        }

        if (request.Query["playlistId"] != UploadsOf(activity.Account) || activity.Account.Type is GooglePlatform.ChannelLessType)
        {
            return ApiError.Of(404, "The playlist identified with the request's playlistId parameter cannot be found.", "youtube.playlistItem", "playlistNotFound");
        }

        string? token = request.Query["pageToken"];
        if (!int.TryParse(request.Query["maxResults"].ToString() is { Length: > 0 } given ? given : $"{UsualPage}", out var size) || size is < 0 or > LargestPage)
        {
            return ApiError.Of(400, "Invalid value for maxResults. Values must be within the range: [0, 50]", "youtube.parameter", "invalidValue");
        }

        if (token is not null && Offset(token) is null)
        {
            return ApiError.Of(400, "The request specifies an invalid page token.", "youtube.parameter", "invalidPageToken");
        }

        var offset = token is null ? 0 : Offset(token)!.Value;
        var total = activity.Posts;
        return Wire.Json(new
        {
            kind = "youtube#playlistItemListResponse",
            etag = Wire.Secret("", 16),
            nextPageToken = offset + size < total ? Token(offset + size) : null,
            prevPageToken = offset > 0 ? Token(Math.Max(offset - size, 0)) : null,
            items = activity.Newest().Skip(offset).Take(size).Select(v => Item(v, activity.Account, parts, request)),
            pageInfo = new { totalResults = total, resultsPerPage = size },
        });
    });

    // Ids that nobody has are left out of the answer, like in life.
    private static IResult Videos(HttpRequest request, ApiCaller caller) => caller.Admit(request, GooglePlatform.YouTubeScope, activity =>
    {
        var ids = request.Query["id"].ToString().Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (Parts(request) is not { Length: > 0 } parts || ids.Length is 0)
        {
            return ApiError.Of(400, ids.Length is 0 ? "No filter selected. Expected one of: id" : "Required parameter: part", "global", "required");
        }

        if (ids.Length > MostIds)
        {
            return ApiError.Of(400, "The request specifies an invalid filter parameter: at most 50 ids.", "youtube.parameter", "invalidFilters");
        }

        var wanted = activity.Account.Type is GooglePlatform.ChannelLessType ? [] : activity.Newest().Where(v => ids.Contains(IdOf(v))).ToList();
        return Wire.Json(new
        {
            kind = "youtube#videoListResponse",
            etag = Wire.Secret("", 16),
            items = wanted.Select(v => Video(v, activity.Account, parts, request)),
            pageInfo = new { totalResults = wanted.Count, resultsPerPage = wanted.Count },
        });
    });

    private static Dictionary<string, object> Item(Post video, Account account, string[] parts, HttpRequest request) => Only(parts, new()
    {
        ["kind"] = "youtube#playlistItem",
        ["etag"] = Wire.Secret("", 16),
        ["id"] = WebEncoders.Base64UrlEncode(Encoding.ASCII.GetBytes($"{UploadsOf(account)}.{IdOf(video)}")),
        ["snippet"] = Snippet(video, account, request),
        ["contentDetails"] = new { videoId = IdOf(video), videoPublishedAt = Time(video.At) },
        ["status"] = new { privacyStatus = "public" },
    });

    private static Dictionary<string, object> Video(Post video, Account account, string[] parts, HttpRequest request) => Only(parts, new()
    {
        ["kind"] = "youtube#video",
        ["etag"] = Wire.Secret("", 16),
        ["id"] = IdOf(video),
        ["snippet"] = Snippet(video, account, request),
        ["contentDetails"] = new
        {
            duration = XmlConvert.ToString(TimeSpan.FromSeconds(35 + video.Pick("duration", 1500))),
            dimension = "2d",
            definition = "hd",
            caption = "false",
            licensedContent = true,
        },
        ["statistics"] = new
        {
            viewCount = Text(video.Views),
            likeCount = Text(video.Count("likes", 0.01, 0.07)),
            favoriteCount = "0",
            commentCount = Text(video.Count("comments", 0.0005, 0.006)),
        },
        ["status"] = new { uploadStatus = "processed", privacyStatus = "public", license = "youtube", embeddable = true, madeForKids = false },
    });

    private static object Snippet(Post video, Account account, HttpRequest request) => new
    {
        publishedAt = Time(video.At),
        channelId = account.ProfileId,
        title = video.Title,
        description = "",
        thumbnails = new { @default = new { url = Covers.Of(request, account.Platform, IdOf(video)), width = 120, height = 90 } },
        channelTitle = account.Name,
        categoryId = "22",
    };

    private static Dictionary<string, object> Only(string[] parts, Dictionary<string, object> all) =>
        all.Where(p => p.Key is "kind" or "etag" or "id" || parts.Contains(p.Key)).ToDictionary();

    private static string[] Parts(HttpRequest request) =>
        request.Query["part"].ToString().Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static string UploadsOf(Account account) => "UU" + account.ProfileId[2..];

    private static string Token(int offset) => WebEncoders.Base64UrlEncode(Encoding.ASCII.GetBytes($"EAAaBlBUOg{offset}"));

    private static int? Offset(string token)
    {
        try
        {
            var text = Encoding.ASCII.GetString(WebEncoders.Base64UrlDecode(token));
            return text.StartsWith("EAAaBlBUOg", StringComparison.Ordinal) && int.TryParse(text[10..], NumberStyles.None, CultureInfo.InvariantCulture, out var offset) ? offset : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static string Time(DateTimeOffset time) => time.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
