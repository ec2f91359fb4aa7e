namespace Connections;

/// <summary>
/// Work that a clock starts. Runs until nothing is due, then waits for the next look or for a signal. Replicas share the work: whoever
/// leases a page of rows does them, and a lease that runs out gives them to another.
/// </summary>
internal abstract partial class ClockWorker(TimeSpan lookEvery, NoticeSignal? signal, ILogger logger) : BackgroundService
{
    protected static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    /// <summary>Does one page; answers how many it did.</summary>
    protected abstract Task<int> DoPage(CancellationToken ct);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (await DoPage(stoppingToken) > 0)
                {
                    continue;
                }
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                PageFailed(GetType().Name, exception);
            }

            try
            {
                await (signal?.Wait(lookEvery, stoppingToken) ?? Task.Delay(lookEvery, stoppingToken));
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    [LoggerMessage(LogLevel.Error, "{Worker} failed and will look again.")]
    private partial void PageFailed(string worker, Exception exception);
}

/// <summary>Tells this process's worker that a notice has just been kept; other replicas find it at their next look.</summary>
public sealed class NoticeSignal
{
    private readonly SemaphoreSlim raised = new(0, int.MaxValue);

    public void Raise() => raised.Release();

    public async Task Wait(TimeSpan atMost, CancellationToken ct)
    {
        await raised.WaitAsync(atMost, ct);
        while (raised.CurrentCount > 0)
        {
            await raised.WaitAsync(ct);
        }
    }
}
