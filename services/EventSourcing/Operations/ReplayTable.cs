using Marten;
using Npgsql;
using NpgsqlTypes;
using Weasel.Postgresql.Tables;

namespace EventSourcing.Operations;

/// <summary>What was published, said again to one queue.</summary>
/// <param name="Id">The replay, and the command in the audit that began it.</param>
/// <param name="Queue">The queue it goes to.</param>
/// <param name="Organization">Whose events; null: every organization's.</param>
/// <param name="Types">Which contracts.</param>
/// <param name="State">Running, Done, Cancelled, or Failed: the queue is gone, or an event cannot be told.</param>
/// <param name="Sent">How many messages the broker has confirmed. More than there are events, where a crash repeated some.</param>
/// <param name="From">Behind which event it began.</param>
/// <param name="Position">The last event it has dealt with.</param>
/// <param name="Until">The last event there was when it began. Later ones reach the queue by themselves.</param>
/// <param name="PerSecond">How many messages a second at most.</param>
/// <param name="By">Who began it.</param>
/// <param name="BeganAt">When (UTC).</param>
/// <param name="EndedAt">When it ended (UTC).</param>
/// <param name="ErrorType">The type of what it failed for.</param>
public sealed record Replay(
    Guid Id, string Queue, string? Organization, IReadOnlyList<string> Types, string State, long Sent, long From, long Position, long Until, int PerSecond, string By, DateTimeOffset BeganAt, DateTimeOffset? EndedAt, string? ErrorType);

/// <summary>Replays, newest first.</summary>
/// <param name="Items">The newest 50.</param>
public sealed record ReplayList(IReadOnlyList<Replay> Items);

/// <summary>Replays and how far each is. Whoever works on one holds a lease on its row, so that another replica goes on where a dead one stopped.</summary>
internal sealed class ReplayTable(IDocumentStore store, NpgsqlDataSource source)
{
    public const string Running = nameof(Running);
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);
    private const string Columns = "id, queue, organization, types, state, sent, began_behind, position, until, per_second, begun_by, began_at, ended_at, error_type";
    private readonly string table = NameIn(store.Options.Events.DatabaseSchemaName);

    public static string NameIn(string schema) => $"{schema}.replay";

    public static void AddTo(StoreOptions options)
    {
        var table = new Table(NameIn(options.DatabaseSchemaName));
        table.AddColumn("id", "uuid").NotNull().AsPrimaryKey();
        table.AddColumn("queue", "text").NotNull();
        table.AddColumn("organization", "text");
        table.AddColumn("types", "text[]").NotNull();
        table.AddColumn("state", "text").NotNull();
        table.AddColumn("sent", "bigint").NotNull();
        table.AddColumn("began_behind", "bigint").NotNull();
        table.AddColumn("position", "bigint").NotNull();
        table.AddColumn("until", "bigint").NotNull();
        table.AddColumn("per_second", "integer").NotNull();
        table.AddColumn("begun_by", "text").NotNull();
        table.AddColumn("began_at", "timestamptz").NotNull();
        table.AddColumn("ended_at", "timestamptz");
        table.AddColumn("error_type", "text");
        table.AddColumn("lease", "uuid");
        table.AddColumn("leased_until", "timestamptz");

        // Two replays to one queue would only get into each other's way.
        table.Indexes.Add(new IndexDefinition("replay_one_per_queue") { Columns = ["queue"], IsUnique = true, Predicate = $"state = '{Running}'" });
        options.Storage.ExtendedSchemaObjects.Add(table);
    }

    public async Task<int> Begin(Replay replay, CancellationToken ct)
    {
        await using var command = Command(
            $"insert into {table} ({Columns}) values ($1, $2, $3, $4, $5, 0, $6, $6, $7, $8, $9, $10, null, null) on conflict (id) do nothing",
            replay.Id, replay.Queue, Text(replay.Organization), replay.Types.ToArray(), Running, replay.From, replay.Until, replay.PerSecond, replay.By, replay.BeganAt);
        return await command.ExecuteNonQueryAsync(ct);
    }

    public async Task<int> Cancel(Guid id, DateTimeOffset now, CancellationToken ct)
    {
        await using var command = Command($"update {table} set state = 'Cancelled', ended_at = $2 where id = $1 and state = '{Running}'", id, now);
        return await command.ExecuteNonQueryAsync(ct);
    }

    public Task<IReadOnlyList<Replay>> Newest(CancellationToken ct) => Read(Command($"select {Columns} from {table} order by began_at desc limit 50"), ct);

    public async Task<Replay?> One(Guid id, CancellationToken ct) => (await Read(Command($"select {Columns} from {table} where id = $1", id), ct)).SingleOrDefault();

    /// <summary>Takes a replay that nobody works on; null where there is none.</summary>
    public async Task<Replay?> Take(Guid lease, CancellationToken ct) => (await Read(
        Command(
            $"""
            update {table} set lease = $1, leased_until = now() + $2 where id =
              (select id from {table} where state = '{Running}' and (leased_until is null or leased_until < now()) order by began_at limit 1 for update skip locked)
            returning {Columns}
            """,
            lease,
            Lease),
        ct)).SingleOrDefault();

    /// <summary>Keeps how far it is; null where it was cancelled or somebody else works on it.</summary>
    public async Task<Replay?> Advance(Guid id, Guid lease, long position, long sent, string state, string? errorType, DateTimeOffset? endedAt, CancellationToken ct) => (await Read(
        Command(
            $"""
            update {table} set position = $3, sent = sent + $4, state = $5, error_type = $6, ended_at = $7, leased_until = now() + $8
            where id = $1 and lease = $2 and state = '{Running}' returning {Columns}
            """,
            id,
            lease,
            position,
            sent,
            state,
            Text(errorType),
            new NpgsqlParameter { Value = (object?)endedAt ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.TimestampTz },
            Lease),
        ct)).SingleOrDefault();

    /// <summary>Lets go of one that has to wait, so that any replica may go on with it.</summary>
    public async Task LetGo(Guid id, Guid lease, TimeSpan wait, CancellationToken ct)
    {
        await using var command = Command($"update {table} set lease = null, leased_until = now() + $3 where id = $1 and lease = $2", id, lease, wait);
        await command.ExecuteNonQueryAsync(ct);
    }

    private static NpgsqlParameter Text(string? text) => new() { Value = (object?)text ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };

    private NpgsqlCommand Command(string sql, params ReadOnlySpan<object> values)
    {
        var command = source.CreateCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(value as NpgsqlParameter ?? new() { Value = value });
        }

        return command;
    }

    private static async Task<IReadOnlyList<Replay>> Read(NpgsqlCommand command, CancellationToken ct)
    {
        await using (command)
        {
            var found = new List<Replay>();
            await using var reader = await command.ExecuteReaderAsync(ct);
            while (await reader.ReadAsync(ct))
            {
                found.Add(new(
                    reader.GetGuid(0), reader.GetString(1), reader.IsDBNull(2) ? null : reader.GetString(2), reader.GetFieldValue<string[]>(3), reader.GetString(4), reader.GetInt64(5), reader.GetInt64(6), reader.GetInt64(7),
                    reader.GetInt64(8), reader.GetInt32(9), reader.GetString(10), reader.GetFieldValue<DateTimeOffset>(11), reader.IsDBNull(12) ? null : reader.GetFieldValue<DateTimeOffset>(12), reader.IsDBNull(13) ? null : reader.GetString(13)));
            }

            return found;
        }
    }
}
