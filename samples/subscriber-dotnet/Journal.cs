using System.Text.Json;

namespace Subscriber;

/// <summary>A message, from the broker or the feed.</summary>
public sealed record Received(string MessageId, string Type, string Subject, long Sequence, string Source, object Fact);

/// <summary>
/// What this subscriber has done, a line for each effect, and which messages led to it. In a service of yours this is a table
/// written in the same transaction as the effect; the point is that both are written together or not at all.
/// </summary>
public sealed class Journal : IDisposable
{
    private readonly FileStream file;
    private readonly HashSet<string> taken = [];
    private readonly Dictionary<string, long> sequences = [];
    private readonly Dictionary<string, string> cursors = [];

    public Journal(string path)
    {
        file = new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);

        // A crash may have cut the last line short: then its effect was not written, and the message comes again.
        var whole = bytes.AsSpan().LastIndexOf((byte)'\n') + 1;
        file.SetLength(whole);
        file.Position = whole;
        foreach (var range in bytes.AsSpan(0, whole).Split((byte)'\n'))
        {
            if (bytes.AsSpan(0, whole)[range] is { Length: > 0 } line)
            {
                Remember(JsonSerializer.Deserialize<Line>(line, JsonSerializerOptions.Web)!);
            }
        }
    }

    public string CursorOf(Uri feed) => cursors.GetValueOrDefault(feed.ToString(), "");

    /// <summary>Where the feed was read to. Written after the effects of that page, so a crash in between repeats some and skips none.</summary>
    public void ReadTo(Uri feed, string cursor) => Write(new() { Feed = feed.ToString(), Cursor = cursor });

    /// <summary>Carries a message out once. False: it was carried out before.</summary>
    public bool Take(Received message, string? effect)
    {
        if (taken.Contains(message.MessageId))
        {
            return false;
        }

        // Old news of its subject changes no state any more, but it did happen: what counts happenings counts it.
        var late = message.Sequence <= sequences.GetValueOrDefault(message.Subject);
        Write(new()
        {
            MessageId = message.MessageId,
            Type = message.Type,
            Subject = message.Subject,
            Sequence = message.Sequence,
            Source = message.Source,
            Late = late,
            Effect = late ? null : effect,
        });
        return true;
    }

    public void Dispose() => file.Dispose();

    private void Write(Line line)
    {
        file.Write([.. JsonSerializer.SerializeToUtf8Bytes(line, JsonSerializerOptions.Web), (byte)'\n']);
        Remember(line);
    }

    private void Remember(Line line)
    {
        if (line is { Feed: { } feed, Cursor: { } cursor })
        {
            cursors[feed] = cursor;
        }

        if (line is { MessageId: { } id, Subject: { } subject })
        {
            taken.Add(id);
            sequences[subject] = Math.Max(line.Sequence, sequences.GetValueOrDefault(subject));
        }
    }

    private sealed record Line
    {
        public string? Feed { get; init; }

        public string? Cursor { get; init; }

        public string? MessageId { get; init; }

        public string? Type { get; init; }

        public string? Subject { get; init; }

        public long Sequence { get; init; }

        public string? Source { get; init; }

        public bool Late { get; init; }

        public string? Effect { get; init; }
    }
}
