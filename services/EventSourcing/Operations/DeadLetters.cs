using Marten;
using Npgsql;
using NpgsqlTypes;
using RabbitMQ.Client;

namespace EventSourcing.Operations;

/// <summary>A message that was not taken in.</summary>
/// <param name="Id">For requeue and discard.</param>
/// <param name="Queue">The queue it came from and would go back to.</param>
/// <param name="Kind">Fault: its consumer failed and went on failing. Skipped: no consumer of the queue knows its type.</param>
/// <param name="MessageId">The message's id, the same after a requeue.</param>
/// <param name="Contract">What kind of message it is.</param>
/// <param name="Organization">Whose it is.</param>
/// <param name="Subject">What it is about.</param>
/// <param name="Sequence">Its number among those about the same subject.</param>
/// <param name="FaultedAt">When it was laid aside (UTC).</param>
/// <param name="ExceptionType">The type of the fault. Its words are not shown: they can hold what the message holds.</param>
/// <param name="Reason">The code of the refusal, where the consumer refused it for a reason of its own.</param>
public sealed record DeadLetter(
    Guid Id, string Queue, string Kind, string? MessageId, string? Contract, string? Organization, string? Subject, long? Sequence, DateTimeOffset FaultedAt, string? ExceptionType, string? Reason);

/// <summary>How many dead letters a queue has.</summary>
/// <param name="Queue">The queue.</param>
/// <param name="Messages">How many there are.</param>
/// <param name="Oldest">When the oldest of those fetched was laid aside (UTC).</param>
public sealed record DeadLetterQueue(string Queue, long Messages, DateTimeOffset? Oldest);

/// <summary>Dead letters, in the order they were fetched.</summary>
/// <param name="Queues">Each queue of this service that has any.</param>
/// <param name="Items">The messages.</param>
/// <param name="Next">Give it as <c>cursor</c> for what follows; null on the last page.</param>
public sealed record DeadLetterPage(IReadOnlyList<DeadLetterQueue> Queues, IReadOnlyList<DeadLetter> Items, string? Next);

/// <summary>
/// The messages that this service could not take in. They lie in the broker's error queues until an operator looks; then they are fetched into a
/// table, which can be read in pages and worked on row by row. Each step keeps before it lets go: a crash in between repeats and loses nothing.
/// </summary>
/// <param name="queues">The queues that this service receives from.</param>
/// <param name="store">Of the service.</param>
/// <param name="source">Of the service's database.</param>
/// <param name="broker">The broker.</param>
/// <param name="gauge">Shows what is counted.</param>
/// <param name="clock">The time.</param>
public sealed class DeadLetters(IReadOnlyList<string> queues, IDocumentStore store, NpgsqlDataSource source, Broker broker, DeadLetterGauge gauge, TimeProvider clock)
{
    internal const int MostIds = 1_000;

    // A look fetches so many at most, so that it stays quick however many there are; the next look fetches more.
    private const int MostFetched = 2_000;
    private const int Page = 100;
    private static readonly (string Suffix, string Kind)[] Asides = [("_error", "Fault"), ("_skipped", "Skipped")];
    private readonly string table = DeadLetterTable.NameIn(store.Options.Events.DatabaseSchemaName);

    /// <summary>The queues this service receives from.</summary>
    public IReadOnlyList<string> Queues { get; } = [.. queues.Distinct().Order(StringComparer.Ordinal)];

    /// <summary>How many dead letters each queue has, in the broker and in the table.</summary>
    public async Task<IReadOnlyList<DeadLetterQueue>> Count(CancellationToken ct)
    {
        var kept = new Dictionary<string, (long Count, DateTimeOffset Oldest)>();
        await using (var command = source.CreateCommand($"select queue, count(*), min(faulted_at) from {table} group by queue"))
        await using (var reader = await command.ExecuteReaderAsync(ct))
        {
            while (await reader.ReadAsync(ct))
            {
                kept[reader.GetString(0)] = (reader.GetInt64(1), reader.GetFieldValue<DateTimeOffset>(2));
            }
        }

        var counts = new List<DeadLetterQueue>();
        foreach (var queue in Queues.Union(kept.Keys))
        {
            var waiting = 0L;
            foreach (var (suffix, _) in Asides)
            {
                waiting += await broker.Count(queue + suffix, ct) ?? 0;
            }

            if (kept.TryGetValue(queue, out var rows) || waiting > 0)
            {
                counts.Add(new(queue, waiting + rows.Count, rows.Count > 0 ? rows.Oldest : null));
            }
        }

        gauge.Show(Queues, counts);
        return counts;
    }

    /// <summary>A page of them, after fetching what lies in the broker.</summary>
    public async Task<DeadLetterPage> Read(string? queue, Guid after, int limit, CancellationToken ct)
    {
        await Fetch(queue, MostFetched, ct);
        await using var command = source.CreateCommand($"""
            select id, queue, kind, message_id, contract, organization, subject, sequence, faulted_at, exception_type, reason from {table}
            where id > $1 and ($2::text is null or queue = $2) order by id limit $3
            """);
        command.Parameters.Add(new() { Value = after });
        command.Parameters.Add(new() { Value = (object?)queue ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        command.Parameters.Add(new() { Value = limit + 1 });
        var found = new List<DeadLetter>();
        await using (var reader = await command.ExecuteReaderAsync(ct))
        {
            while (await reader.ReadAsync(ct))
            {
                found.Add(new(
                    reader.GetGuid(0), reader.GetString(1), reader.GetString(2), Text(reader, 3), Text(reader, 4), Text(reader, 5), Text(reader, 6),
                    reader.IsDBNull(7) ? null : reader.GetInt64(7), reader.GetFieldValue<DateTimeOffset>(8), Text(reader, 9), Text(reader, 10)));
            }
        }

        return new(await Count(ct), [.. found.Take(limit)], found.Count > limit ? Place.Of(found[limit - 1].Id) : null);
    }

    /// <summary>Moves them back to their queues; answers how many went.</summary>
    /// <remarks>The row goes only when the broker has confirmed the message: killed in between, it goes out again with the same id, and the inbox drops it.</remarks>
    public async Task<long> Requeue(string? queue, IReadOnlyList<Guid>? ids, CancellationToken ct)
    {
        await using var channel = await broker.Channel(ct);
        return await Each(queue, ids, letter => Broker.Send(channel, letter.Queue, StoredMessage.Restore(letter.Properties), letter.Body, ct).AsTask(), ct);
    }

    /// <summary>Throws them away; answers how many.</summary>
    public Task<long> Discard(string? queue, IReadOnlyList<Guid>? ids, CancellationToken ct) => Each(queue, ids, _ => Task.CompletedTask, ct);

    private static string? Text(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    private async Task<long> Each(string? queue, IReadOnlyList<Guid>? ids, Func<(string Queue, string Properties, byte[] Body), Task> act, CancellationToken ct)
    {
        if (ids is null)
        {
            await Fetch(queue, int.MaxValue, ct);
        }

        // What fails again and is fetched while this goes on is left for the next time, or this might never end.
        var (until, done) = (await Last(ct), 0L);
        while (true)
        {
            await using var connection = await source.OpenConnectionAsync(ct);
            await using var transaction = await connection.BeginTransactionAsync(ct);
            var page = await Take(connection, queue, ids, until, ct);
            await Task.WhenAll(page.Select(letter => act((letter.Queue, letter.Properties, letter.Body))));
            await using (var delete = new NpgsqlCommand($"delete from {table} where id = any($1)", connection) { Parameters = { new() { Value = page.Select(letter => letter.Id).ToArray() } } })
            {
                await delete.ExecuteNonQueryAsync(ct);
            }

            await transaction.CommitAsync(ct);
            done += page.Count;
            if (page.Count < Page)
            {
                return done;
            }
        }
    }

    private async Task<Guid> Last(CancellationToken ct)
    {
        await using var command = source.CreateCommand($"select id from {table} order by id desc limit 1");
        return await command.ExecuteScalarAsync(ct) is Guid last ? last : default;
    }

    private async Task<List<(Guid Id, string Queue, string Properties, byte[] Body)>> Take(NpgsqlConnection connection, string? queue, IReadOnlyList<Guid>? ids, Guid until, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand($"""
            select id, queue, properties, body from {table}
            where id <= $1 and ($2::text is null or queue = $2) and ($3::uuid[] is null or id = any($3)) order by id limit {Page} for update skip locked
            """, connection);
        command.Parameters.Add(new() { Value = until });
        command.Parameters.Add(new() { Value = (object?)queue ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        command.Parameters.Add(new() { Value = (object?)ids?.ToArray() ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid });
        var page = new List<(Guid, string, string, byte[])>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            page.Add((reader.GetGuid(0), reader.GetString(1), reader.GetString(2), reader.GetFieldValue<byte[]>(3)));
        }

        return page;
    }

    /// <summary>Takes messages from the broker into the table. Acknowledged when they are committed, and not before.</summary>
    internal async Task Fetch(string? queue, int most, CancellationToken ct)
    {
        foreach (var of in queue is null ? Queues : [queue])
        {
            foreach (var (suffix, kind) in Asides)
            {
                var waiting = Math.Min(await broker.Count(of + suffix, ct) ?? 0, most);
                await using var channel = waiting > 0 ? await broker.Channel(ct) : null;
                while (waiting > 0 && await FetchPage(channel!, of, suffix, kind, (int)Math.Min(waiting, Page), ct) is > 0 and var fetched)
                {
                    waiting -= fetched;
                }
            }
        }
    }

    private async Task<int> FetchPage(IChannel channel, string queue, string suffix, string kind, int size, CancellationToken ct)
    {
        var (letters, last) = (new List<StoredMessage>(), 0UL);
        while (letters.Count < size && await channel.BasicGetAsync(queue + suffix, autoAck: false, ct) is { } message)
        {
            letters.Add(StoredMessage.Of(message.BasicProperties, message.Body, clock.GetUtcNow()));
            last = message.DeliveryTag;
        }

        if (letters.Count > 0)
        {
            await using var connection = await source.OpenConnectionAsync(ct);
            await using var batch = new NpgsqlBatch(connection);
            foreach (var letter in letters)
            {
                batch.BatchCommands.Add(Insert(queue, kind, letter));
            }

            await batch.ExecuteNonQueryAsync(ct);
            await channel.BasicAckAsync(last, multiple: true, ct);
        }

        return letters.Count;
    }

    private NpgsqlBatchCommand Insert(string queue, string kind, StoredMessage letter)
    {
        var command = new NpgsqlBatchCommand($"""
            insert into {table} (id, queue, kind, message_id, contract, organization, subject, sequence, faulted_at, exception_type, reason, properties, body)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) on conflict (queue, message_id) do nothing
            """);
        foreach (var value in (object?[])
            [Guid.CreateVersion7(), queue, kind, letter.MessageId, letter.Contract, letter.Organization, letter.Subject, letter.Sequence, letter.FaultedAt, letter.ExceptionType, letter.Reason, letter.Properties, letter.Body])
        {
            command.Parameters.Add(new() { Value = value ?? DBNull.Value });
        }

        return command;
    }
}
