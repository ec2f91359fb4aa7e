using System.Globalization;
using System.Text.RegularExpressions;
using LocalServers;
using Testing;

namespace Benchmarks;

/// <summary>A program of ours in a process of its own: what it costs is not the benchmark's.</summary>
internal sealed class ServiceProcess(ChildProcess process, Uri address, List<string> said) : IAsyncDisposable
{
    private const string Listening = "Now listening on: ";

    public Uri Address => address;

    /// <summary>Starts an assembly of the benchmark's folder and waits until it listens.</summary>
    public static Task<ServiceProcess> Start(string name, params (string Key, string Value)[] settings) =>
        Start(Path.Combine(AppContext.BaseDirectory, $"{name}.dll"), AppContext.BaseDirectory, settings);

    /// <summary>The same for one that needs the files of its own folder.</summary>
    /// <param name="folder">Below the repository's.</param>
    /// <param name="settings">Its settings.</param>
    public static Task<ServiceProcess> StartBuilt(string folder, params (string Key, string Value)[] settings)
    {
        var at = Path.Combine(PublishedDocument.Root(), folder);
        var built = AppContext.BaseDirectory.Contains("/Release/", StringComparison.Ordinal) ? "Release" : "Debug";
        return Start(Path.Combine(at, "bin", built, "net10.0", $"{Path.GetFileName(folder)}.dll"), at, settings);
    }

    private static async Task<ServiceProcess> Start(string assembly, string folder, (string Key, string Value)[] settings)
    {
        var listening = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        var said = new List<string>();
        var environment = new Dictionary<string, string>
        {
            ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
            ["OTEL_TRACES_SAMPLER"] = "always_off",
            ["Logging__LogLevel__Default"] = "Warning",
            ["Logging__LogLevel__Microsoft.Hosting.Lifetime"] = "Information",
        };
        foreach (var (key, value) in settings)
        {
            environment[key.Replace(":", "__", StringComparison.Ordinal)] = value;
        }

        var process = await ChildProcess.Start(
            new("dotnet", assembly) { WorkingDirectory = folder, Environment = environment },
            line =>
            {
                lock (said)
                {
                    said.Add(line);
                }

                if (line.IndexOf(Listening, StringComparison.Ordinal) is var at and >= 0)
                {
                    listening.TrySetResult(new(line[(at + Listening.Length)..].Trim() + "/"));
                }
            });
        return new(process, await listening.Task.WaitAsync(TimeSpan.FromMinutes(2)), said);
    }

    /// <summary>The port it said behind these words while it started.</summary>
    public string PortBehind(string words)
    {
        lock (said)
        {
            return Regex.Match(said.First(line => line.Contains(words, StringComparison.Ordinal)), $@"{Regex.Escape(words)} (\d+)").Groups[1].Value;
        }
    }

    /// <summary>Bytes it has resident now.</summary>
    public long Resident() => Kilobytes("VmRSS:") * 1024;

    /// <summary>The most it has had resident since it started.</summary>
    public long Peak() => Kilobytes("VmHWM:") * 1024;

    /// <summary>The time that processors have worked for it so far.</summary>
    public TimeSpan Worked() => Worked(process.ProcessId);

    /// <summary>The same for any process; nothing for one that is over.</summary>
    public static TimeSpan Worked(int processId)
    {
        try
        {
            using var one = System.Diagnostics.Process.GetProcessById(processId);
            return one.TotalProcessorTime;
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException)
        {
            return TimeSpan.Zero;
        }
    }

    public ValueTask DisposeAsync() => process.DisposeAsync();

    private long Kilobytes(string what) => long.Parse(
        File.ReadLines($"/proc/{process.ProcessId}/status").Single(line => line.StartsWith(what, StringComparison.Ordinal))[what.Length..].Replace("kB", "", StringComparison.Ordinal),
        CultureInfo.InvariantCulture);
}
