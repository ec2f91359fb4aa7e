using Marten;
using Npgsql;

namespace EventSourcing.Operations;

/// <summary>One worker on the events: the relay that tells others, or a projection.</summary>
/// <param name="Shard">Its name.</param>
/// <param name="Position">The number of the last event it has dealt with.</param>
/// <param name="HighWaterMark">The number of the last event it may deal with now: below it no transaction is under way any more.</param>
/// <param name="LagEvents">Events stored behind its position, by their numbers.</param>
/// <param name="LagSeconds">How long the oldest event waits that it has not dealt with.</param>
/// <param name="State">Running; Paused: it failed and will try again by itself; Stopped: no replica runs it.</param>
/// <param name="Node">The replica that runs it.</param>
/// <param name="LastErrorType">The type of its last failure, since the process that runs it began to.</param>
/// <param name="LastErrorAt">When that was (UTC).</param>
/// <param name="RedriveAskedAt">When an operator last asked for it to be started anew (UTC).</param>
/// <param name="RedrivenAt">When that was done (UTC); null while it waits for a replica that leads.</param>
public sealed record ShardStatus(
    string Shard, long Position, long HighWaterMark, long LagEvents, double LagSeconds, string State, string? Node, string? LastErrorType, DateTimeOffset? LastErrorAt,
    DateTimeOffset? RedriveAskedAt, DateTimeOffset? RedrivenAt);

/// <summary>Every shard of a service.</summary>
/// <param name="Items">The shards.</param>
public sealed record ShardList(IReadOnlyList<ShardStatus> Items);

/// <summary>How far every shard is, read from the database, so that any replica can answer.</summary>
internal sealed class Shards(IDocumentStore store, NpgsqlDataSource source, TimeProvider clock)
{
    /// <summary>A leader notes its shards every few seconds; a note older than this is of one that is gone.</summary>
    public static readonly TimeSpan Forgotten = TimeSpan.FromSeconds(20);

    private readonly string schema = store.Options.Events.DatabaseSchemaName;

    /// <summary>Their names.</summary>
    public IReadOnlyList<string> Names { get; } = [.. ((StoreOptions)store.Options).Projections.AllShards().Select(shard => shard.Name.Identity).Order(StringComparer.Ordinal)];

    public async Task<IReadOnlyList<ShardStatus>> Read(CancellationToken ct)
    {
        await using var command = source.CreateCommand($"""
            with mark as materialized (select {EventFeed.Mark(schema)} as place), stored as materialized (select coalesce(max(seq_id), 0) as newest from {schema}.mt_events)
            select shard.name, coalesce(p.last_seq_id, 0), (select place from mark), (select newest from stored),
              (select e.timestamp from {schema}.mt_events e where e.seq_id > coalesce(p.last_seq_id, 0) order by e.seq_id limit 1),
              s.state, s.node, s.noted_at, s.error_type, s.error_at, r.asked_at, r.done_at
            from unnest($1::text[]) as shard(name)
            left join {schema}.mt_event_progression p on p.name = shard.name
            left join {ShardTables.State(schema)} s on s.shard = shard.name
            left join {ShardTables.Redrive(schema)} r on r.shard = shard.name
            order by shard.name
            """);
        command.Parameters.Add(new() { Value = Names.ToArray() });
        var (now, shards) = (clock.GetUtcNow(), new List<ShardStatus>());
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            var (position, newest) = (reader.GetInt64(1), reader.GetInt64(3));
            var isKnown = Time(reader, 7) is { } noted && noted > now - Forgotten;
            shards.Add(new(
                reader.GetString(0),
                position,
                reader.GetInt64(2),
                Math.Max(0, newest - position),
                Time(reader, 4) is { } oldest && oldest < now ? Math.Round((now - oldest).TotalSeconds, 3) : 0,
                isKnown ? reader.GetString(5) : "Stopped",
                isKnown ? reader.GetString(6) : null,
                reader.IsDBNull(8) ? null : reader.GetString(8),
                Time(reader, 9),
                Time(reader, 10),
                Time(reader, 11)));
        }

        return shards;
    }

    /// <summary>Asks whichever replica leads these shards to start them anew.</summary>
    public async Task Ask(IReadOnlyCollection<string> shards, CancellationToken ct)
    {
        await using var command = source.CreateCommand($"""
            insert into {ShardTables.Redrive(schema)} (shard, asked_at) select name, $2 from unnest($1::text[]) as asked(name)
            on conflict (shard) do update set asked_at = excluded.asked_at, done_at = null, done_by = null
            """);
        command.Parameters.Add(new() { Value = shards.ToArray() });
        command.Parameters.Add(new() { Value = clock.GetUtcNow() });
        await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Which of these shards somebody wants started anew.</summary>
    public async Task<IReadOnlyList<string>> Asked(IReadOnlyCollection<string> led, CancellationToken ct)
    {
        await using var command = source.CreateCommand($"select shard from {ShardTables.Redrive(schema)} where done_at is null and shard = any($1)");
        command.Parameters.Add(new() { Value = led.ToArray() });
        var asked = new List<string>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            asked.Add(reader.GetString(0));
        }

        return asked;
    }

    public async Task Redriven(string shard, string node, CancellationToken ct)
    {
        await using var command = source.CreateCommand($"update {ShardTables.Redrive(schema)} set done_at = $2, done_by = $3 where shard = $1 and done_at is null");
        command.Parameters.Add(new() { Value = shard });
        command.Parameters.Add(new() { Value = clock.GetUtcNow() });
        command.Parameters.Add(new() { Value = node });
        await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>What a leader knows of one of its shards. An error stays on record until another comes.</summary>
    public async Task Note(string shard, string state, string node, string? errorType, DateTimeOffset? errorAt, CancellationToken ct)
    {
        await using var command = source.CreateCommand($"""
            insert into {ShardTables.State(schema)} as s (shard, state, node, noted_at, error_type, error_at) values ($1, $2, $3, $4, $5, $6)
            on conflict (shard) do update set state = excluded.state, node = excluded.node, noted_at = excluded.noted_at,
              error_type = coalesce(excluded.error_type, s.error_type), error_at = coalesce(excluded.error_at, s.error_at)
            """);
        foreach (var value in (object?[])[shard, state, node, clock.GetUtcNow()])
        {
            command.Parameters.Add(new() { Value = value });
        }

        command.Parameters.Add(new() { Value = (object?)errorType ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text });
        command.Parameters.Add(new() { Value = (object?)errorAt ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.TimestampTz });
        await command.ExecuteNonQueryAsync(ct);
    }

    private static DateTimeOffset? Time(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetFieldValue<DateTimeOffset>(column);
}
