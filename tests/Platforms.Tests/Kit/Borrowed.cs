namespace Platforms.Tests.Kit;

/// <summary>The shared simulator, until a test moves the clock, a switch or a limit: from then on one of its own. Starting one takes half a second.</summary>
public sealed class Borrowed(SharedSimulator shared) : IAsyncDisposable
{
    private Simulator? own;

    public Simulator Simulator => own ?? shared.Simulator;

    public async Task Replace() => own = await Simulator.Start();

    public async ValueTask DisposeAsync()
    {
        if (own is not null)
        {
            await own.DisposeAsync();
        }
    }
}
