using System.Diagnostics;
using System.Threading.Channels;
using Npgsql;
using Outreach.Channels;

namespace Outreach;

/// <summary>What became of a message that was handed to the lines.</summary>
public abstract record Fate
{
    private Fate()
    {
    }

    /// <summary>It left, or tried to, and this is what is known of it.</summary>
    public sealed record Told(Answer Answer) : Fate;

    /// <summary>Not a byte of it left. <paramref name="Outage"/>: because nothing can be sent at all just now.</summary>
    public sealed record NotBegun(bool Outage) : Fate;
}

/// <summary>The open lines of this replica. Whoever has letters ready hands them over; each line takes the next one as soon as it has the answer to the last.</summary>
public sealed partial class Lines(IChannel channel, NpgsqlDataSource source, DeliveryOptions options, TimeProvider clock, ILogger<Lines> logger) : IHostedService
{
    private static readonly ActivitySource Source = new("Outreach");
    private readonly Journal journal = new(source, clock);
    private readonly Channel<Job> queue = Channel.CreateUnbounded<Job>();
    private readonly CancellationTokenSource stopping = new();
    private Task[] working = [];

    /// <summary>As whom this replica holds what it has taken.</summary>
    public string Owner { get; } = $"{Environment.MachineName}/{Environment.ProcessId}/{Guid.CreateVersion7():N}";

    /// <summary>Sends the messages of a page, each in its turn. Nothing begins to leave after <paramref name="turnEnd"/>.</summary>
    public IReadOnlyList<(QueuedRecipient Queued, int Attempt, Task<Fate> Fate)> Send(IEnumerable<(QueuedRecipient Queued, Parcel Parcel)> page, DateTimeOffset turnEnd)
    {
        var caution = new Caution();
        return [.. page.Select(one => (one.Queued, one.Parcel.Attempt, Send(new(one.Queued, one.Parcel, turnEnd, caution, new(TaskCreationOptions.RunContinuationsAsynchronously)))))];
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        journal.Start();
        working = [.. Enumerable.Range(0, options.Lines).Select(_ => Task.Run(Work, CancellationToken.None))];
        return Task.CompletedTask;
    }

    /// <summary>A message under way is seen to its end; those behind it go back to where they came from.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await stopping.CancelAsync();
        queue.Writer.TryComplete();
        await Task.WhenAll(working);
        await journal.DisposeAsync();
    }

    private Task<Fate> Send(Job job) => queue.Writer.TryWrite(job) ? job.Done.Task : Task.FromResult<Fate>(new Fate.NotBegun(false));

    private async Task Work()
    {
        ILine? line = null;
        while (await queue.Reader.WaitToReadAsync(CancellationToken.None))
        {
            while (queue.Reader.TryRead(out var job))
            {
                (line, var fate) = await Send(job, line);
                job.Done.SetResult(fate);
            }

            try
            {
                await journal.Flush();
            }
            catch (Exception e) when (e is NpgsqlException or InvalidOperationException)
            {
                // The page that the message belongs to records the answer too; this note is for the case that it cannot.
                NotNoted(e.GetType().Name);
            }

            await (line?.DisposeAsync() ?? ValueTask.CompletedTask);
            line = null;
        }
    }

    private async Task<(ILine? Line, Fate Fate)> Send(Job job, ILine? line)
    {
        if (stopping.IsCancellationRequested || clock.GetUtcNow() >= job.TurnEnd)
        {
            return (line, new Fate.NotBegun(false));
        }

        try
        {
            if (line is { IsOpen: false })
            {
                await line.DisposeAsync();
                line = null;
            }

            line ??= await channel.Open(stopping.Token);
        }
        catch (Exception e)
        {
            ChannelDown(e.Message, e.InnerException?.GetType().Name);
            return (null, new Fate.NotBegun(true));
        }

        // The mark is made while the server is told who writes to whom: only the body has to wait for it. After a no the others of the page ask before they speak, so that a pause
        // does not cost a connection for each message that was ready.
        var mayLeave = journal.Begin(job.Queued, job.Parcel.Attempt);
        if (job.Caution.IsDue && await Refused(job, mayLeave) is { } early)
        {
            return (line, early);
        }

        ActivityContext.TryParse(job.Queued.Trace, null, isRemote: true, out var trace);
        using var activity = Source.StartActivity("deliver outreach", ActivityKind.Producer, trace);
        activity?.SetTag("outreach.id", job.Queued.Recipient.OutreachId);
        activity?.SetTag("outreach.delivery.id", job.Queued.Recipient.DeliveryId);
        Answer answer;
        try
        {
            answer = await line.Send(job.Parcel, mayLeave);
        }
        catch (Exception e)
        {
            // A line that fails like this says nothing of its message, so nothing is known of it. Only the kind of the fault: its words may name a person.
            LineFailed(e.GetType().Name);
            answer = new Answer.Unknown();
            await line.DisposeAsync();
            line = null;
        }

        if (await Refused(job, mayLeave) is { } late)
        {
            activity?.SetTag("outreach.answer", "HeldBack");
            return (line, late);
        }

        activity?.SetTag("outreach.answer", answer.GetType().Name);
        journal.Note(job.Queued, answer);
        return (line, new Fate.Told(answer));
    }

    // Null where the message may leave, or has left.
    private async Task<Fate.NotBegun?> Refused(Job job, Task<bool> mayLeave)
    {
        try
        {
            if (await mayLeave)
            {
                return null;
            }

            job.Caution.IsDue = true;
            return new(false);
        }
        catch (Exception e) when (e is NpgsqlException or InvalidOperationException)
        {
            // Whether the mark was made or not, nothing has left: whoever gives the recipient back takes the mark away.
            NotNoted(e.GetType().Name);
            job.Caution.IsDue = true;
            return new(true);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Nothing can be sent: {Cause} {Fault}")]
    private partial void ChannelDown(string cause, string? fault);

    [LoggerMessage(LogLevel.Error, "A line failed over a message ({Fault}); whether it left is not known.")]
    private partial void LineFailed(string fault);

    [LoggerMessage(LogLevel.Warning, "What a line is doing could not be noted ({Fault}).")]
    private partial void NotNoted(string fault);

    private sealed record Job(QueuedRecipient Queued, Parcel Parcel, DateTimeOffset TurnEnd, Caution Caution, TaskCompletionSource<Fate> Done);

    // One for a page: once one of its messages was held back.
    private sealed class Caution
    {
        private volatile bool isDue;

        public bool IsDue
        {
            get => isDue;
            set => isDue = value;
        }
    }
}
