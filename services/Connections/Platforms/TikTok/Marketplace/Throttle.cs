namespace Connections.Platforms.TikTok.Marketplace;

/// <summary>
/// How long to keep quiet when the platform says there were too many calls. It counts per second, per minute and per day, and says neither which
/// count was full nor for how long. So the shortest is believed first: a second, then the five minutes of a full minute, then midnight UTC.
/// </summary>
public static class Throttle
{
    public static readonly TimeSpan Minute = TimeSpan.FromMinutes(5);

    /// <param name="inARow">Throttled answers since the last good one, this one included.</param>
    /// <param name="now">The time (UTC).</param>
    public static DateTimeOffset QuietUntil(int inARow, DateTimeOffset now) => inARow switch
    {
        <= 1 => now + TimeSpan.FromSeconds(1),
        2 => now + Minute,
        _ => new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero).AddDays(1),
    };

    /// <summary>After a fault of the platform: a second, doubled each time, a quarter of an hour at most.</summary>
    public static DateTimeOffset QuietAfterFault(int inARow, DateTimeOffset now) =>
        now + TimeSpan.FromSeconds(Math.Min(900, Math.Pow(2, Math.Clamp(inARow, 1, 20) - 1)));
}
