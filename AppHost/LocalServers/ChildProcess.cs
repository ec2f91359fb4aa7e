using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace LocalServers;

/// <summary>What to run. With <see cref="User"/> and root's rights it runs as that user; with <see cref="OwnEnvironmentOnly"/> nothing of ours is inherited.</summary>
public sealed record ChildCommand(string FileName, params string[] Arguments)
{
    public string? WorkingDirectory { get; init; }
    public string? User { get; init; }
    public bool OwnEnvironmentOnly { get; init; }
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();
}

/// <summary>Something that runs until it ends by itself or is disposed of, which stops it in good order.</summary>
public interface IRunning : IAsyncDisposable
{
    int ProcessId { get; }

    Task<int> Exit { get; }
}

/// <summary>
/// A child process that never outlives us. It gets a session of its own, so that Ctrl-C reaches only us and we choose the order of the stop,
/// and the kernel sends it SIGTERM when we die, even by kill -9.
/// </summary>
public sealed class ChildProcess : IRunning
{
    private static readonly BlockingCollection<Action> Launches = StartLauncher();
    private readonly Process _process;

    private ChildProcess(Process process)
    {
        _process = process;
        Exit = ExitOf(process);
    }

    public int ProcessId => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>Completes with the exit code; a death by signal is 128 plus the signal's number.</summary>
    public Task<int> Exit { get; }

    /// <param name="command">What to run.</param>
    /// <param name="output">Gets every line of both its outputs.</param>
    public static Task<ChildProcess> Start(ChildCommand command, Action<string> output)
    {
        var started = new TaskCompletionSource<ChildProcess>(TaskCreationOptions.RunContinuationsAsynchronously);
        Launches.Add(() =>
        {
            try
            {
                started.SetResult(Launch(command, output));
            }
            catch (Exception exception)
            {
                started.SetException(exception);
            }
        });
        return started.Task;
    }

    /// <summary>Runs a short command to its end; fails with its output when it fails.</summary>
    public static async Task Run(ChildCommand command, CancellationToken cancellation = default)
    {
        var lines = new ConcurrentQueue<string>();
        await using var child = await Start(command, lines.Enqueue);
        if (await child.Exit.WaitAsync(cancellation) is not 0 and var code)
        {
            throw new InvalidOperationException($"{command.FileName} {string.Join(' ', command.Arguments)} failed with {code}:\n{string.Join('\n', lines)}");
        }
    }

    public void Signal(PosixSignal signal)
    {
        if (!HasExited)
        {
            _ = Kill(ProcessId, Number(signal));
        }
    }

    /// <summary>Asks it to stop; what is still there of its process group after <paramref name="patience"/> is killed.</summary>
    public async Task Stop(TimeSpan patience, PosixSignal signal = PosixSignal.SIGTERM)
    {
        Signal(signal);
        try
        {
            await Exit.WaitAsync(patience);
        }
        catch (TimeoutException)
        {
            await Kill();
        }
    }

    /// <summary>Ends it at once (SIGKILL), with everything it started.</summary>
    public async Task Kill()
    {
        if (!HasExited)
        {
            _ = Kill(-ProcessId, 9);
            await Exit;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Stop(TimeSpan.FromSeconds(10));
        _process.Dispose();
    }

    private static ChildProcess Launch(ChildCommand command, Action<string> output)
    {
        var start = new ProcessStartInfo("setsid")
        {
            WorkingDirectory = command.WorkingDirectory ?? "/",
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add("setpriv");
        if (command.User is { } user && System.Environment.IsPrivilegedProcess)
        {
            foreach (var argument in (string[])[$"--reuid={user}", $"--regid={user}", "--init-groups"])
            {
                start.ArgumentList.Add(argument);
            }
        }

        foreach (var argument in (string[])["--pdeathsig", "TERM", "--", command.FileName, .. command.Arguments])
        {
            start.ArgumentList.Add(argument);
        }

        if (command.OwnEnvironmentOnly)
        {
            start.Environment.Clear();
            start.Environment["PATH"] = System.Environment.GetEnvironmentVariable("PATH") ?? "/usr/bin:/bin";
        }

        foreach (var (name, value) in command.Environment)
        {
            start.Environment[name] = value;
        }

        var process = new Process { StartInfo = start, EnableRaisingEvents = true };
        process.OutputDataReceived += (_, line) => Pass(line.Data);
        process.ErrorDataReceived += (_, line) => Pass(line.Data);
        process.Start();
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new(process);

        void Pass(string? line)
        {
            if (line is not null)
            {
                output(line);
            }
        }
    }

    // Its last words are waited for, but not for ever: a grandchild that lives on may hold the pipe open.
    private static async Task<int> ExitOf(Process process)
    {
        var exited = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        process.Exited += (_, _) => exited.TrySetResult();
        if (!process.HasExited)
        {
            await exited.Task;
        }

        await Task.WhenAny(process.WaitForExitAsync(), Task.Delay(TimeSpan.FromSeconds(1)));
        return process.ExitCode;
    }

    // The kernel's promise (PR_SET_PDEATHSIG) is about the thread that started the child, not about our process: started from a pool thread,
    // a server would be ended as soon as the pool lets that thread go. So one thread starts them all and stays to the end.
    private static BlockingCollection<Action> StartLauncher()
    {
        var launches = new BlockingCollection<Action>();
        new Thread(() =>
        {
            foreach (var launch in launches.GetConsumingEnumerable())
            {
                launch();
            }
        })
        { IsBackground = true, Name = "child processes" }.Start();
        return launches;
    }

    private static int Number(PosixSignal signal) => signal switch
    {
        PosixSignal.SIGINT => 2,
        PosixSignal.SIGTERM => 15,
        PosixSignal.SIGHUP => 1,
        PosixSignal.SIGQUIT => 3,
        _ => throw new ArgumentOutOfRangeException(nameof(signal)),
    };

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Kill(int pid, int signal);
}
