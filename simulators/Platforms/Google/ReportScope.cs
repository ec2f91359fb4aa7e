using Platforms.Accounts;

namespace Platforms.Google;

/// <summary>What a report looks at: some days of a channel, perhaps of one country or one video.</summary>
public sealed record ReportScope(Activity Activity, IReadOnlyList<DateOnly> Days, string? Country, Post? Video)
{
    private const int LeastViews = 20;

    private static readonly string[] Ages = ["age18-24", "age25-34", "age35-44", "age13-17", "age45-54", "age55-64", "age65-"];
    private static readonly string[] Genders = ["female", "male", "userSpecified"];

    private double Share => Country is null ? 1 : Country == Activity.Account.Country ? 0.55 : 0.02;

    public long ViewsOver(IEnumerable<DateOnly> days) => days.Sum(ViewsOn);

    public object Value(string metric, IReadOnlyList<DateOnly> days)
    {
        var views = ViewsOver(days);
        var seconds = 60 + new Plausible(Activity.Account.Platform, Activity.Account.Handle).Between("watch", 0, 240);
        return metric switch
        {
            QueryReports.Views => views,
            "engagedViews" => views * 8 / 10,
            "estimatedMinutesWatched" => views * seconds / 60,
            "averageViewDuration" => views is 0 ? 0 : seconds,
            "averageViewPercentage" => views is 0 ? 0.0 : Math.Round(25 + seconds / 8.0, 2),
            "likes" => views * 35 / 1000,
            "comments" => views * 2 / 1000,
            "shares" => views * 4 / 1000,
            "subscribersGained" => Video is null ? (long)(days.Sum(Activity.Gained) * Share) : views / 900,
            "subscribersLost" => Video is null ? (long)(days.Sum(Activity.Lost) * Share) : views / 4000,
            _ => Math.Round(views * 0.0017, 3),
        };
    }

    /// <summary>The channel's videos that were watched on these days.</summary>
    public IEnumerable<(string Id, ReportScope Scope)> PerVideo() => Days.Count is 0
        ? []
        : Activity.Newest().Select(v => (Id: ListVideos.IdOf(v), Scope: this with { Video = v })).Where(v => v.Scope.ViewsOver(Days) > 0);

    /// <summary>Who watched, in percent; nothing where too few did.</summary>
    public IEnumerable<object[]> Audience(string[] dimensions)
    {
        if (ViewsOver(Days) < LeastViews)
        {
            return [];
        }

        const long Whole = 10_000;
        var (ages, genders) = (Activity.Divide(Whole, "age", Ages), Activity.Divide(Whole, "gender", Genders));
        return dimensions switch
        {
            ["ageGroup"] => ages.Select(a => new object[] { a.Name, a.Value / 100.0 }),
            ["gender"] => genders.Select(g => new object[] { g.Name, g.Value / 100.0 }),
            _ => ages.SelectMany(a => Activity.Divide(a.Value, $"gender/{a.Name}", Genders), (a, g) => new object[] { a.Name, g.Name, g.Value / 100.0 }),
        };
    }

    private long ViewsOn(DateOnly day)
    {
        var all = Video is null
            ? Activity.Daily(QueryReports.Views, QueryReports.ViewsPerFollower, day)
            : Video.ViewsAt(Pacific.StartOf(day.AddDays(1))) - Video.ViewsAt(Pacific.StartOf(day));
        return (long)(all * Share);
    }
}
