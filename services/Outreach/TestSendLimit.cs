using System.Collections.Concurrent;

namespace Outreach;

/// <summary>How many test messages an organization may send: enough to get a template right, too few to write to strangers with. Each replica counts for itself.</summary>
public sealed class TestSendLimit(TimeProvider clock)
{
    public const int PerWindow = 10;
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<string, Queue<DateTimeOffset>> sent = new();

    /// <summary>Takes one, or says how long to wait for the next.</summary>
    public bool TryTake(string organization, out TimeSpan wait)
    {
        var now = clock.GetUtcNow();
        var recent = sent.GetOrAdd(organization, _ => new());
        lock (recent)
        {
            while (recent.TryPeek(out var oldest) && now - oldest >= Window)
            {
                recent.Dequeue();
            }

            wait = recent.Count < PerWindow ? TimeSpan.Zero : recent.Peek() + Window - now;
            if (wait > TimeSpan.Zero)
            {
                return false;
            }

            recent.Enqueue(now);
            return true;
        }
    }
}
