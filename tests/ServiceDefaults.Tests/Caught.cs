using System.Collections;

namespace ServiceDefaults.Tests;

/// <summary>What came by so far, and a way to wait for what has yet to come.</summary>
public sealed class Caught<T> : IEnumerable<T>
{
    private readonly Lock gate = new();
    private readonly List<T> items = [];
    private readonly List<(Func<T, bool> Wanted, TaskCompletionSource<T> Found)> waiting = [];

    public void Add(T item)
    {
        lock (gate)
        {
            items.Add(item);
            foreach (var (_, found) in waiting.Where(one => one.Wanted(item)))
            {
                found.TrySetResult(item);
            }
        }
    }

    /// <summary>The first one that fits, now or as soon as it comes; a <see cref="TimeoutException"/> after ten seconds without.</summary>
    public Task<T> First(Func<T, bool> wanted)
    {
        lock (gate)
        {
            var found = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
            if (items.FirstOrDefault(wanted) is { } there)
            {
                found.SetResult(there);
            }

            waiting.Add((wanted, found));
            return found.Task.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        }
    }

    public IEnumerator<T> GetEnumerator()
    {
        lock (gate)
        {
            return items.ToList().GetEnumerator();
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
