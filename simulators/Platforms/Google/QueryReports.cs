using System.Globalization;
using Platforms.Accounts;
using Platforms.Calls;

namespace Platforms.Google;

/// <summary>YouTube Analytics of the caller's own channel: in all, by day, by video, or who watches. Without data there are no rows at all.</summary>
public static class QueryReports
{
    public const string Views = "views";
    public const double ViewsPerFollower = 0.35;

    private const string Revenue = "estimatedRevenue";
    private const string Viewers = "viewerPercentage";
    private const string Day = "day";
    private const string VideoDimension = "video";
    private const int MostVideos = 200;

    // Names and types of the metrics, in Google's words.
    private static readonly Dictionary<string, string> Metrics = new()
    {
        [Views] = "INTEGER",
        ["engagedViews"] = "INTEGER",
        ["estimatedMinutesWatched"] = "INTEGER",
        ["averageViewDuration"] = "INTEGER",
        ["averageViewPercentage"] = "FLOAT",
        ["likes"] = "INTEGER",
        ["comments"] = "INTEGER",
        ["shares"] = "INTEGER",
        ["subscribersGained"] = "INTEGER",
        ["subscribersLost"] = "INTEGER",
        [Viewers] = "FLOAT",
        [Revenue] = "FLOAT",
    };

    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/google/analytics/v2/reports", Handle)
        .PassingTurnstile(GooglePlatform.PlatformKey, FaultPlace.Api, Quota.Reports);

    private static IResult Handle(HttpRequest request, ApiCaller caller, SwitchBoard switches) => caller.Admit(request, GooglePlatform.AnalyticsScope, activity =>
    {
        var account = activity.Account;
        foreach (var name in (string[])["ids", "startDate", "endDate", "metrics"])
        {
            if (request.Query[name].Count is 0)
            {
                return ApiError.Of(400, $"Required parameter: {name}", "global", "required");
            }
        }

        if (request.Query["ids"].ToString() is var ids && ids is not "channel==MINE" && ids != $"channel=={account.ProfileId}")
        {
            return ApiError.Of(403, "Forbidden", "global", "forbidden", "PERMISSION_DENIED");
        }

        var (metrics, dimensions) = (List(request, "metrics"), List(request, "dimensions"));
        if (metrics.FirstOrDefault(m => !Metrics.ContainsKey(m)) is { } unknown)
        {
            return Bad($"Unknown identifier ({unknown}) given in field parameters.metrics.");
        }

        if (metrics.Contains(Revenue) && !account.Allows(GooglePlatform.RevenueScope))
        {
            return ApiError.ScopeMissing();
        }

        if (Date(request.Query["startDate"]) is not { } start || Date(request.Query["endDate"]) is not { } end || end < start)
        {
            return Bad("Invalid date given in field parameters.startDate or parameters.endDate.");
        }

        var filters = List(request, "filters", ';').Select(f => f.Split("==")).ToList();
        if (filters.FirstOrDefault(f => f is not [VideoDimension or "country", { Length: > 0 }]) is { } unfit)
        {
            return Bad($"Unknown identifier ({unfit[0]}) given in field parameters.filters.");
        }

        if (account.Type is GooglePlatform.ChannelLessType)
        {
            return Table(request, metrics, dimensions, []);
        }

        var days = DaysThere(activity, start, end, TimeSpan.FromHours(switches.Current.YouTube.LagHours));
        var video = ValueOf(filters, VideoDimension) is { } id ? activity.Newest().FirstOrDefault(v => ListVideos.IdOf(v) == id) : null;
        return video is null && ValueOf(filters, VideoDimension) is not null
            ? Table(request, metrics, dimensions, [])
            : Query(request, new(activity, days, ValueOf(filters, "country"), video), metrics, dimensions);
    });

    private static IResult Query(HttpRequest request, ReportScope scope, string[] metrics, string[] dimensions) => (metrics.Contains(Viewers), dimensions) switch
    {
        (true, ["ageGroup"] or ["gender"] or ["ageGroup", "gender"]) when metrics.Length is 1 => Table(request, metrics, dimensions, scope.Audience(dimensions)),
        (false, [Day]) => Table(request, metrics, dimensions, scope.Days.Select(d => Row(scope, [d], metrics, d.ToString("O", CultureInfo.InvariantCulture)))),
        (false, []) => Table(request, metrics, dimensions, scope.Days.Count is 0 || scope.ViewsOver(scope.Days) is 0 ? [] : [Row(scope, scope.Days, metrics, null)]),
        (false, [VideoDimension]) when request.Query["sort"].ToString().StartsWith('-') && int.TryParse(request.Query["maxResults"], out var most) && most <= MostVideos =>
            Table(request, metrics, dimensions, scope.PerVideo().Select(v => Row(v.Scope, scope.Days, metrics, v.Id))),
        _ => Bad("The query is not supported. Check the documentation for supported queries."),
    };

    private static object[] Row(ReportScope scope, IReadOnlyList<DateOnly> days, string[] metrics, string? dimension) =>
        [.. dimension is null ? Array.Empty<object>() : [dimension], .. metrics.Select(m => scope.Value(m, days))];

    private static IResult Table(HttpRequest request, string[] metrics, string[] dimensions, IEnumerable<object[]> rows)
    {
        string[] columns = [.. dimensions, .. metrics];
        var sorted = List(request, "sort").Reverse().Aggregate(rows, (all, key) => (Array.IndexOf(columns, key.TrimStart('-')), key.StartsWith('-')) switch
        {
            ( >= 0 and var column, true) => all.OrderByDescending(r => r[column]),
            ( >= 0 and var column, false) => all.OrderBy(r => r[column]),
            _ => all,
        });
        var first = int.TryParse(request.Query["startIndex"], out var index) && index > 0 ? index - 1 : 0;
        var page = sorted.Skip(first).Take(int.TryParse(request.Query["maxResults"], out var most) && most > 0 ? most : int.MaxValue).ToList();
        return Wire.Json(new
        {
            kind = "youtubeAnalytics#resultTable",
            columnHeaders = columns.Select(c => new
            {
                name = c,
                columnType = dimensions.Contains(c) ? "DIMENSION" : "METRIC",
                dataType = Metrics.GetValueOrDefault(c, "STRING"),
            }),
            rows = page.Count is 0 ? null : page,
        });
    }

    // The newest days are missing until their lag is over.
    private static List<DateOnly> DaysThere(Activity activity, DateOnly start, DateOnly end, TimeSpan lag)
    {
        var last = Pacific.DayOf(activity.Now - lag).AddDays(-1);
        var (from, to) = (start < activity.FirstDay ? activity.FirstDay : start, end > last ? last : end);
        return [.. Enumerable.Range(0, Math.Max(to.DayNumber - from.DayNumber + 1, 0)).Select(from.AddDays)];
    }

    private static IResult Bad(string words) => ApiError.Of(400, words, "global", "badRequest", "INVALID_ARGUMENT");

    private static string[] List(HttpRequest request, string name, char separator = ',') =>
        request.Query[name].ToString().Split(separator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static string? ValueOf(List<string[]> filters, string name) => filters.FirstOrDefault(f => f[0] == name)?[1];

    private static DateOnly? Date(string? value) =>
        DateOnly.TryParseExact(value, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;
}
