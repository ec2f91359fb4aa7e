using System.Globalization;
using System.Text.Json;
using Connections.Upkeep;
using Microsoft.AspNetCore.WebUtilities;

namespace Connections.Platforms.YouTube;

/// <summary>YouTube's insights: the channel's counts, its Analytics by day, who watches, and every public video.</summary>
public sealed class YouTubeInsights(YouTubeOptions options, PlatformHttp http) : IInsightsSource
{
    private const string DataCalls = "data";
    private const string AnalyticsCalls = "analytics";
    private static readonly DataType Channel = new("channel", DataType.Data, "Channel statistics", YouTubeOptions.ReadScope, "viewCount", "subscriberCount", "videoCount");

    private static readonly DataType Days = new(
        "analytics", DataType.Data, "Views, watch time and engagement by day", YouTubeOptions.AnalyticsScope,
        "views", "estimatedMinutesWatched", "averageViewDuration", "likes", "comments", "shares", "subscribersGained", "subscribersLost");

    private static readonly DataType Audience = new("audience", DataType.Data, "Viewers by age and gender", YouTubeOptions.AnalyticsScope, "viewerPercentage");
    private static readonly DataType Videos = new("videos", DataType.Content, "Videos", YouTubeOptions.ReadScope, "viewCount", "likeCount", "commentCount");

    // What is under a number of the same name.
    private static readonly Dictionary<string, string> HiddenBy = new() { ["subscriberCount"] = "hiddenSubscriberCount" };

    public PlatformOptions Options => options;

    public IReadOnlyList<DataType> DataTypes { get; } = [Channel, Days, Audience, Videos];

    public IReadOnlyList<CallCost> CostOf(InsightsCursor? cursor) => cursor?.Step switch
    {
        null => [new(DataCalls, 1)],
        "videos" => [new(DataCalls, 2)],
        _ => [new(AnalyticsCalls, 1)],
    };

    public Task<InsightsStep> Pull(UsableToken token, InsightsCursor? cursor, InsightsRequest request, CancellationToken ct) => cursor switch
    {
        null => OfChannel(token, request, ct),
        { Step: "days" } => OfDays(token, cursor, request, ct),
        { Step: "audience" } => OfAudience(token, cursor, request, ct),
        { Step: "videos" } => OfVideos(token, cursor, request, ct),
        _ => throw new InvalidOperationException($"YouTube has no step {cursor.Step}."),
    };

    private async Task<InsightsStep> OfChannel(UsableToken token, InsightsRequest request, CancellationToken ct)
    {
        JsonElement? found = null;
        try
        {
            found = (await Data(token, "channels", ct, ("part", "id,contentDetails,statistics"), ("mine", "true"))).Each("items").Select(item => (JsonElement?)item).FirstOrDefault();
        }
        catch (PlatformException refused) when (refused.Code == "youtubeSignupRequired")
        {
            // A Google account without a channel is told of in two ways: this one, or by no items.
        }

        if (found is not { } channel)
        {
            return new(null) { Findings = DataTypes.ToDictionary(type => type.Key, _ => Finding.NoChannel) };
        }

        var (statistics, today) = (channel.Inner("statistics"), PacificTime.DayOf(request.StartedAt));
        var isHidden = HiddenBy.ToDictionary(hidden => hidden.Key, hidden => statistics.ValueKind == JsonValueKind.Object && statistics.TryGetProperty(hidden.Value, out var value) && value.ValueKind == JsonValueKind.True);
        var rows = options.Insights.MetricsOf(Channel)
            .Where(metric => !isHidden.GetValueOrDefault(metric) && statistics.Number(metric) is not null)
            .Select(metric => new AccountMetric(metric, "", today, statistics.Number(metric)!.Value)).ToList();
        var known = new Dictionary<string, string>();
        if (channel.Inner("contentDetails").Inner("relatedPlaylists").Text("uploads") is { Length: > 0 } uploads)
        {
            known["uploads"] = uploads;
        }

        return new(new("days") { Known = known }) { Account = rows, Findings = new Dictionary<string, string> { [Channel.Key] = rows.Count > 0 ? Finding.Ok : Finding.Withheld } };
    }

    // One query for the whole span. The newest days are missing for two or three days; what is missing is no zero.
    private async Task<InsightsStep> OfDays(UsableToken token, InsightsCursor cursor, InsightsRequest request, CancellationToken ct)
    {
        var last = PacificTime.DayOf(request.StartedAt).AddDays(-1);
        var metrics = options.Insights.MetricsOf(Days);
        var rows = Table(await Report(token, options.Insights.FirstDay(request.Kind, last), last, metrics, ["day"], ct), metrics)
            .Where(row => DateOnly.TryParse(row.Dimensions["day"], CultureInfo.InvariantCulture, out _))
            .Select(row => new AccountMetric(row.Metric, "", DateOnly.Parse(row.Dimensions["day"], CultureInfo.InvariantCulture), row.Value)).ToList();
        return new(cursor with { Step = "audience" }) { Account = rows, Findings = new Dictionary<string, string> { [Days.Key] = rows.Count > 0 ? Finding.Ok : Finding.NoData } };
    }

    private async Task<InsightsStep> OfAudience(UsableToken token, InsightsCursor cursor, InsightsRequest request, CancellationToken ct)
    {
        var today = PacificTime.DayOf(request.StartedAt);
        var metrics = options.Insights.MetricsOf(Audience);
        var rows = Table(await Report(token, today.AddDays(-90), today.AddDays(-1), metrics, ["ageGroup", "gender"], ct), metrics)
            .Select(row => new AccountMetric(row.Metric, string.Join(',', row.Dimensions.Select(dimension => $"{dimension.Key}={dimension.Value}")), today, row.Value)).ToList();
        return new(cursor.Known.ContainsKey("uploads") ? cursor with { Step = "videos" } : null)
        {
            Account = rows,

            // With few viewers nobody is told who they are.
            Findings = new Dictionary<string, string> { [Audience.Key] = rows.Count > 0 ? Finding.Ok : Finding.Withheld },
        };
    }

    private async Task<InsightsStep> OfVideos(UsableToken token, InsightsCursor cursor, InsightsRequest request, CancellationToken ct)
    {
        JsonElement playlist;
        try
        {
            playlist = await Data(token, "playlistItems", ct, ("part", "contentDetails"), ("playlistId", cursor.Known["uploads"]), ("maxResults", "50"), ("pageToken", cursor.Page));
        }
        catch (PlatformException refused) when (refused.Code == "playlistNotFound")
        {
            // The list of uploads of a channel that never uploaded.
            return new(null) { Findings = new Dictionary<string, string> { [Videos.Key] = Finding.NothingPublished } };
        }

        var since = options.Insights.ContentSince(request);
        var listed = playlist.Each("items").Select(item => item.Inner("contentDetails")).ToList();
        var ids = listed.Where(item => !(At(item.Text("videoPublishedAt")) < since)).Select(item => item.Text("videoId")).OfType<string>().ToList();
        var videos = ids.Count == 0 ? [] : (await Data(token, "videos", ct, ("part", "snippet,statistics"), ("id", string.Join(',', ids)))).Each("items").ToList();
        var today = PacificTime.DayOf(request.StartedAt);
        var items = videos.Select(video => (Video: video, Id: video.Text("id"), At: At(video.Inner("snippet").Text("publishedAt")))).Where(each => each is { Id: not null, At: not null }).ToList();
        var read = items.Count + int.Parse(cursor.Known.GetValueOrDefault("read", "0"), CultureInfo.InvariantCulture);
        var isLast = playlist.Text("nextPageToken") is null || ids.Count < listed.Count || read >= options.Insights.MostContent;
        return new(isLast ? null : cursor with
        {
            Page = playlist.Text("nextPageToken"),
            Known = new Dictionary<string, string>(cursor.Known) { ["read"] = read.ToString(CultureInfo.InvariantCulture) },
        })
        {
            Content = [.. items.Select(each => new ContentItem(each.Id!, Videos.Key, $"https://www.youtube.com/watch?v={each.Id}", each.At!.Value))],
            ContentMetrics =
            [
                .. from each in items
                   from metric in options.Insights.MetricsOf(Videos)
                   let value = each.Video.Inner("statistics").Number(metric)
                   where value is not null
                   select new ContentMetric(each.Id!, metric, today, value.Value),
            ],
            Findings = items.Count > 0 ? new() { [Videos.Key] = Finding.Ok }
                : request.Kind == PullKind.Full && cursor.Page is null ? new() { [Videos.Key] = Finding.NothingPublished }
                : new Dictionary<string, string>(),
        };
    }

    private Task<JsonElement> Report(UsableToken token, DateOnly from, DateOnly to, IReadOnlyList<string> metrics, string[] dimensions, CancellationToken ct) => Get(
        token, $"{options.AnalyticsBase.Root()}/v2/reports", ct,
        ("ids", "channel==MINE"), ("startDate", $"{from:yyyy-MM-dd}"), ("endDate", $"{to:yyyy-MM-dd}"), ("metrics", string.Join(',', metrics)), ("dimensions", string.Join(',', dimensions)));

    // Columns are named in a header; without data there are no rows at all.
    private static IEnumerable<(string Metric, IReadOnlyDictionary<string, string> Dimensions, double Value)> Table(JsonElement report, IReadOnlyList<string> metrics)
    {
        var columns = report.Each("columnHeaders").Select(column => column.Text("name") ?? "").ToList();
        foreach (var row in report.Each("rows"))
        {
            var cells = row.EnumerateArray().ToList();
            var dimensions = columns.Zip(cells).Where(cell => !metrics.Contains(cell.First)).ToDictionary(cell => cell.First, cell => cell.Second.ToString());
            foreach (var (column, cell) in columns.Zip(cells).Where(cell => metrics.Contains(cell.First) && cell.Second.ValueKind == JsonValueKind.Number))
            {
                yield return (column, dimensions, cell.GetDouble());
            }
        }
    }

    private static DateTimeOffset? At(string? text) => DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at.ToUniversalTime() : null;

    private Task<JsonElement> Data(UsableToken token, string what, CancellationToken ct, params (string Name, string? Value)[] query) => Get(token, $"{options.DataBase.Root()}/youtube/v3/{what}", ct, query);

    private Task<JsonElement> Get(UsableToken token, string url, CancellationToken ct, params (string Name, string? Value)[] query) => Answers.Send(
        http.Client,
        options.Name,
        new(HttpMethod.Get, new Uri(QueryHelpers.AddQueryString(url, query.Where(each => each.Value is not null).Select(each => KeyValuePair.Create(each.Name, each.Value)))))
        {
            Headers = { Authorization = new("Bearer", token.Value) },
        },
        YouTubePlatform.ErrorOf,
        ct);
}
