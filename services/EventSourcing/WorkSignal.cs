namespace EventSourcing;

/// <summary>Tells this process's worker that there is work, so that it need not ask often. Other replicas find it when they next look.</summary>
public sealed class WorkSignal : IDisposable
{
    private readonly SemaphoreSlim signal = new(0, 1);

    public void Pulse()
    {
        try
        {
            signal.Release();
        }
        catch (SemaphoreFullException)
        {
            // The worker has been told and has not looked yet.
        }
    }

    public Task Wait(TimeSpan atMost, CancellationToken ct) => signal.WaitAsync(atMost, ct);

    public void Dispose() => signal.Dispose();
}
