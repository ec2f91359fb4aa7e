using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Platforms.Accounts;
using Platforms.Calls;

namespace Platforms.TikTok;

/// <summary>The public videos of the account behind the token: newest first by a cursor in time, or some of them by their ids.</summary>
public static class ReadVideos
{
    private const int LargestPage = 20;
    private const int UsualPage = 10;
    private const int MostIds = 20;
    private const int IdLength = 19;

    private static readonly JsonSerializerOptions Reading = new(JsonSerializerDefaults.Web) { NumberHandling = JsonNumberHandling.AllowReadingFromString };
    private static readonly TimeSpan CoverLife = TimeSpan.FromHours(6);

    private static readonly string[] Fields =
    [
        "id", "create_time", "cover_image_url", "share_url", "video_description", "duration", "height", "width", "title", "embed_html", "embed_link",
        "like_count", "comment_count", "share_count", "view_count",
    ];

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/tiktok/open/v2/video/list/", List).PassingTurnstile(TikTokPlatform.PlatformKey, FaultPlace.Api, "video.list");
        routes.MapPost("/tiktok/open/v2/video/query/", Query).PassingTurnstile(TikTokPlatform.PlatformKey, FaultPlace.Api, "video.query");
    }

    private static Task<IResult> List(HttpRequest request, ApiCaller caller) => Admit<ListBody>(request, caller, (activity, fields, body) =>
    {
        if (body is { MaxCount: < 1 or > LargestPage } or { Cursor: < 0 })
        {
            return ApiAnswer.Error("invalid_params", "max_count must be from 1 to 20, and cursor a time in milliseconds.", StatusCodes.Status400BadRequest);
        }

        var size = body?.MaxCount ?? UsualPage;
        var before = body?.Cursor ?? long.MaxValue;
        var found = activity.Newest().SkipWhile(v => v.At.ToUnixTimeMilliseconds() >= before).Take(size + 1).ToList();
        var page = found.Take(size).ToList();
        return ApiAnswer.Of(new
        {
            videos = page.Select(v => Show(v, activity, fields, request)),
            cursor = page.Count is 0 ? activity.Now.ToUnixTimeMilliseconds() : page[^1].At.ToUnixTimeMilliseconds(),
            has_more = found.Count > size,
        });
    });

    // Videos of others, or that nobody has, are left out.
    private static Task<IResult> Query(HttpRequest request, ApiCaller caller) => Admit<QueryBody>(request, caller, (activity, fields, body) =>
        body?.Filters?.VideoIds is { Count: > 0 and <= MostIds } ids
            ? ApiAnswer.Of(new { videos = activity.Newest().Where(v => ids.Contains(IdOf(v))).Select(v => Show(v, activity, fields, request)) })
            : ApiAnswer.Error("invalid_params", "filters.video_ids must hold 1 to 20 ids.", StatusCodes.Status400BadRequest));

    private static async Task<IResult> Admit<T>(HttpRequest request, ApiCaller caller, Func<Activity, string[], T?, IResult> goOn)
    {
        var body = default(T);
        try
        {
            body = request.HasJsonContentType() ? await request.ReadFromJsonAsync<T>(Reading) : default;
        }
        catch (JsonException)
        {
            return ApiAnswer.Error("invalid_params", "The request body is not valid JSON.", StatusCodes.Status400BadRequest);
        }

        return caller.Admit(request, activity =>
        {
            var fields = request.Query["fields"].ToString().Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            if (fields.Length is 0 || fields.Any(f => !Fields.Contains(f)))
            {
                return ApiAnswer.Error("invalid_params", "One or more fields in the request are invalid.", StatusCodes.Status400BadRequest);
            }

            return activity.Account.Allows(TikTokPlatform.VideoScope) ? goOn(activity, fields, body) : ApiAnswer.ScopeMissing();
        });
    }

    private static string IdOf(Post video) => video.Digits("7", IdLength);

    private static Dictionary<string, object> Show(Post video, Activity activity, string[] fields, HttpRequest request)
    {
        var id = IdOf(video);
        var link = $"https://www.tiktok.com/@{activity.Account.Handle}/video/{id}";
        var all = new Dictionary<string, object>
        {
            ["id"] = id,
            ["create_time"] = video.At.ToUnixTimeSeconds(),
            ["cover_image_url"] = Covers.Of(request, activity.Account.Platform, id, activity.Now + CoverLife),
            ["share_url"] = link,
            ["video_description"] = $"{video.Title} #{video.Title.Split(' ')[^1].ToLower(CultureInfo.InvariantCulture)}",
            ["duration"] = 8 + video.Pick("duration", 170),
            ["height"] = 1024,
            ["width"] = 576,
            ["title"] = video.Title,
            ["embed_html"] = $"<blockquote class=\"tiktok-embed\" cite=\"{link}\" data-video-id=\"{id}\"></blockquote>",
            ["embed_link"] = $"https://www.tiktok.com/player/v1/{id}",
            ["like_count"] = video.Count("likes", 0.03, 0.14),
            ["comment_count"] = video.Count("comments", 0.0006, 0.008),
            ["share_count"] = video.Count("shares", 0.001, 0.015),
            ["view_count"] = video.Views,
        };
        return fields.Distinct().ToDictionary(f => f, f => all[f]);
    }

    private sealed record ListBody(long? Cursor, [property: JsonPropertyName("max_count")] int? MaxCount);

    private sealed record QueryBody(QueryFilters? Filters);

    private sealed record QueryFilters([property: JsonPropertyName("video_ids")] IReadOnlyList<string>? VideoIds);
}
