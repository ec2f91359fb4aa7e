using LocalServers;

namespace Standalone;

/// <summary>How long to wait before a part that ended is started again: each time twice as long, until it has run for a while.</summary>
internal sealed record BackOff(TimeSpan First, TimeSpan Longest, TimeSpan CalmAfter, int MostFailedStarts)
{
    public static BackOff Usual { get; } = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(1), MostFailedStarts: 3);

    public TimeSpan After(int failures) => TimeSpan.FromTicks(Math.Min(Longest.Ticks, First.Ticks << Math.Min(failures - 1, 20)));
}

/// <summary>Starts parts as soon as those they need are ready, starts again what ends, and stops all in the opposite order.</summary>
/// <param name="parts">What to run.</param>
/// <param name="output">Gets the lines that a part writes.</param>
/// <param name="report">Gets what happens to a part.</param>
/// <param name="backOff">How patient to be with a part that ends.</param>
internal sealed class Supervisor(IReadOnlyList<Part> parts, Action<string, string> output, Action<string, string> report, BackOff backOff)
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly Dictionary<string, State> _states = parts.ToDictionary(part => part.Name, part => new State(part));

    /// <summary>Completes when every part has been ready once; fails with the first part that does not start.</summary>
    public async Task Start()
    {
        foreach (var state in _states.Values)
        {
            state.Running = Keep(state);
        }

        var ready = _states.Values.Select(state => state.Ready.Task).ToList();
        while (ready.Count > 0)
        {
            var next = await Task.WhenAny(ready);
            await next;
            ready.Remove(next);
        }
    }

    /// <summary>Process id of a part that runs now.</summary>
    public int? ProcessIdOf(string part) => _states[part].Now?.ProcessId;

    /// <summary>Every part is asked to stop once nobody that needs it runs any more.</summary>
    public async Task Stop()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_states.Values.Select(state => state.Running));
    }

    private async Task Keep(State state)
    {
        var part = state.Part;
        var failures = 0;
        try
        {
            await Task.WhenAll(part.Needs.Select(need => _states[need].Ready.Task)).WaitAsync(_stopping.Token);
            while (!_stopping.IsCancellationRequested)
            {
                var started = TimeProvider.System.GetTimestamp();
                try
                {
                    state.Now = await part.Launch(line => output(part.Name, line), _stopping.Token);
                    if (!state.Ready.TrySetResult())
                    {
                        report(part.Name, "runs again");
                    }

                    var code = await state.Now.Exit.WaitAsync(_stopping.Token);
                    await state.Now.DisposeAsync();
                    state.Now = null;
                    report(part.Name, $"ended with {code}");
                }
                catch (Exception exception) when (exception is InvalidOperationException or TimeoutException)
                {
                    report(part.Name, exception.Message);
                    if (!state.Ready.Task.IsCompleted && failures + 1 >= backOff.MostFailedStarts)
                    {
                        Fail(state, $"{part.Name} does not start: {exception.Message}");
                        return;
                    }
                }

                failures = TimeProvider.System.GetElapsedTime(started) >= backOff.CalmAfter ? 1 : failures + 1;
                var pause = backOff.After(failures);
                report(part.Name, $"is started again in {pause.TotalSeconds:0.#} s");
                await Task.Delay(pause, _stopping.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping: what needs this part goes first.
        }
        catch (Exception exception)
        {
            // A part it needs did not start, or this one cannot be launched at all.
            state.Ready.TrySetException(exception);
        }
        finally
        {
            state.Ready.TrySetCanceled();
            await StopWhenFree(state);
        }
    }

    private void Fail(State state, string reason)
    {
        if (state.Part.IsOptional)
        {
            report(state.Part.Name, $"{reason} Everything else goes on without it.");
            state.Ready.TrySetResult();
        }
        else
        {
            state.Ready.TrySetException(new InvalidOperationException(reason));
        }
    }

    private async Task StopWhenFree(State state)
    {
        if (state.Now is { } running)
        {
            await Task.WhenAll(_states.Values.Where(other => other.Part.Needs.Contains(state.Part.Name)).Select(other => other.Running));
            await running.DisposeAsync();
            state.Now = null;
        }
    }

    private sealed class State(Part part)
    {
        public Part Part { get; } = part;

        public TaskCompletionSource Ready { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public IRunning? Now { get; set; }

        public Task Running { get; set; } = Task.CompletedTask;
    }
}
