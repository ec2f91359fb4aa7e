using System.Collections.Concurrent;
using Connections;
using LocalServers;

namespace Chaos.Tests.Kit;

/// <summary>One replica of a service in a process of its own, which a test may kill. It never outlives the tests.</summary>
public sealed class ReplicaProcess : IAsyncDisposable
{
    private const string Listening = "Now listening on: ";
    private readonly ConcurrentQueue<string> output;
    private readonly Task<Uri> address;
    private readonly ChildProcess process;

    private ReplicaProcess(ChildProcess process, ConcurrentQueue<string> output, Task<Uri> address) => (this.process, this.output, this.address) = (process, output, address);

    /// <summary>A replica of Connections.</summary>
    public static Task<ReplicaProcess> Start(IEnumerable<(string Key, string Value)> settings) => Start<Connection>(settings);

    /// <summary>A replica of the service that type is of.</summary>
    public static async Task<ReplicaProcess> Start<TService>(IEnumerable<(string Key, string Value)> settings)
    {
        var output = new ConcurrentQueue<string>();
        var address = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        var command = new ChildCommand("dotnet", typeof(TService).Assembly.Location)
        {
            WorkingDirectory = AppContext.BaseDirectory,
            // Of a setting that is given twice the later counts, as everywhere.
            Environment = settings.Append(("ASPNETCORE_URLS", "http://127.0.0.1:0")).Reverse().DistinctBy(setting => setting.Item1).ToDictionary(setting => setting.Item1.Replace(":", "__"), setting => setting.Item2),
        };
        var process = await ChildProcess.Start(command, line =>
        {
            output.Enqueue(line);
            if (line.IndexOf(Listening, StringComparison.Ordinal) is var at and >= 0)
            {
                address.TrySetResult(new(line[(at + Listening.Length)..].Trim()));
            }
        });
        return new(process, output, address.Task);
    }

    /// <summary>Where it listens, once it does.</summary>
    public async Task<Uri> Address()
    {
        await Until(address);
        return await address;
    }

    /// <summary>Waits for something that only happens while it lives, and says its last words if that does not come.</summary>
    public async Task Until(Task happened)
    {
        try
        {
            await Task.WhenAny(happened, process.Exit).WaitAsync(TimeSpan.FromSeconds(90));
        }
        catch (TimeoutException)
        {
        }

        if (!happened.IsCompletedSuccessfully)
        {
            throw new InvalidOperationException($"{(process.HasExited ? "It ended by itself" : "Nothing came of it in time")}. Its last words:\n{string.Join('\n', output.TakeLast(40))}");
        }
    }

    /// <summary>SIGKILL, as a power cut.</summary>
    public Task Kill() => process.Kill();

    /// <summary>SIGTERM, as an upgrade ends a replica. Answers its exit code; what is not gone by then is killed.</summary>
    public async Task<int> Stop()
    {
        await process.Stop(TimeSpan.FromSeconds(40));
        return await process.Exit;
    }

    public async ValueTask DisposeAsync()
    {
        await process.Kill();
        await process.DisposeAsync();
    }
}
