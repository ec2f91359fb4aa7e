using System.Threading.Channels;
using Npgsql;

namespace Webhooks.Sending;

/// <summary>Writes endings as they come. Those that come while others are being written go together, so that however many requests are under way, what they wait for is a commit and not a queue of them.</summary>
public sealed partial class Logbook(Endings endings, TimeProvider clock, ILogger<Logbook> logger)
{
    private const int MostAtOnce = 256;
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(1);
    private readonly Channel<Entry> entries = Channel.CreateUnbounded<Entry>(new() { SingleReader = true });

    /// <summary>What became of the lane, once that is committed.</summary>
    /// <exception cref="NpgsqlException">It could not be written as long as the lane was held.</exception>
    public Task<Ended> Write(Ending ending)
    {
        var entry = new Entry(ending);
        return entries.Writer.TryWrite(entry) ? entry.Done.Task : throw new InvalidOperationException("The logbook is closed.");
    }

    /// <summary>Writes until the book is closed and all that was to be written is.</summary>
    public async Task Run()
    {
        while (await entries.Reader.WaitToReadAsync())
        {
            var group = new List<Entry>();
            while (group.Count < MostAtOnce && entries.Reader.TryRead(out var entry))
            {
                group.Add(entry);
            }

            await Write(group);
        }
    }

    public void Close() => entries.Writer.TryComplete();

    private async Task Write(List<Entry> group)
    {
        while (group.Count > 0)
        {
            try
            {
                var ended = await endings.Write([.. group.Select(entry => entry.Ending)], CancellationToken.None);
                foreach (var (entry, index) in group.Select((entry, index) => (entry, index)))
                {
                    entry.Done.SetResult(ended[index]);
                }

                return;
            }
            catch (Exception exception) when (exception is NpgsqlException or TimeoutException)
            {
                // We know what came of it and the database does not. As long as nobody else may take the lane, telling it is worth another try: untold, it is sent again.
                NotWritten(group.Count, exception.GetType().Name);
                GiveUp(group, entry => entry.Ending.Lane.Until <= clock.GetUtcNow(), exception);
                await Task.Delay(group.Count > 0 ? Again : TimeSpan.Zero, clock);
            }
            catch (Exception exception)
            {
                GiveUp(group, _ => true, exception);
            }
        }
    }

    private static void GiveUp(List<Entry> group, Predicate<Entry> which, Exception why)
    {
        group.FindAll(which).ForEach(entry => entry.Done.SetException(why));
        group.RemoveAll(entry => entry.Done.Task.IsCompleted);
    }

    private sealed record Entry(Ending Ending)
    {
        public TaskCompletionSource<Ended> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    [LoggerMessage(LogLevel.Warning, "The outcomes of {Count} deliveries are not saved yet ({Fault}); trying again.")]
    private partial void NotWritten(int count, string fault);
}
