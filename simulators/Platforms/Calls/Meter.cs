using System.Collections.Concurrent;
using Platforms.Accounts;

namespace Platforms.Calls;

/// <summary>Counts calls against the platforms' limits, by their clock: per day or hour, or over the last minute. In memory only.</summary>
public sealed class Meter(PlatformClock clock)
{
    private readonly ConcurrentDictionary<string, Window> windows = new();
    private readonly ConcurrentDictionary<string, Queue<DateTimeOffset>> recent = new();

    /// <summary>What was counted in the window that is named; another window starts at 0.</summary>
    public long Used(string what, string window) => windows.TryGetValue(what, out var w) && w.Name == window ? w.Count : 0;

    public long Add(string what, string window, int units = 1) =>
        windows.AddOrUpdate(what, _ => new(window, units), (_, w) => w.Name == window ? w with { Count = w.Count + units } : new(window, units)).Count;

    public void Set(string what, string window, long count) => windows[what] = new(window, count);

    /// <summary>Counts a call unless there were <paramref name="most"/> within the last <paramref name="span"/>.</summary>
    public bool Fits(string what, int most, TimeSpan span)
    {
        var calls = recent.GetOrAdd(what, _ => new());
        lock (calls)
        {
            var now = clock.GetUtcNow();
            while (calls.TryPeek(out var oldest) && (oldest <= now - span || oldest > now))
            {
                calls.Dequeue();
            }

            if (calls.Count >= most)
            {
                return false;
            }

            calls.Enqueue(now);
            return true;
        }
    }

    public void Clear()
    {
        windows.Clear();
        recent.Clear();
    }

    private sealed record Window(string Name, long Count);
}
