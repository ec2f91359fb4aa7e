using System.ComponentModel.DataAnnotations;

namespace Connections.Platforms;

/// <summary>The time an allowance is counted over.</summary>
public enum LimitWindow
{
    Minute,

    /// <summary>From midnight to midnight in California.</summary>
    PacificDay,
}

/// <summary>So many calls for our whole app, over all replicas.</summary>
public sealed class CallLimit
{
    [Range(0, int.MaxValue)]
    public int Calls { get; set; }

    public LimitWindow Per { get; set; }

    /// <summary>The window that <paramref name="now"/> lies in.</summary>
    public (DateTimeOffset Start, DateTimeOffset End) WindowOf(DateTimeOffset now)
    {
        if (Per == LimitWindow.PacificDay)
        {
            var day = PacificTime.DayOf(now);
            return (PacificTime.StartOf(day), PacificTime.StartOf(day.AddDays(1)));
        }

        var start = now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMinute));
        return (start, start.AddMinutes(1));
    }
}

/// <summary>When a platform's insights are pulled, how far back, and how long they are kept. Section <c>Platforms:{name}:Insights</c>.</summary>
public sealed class InsightsPolicy
{
    /// <summary>How long from one pull of the last days to the next; up to a tenth earlier, so that those of one day do not come all at once.</summary>
    public TimeSpan Every { get; set; } = TimeSpan.FromHours(24);

    /// <summary>How often to look for content that is gone tomorrow; null where there is none.</summary>
    public TimeSpan? LiveEvery { get; set; }

    /// <summary>How often everything is pulled anew.</summary>
    public TimeSpan FullEvery { get; set; } = TimeSpan.FromDays(7);

    /// <summary>So many days are pulled again each time: platforms correct them that long.</summary>
    [Range(1, 90)]
    public int RecentDays { get; set; } = 4;

    /// <summary>So many days back at a full pull.</summary>
    [Range(1, 3650)]
    public int HistoryDays { get; set; } = 30;

    /// <summary>Content younger than this is read at every pull; older only at a full one.</summary>
    public TimeSpan RecentContent { get; set; } = TimeSpan.FromDays(30);

    /// <summary>From so many pieces of content on, a pull asks for no further page.</summary>
    [Range(1, 100_000)]
    public int MostContent { get; set; } = 500;

    /// <summary>Numbers about a time further back than this are deleted.</summary>
    public TimeSpan Keep { get; set; } = TimeSpan.FromDays(730);

    /// <summary>What was not read again for this long is deleted; null where the platform does not ask for that.</summary>
    public TimeSpan? RefreshWithin { get; set; }

    /// <summary>The share of a limit (percent) from which on calls are spread out.</summary>
    [Range(1, 100)]
    public double SlowAt { get; set; } = 80;

    /// <summary>The share of a limit (percent) from which on nothing is called.</summary>
    [Range(1, 100)]
    public double PauseAt { get; set; } = 95;

    /// <summary>Between two steps while calls are spread out.</summary>
    public TimeSpan SlowFor { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How long to rest at <see cref="PauseAt"/> where the platform does not say.</summary>
    public TimeSpan PauseFor { get; set; } = TimeSpan.FromHours(1);

    /// <summary>What our app is allowed, by bucket.</summary>
    public Dictionary<string, CallLimit> Limits { get; set; } = [];

    /// <summary>Other metrics than those of the data type with this key: for the day on which a platform drops or renames one.</summary>
    public Dictionary<string, string[]> Metrics { get; set; } = [];

    /// <summary>The metrics to ask for.</summary>
    public IReadOnlyList<string> MetricsOf(DataType type) => Metrics.GetValueOrDefault(type.Key) ?? type.Metrics;

    /// <summary>The first day to pull, when <paramref name="last"/> is the last one.</summary>
    public DateOnly FirstDay(PullKind kind, DateOnly last) => last.AddDays(1 - (kind == PullKind.Full ? HistoryDays : RecentDays));

    /// <summary>Content published before this is left out.</summary>
    public DateTimeOffset ContentSince(InsightsRequest request) => request.Kind == PullKind.Full ? request.StartedAt - Keep : request.StartedAt - RecentContent;
}

/// <summary>The calendar of California, by which Instagram and YouTube count days.</summary>
internal static class PacificTime
{
    private static readonly TimeZoneInfo Zone = TimeZoneInfo.FindSystemTimeZoneById("America/Los_Angeles");

    public static DateOnly DayOf(DateTimeOffset instant) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(instant, Zone).DateTime);

    public static DateTimeOffset StartOf(DateOnly day)
    {
        var midnight = day.ToDateTime(TimeOnly.MinValue);
        return new DateTimeOffset(midnight, Zone.GetUtcOffset(midnight)).ToUniversalTime();
    }
}
