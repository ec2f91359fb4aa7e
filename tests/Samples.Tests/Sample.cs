using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;

namespace Samples.Tests;

/// <summary>One line of a sample's journal: an effect and the message that led to it.</summary>
public sealed record Effect(string MessageId, string Type, string Subject, long Sequence, string Source, bool Late);

/// <summary>A sample as a process of its own, which a test may kill and start again.</summary>
public sealed class Sample(string name, string program, string arguments, IReadOnlyDictionary<string, string> settings) : IDisposable
{
    private readonly string journal = Path.Combine(Path.GetTempPath(), $"{name}-{Guid.NewGuid():N}.jsonl");
    private readonly List<string> said = [];
    private readonly List<Effect> effects = [];
    private long read;
    private Process? process;

    public static string Root([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", ".."));

    public string Name => name;

    public bool HasCaughtUp => Said("Caught up");

    public void Start()
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (key, value) in settings)
        {
            start.Environment[key] = value;
        }

        start.Environment["QUEUE"] = name;
        start.Environment["JOURNAL"] = journal;
        process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) => Note(line.Data);
        process.ErrorDataReceived += (_, line) => Note(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>As the machine's loss would: it gets no chance to finish anything.</summary>
    public void Kill()
    {
        process!.Kill();
        process.WaitForExit();
    }

    /// <summary>What it did so far. Only what is new is read, so that looking often costs the sample nothing; the last line may be half written at this moment.</summary>
    public IReadOnlyList<Effect> Effects()
    {
        Fails();
        if (!File.Exists(journal))
        {
            return effects;
        }

        using var file = new FileStream(journal, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        file.Position = read;
        var bytes = new byte[file.Length - read];
        file.ReadExactly(bytes);
        var whole = bytes.AsSpan().LastIndexOf((byte)'\n') + 1;
        read += whole;
        effects.AddRange(Encoding.UTF8.GetString(bytes, 0, whole).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonSerializer.Deserialize<Effect>(line, JsonSerializerOptions.Web)!).Where(effect => effect.MessageId is not null));
        return effects;
    }

    public void Dispose()
    {
        if (process is { HasExited: false })
        {
            process.Kill();
        }

        process?.Dispose();
        File.Delete(journal);
    }

    private void Note(string? line)
    {
        lock (said)
        {
            said.Add(line ?? "");
        }
    }

    private bool Said(string words)
    {
        lock (said)
        {
            return said.Exists(line => line.Contains(words, StringComparison.Ordinal));
        }
    }

    private void Fails()
    {
        if (process is { HasExited: true })
        {
            lock (said)
            {
                throw new InvalidOperationException($"{name} ended with {process.ExitCode}: {string.Join('\n', said)}");
            }
        }
    }
}
