using System.Globalization;
using Platforms.Accounts;
using Platforms.Calls;

namespace Platforms.Instagram;

/// <summary>The insights of an account: by day, over a span of days, or of its audience. What is not there yet is left out, never 0.</summary>
public static class ReadInsights
{
    private const int BadParameter = 100;
    private const string Total = "total_value";
    private const string Series = "time_series";

    private static readonly TimeSpan LongestSpan = TimeSpan.FromDays(30);

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/instagram/graph/v{version:decimal}/{id}/insights", Handle)
        .PassingTurnstile(InstagramPlatform.PlatformKey, FaultPlace.Api, r => Media.IsMediaId($"{r.RouteValues["id"]}") ? "media.insights" : "insights");

    public static IResult Bad(string words) => GraphError.Of(BadParameter, $"(#100) {words}");

    public static string[] List(HttpRequest request, string name) =>
        [.. request.Query[name].ToString().Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct()];

    private static IResult Handle(string id, HttpRequest request, GraphCaller caller, SwitchBoard switches, PlatformClock clock) =>
        caller.Admit(request, InstagramPlatform.InsightsScope, (account, _) =>
        {
            var activity = new Activity(account, clock.GetUtcNow());
            if (ListMedia.IsOwn(id, account))
            {
                return OfAccount(request, activity, switches.Current.Instagram);
            }

            return Media.Find(activity, id) is { } media ? MediaInsights.Of(request, media, account) : ListMedia.NotThere(id);
        });

    private static IResult OfAccount(HttpRequest request, Activity activity, InstagramSwitches switches)
    {
        var names = List(request, "metric");
        var metrics = names.Select(n => AccountMetric.All.FirstOrDefault(m => m.Name == n)).ToList();
        if (names.Length is 0 || metrics.Contains(null))
        {
            // The ones that were taken away are answered like those that never were.
            return names.Length is 0
                ? Bad("The parameter metric is required")
                : Bad($"metric[{metrics.IndexOf(null)}] must be one of the following values: {string.Join(", ", AccountMetric.All.Select(m => m.Name))}");
        }

        var period = request.Query["period"].ToString();
        if (metrics.FirstOrDefault(m => m!.Period != period) is { } other)
        {
            return Bad($"The following metrics ({other.Name}) are not available with the period ({period}); use {other.Period}");
        }

        var breakdowns = List(request, "breakdown").Select(AccountMetric.Spelled).ToList();
        if (breakdowns.FirstOrDefault(b => metrics.Any(m => !m!.Breakdowns.Contains(b))) is { } unfit)
        {
            return Bad($"Incompatible breakdown ({unfit}) with the metrics ({string.Join(", ", names)})");
        }

        return metrics.Any(m => m!.IsAudience)
            ? OfAudience(request, activity, metrics!, breakdowns, switches)
            : OfDays(request, activity, metrics!, breakdowns, switches);
    }

    private static IResult OfAudience(
        HttpRequest request, Activity activity, IReadOnlyList<AccountMetric> metrics, IReadOnlyList<string> breakdowns, InstagramSwitches switches)
    {
        var timeframe = request.Query["timeframe"].ToString();
        if (request.Query["metric_type"] != Total || breakdowns.Count is not 1 || timeframe is not ("this_week" or "this_month"))
        {
            return Bad("Demographics need metric_type=total_value, one breakdown and a timeframe: this_week or this_month");
        }

        if (Small(activity, metrics, switches, out var refused) is not { } there)
        {
            return refused!;
        }

        return Answer(there.Select(m => Describe(m, activity, null, new
        {
            breakdowns = new[]
            {
                Divided(["timeframe", breakdowns[0]], m.Parts(activity, (long)(activity.Followers * m.PerFollower), breakdowns[0], []), timeframe.ToUpperInvariant()),
            },
        })));
    }

    private static IResult OfDays(
        HttpRequest request, Activity activity, IReadOnlyList<AccountMetric> metrics, IReadOnlyList<string> breakdowns, InstagramSwitches switches)
    {
        var type = request.Query["metric_type"].ToString() is { Length: > 0 } given ? given : Series;
        if (type is not (Total or Series) || (type is Series && metrics.Any(m => !m.IsSeries)))
        {
            return Bad($"The following metrics ({string.Join(", ", metrics.Where(m => !m.IsSeries).Select(m => m.Name))}) should be specified with parameter metric_type=total_value");
        }

        if (type is Series && breakdowns.Count > 0)
        {
            return Bad("breakdown needs metric_type=total_value");
        }

        var until = Time(request.Query["until"]) ?? activity.Now;
        var since = Time(request.Query["since"]) ?? until.AddDays(-1);
        if (until < since || until - since > LongestSpan)
        {
            return Bad("There cannot be more than 30 days (2592000 s) between since and until");
        }

        if (Small(activity, metrics, switches, out var refused) is not { } there)
        {
            return refused!;
        }

        var days = Days(activity, since, until, TimeSpan.FromHours(switches.LagHours));
        var span = until - since;
        return Answer(
            days.Count is 0 ? [] : there.Select(m => type is Series ? Describe(m, activity, Values(m, activity, days), null) : Describe(m, activity, null, Totals(m, activity, days, breakdowns))),
            new { previous = Link(request, since - span, since), next = Link(request, until, until + span) });
    }

    // A day belongs to the answer when it ends within the span, and is there once the lag after its end is over.
    private static List<DateOnly> Days(Activity activity, DateTimeOffset since, DateTimeOffset until, TimeSpan lag)
    {
        var days = new List<DateOnly>();
        for (var day = Pacific.DayOf(since).AddDays(-1); day <= Pacific.DayOf(until); day = day.AddDays(1))
        {
            var end = Pacific.StartOf(day.AddDays(1));
            if (end > since && end <= until && end + lag <= activity.Now && day >= activity.FirstDay)
            {
                days.Add(day);
            }
        }

        return days;
    }

    private static IReadOnlyList<AccountMetric>? Small(Activity activity, IReadOnlyList<AccountMetric> metrics, InstagramSwitches switches, out IResult? refused)
    {
        var isSmall = activity.Followers < AccountMetric.LeastFollowers;
        refused = isSmall && switches.SmallAccounts is SmallAccounts.Error && metrics.FirstOrDefault(m => m.NeedsFollowers) is { } first
            ? Bad($"{first.Name} is not available for accounts with fewer than {AccountMetric.LeastFollowers} followers")
            : null;
        return refused is null ? [.. metrics.Where(m => !isSmall || !m.NeedsFollowers)] : null;
    }

    private static object Values(AccountMetric metric, Activity activity, IEnumerable<DateOnly> days) => days.Select(d => new
    {
        value = metric.On(activity, d),
        end_time = Pacific.StartOf(d.AddDays(1)).ToString("yyyy-MM-ddTHH:mm:ss+0000", CultureInfo.InvariantCulture),
    });

    private static object Totals(AccountMetric metric, Activity activity, List<DateOnly> days, IReadOnlyList<string> breakdowns)
    {
        var total = metric.Over(activity, days);
        return new
        {
            value = total,
            breakdowns = breakdowns.Count is 0 ? null : breakdowns.Select(b => Divided([b], metric.Parts(activity, total, b, days))),
        };
    }

    private static object Divided(string[] keys, IEnumerable<(string Name, long Value)> parts, string? before = null) => new
    {
        dimension_keys = keys,
        results = parts.Where(p => p.Value > 0).Take(45).Select(p => new { dimension_values = before is null ? [p.Name] : new[] { before, p.Name }, value = p.Value }),
    };

    private static object Describe(AccountMetric metric, Activity activity, object? values, object? total) => new
    {
        name = metric.Name,
        period = metric.Period,
        title = metric.Title,
        description = $"{metric.Title} of the account",
        values,
        total_value = total,
        id = $"{activity.Account.ProfileId}/insights/{metric.Name}/{metric.Period}",
    };

    private static IResult Answer(IEnumerable<object> data, object? paging = null) => Wire.Json(new { data, paging });

    private static string Link(HttpRequest request, DateTimeOffset since, DateTimeOffset until)
    {
        var kept = request.Query.Where(p => p.Key is not ("since" or "until")).Select(p => (p.Key, (string?)p.Value.ToString()));
        return Wire.With(Wire.Origin(request) + request.Path, [.. kept, ("since", $"{since.ToUnixTimeSeconds()}"), ("until", $"{until.ToUnixTimeSeconds()}")]);
    }

    private static DateTimeOffset? Time(string? value) => (long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds), value) switch
    {
        (true, _) when seconds < 253_402_300_800 => DateTimeOffset.FromUnixTimeSeconds(seconds),
        _ when DateOnly.TryParseExact(value, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) => Pacific.StartOf(day),
        _ => null,
    };
}
