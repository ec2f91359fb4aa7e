using System.Collections.Concurrent;
using LocalServers;

namespace Testing;

/// <summary>What the end of the test process ends too. After kill -9 the kernel ends the servers, and the next start clears their folder away.</summary>
internal static class AtExit
{
    private static readonly ConcurrentStack<Func<Task>> Steps = new();

    static AtExit()
    {
        Scratch = new();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Finish();
    }

    public static ScratchFolder Scratch { get; }

    public static void Stop(IAsyncDisposable server) => Steps.Push(async () => await server.DisposeAsync());

    /// <summary>Our own servers forget everything anyway; on those of others we leave nothing.</summary>
    public static void DropFromServersOfOthers(Func<Task> drop, object? given)
    {
        if (given is not null)
        {
            Steps.Push(drop);
        }
    }

    private static void Finish()
    {
        while (Steps.TryPop(out var step))
        {
            try
            {
                // The process is ending: there is nobody left to await.
                Task.Run(step).Wait(TimeSpan.FromSeconds(20));
            }
            catch (AggregateException exception)
            {
                Console.Error.WriteLine($"Not cleaned away at the end of the tests: {exception.InnerException?.Message}");
            }
        }

        // Many databases on a busy machine take longer than a test runner waits for its process. What is left the next start clears away.
        Task.Run(Scratch.Dispose).Wait(TimeSpan.FromSeconds(4));
    }
}
