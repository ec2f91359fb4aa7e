using System.Globalization;
using Platforms.Accounts;
using Platforms.Calls;

namespace Platforms.Instagram;

/// <summary>Meta's two limits, per application and per account, told in percent with each answer. (Source: Meta, Rate Limiting.)</summary>
public static class UsageLimits
{
    private const int ApplicationLimit = 4;
    private const int UserLimit = 17;
    private const string Application = "instagram";

    public static object Shown(Meter meter, InstagramSwitches switches, DateTimeOffset now) => new
    {
        appCalls = meter.Used(Application, HourOf(now)),
        appPercent = switches.AppUsagePercent ?? Percent(meter.Used(Application, HourOf(now)), switches.AppCallsPerHour),
    };

    public static IResult? Count(HttpResponse response, Account? account, Meter meter, InstagramSwitches switches, DateTimeOffset now)
    {
        var app = switches.AppUsagePercent ?? Percent(meter.Add(Application, HourOf(now)), switches.AppCallsPerHour);
        response.Headers["X-App-Usage"] = Wire.Text(new { call_count = app, total_time = app * 3 / 4, total_cputime = app / 2 });
        if (account is null)
        {
            return null;
        }

        var own = switches.AccountUsagePercent ?? Percent(meter.Add($"{Application}/{account.ProfileId}", DayOf(now)), switches.AccountCallsPerDay);
        // Minutes until the window that is counted in ends.
        var wait = IsOver(own, switches.AccountUsagePercent) ? (int)Math.Ceiling((now.UtcDateTime.Date.AddDays(1) - now.UtcDateTime).TotalMinutes) : 0;
        var usage = new { type = "instagram", call_count = own, total_cputime = own / 2, total_time = own * 3 / 4, estimated_time_to_regain_access = wait };
        response.Headers["X-Business-Use-Case-Usage"] = Wire.Text(new Dictionary<string, object> { [account.ProfileId] = new[] { usage } });

        if (IsOver(app, switches.AppUsagePercent))
        {
            return GraphError.Of(ApplicationLimit, "(#4) Application request limit reached", transient: true);
        }

        return IsOver(own, switches.AccountUsagePercent)
            ? GraphError.Of(
                switches.AccountLimitCode,
                switches.AccountLimitCode is UserLimit
                    ? "(#17) User request limit reached"
                    : $"(#{switches.AccountLimitCode}) There have been too many calls to this Instagram account. Wait a bit and try again.",
                transient: true)
            : null;
    }

    // A counted call over the limit is above 100; a percentage that was set counts from 100 on, so that it can be shown at the limit.
    private static bool IsOver(long percent, int? set) => set is null ? percent > 100 : percent >= 100;

    // Rounded up: the call after the last that is allowed shows as more than 100.
    private static long Percent(long calls, int limit) => (long)Math.Ceiling(calls * 100.0 / Math.Max(limit, 1));

    private static string HourOf(DateTimeOffset now) => now.UtcDateTime.ToString("yyyyMMddHH", CultureInfo.InvariantCulture);

    private static string DayOf(DateTimeOffset now) => now.UtcDateTime.ToString("yyyyMMdd", CultureInfo.InvariantCulture);
}
