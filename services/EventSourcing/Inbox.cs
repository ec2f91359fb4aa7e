using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Threading.Channels;
using JasperFx.Events;
using Marten;
using Marten.Exceptions;
using MassTransit;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace EventSourcing;

/// <summary>A decision refused a message: it goes to retry and then to the error queue, where an operator can see and replay it.</summary>
public sealed class MessageRefusedException(string code, string detail) : Exception($"{code}: {detail}")
{
    /// <summary>The refusal's stable code.</summary>
    public string Code { get; } = code;
}

/// <summary>
/// Takes in messages exactly once in effect: a message's id and the events it led to are committed together, a repeated delivery is
/// dropped. Messages that arrive while a commit is under way share the next one; each still succeeds or fails alone.
/// </summary>
public sealed partial class Inbox : IAsyncDisposable
{
    private const int Lanes = 4;
    private const int BatchSize = 400;
    private const int Busy = 8;
    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan OutagePause = TimeSpan.FromSeconds(1);

    private readonly IDocumentStore store;
    private readonly TimeProvider clock;
    private readonly ILogger<Inbox> logger;
    private readonly string table;
    private readonly Channel<Entry>[] lanes;
    private readonly Task[] workers;
    private readonly Meter meter = new(EventMetadata.SourceName);
    private readonly Counter<long> taken;
    private readonly Counter<long> repeated;

    /// <summary>One per process.</summary>
    public Inbox(IDocumentStore store, TimeProvider clock, ILogger<Inbox> logger)
    {
        (this.store, this.clock, this.logger) = (store, clock, logger);
        table = InboxTable.NameIn(store.Options.Events.DatabaseSchemaName);
        taken = meter.CreateCounter<long>("inbox.messages", "{message}", "Messages taken in.");
        repeated = meter.CreateCounter<long>("inbox.repeats", "{message}", "Repeated deliveries that were dropped.");
        lanes = [.. Enumerable.Range(0, Lanes).Select(_ => Channel.CreateUnbounded<Entry>(new() { SingleReader = true }))];
        workers = [.. lanes.Select(lane => Task.Run(() => Work(lane.Reader)))];
    }

    /// <summary>Decides on one stream of this service because of a message, and records the decision and the message together.</summary>
    /// <param name="context">The message as it was received; must carry a message id.</param>
    /// <param name="organization">The organization the message speaks of.</param>
    /// <param name="id">The stream it concerns.</param>
    /// <param name="decide">Sees the current state; pure, since it may be called again.</param>
    /// <param name="alongside">Documents to store in the same transaction; not run on a refusal.</param>
    /// <exception cref="MessageRefusedException">The decision was a refusal.</exception>
    public Task Record<T>(ConsumeContext context, string organization, Guid id, Func<T?, Decision> decide, Action<IDocumentOperations>? alongside = null)
        where T : class, IStreamState<T>
    {
        if (!OrganizationScope.IsWellFormed(organization))
        {
            throw new MessageRefusedException("organization.malformed", "The message names no well-formed organization.");
        }

        var entry = new Entry<T>(
            context.ReceiveContext.InputAddress.Segments[^1],
            context.MessageId ?? throw new MessageRefusedException("message.no-id", "The message has no message id, so a repeated delivery could not be told."),
            organization,
            id,
            context.CorrelationId?.ToString(),
            Activity.Current?.Context,
            decide,
            alongside);

        // A stream always meets in the same lane: two messages about it never race within a process.
        lanes[(uint)id.GetHashCode() % Lanes].Writer.TryWrite(entry);
        return entry.Done;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var lane in lanes)
        {
            lane.Writer.TryComplete();
        }

        await Task.WhenAll(workers);
        meter.Dispose();
    }

    private async Task Work(ChannelReader<Entry> lane)
    {
        var batch = new List<Entry>(BatchSize);
        while (await lane.WaitToReadAsync())
        {
            // Where many came last time, more are on their way: a moment's wait makes one commit of them. Alone, a message waits for nothing.
            if (batch.Count >= Busy)
            {
                await Task.Delay(Gather);
            }

            batch.Clear();
            while (batch.Count < BatchSize && lane.TryRead(out var entry))
            {
                batch.Add(entry);
            }

            await CommitOrSplit(batch, lane);
        }
    }

    private async Task CommitOrSplit(IReadOnlyList<Entry> batch, ChannelReader<Entry> lane)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await Commit(batch, lookFirst: batch.Count > 1 || attempt > 1);
                return;
            }
            catch (Exception exception) when (IsOutage(exception) && !lane.Completion.IsCompleted)
            {
                // The database is away. The messages stay unacknowledged with the broker: waiting loses nothing, giving up would fill the error queue.
                DatabaseAway(batch.Count, exception.GetType().Name);
                await Task.Delay(OutagePause, clock);
            }
            catch (Exception exception) when (Races.IsLost(exception) && attempt < 4)
            {
                // Another replica moved one of the streams, or took in the same message: look again.
            }
            catch (Exception exception) when (batch.Count == 1)
            {
                batch[0].Fail(exception);
                return;
            }
            catch (Exception)
            {
                // Somewhere in here is a message that cannot be committed. Alone, each of the others can.
                foreach (var entry in batch)
                {
                    await CommitOrSplit([entry], lane);
                }

                return;
            }
        }
    }

    private async Task Commit(IReadOnlyList<Entry> batch, bool lookFirst)
    {
        await using var session = store.LightweightSession(StorageTenant(batch));

        // A message alone is most likely new: the table's key refuses it if it is not, and then we look. Among many, one repeat would undo them all.
        var seen = lookFirst ? await AlreadyTaken(session, batch) : [];
        var fresh = new List<Entry>(batch.Count);
        foreach (var entry in batch)
        {
            if (seen.Add((entry.Endpoint, entry.MessageId)))
            {
                fresh.Add(entry);
            }
            else
            {
                repeated.Add(1);
            }
        }

        var streams = new Dictionary<(string, Guid), StreamState>();
        foreach (var tenant in fresh.GroupBy(entry => entry.Organization))
        {
            Guid[] ids = [.. tenant.Select(entry => entry.StreamId).Distinct()];
            var operations = session.ForTenant(tenant.Key);
            foreach (var (id, stored) in await StoredStream.Many(operations, ids, CancellationToken.None))
            {
                streams[(tenant.Key, id)] = new(stored);
            }
        }

        var decided = new List<Entry>(fresh.Count);
        foreach (var entry in fresh)
        {
            try
            {
                entry.Apply(session.ForTenant(entry.Organization), streams[(entry.Organization, entry.StreamId)]);
                decided.Add(entry);
            }
            catch (Exception exception)
            {
                entry.Fail(exception);
            }
        }

        foreach (var ((organization, id), stream) in streams)
        {
            if (stream.Appended.Count > 0)
            {
                session.ForTenant(organization).Events.Append(id, stream.Version + stream.Appended.Count, stream.Appended);
            }
        }

        if (decided.Count > 0)
        {
            session.QueueSqlCommand(
                $"insert into {table} (endpoint, message_id) select * from unnest(?, ?)",
                decided.Select(entry => entry.Endpoint).ToArray(),
                decided.Select(entry => entry.MessageId).ToArray());
            await session.SaveChangesAsync();
            taken.Add(decided.Count);
        }

        foreach (var entry in batch)
        {
            entry.Complete();
        }
    }

    private async Task<HashSet<(string, Guid)>> AlreadyTaken(IDocumentSession session, IReadOnlyList<Entry> batch)
    {
        await using var command = new NpgsqlCommand($"select endpoint, message_id from {table} where endpoint = any($1) and message_id = any($2)")
        {
            Parameters =
            {
                new() { Value = batch.Select(entry => entry.Endpoint).Distinct().ToArray() },
                new() { Value = batch.Select(entry => entry.MessageId).ToArray() },
            },
        };
        await using var reader = await session.ExecuteReaderAsync(command);
        var found = new HashSet<(string, Guid)>();
        while (await reader.ReadAsync())
        {
            found.Add((reader.GetString(0), reader.GetGuid(1)));
        }

        return found;
    }

    private static string StorageTenant(IReadOnlyList<Entry> batch) => batch[0].Organization;

    private static bool IsOutage(Exception exception) => exception switch
    {
        PostgresException postgres => postgres.IsTransient && !Races.IsLost(postgres),
        NpgsqlException or TimeoutException => true,
        MartenCommandException { InnerException: { } inner } => IsOutage(inner),
        _ => false,
    };

    [LoggerMessage(LogLevel.Warning, "{Count} messages wait for the database ({Fault}).")]
    private partial void DatabaseAway(int count, string fault);

    /// <summary>One stream within a batch: what was read of it and what the batch's messages added so far.</summary>
    private sealed class StreamState(StoredStream stored)
    {
        private object? state;
        private bool folded;

        public long Version { get; } = stored.Version;

        public List<IEvent> Appended { get; } = [];

        public T? Current<T>()
            where T : class, IStreamState<T>
        {
            if (!folded)
            {
                (state, folded) = (StreamFold<T>.Of(stored.Events), true);
            }

            return (T?)state;
        }

        public void Append<T>(IReadOnlyList<IEvent> events)
            where T : class, IStreamState<T>
        {
            state = StreamFold<T>.Of(events, (T?)state);
            Appended.AddRange(events);
        }
    }

    private abstract class Entry(string endpoint, Guid messageId, string organization, Guid streamId)
    {
        private readonly TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string Endpoint { get; } = endpoint;

        public Guid MessageId { get; } = messageId;

        public string Organization { get; } = organization;

        public Guid StreamId { get; } = streamId;

        public Task Done => done.Task;

        public abstract void Apply(IDocumentOperations operations, StreamState stream);

        public void Complete() => done.TrySetResult();

        public void Fail(Exception exception) => done.TrySetException(exception);
    }

    private sealed class Entry<T>(
        string endpoint, Guid messageId, string organization, Guid streamId, string? correlation, ActivityContext? trace, Func<T?, Decision> decide, Action<IDocumentOperations>? alongside)
        : Entry(endpoint, messageId, organization, streamId)
        where T : class, IStreamState<T>
    {
        public override void Apply(IDocumentOperations operations, StreamState stream)
        {
            switch (decide(stream.Current<T>()))
            {
                case Decision.Refused refusal:
                    throw new MessageRefusedException(refusal.Code, refusal.Detail);
                case Decision.Recorded recorded:
                    stream.Append<T>([.. recorded.Events.Select(e => EventMetadata.Stamp(operations.Events.BuildEvent(e), trace, correlation, MessageId.ToString()))]);
                    break;
            }

            alongside?.Invoke(operations);
        }
    }
}
