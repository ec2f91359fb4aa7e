using Microsoft.AspNetCore.Components;
using WebConsole.Apis;

namespace WebConsole.Shared;

/// <summary>A component that asks a service: it waits, gets an answer, or shows the problem that came back.</summary>
public abstract class AskingComponent : ComponentBase, IDisposable
{
    private CancellationTokenSource? asking;

    protected bool Waiting { get; private set; }

    protected ApiProblem? Problem { get; private set; }

    /// <summary>Asks; a newer question makes the answer to an older one worthless, as when somebody types on in a search box.</summary>
    protected async Task Ask(Func<CancellationToken, Task> question)
    {
        asking?.Cancel();
        var mine = asking = new();
        Waiting = true;
        Problem = null;
        try
        {
            await question(mine.Token);
        }
        catch (ApiProblem problem) when (asking == mine)
        {
            Problem = problem;
        }
        catch (Exception) when (mine.IsCancellationRequested)
        {
            return;
        }

        if (asking == mine)
        {
            Waiting = false;
        }
    }

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        asking?.Cancel();
        asking?.Dispose();
        asking = null;
    }
}
