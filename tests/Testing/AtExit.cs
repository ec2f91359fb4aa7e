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

    // A test runner waits ten seconds for its process and then calls the run a failure. Many databases on a busy machine take longer one after the other, and even
    // at once: what is left then is empty of anything that matters, and servers of our own the next start clears away.
    private static void Finish()
    {
        var ending = Parallel.ForEachAsync(Steps, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (step, _) =>
        {
            try
            {
                await step();
            }
            catch (Exception exception)
            {
                await Console.Error.WriteLineAsync($"Not cleaned away at the end of the tests: {exception.Message}");
            }
        });
        ending.Wait(TimeSpan.FromSeconds(5));
        Task.Run(Scratch.Dispose).Wait(TimeSpan.FromSeconds(3));
    }
}
