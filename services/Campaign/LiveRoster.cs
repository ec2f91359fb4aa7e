using System.Diagnostics;
using EventSourcing;

namespace Campaigns;

/// <summary>One roster that is watched: woken when it changed, it looks what changed and hands the same bytes to everybody who watches.</summary>
internal sealed partial class LiveRoster
{
    private static readonly TimeSpan RestAfterFault = TimeSpan.FromSeconds(1);
    private readonly Lock gate = new();
    private readonly List<RosterWatcher> watchers = [];
    private readonly SemaphoreSlim signal = new(0, 1);
    private readonly CancellationTokenSource stopping = new();
    private readonly TaskCompletionSource started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly StreamSessions sessions;
    private readonly LiveOptions options;
    private readonly TimeProvider clock;
    private readonly ILogger logger;
    private readonly Task running;
    private IReadOnlyList<string>? shown;
    private volatile bool switchesChanged;
    private long seq;
    private bool figuresDue;
    private long lookedAt;
    private long figuresAt;
    private long spokeAt = Stopwatch.GetTimestamp();

    public LiveRoster(string organization, Guid roster, StreamSessions sessions, LiveOptions options, TimeProvider clock, ILogger logger)
    {
        (Organization, Roster, this.sessions, this.options, this.clock, this.logger) = (organization, roster, sessions, options, clock, logger);
        running = Task.Run(Run);
    }

    public string Organization { get; }

    public Guid Roster { get; }

    /// <summary>From here on nothing is missed: what is read after it and what is sent after it overlap.</summary>
    public Task Started => started.Task;

    public RosterWatcher Add(Action<LiveRoster, RosterWatcher> leave)
    {
        lock (gate)
        {
            var watcher = new RosterWatcher(this, leave, options.Buffer);
            watchers.Add(watcher);
            return watcher;
        }
    }

    /// <summary>Is nobody left?</summary>
    public bool Remove(RosterWatcher watcher)
    {
        lock (gate)
        {
            watchers.Remove(watcher);
            return watchers.Count == 0;
        }
    }

    public void Wake(bool switches)
    {
        switchesChanged |= switches;
        try
        {
            signal.Release();
        }
        catch (SemaphoreFullException)
        {
            // Told already, and has not looked yet.
        }
    }

    public async Task Stop()
    {
        await stopping.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (gate)
        {
            watchers.ForEach(watcher => watcher.End());
        }
    }

    private async Task Run()
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await Begin();
                while (true)
                {
                    await signal.WaitAsync(UntilNext(), stopping.Token);
                    if (options.LookEvery - Stopwatch.GetElapsedTime(lookedAt) is var rest && rest > TimeSpan.Zero)
                    {
                        await Task.Delay(rest, stopping.Token);
                    }

                    await Look();
                }
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                // Whatever it was, the database away for one: the watchers keep what they have, and get the rest when it is back.
                Failed(Roster, exception.GetType().Name);
                await Task.Delay(RestAfterFault, stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                Wake(switches: true);
            }
        }
    }

    private async Task Begin()
    {
        if (!started.Task.IsCompleted)
        {
            await using var session = sessions.For(Organization);
            seq = await RosterNews.Pulse(session, Roster, stopping.Token);
            shown = await RosterNews.Shown(session, Roster, stopping.Token);
            started.TrySetResult();
        }
    }

    private TimeSpan UntilNext()
    {
        var next = options.HeartbeatEvery - Stopwatch.GetElapsedTime(spokeAt);
        var figures = figuresDue ? options.FiguresEvery - Stopwatch.GetElapsedTime(figuresAt) : next;
        return TimeSpan.FromTicks(Math.Max(0, Math.Min(next.Ticks, figures.Ticks)));
    }

    private async Task Look()
    {
        lookedAt = Stopwatch.GetTimestamp();
        var ct = stopping.Token;
        var text = new EventText();
        await using var session = sessions.For(Organization);

        // What is found counts only once it was handed over: a fault in between leaves all as it was, and the next look finds it again.
        var (columns, reached) = (shown!, seq);
        if (switchesChanged)
        {
            // Taken back before it is read: what changes while we read is read again.
            switchesChanged = false;
            columns = await RosterNews.Shown(session, Roster, ct) ?? [];
        }

        var mustHear = !columns.SequenceEqual(shown!);
        if (mustHear)
        {
            RosterNews.WriteSettings(text, columns);
        }

        if (await RosterNews.Since(session, Roster, seq, options.MostCreators, ct) is { } changes)
        {
            await RosterNews.Write(text, session, Roster, changes.Creators, columns, clock.GetUtcNow(), ct);
            reached = changes.Seq;
        }
        else
        {
            reached = await RosterNews.Pulse(session, Roster, ct);
            RosterNews.WriteReload(text, reached, columns);
        }

        figuresDue |= !text.IsEmpty;
        mustHear |= reached == seq;
        if (figuresDue && Stopwatch.GetElapsedTime(figuresAt) >= options.FiguresEvery)
        {
            await RosterNews.WriteFigures(text, session, Roster, reached, columns, ct);
            (figuresDue, figuresAt) = (false, Stopwatch.GetTimestamp());
        }

        (shown, seq) = (columns, reached);
        if (!text.IsEmpty)
        {
            Send(new(reached, text.Bytes, mustHear));
        }
        else if (Stopwatch.GetElapsedTime(spokeAt) >= options.HeartbeatEvery)
        {
            Send(new(reached, EventText.Heartbeat, MustHear: true));
        }
    }

    private void Send(EventBatch batch)
    {
        spokeAt = Stopwatch.GetTimestamp();
        lock (gate)
        {
            foreach (var slow in watchers.Where(watcher => !watcher.Offer(batch)).ToArray())
            {
                slow.End();
                watchers.Remove(slow);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "Those who watch roster {Roster} hear nothing for a moment ({Fault}).")]
    private partial void Failed(Guid roster, string fault);
}
