using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Platforms.Accounts;

/// <summary>
/// What survives a restart: one line of JSON per change, the newest line of a key wins. A line goes to the operating system before the caller
/// is answered, so a killed process loses nothing it promised; a line torn by the machine going down is skipped. Every start writes the
/// surviving lines to a new file and renames it over the old one. Without a directory nothing is written.
/// </summary>
public sealed class Journal : IDisposable
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter() } };

    private readonly Lock gate = new();
    private readonly Dictionary<(string Kind, string Key), string> recalled = [];
    private readonly FileStream? file;

    public Journal(string? directory)
    {
        if (string.IsNullOrWhiteSpace(directory))
        {
            return;
        }

        Directory.CreateDirectory(directory);
        var path = Path.Combine(directory, "platforms.jsonl");
        foreach (var line in File.Exists(path) ? File.ReadLines(path) : [])
        {
            Recall(line);
        }

        File.WriteAllLines(path + ".new", recalled.Values);
        File.Move(path + ".new", path, overwrite: true);
        file = new(path, FileMode.Append, FileAccess.Write, FileShare.Read);
    }

    public IEnumerable<T> Recall<T>(string kind) =>
        recalled.Where(r => r.Key.Kind == kind).Select(r => JsonSerializer.Deserialize<Line<T>>(r.Value, Options)!.Value!);

    /// <summary>Calls for one key must not overlap: the caller holds that key's lock, or the older line could land last.</summary>
    public void Remember<T>(string kind, string key, T value) => Append(new Line<T>(kind, key, value));

    public void Forget(string kind, string key) => Append(new Line<object>(kind, key, null));

    public void Dispose() => file?.Dispose();

    private void Recall(string line)
    {
        try
        {
            if (JsonSerializer.Deserialize<Line<JsonElement?>>(line, Options) is not { Kind: not null, Key: not null } entry)
            {
                return;
            }

            recalled.Remove((entry.Kind, entry.Key));
            if (entry.Value is { ValueKind: not JsonValueKind.Null })
            {
                recalled[(entry.Kind, entry.Key)] = line;
            }
        }
        catch (JsonException)
        {
            // A torn line: the change it held was never answered for.
        }
    }

    private void Append<T>(Line<T> line)
    {
        if (file is null)
        {
            return;
        }

        var bytes = Encoding.UTF8.GetBytes(JsonSerializer.Serialize(line, Options) + "\n");
        lock (gate)
        {
            file.Write(bytes);
            file.Flush();
        }
    }

    private sealed record Line<T>(string Kind, string Key, T? Value);
}
