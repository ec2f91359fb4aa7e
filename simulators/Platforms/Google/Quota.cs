using System.Globalization;
using Platforms.Accounts;
using Platforms.Calls;

namespace Platforms.Google;

/// <summary>The project's quota per day, which begins at midnight Pacific: a unit per list call of the Data API, a query each at Analytics.</summary>
public static class Quota
{
    public const string Reports = "reports";

    private const string Data = "youtube/data";
    private const string Analytics = "youtube/analytics";

    public static object Shown(Meter meter, YouTubeSwitches switches, DateTimeOffset now) => new
    {
        units = meter.Used(Data, DayOf(now)),
        unitsPerDay = switches.QuotaUnitsPerDay,
        queries = meter.Used(Analytics, DayOf(now)),
        queriesPerDay = switches.AnalyticsQueriesPerDay,
        resetsAt = Pacific.StartOf(Pacific.DayOf(now).AddDays(1)),
    };

    public static IResult? Count(string endpoint, Meter meter, YouTubeSwitches switches, DateTimeOffset now)
    {
        var (what, limit) = endpoint is Reports ? (Analytics, switches.AnalyticsQueriesPerDay) : (Data, switches.QuotaUnitsPerDay);
        return meter.Add(what, DayOf(now)) > limit
            ? ApiError.Of(403, "The request cannot be completed because you have exceeded your quota.", "youtube.quota", "quotaExceeded")
            : null;
    }

    private static string DayOf(DateTimeOffset now) => Pacific.DayOf(now).ToString("O", CultureInfo.InvariantCulture);
}
