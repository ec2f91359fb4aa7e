using System.ComponentModel.DataAnnotations;

namespace Connections.Upkeep;

/// <summary>When a known end of life is announced and when it counts as passed. Section <c>Expiry</c>.</summary>
public sealed class ExpiryOptions
{
    /// <summary>Allowance for clocks that disagree: a connection is called expired only this long after its end.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan Skew { get; set; } = TimeSpan.FromSeconds(120);

    /// <summary>How often to look for ends of life that come near or have passed.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "01:00:00")]
    public TimeSpan LookEvery { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>So many days before the end somebody is warned, once each. Default 14, 7, 3 and 1.</summary>
    public int[] WarnDays { get; set; } = [];
}

/// <summary>The moments before an end of life at which somebody is warned.</summary>
public sealed class Warnings(ExpiryOptions options)
{
    // Binding a configuration adds to a default array, so the default is here.
    private readonly int[] days = [.. (options.WarnDays is { Length: > 0 } given ? given : [14, 7, 3, 1]).OrderDescending()];

    public TimeSpan Skew => options.Skew;

    /// <summary>The tightest warning whose moment is already past at <paramref name="now"/>: what begins with less time than that is not announced the moment it begins.</summary>
    public int? SkippedBy(DateTimeOffset now, DateTimeOffset? end) => DueAt(now, end, null);

    /// <summary>The warning that is due now, in days; null where none is. Of several missed ones only the tightest.</summary>
    public int? DueAt(DateTimeOffset now, DateTimeOffset? end, int? warned) => end is not { } known
        ? null
        : days.Where(each => each < (warned ?? int.MaxValue) && known - TimeSpan.FromDays(each) <= now).Select(each => (int?)each).LastOrDefault();

    /// <summary>When the clock has to be looked at next: at the next warning, or at the end.</summary>
    public DateTimeOffset? NextAt(DateTimeOffset? end, int? warned) => end is not { } known
        ? null
        : days.Where(each => each < (warned ?? int.MaxValue)).Select(each => (DateTimeOffset?)(known - TimeSpan.FromDays(each))).FirstOrDefault() ?? known + options.Skew;
}
