using System.Globalization;
using System.Text.Json;
using System.Threading.Channels;

namespace Mail;

/// <summary>
/// Messages on disk: files that only grow, each message a line of JSON (the envelope) followed by its bytes. All that waits is written at once, without
/// asking the disk to confirm: it survives a crash of the process, not of the machine.
/// </summary>
internal sealed class Archive : IAsyncDisposable
{
    private readonly Channel<Work> queue = Channel.CreateUnbounded<Work>(new() { SingleReader = true });
    private readonly DirectoryInfo? directory;
    private readonly int perFile;
    private readonly Task writing;

    public Archive(Settings settings)
    {
        perFile = settings.Mailbox.Capacity;
        directory = settings.State.Directory is { Length: > 0 } path ? Directory.CreateDirectory(path) : null;
        writing = directory is null ? Task.CompletedTask : Task.Run(Write);
    }

    private sealed record Work(Message? Message, TaskCompletionSource Done);

    private sealed record Envelope(string Id, string From, string[] To, DateTimeOffset ReceivedAt, int Length, ReportRequest? Reports = null);

    public Task Append(Message message) => directory is null ? Task.CompletedTask : Enqueue(message);

    public Task Clear() => directory is null ? Task.CompletedTask : Enqueue(null);

    /// <summary>The last messages kept, oldest first.</summary>
    public IEnumerable<Message> Load(int count) => Files().SelectMany(Read).TakeLast(count).ToList();

    public async ValueTask DisposeAsync()
    {
        queue.Writer.TryComplete();
        await writing;
    }

    private static IEnumerable<Message> Read(FileInfo file)
    {
        var bytes = File.ReadAllBytes(file.FullName).AsMemory();
        while (bytes.Span.IndexOf((byte)'\n') is > 0 and var end)
        {
            var envelope = JsonSerializer.Deserialize<Envelope>(bytes.Span[..end])!;
            if (bytes.Length < end + 1 + envelope.Length)
            {
                // The process was killed while it wrote this one: the client had no answer yet and will send it again.
                break;
            }

            yield return new(envelope.Id, envelope.From, envelope.To, envelope.ReceivedAt, bytes.Slice(end + 1, envelope.Length)) { Reports = envelope.Reports };
            bytes = bytes[(end + 1 + envelope.Length)..];
        }
    }

    private Task Enqueue(Message? message)
    {
        var work = new Work(message, new(TaskCreationOptions.RunContinuationsAsynchronously));
        return queue.Writer.TryWrite(work) ? work.Done.Task : Task.FromException(new ObjectDisposedException(nameof(Archive)));
    }

    private IReadOnlyList<FileInfo> Files() =>
        directory is null ? [] : [.. directory.GetFiles("mail-*.log").OrderBy(file => file.Name, StringComparer.Ordinal)];

    private async Task Write()
    {
        FileStream? stream = null;
        var written = 0;
        while (await queue.Reader.WaitToReadAsync())
        {
            var done = new List<TaskCompletionSource>();
            try
            {
                while (done.Count < 1000 && queue.Reader.TryRead(out var work))
                {
                    done.Add(work.Done);
                    if (work.Message is null || written == perFile)
                    {
                        await (stream?.DisposeAsync() ?? default);
                        (stream, written) = (null, 0);
                        // A full file holds as many messages as are kept, so those before it hold none of them.
                        Files().SkipLast(work.Message is null ? 0 : 1).ToList().ForEach(file => file.Delete());
                    }

                    if (work.Message is { } message)
                    {
                        stream ??= Open();
                        Put(stream, message);
                        written++;
                    }
                }

                await (stream?.FlushAsync() ?? Task.CompletedTask);
                done.ForEach(one => one.SetResult());
            }
            catch (IOException exception)
            {
                // A full disk, say. What follows goes to another file: nothing can be read behind half a message.
                stream = null;
                done.ForEach(one => one.TrySetException(exception));
            }
        }

        await (stream?.DisposeAsync() ?? default);
    }

    // A file of its own for each run, too: half a message that a killed process left stays the end of its file.
    private FileStream Open()
    {
        var number = Files() is [.., var last] ? int.Parse(Path.GetFileNameWithoutExtension(last.Name)["mail-".Length..], CultureInfo.InvariantCulture) : 0;
        return new(Path.Combine(directory!.FullName, $"mail-{number + 1:D8}.log"), FileMode.CreateNew, FileAccess.Write, FileShare.Read, 1 << 16);
    }

    private static void Put(FileStream stream, Message message)
    {
        JsonSerializer.Serialize(stream, new Envelope(message.Id, message.EnvelopeFrom, [.. message.To], message.ReceivedAt, message.Source.Length, message.Reports));
        stream.WriteByte((byte)'\n');
        stream.Write(message.Source.Span);
    }
}
