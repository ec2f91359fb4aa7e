using System.Globalization;
using System.Text.Json;
using Connections.Upkeep;

namespace Connections.Platforms.TikTok;

/// <summary>TikTok's insights: the profile's counts and every public video with its counts. Login Kit has no reach, watch time or audience.</summary>
public sealed class TikTokInsights(TikTokOptions options, PlatformHttp http) : IInsightsSource
{
    private const string VideoScope = "video.list";
    private const string UserCalls = "user-info";
    private const string VideoCalls = "video-list";
    private static readonly DataType Profile = new("profile", DataType.Data, "Followers, likes and number of videos", "user.info.stats", "follower_count", "following_count", "likes_count", "video_count");
    private static readonly DataType Videos = new("videos", DataType.Content, "Public videos", VideoScope, "view_count", "like_count", "comment_count", "share_count");
    private static readonly DataType Audience = new("audience", DataType.Data, "Audience, reach and watch time", "user.info.stats") { IsOffered = false };

    public PlatformOptions Options => options;

    public IReadOnlyList<DataType> DataTypes { get; } = [Profile, Videos, Audience];

    public IReadOnlyList<CallCost> CostOf(InsightsCursor? cursor) => [new(cursor is null ? UserCalls : VideoCalls, 1)];

    public Task<InsightsStep> Pull(UsableToken token, InsightsCursor? cursor, InsightsRequest request, CancellationToken ct) => cursor switch
    {
        null => OfProfile(token, request, ct),
        { Step: "videos" } => OfVideos(token, cursor, request, ct),
        _ => throw new InvalidOperationException($"TikTok has no step {cursor.Step}."),
    };

    private async Task<InsightsStep> OfProfile(UsableToken token, InsightsRequest request, CancellationToken ct)
    {
        var metrics = options.Insights.MetricsOf(Profile);
        var user = (await Send(token, new(HttpMethod.Get, new Uri($"{options.ApiBase.Root()}/v2/user/info/?fields={string.Join(',', metrics)}")), ct)).Inner("data").Inner("user");
        return new(new("videos"))
        {
            Account = [.. metrics.Where(metric => user.Number(metric) is not null).Select(metric => new AccountMetric(metric, "", DayOf(request), user.Number(metric)!.Value))],
            Findings = new Dictionary<string, string> { [Profile.Key] = Finding.Ok },
        };
    }

    private async Task<InsightsStep> OfVideos(UsableToken token, InsightsCursor cursor, InsightsRequest request, CancellationToken ct)
    {
        var metrics = options.Insights.MetricsOf(Videos);
        object body = long.TryParse(cursor.Page, CultureInfo.InvariantCulture, out var at) ? new { cursor = at, max_count = 20 } : new { max_count = 20 };
        var data = (await Send(
            token, new(HttpMethod.Post, new Uri($"{options.ApiBase.Root()}/v2/video/list/?fields=id,create_time,share_url,{string.Join(',', metrics)}")) { Content = JsonContent.Create(body) }, ct)).Inner("data");
        var since = options.Insights.ContentSince(request);
        var listed = data.Each("videos").Where(video => video.Text("id") is not null && video.Seconds("create_time") is not null)
            .Select(video => (Video: video, Id: video.Text("id")!, At: DateTimeOffset.UnixEpoch + video.Seconds("create_time")!.Value)).ToList();
        var wanted = listed.Where(each => each.At >= since).ToList();
        var read = wanted.Count + int.Parse(cursor.Known.GetValueOrDefault("read", "0"), CultureInfo.InvariantCulture);
        var hasMore = data.ValueKind == JsonValueKind.Object && data.TryGetProperty("has_more", out var more) && more.ValueKind == JsonValueKind.True;
        return new(hasMore && wanted.Count == listed.Count && listed.Count > 0 && read < options.Insights.MostContent
            ? cursor with { Page = data.Text("cursor"), Known = new Dictionary<string, string>(cursor.Known) { ["read"] = read.ToString(CultureInfo.InvariantCulture) } }
            : null)
        {
            Content = [.. wanted.Select(each => new ContentItem(each.Id, Videos.Key, each.Video.Text("share_url"), each.At))],
            ContentMetrics =
            [
                .. from each in wanted
                   from metric in metrics
                   let value = each.Video.Number(metric)
                   where value is not null
                   select new ContentMetric(each.Id, metric, DayOf(request), value.Value),
            ],
            Findings = wanted.Count > 0 ? new() { [Videos.Key] = Finding.Ok }
                : request.Kind == PullKind.Full && cursor.Page is null ? new() { [Videos.Key] = Finding.NothingPublished }
                : new Dictionary<string, string>(),
        };
    }

    private static DateOnly DayOf(InsightsRequest request) => DateOnly.FromDateTime(request.StartedAt.UtcDateTime);

    private Task<JsonElement> Send(UsableToken token, HttpRequestMessage request, CancellationToken ct)
    {
        request.Headers.Authorization = new("Bearer", token.Value);
        return Answers.Send(http.Client, options.Name, request, TikTokPlatform.ErrorOf, ct);
    }
}
