namespace Platforms.Accounts;

/// <summary>
/// How an account lives: it publishes now and then, gains and loses followers, is watched every day. A pure function of the account and the time, so a
/// series asked for twice is the same, and grows as the platforms' clock goes on.
/// </summary>
public sealed class Activity(Account account, DateTimeOffset now)
{
    private const int LeastHoursBetween = 18;
    private const int MostHoursBetween = 110;

    private readonly Plausible look = new(account.Platform, account.Handle);

    public Account Account => account;

    public DateTimeOffset Now => now;

    public DateOnly Today => Pacific.DayOf(now);

    public DateOnly FirstDay => Pacific.DayOf(account.MemberSince);

    /// <summary>What the account says, plus what it gained on each full day since it said so.</summary>
    public long Followers
    {
        get
        {
            var followers = account.Followers;
            for (var day = Pacific.DayOf(account.FollowersAt ?? account.OpenedAt); day < Today; day = day.AddDays(1))
            {
                followers += Gained(day) - Lost(day);
            }

            return Math.Max(followers, 0);
        }
    }

    public long Posts => LatestNumber(account.Posts, Interval("cadence", account.Posts));

    /// <summary>Views or likes in all: what there was when the account was opened, and each full day's since.</summary>
    public long Reactions(string what, double perFollower)
    {
        var total = account.Reactions;
        for (var day = Pacific.DayOf(account.OpenedAt); day < Today; day = day.AddDays(1))
        {
            total += Daily(what, perFollower, day);
        }

        return total;
    }

    public long Gained(DateOnly day) => Daily("gained", look.Between("growth", 2, 40) / 10_000.0, day);

    public long Lost(DateOnly day) => Daily("lost", look.Between("growth", 2, 40) / 25_000.0, day);

    /// <summary>How much of something happened on a day: more with more followers, less on Mondays, never quite the same.</summary>
    public long Daily(string what, double perFollower, DateOnly day)
    {
        if (day < FirstDay)
        {
            return 0;
        }

        var weekday = 1 + (((int)day.DayOfWeek % 6) - 2) * 0.06;
        var age = day.DayNumber - Pacific.DayOf(account.OpenedAt).DayNumber;
        var trend = Math.Clamp(1 + age * look.Between("growth", 2, 40) / 20_000.0, 0.2, 20);
        var exact = account.Followers * perFollower * weekday * trend * (0.7 + look.Share($"{what}/{day:yyyyMMdd}") * 0.6);
        // Small numbers are rounded up as often as their fraction says: an account of 50 gains a follower now and then.
        return (long)(exact + look.Share($"{what}/{day:yyyyMMdd}/rounding"));
    }

    /// <summary>Everything published until now, newest first.</summary>
    public IEnumerable<Post> Newest(string kind = "post") => kind is "post" ? Since(kind, account.Posts, Interval("cadence", account.Posts)) : Stories();

    /// <summary>Divides a number into named parts that add up to it.</summary>
    public IReadOnlyList<(string Name, long Value)> Divide(long total, string what, IReadOnlyList<string> names)
    {
        var weights = names.Select((n, i) => (0.3 + look.Share($"{what}/{n}")) / (1 + i * 0.6)).ToList();
        var sum = weights.Sum();
        var parts = names.Select((n, i) => (n, Value: (long)(total * weights[i] / sum))).ToList();
        parts[0] = (parts[0].n, parts[0].Value + total - parts.Sum(p => p.Value));
        return parts;
    }

    // Stories come a few times a week and are not counted among the posts. Enough of them lie in the past for any that may still live.
    private IEnumerable<Post> Stories() => Since("story", 1000, TimeSpan.FromHours(look.Between("stories", 7, 40)));

    private IEnumerable<Post> Since(string kind, long before, TimeSpan interval)
    {
        for (var number = LatestNumber(before, interval, kind); number > 0; number--)
        {
            yield return new(kind, number, TimeOf(number, before, interval, kind), this, look);
        }
    }

    private long LatestNumber(long before, TimeSpan interval, string kind = "post")
    {
        var latest = before + (long)Math.Floor((now - Anchor) / interval) + 1;
        return latest > 0 && TimeOf(latest, before, interval, kind) > now ? latest - 1 : Math.Max(latest, 0);
    }

    // Post number "before" is the last one before the day the account was opened; each has an interval of its own and comes somewhere in it.
    private DateTimeOffset TimeOf(long number, long before, TimeSpan interval, string kind)
    {
        var time = Anchor + interval * (number - before - 1) + interval * look.Share($"{kind}/{number}/time");
        return DateTimeOffset.FromUnixTimeSeconds(time.ToUnixTimeSeconds());
    }

    private DateTimeOffset Anchor => new(account.OpenedAt.UtcDateTime.Date, TimeSpan.Zero);

    // Nobody published anything before they were there.
    private TimeSpan Interval(string what, long before)
    {
        var usual = TimeSpan.FromHours(look.Between(what, LeastHoursBetween, MostHoursBetween));
        var most = (Anchor - account.MemberSince) / Math.Max(before, 1);
        return most < usual && most > TimeSpan.FromMinutes(1) ? most : usual;
    }
}

/// <summary>One thing an account published. Most of its views come in the first days; they never get fewer.</summary>
public sealed class Post(string kind, long number, DateTimeOffset at, Activity activity, Plausible look)
{
    private static readonly string[] Kinds = ["Slow", "Quick", "Sunday", "Late night", "Spring", "My favourite", "Homemade", "Honest", "First", "Five-minute"];
    private static readonly string[] Things = ["soup", "walk through the old town", "playlist", "packing list", "bread", "morning", "questions and answers", "desk tour", "run", "garden"];

    public long Number => number;

    public DateTimeOffset At => at;

    public string Title => $"{Kinds[Pick("adjective", Kinds.Length)]} {Things[Pick("noun", Things.Length)]}";

    public long Views => ViewsAt(activity.Now);

    public long ViewsAt(DateTimeOffset time)
    {
        var age = (time - at).TotalHours;
        if (age <= 0)
        {
            return 0;
        }

        var reached = 0.85 * (1 - Math.Exp(-age / 30)) + 0.15 * (1 - Math.Exp(-age / 1440));
        return (long)(activity.Account.Followers * look.Audience($"{kind}/{number}/luck", 5, 300) / 100.0 * reached);
    }

    /// <summary>What part of its viewers did something: the same part always, so it grows with them.</summary>
    public long Count(string what, double least, double most) => (long)(Views * (least + look.Share($"{kind}/{number}/{what}") * (most - least)));

    public int Pick(string what, int choices) => (int)look.Between($"{kind}/{number}/{what}", 0, choices);

    public string Digits(string prefix, int length) => look.Digits($"{kind}/{number}/id", prefix, length);

    public string Letters(int length) => look.Letters($"{kind}/{number}/id", length);
}
