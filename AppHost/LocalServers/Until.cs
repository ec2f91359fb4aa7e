using System.Collections.Concurrent;

namespace LocalServers;

/// <summary>The last lines a server said, for the error when it does not come up.</summary>
public sealed class Journal(Action<string>? also)
{
    private readonly ConcurrentQueue<string> _lines = new();

    public void Write(string line)
    {
        _lines.Enqueue(line);
        while (_lines.Count > 40 && _lines.TryDequeue(out _))
        {
        }

        also?.Invoke(line);
    }

    public override string ToString() => string.Join('\n', _lines);
}

public static class Until
{
    /// <summary>Asks until the answer is yes, the process has ended or the time is up; the last two are errors that say what the server said.</summary>
    public static async Task Ready(string what, ChildProcess process, Journal journal, Func<Task<bool>> isReady, TimeSpan patience, CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(patience);
        while (!await isReady())
        {
            if (process.HasExited)
            {
                throw new InvalidOperationException($"{what} ended with {await process.Exit} while starting:\n{journal}");
            }

            try
            {
                await Task.Delay(50, deadline.Token);
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                throw new TimeoutException($"{what} was not ready after {patience.TotalSeconds:0} s:\n{journal}");
            }
        }
    }
}
