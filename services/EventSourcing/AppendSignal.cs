using System.Diagnostics;
using JasperFx.Events.Daemon.HighWater;
using Marten;
using Marten.Services;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace EventSourcing;

/// <summary>
/// Wakes the projection daemon when events were committed, so that it need not poll quickly. In this process at once; for the other
/// replicas, one of which may be the daemon's leader, by a NOTIFY outside the writing transactions and at most one per window.
/// </summary>
/// <remarks>
/// Marten's own NOTIFY sits in every appending transaction, and PostgreSQL lets only one notifying transaction commit at a time: small
/// commits lost half their rate (tests/Benchmarks shows both). A signal that gets lost costs latency and no event: polling goes on beneath.
/// </remarks>
internal sealed partial class AppendSignal(string channel, TimeSpan window, ILogger<AppendSignal> logger) : IDaemonWakeup, IDocumentSessionListener, IAsyncDisposable
{
    private const int BusyEvents = 32;
    private const int BusyFactor = 4;
    private readonly SemaphoreSlim local = new(0, 1);
    private readonly SemaphoreSlim remote = new(0, 1);
    private readonly CancellationTokenSource stopping = new();
    private NpgsqlDataSource? source;
    private Task listening = Task.CompletedTask;
    private Task notifying = Task.CompletedTask;
    private long lastWake;
    private int sinceWake;
    private int notifier;

    /// <summary>Starts listening and notifying. Separate from construction: the data source exists only once the store does.</summary>
    public void Start(NpgsqlDataSource dataSource)
    {
        source = dataSource;

        // Our own commits have woken us already; waking twice for each would spend the window of the next one.
        listening = Task.Run(() => NotificationListener.Listen(dataSource, channel, HeardOf, () => Pulse(local), SignalLost, stopping.Token));
        notifying = Task.Run(() => NotificationListener.Forever(Notify, SignalLost, stopping.Token));
    }

    /// <inheritdoc/>
    public async Task WaitAsync(TimeSpan timeout, CancellationToken token)
    {
        if (!await local.WaitAsync(timeout, token))
        {
            return;
        }

        // A pulse after a quiet spell wakes at once; under load the pages grow instead of the number of wake-ups, each of which costs the
        // database half a dozen statements however few events it finds.
        var rest = (Interlocked.Exchange(ref sinceWake, 0) < BusyEvents ? window : window * BusyFactor) - Stopwatch.GetElapsedTime(Volatile.Read(ref lastWake));
        if (rest > TimeSpan.Zero)
        {
            await Task.Delay(rest, token);
        }

        Volatile.Write(ref lastWake, Stopwatch.GetTimestamp());
    }

    /// <inheritdoc/>
    public Task AfterCommitAsync(IDocumentSession session, IChangeSet commit, CancellationToken token)
    {
        if (commit.GetStreams().Sum(stream => stream.Events.Count) is > 0 and var events)
        {
            Interlocked.Add(ref sinceWake, events);
            Pulse(local);
            Pulse(remote);
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task BeforeSaveChangesAsync(IDocumentSession session, CancellationToken token) => Task.CompletedTask;

    /// <inheritdoc/>
    public void DocumentLoaded(object id, object document)
    {
    }

    /// <inheritdoc/>
    public void DocumentAddedForStorage(object id, object document)
    {
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // The daemon disposes its wake-up when it stops; the same signal serves the next daemon, so the end comes with DisposeAsync.
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (stopping.IsCancellationRequested)
        {
            return;
        }

        await stopping.CancelAsync();
        await Task.WhenAll(listening, notifying);
    }

    private static void Pulse(SemaphoreSlim signal)
    {
        try
        {
            if (signal.CurrentCount == 0)
            {
                signal.Release();
            }
        }
        catch (SemaphoreFullException)
        {
            // Somebody else pulsed at the same moment.
        }
    }

    private void HeardOf(NpgsqlNotificationEventArgs notification)
    {
        if (notification.PID != Volatile.Read(ref notifier))
        {
            Pulse(local);
        }
    }

    private async Task Notify()
    {
        await using var connection = await source!.OpenConnectionAsync(stopping.Token);
        Volatile.Write(ref notifier, connection.ProcessID);

        // A notification that a crash swallows is only a slower wake-up: not worth a flush of the log.
        await using (var relax = new NpgsqlCommand("set synchronous_commit = off", connection))
        {
            await relax.ExecuteNonQueryAsync(stopping.Token);
        }

        await using var notify = new NpgsqlCommand($"notify {channel}", connection);
        while (true)
        {
            await remote.WaitAsync(stopping.Token);
            await notify.ExecuteNonQueryAsync(stopping.Token);
            await Task.Delay(window, stopping.Token);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The append signal lost its connection ({Fault}); the daemon polls until it is back.")]
    private partial void SignalLost(string fault);
}
