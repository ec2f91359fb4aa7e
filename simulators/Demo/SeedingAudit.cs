using System.Text.Json;

namespace Demo;

/// <summary>One command in the audit; the same words as in the services' audits.</summary>
/// <param name="Id">The command.</param>
/// <param name="At">When it was given (UTC).</param>
/// <param name="Command">Which: <c>demo.seed</c>.</param>
/// <param name="By">Who gave it: the id of the client or person of the access token.</param>
/// <param name="State">Done, Failed, or UnderWay: it is being carried out, or was when its process ended.</param>
/// <param name="Affected">1 where something was done; null while it is under way.</param>
/// <param name="EndedAt">When it ended (UTC).</param>
public sealed record SeedingEntry(Guid Id, DateTimeOffset At, string Command, string By, string State, long? Affected, DateTimeOffset? EndedAt);

/// <summary>Who asked for the demo, when, and what came of it: a line before and a line after in a file that only grows. The program has no database, and is not to have one for this.</summary>
public sealed class SeedingAudit
{
    private readonly SemaphoreSlim writing = new(1, 1);
    private readonly string file;

    public SeedingAudit(string folder)
    {
        Directory.CreateDirectory(folder);
        file = Path.Combine(folder, "audit.jsonl");
    }

    public async Task<Guid> Begin(string by, DateTimeOffset at)
    {
        var entry = new SeedingEntry(Guid.CreateVersion7(), at, "demo.seed", by, "UnderWay", null, null);
        await Write(entry);
        return entry.Id;
    }

    public async Task End(Guid id, string state, long affected, DateTimeOffset at)
    {
        var begun = (await Read(CancellationToken.None)).Single(entry => entry.Id == id);
        await Write(begun with { State = state, Affected = affected, EndedAt = at });
    }

    /// <summary>All of them, the newest first.</summary>
    public async Task<IReadOnlyList<SeedingEntry>> Read(CancellationToken ct)
    {
        await writing.WaitAsync(ct);
        try
        {
            var lines = File.Exists(file) ? await File.ReadAllLinesAsync(file, ct) : [];
            return [.. lines.Select(line => JsonSerializer.Deserialize<SeedingEntry>(line)!).GroupBy(entry => entry.Id).Select(entry => entry.Last()).Reverse()];
        }
        finally
        {
            writing.Release();
        }
    }

    private async Task Write(SeedingEntry entry)
    {
        await writing.WaitAsync();
        try
        {
            await File.AppendAllLinesAsync(file, [JsonSerializer.Serialize(entry)]);
        }
        finally
        {
            writing.Release();
        }
    }
}
