using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Platforms.Accounts;

/// <summary>
/// What survives a restart: one line of JSON per change, the newest line of a key wins. A line goes to the operating system before the caller
/// is answered, so a killed process loses nothing it promised; a line torn by the machine going down is skipped. At start, and whenever old
/// lines outgrow the living ones, the living ones are written to a new file that is renamed over the old. Without a directory nothing is written.
/// </summary>
public sealed class Journal : IDisposable
{
    private const int TimesLiving = 4;

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter() } };

    private readonly Lock gate = new();
    private readonly Dictionary<(string Kind, string Key), string> newest = [];
    private readonly string? path;
    private readonly long worthCompacting;
    private readonly FileStream? claim;
    private FileStream? file;
    private long living;

    /// <param name="directory">Where the journal lies; null or empty keeps everything in memory only.</param>
    /// <param name="worthCompacting">Bytes below which old lines are left where they are.</param>
    public Journal(string? directory, long worthCompacting = 32 * 1024 * 1024)
    {
        this.worthCompacting = worthCompacting;
        if (string.IsNullOrWhiteSpace(directory))
        {
            return;
        }

        Directory.CreateDirectory(directory);
        claim = Claim(directory);
        path = Path.Combine(directory, "platforms.jsonl");
        foreach (var line in File.Exists(path) ? File.ReadLines(path) : [])
        {
            Recall(line);
        }

        Compact();
    }

    /// <summary>Whether anything is written at all.</summary>
    public bool IsKept => path is not null;

    public IReadOnlyList<T> Recall<T>(string kind)
    {
        lock (gate)
        {
            return [.. newest.Where(l => l.Key.Kind == kind).Select(l => JsonSerializer.Deserialize<Line<T>>(l.Value, Options)!.Value!)];
        }
    }

    /// <summary>Calls for one key must not overlap: the caller holds that key's lock, or the older line could land last.</summary>
    public void Remember<T>(string kind, string key, T value) => Append(new Line<T>(kind, key, value), gone: false);

    public void Forget(string kind, string key) => Append(new Line<object>(kind, key, null), gone: true);

    public void Dispose()
    {
        file?.Dispose();
        claim?.Dispose();
    }

    // Two processes on one directory would rename each other's file away.
    private static FileStream Claim(string directory)
    {
        try
        {
            return new(Path.Combine(directory, "platforms.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e)
        {
            throw new InvalidOperationException($"Another process keeps its state in {directory}. Stop it, or give this one another State:Directory.", e);
        }
    }

    private void Recall(string line)
    {
        try
        {
            if (JsonSerializer.Deserialize<Line<JsonElement?>>(line, Options) is { Kind: not null, Key: not null } entry)
            {
                Note((entry.Kind, entry.Key), line, gone: entry.Value is null or { ValueKind: JsonValueKind.Null });
            }
        }
        catch (JsonException)
        {
            // A torn line: the change it held was never answered for.
        }
    }

    private void Append<T>(Line<T> line, bool gone)
    {
        if (file is null)
        {
            return;
        }

        var text = JsonSerializer.Serialize(line, Options);
        var bytes = Encoding.UTF8.GetBytes(text + "\n");
        lock (gate)
        {
            Note((line.Kind, line.Key), text, gone);
            file.Write(bytes);
            file.Flush();
            if (file.Length > worthCompacting && file.Length > living * TimesLiving)
            {
                Compact();
            }
        }
    }

    private void Note((string Kind, string Key) key, string line, bool gone)
    {
        living -= newest.Remove(key, out var older) ? older.Length : 0;
        if (!gone)
        {
            newest[key] = line;
            living += line.Length;
        }
    }

    private void Compact()
    {
        File.WriteAllLines(path + ".new", newest.Values);
        file?.Dispose();
        File.Move(path + ".new", path!, overwrite: true);
        file = new(path!, FileMode.Append, FileAccess.Write, FileShare.Read);
    }

    private sealed record Line<T>(string Kind, string Key, T? Value);
}
