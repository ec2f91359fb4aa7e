using System.Collections.Concurrent;
using Platforms.Accounts;

namespace Platforms.Calls;

/// <param name="At">By the platforms' clock.</param>
/// <param name="Endpoint">Which one, by a short name.</param>
/// <param name="Status">HTTP status; null when the connection was closed instead.</param>
/// <param name="Code">The platform's error code, if it answered one.</param>
public sealed record Call(DateTimeOffset At, string Endpoint, int? Status, string? Code);

/// <param name="Total">Calls that have ended.</param>
/// <param name="Succeeded">Those answered without an error.</param>
/// <param name="Failed">The others, hang-ups included.</param>
/// <param name="AtOnce">The most that were ever under way at the same time.</param>
public sealed record CallCount(int Total = 0, int Succeeded = 0, int Failed = 0, int AtOnce = 0);

/// <summary>What was called for which account and how it ended: never a token. In memory, since a test asks about what it has just done.</summary>
public sealed class CallLog(PlatformClock clock)
{
    private readonly ConcurrentDictionary<AccountKey, Record> records = new();

    /// <summary>Notes a call that begins. A caller nobody knows is noted under the platform alone.</summary>
    public void Begin(string platform, Account? account, string endpoint) => Of(platform, account).Begin(endpoint);

    public void End(string platform, Account? account, string endpoint, int? status, string? code) =>
        Of(platform, account).End(new(clock.GetUtcNow(), endpoint, status, code));

    /// <summary>The latest calls of an account, newest first.</summary>
    public IReadOnlyList<Call> Latest(AccountKey account) => records.TryGetValue(account, out var record) ? record.Latest() : [];

    public IReadOnlyDictionary<string, CallCount> Counts(AccountKey account) => records.TryGetValue(account, out var record) ? record.Counts() : [];

    /// <summary>All accounts of a platform with their counts; the empty handle stands for callers nobody knows.</summary>
    public IEnumerable<(string Handle, IReadOnlyDictionary<string, CallCount> Counts)> CountsOf(string platform) =>
        records.Where(r => r.Key.Platform == platform).Select(r => (r.Key.Handle, (IReadOnlyDictionary<string, CallCount>)r.Value.Counts()));

    public void Clear(Func<AccountKey, bool>? which = null)
    {
        foreach (var key in records.Keys.Where(which ?? (_ => true)))
        {
            records.TryRemove(key, out _);
        }
    }

    private Record Of(string platform, Account? account) => records.GetOrAdd(account?.Key ?? new(platform, ""), _ => new());

    private sealed class Record
    {
        private const int CallsKept = 100;

        private readonly Lock gate = new();
        private readonly Queue<Call> latest = [];
        private readonly Dictionary<string, CallCount> counts = [];
        private readonly Dictionary<string, int> underWay = [];

        public void Begin(string endpoint)
        {
            lock (gate)
            {
                var now = underWay[endpoint] = underWay.GetValueOrDefault(endpoint) + 1;
                var count = counts.GetValueOrDefault(endpoint) ?? new();
                counts[endpoint] = count with { AtOnce = Math.Max(count.AtOnce, now) };
            }
        }

        public void End(Call call)
        {
            lock (gate)
            {
                underWay[call.Endpoint] = Math.Max(underWay.GetValueOrDefault(call.Endpoint) - 1, 0);
                var count = counts.GetValueOrDefault(call.Endpoint) ?? new(AtOnce: 1);
                counts[call.Endpoint] = call is { Status: not null, Code: null }
                    ? count with { Total = count.Total + 1, Succeeded = count.Succeeded + 1 }
                    : count with { Total = count.Total + 1, Failed = count.Failed + 1 };
                latest.Enqueue(call);
                if (latest.Count > CallsKept)
                {
                    latest.Dequeue();
                }
            }
        }

        public IReadOnlyList<Call> Latest()
        {
            lock (gate)
            {
                return [.. latest.Reverse()];
            }
        }

        public Dictionary<string, CallCount> Counts()
        {
            lock (gate)
            {
                return new(counts);
            }
        }
    }
}
