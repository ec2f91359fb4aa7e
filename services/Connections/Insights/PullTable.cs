using System.Text.Json;
using Connections.Platforms;
using Connections.Upkeep;
using EventSourcing;
using Npgsql;
using NpgsqlTypes;
using Weasel.Postgresql.Tables;

namespace Connections.Insights;

/// <summary>
/// The table of <see cref="PullRow"/>. It crosses organizations, like that of upkeep, and is leased the same way: a random id, and the due time
/// moved to the lease's end. Nobody tells it that a connection was granted or lost: the worker looks for green connections that have no row,
/// and lays rows aside whose connection is green no more.
/// </summary>
internal static class PullTable
{
    public const string Name = $"{ConnectionTables.Schema}.insights_pull";

    /// <summary>So many rows are taken in by one statement.</summary>
    public const int AdoptAtOnce = 20_000;

    private const string Columns = """
        tenant_id, connection_id, creator_id, platform, due_at, kind, started_at, cursor, progress, last, last_ok_at, full_at, failures, failing_since, is_failing, code, trouble
        """;

    public static void AddTo(EventStoreBuilder store)
    {
        var table = new Table(Name);
        table.AddColumn("tenant_id", "text").NotNull().AsPrimaryKey();
        table.AddColumn("connection_id", "uuid").NotNull().AsPrimaryKey();
        table.AddColumn("creator_id", "uuid").NotNull();
        table.AddColumn("platform", "text").NotNull();
        table.AddColumn("granted_at", "timestamptz").NotNull();
        table.AddColumn("due_at", "timestamptz");
        table.AddColumn("asked_at", "timestamptz");
        table.AddColumn("kind", "smallint");
        table.AddColumn("started_at", "timestamptz");
        table.AddColumn("cursor", "jsonb");
        table.AddColumn("progress", "jsonb");
        table.AddColumn("last", "jsonb");
        table.AddColumn("last_ok_at", "timestamptz");
        table.AddColumn("full_at", "timestamptz");
        table.AddColumn("failures", "integer").NotNull().DefaultValue(0);
        table.AddColumn("failing_since", "timestamptz");
        table.AddColumn("is_failing", "boolean").NotNull().DefaultValueByExpression("false");
        table.AddColumn("code", "text");
        table.AddColumn("trouble", "text");
        table.AddColumn("swept_at", "timestamptz").NotNull();
        table.AddColumn("lease", "uuid");
        table.AddColumn("leased_until", "timestamptz");
        table.Indexes.Add(new IndexDefinition("insights_pull_due") { Columns = ["platform", "due_at"], Predicate = "due_at is not null" });
        table.Indexes.Add(new IndexDefinition("insights_pull_aside") { Columns = ["platform"], Predicate = "due_at is null" });
        table.Indexes.Add(new IndexDefinition("insights_pull_swept") { Columns = ["platform", "swept_at"] });
        store.Table(table);
    }

    /// <summary>Takes in what was granted lately, for the first time or again: due within a moment.</summary>
    public static NpgsqlCommand AdoptGranted(string platform, DateTimeOffset since, DateTimeOffset now, TimeSpan within) => Adopt("u.granted_at > $4 and (i.tenant_id is null or i.granted_at < u.granted_at)").With(platform, now, within, since);

    /// <summary>Takes in every green connection that was missed.</summary>
    public static NpgsqlCommand AdoptMissing(string platform, DateTimeOffset now, TimeSpan within) => Adopt("(i.tenant_id is null or i.granted_at < u.granted_at)").With(platform, now, within);

    /// <summary>What was laid aside and is green again is due again.</summary>
    public static NpgsqlCommand TakeUp(string platform, DateTimeOffset now, TimeSpan within) => new NpgsqlCommand($"""
        update {Name} i set due_at = $2 + random() * $3 from {UpkeepTable.Name} u
        where i.platform = $1 and i.due_at is null and u.tenant_id = i.tenant_id and u.connection_id = i.connection_id and u.state = 0
        """).With(platform, now, within);

    /// <summary>Leases up to <paramref name="limit"/> rows that are due. Those whose connection is green no more are laid aside and come back without a lease.</summary>
    public static NpgsqlCommand LeaseDue(string platform, DateTimeOffset now, DateTimeOffset until, int limit) => new NpgsqlCommand($"""
        update {Name} i set
            lease = case when due.is_green then gen_random_uuid() end, leased_until = case when due.is_green then $3 end, due_at = case when due.is_green then $3 end,
            asked_at = case when due.is_green then null else i.asked_at end
        from (select p.tenant_id, p.connection_id, p.asked_at, exists
                  (select 1 from {UpkeepTable.Name} u where u.tenant_id = p.tenant_id and u.connection_id = p.connection_id and u.state = 0) as is_green
              from {Name} p where platform = $1 and due_at <= $2 order by due_at limit $4 for update skip locked) due
        where i.tenant_id = due.tenant_id and i.connection_id = due.connection_id
        returning i.lease, due.asked_at, {string.Join(", ", Columns.Split(',', StringSplitOptions.TrimEntries).Select(column => $"i.{column}"))}
        """).With(platform, now, until, limit);

    /// <summary>Somebody wants it now. Whoever holds the row goes on, and it is due again when they are done.</summary>
    public static NpgsqlCommand Ask(string organization, Guid connection, DateTimeOffset now) => new NpgsqlCommand($"""
        update {Name} set asked_at = $3, due_at = case when leased_until > $3 then due_at else $3 end where tenant_id = $1 and connection_id = $2 and due_at is not null
        """).With(organization, connection, now);

    /// <summary>Reads rows without taking them.</summary>
    public static NpgsqlCommand Read(string organization, params Guid[] connections) =>
        new NpgsqlCommand($"select lease, asked_at, {Columns} from {Name} where tenant_id = $1 and connection_id = any($2)").With(organization, connections);

    /// <summary>Stores the row; it stays leased until <paramref name="until"/>, or is let go when that is null. Writes nothing when the lease is lost.</summary>
    public static NpgsqlCommand Save(PullRow row, Guid lease, DateTimeOffset? until, DateTimeOffset now)
    {
        var command = new NpgsqlCommand($"""
            update {Name} set due_at = case when $4::timestamptz is not null then $4 when asked_at is not null and not $5 then $6 else $7 end, lease = case when $4 is null then null else lease end,
                leased_until = $4, kind = $8, started_at = $9, cursor = $10, progress = $11, last = $12, last_ok_at = $13, full_at = $14, failures = $15, failing_since = $16, is_failing = $17,
                code = $18, trouble = $19
            where tenant_id = $1 and connection_id = $2 and lease = $3
            """).With(row.Organization, row.ConnectionId, lease);
        command.Add(NpgsqlDbType.TimestampTz, until);
        command.With(row.Failures > 0 || row.Trouble is not null, now);
        command.Add(NpgsqlDbType.TimestampTz, row.DueAt);
        command.Add(NpgsqlDbType.Smallint, (short?)row.Kind);
        command.Add(NpgsqlDbType.TimestampTz, row.StartedAt);
        command.Add(NpgsqlDbType.Jsonb, row.Cursor is null ? null : JsonSerializer.Serialize(row.Cursor));
        command.Add(NpgsqlDbType.Jsonb, JsonSerializer.Serialize(row.Progress));
        command.Add(NpgsqlDbType.Jsonb, JsonSerializer.Serialize(row.Last));
        command.Add(NpgsqlDbType.TimestampTz, row.LastOkAt);
        command.Add(NpgsqlDbType.TimestampTz, row.FullAt);
        command.With(row.Failures);
        command.Add(NpgsqlDbType.TimestampTz, row.FailingSince);
        command.With(row.IsFailing);
        command.Add(NpgsqlDbType.Text, row.Code);
        command.Add(NpgsqlDbType.Text, row.Trouble);
        return command;
    }

    /// <summary>The next connections of a platform whose numbers are to be looked through, marked as done.</summary>
    public static NpgsqlCommand LeaseSweep(string platform, DateTimeOffset before, DateTimeOffset now, int limit) => new NpgsqlCommand($"""
        update {Name} i set swept_at = $3
        from (select tenant_id, connection_id from {Name} where platform = $1 and swept_at <= $2 order by swept_at limit $4 for update skip locked) due
        where i.tenant_id = due.tenant_id and i.connection_id = due.connection_id
        returning i.tenant_id, i.connection_id
        """).With(platform, before, now, limit);

    /// <summary>Nothing is kept alive and no number is left: the row goes too.</summary>
    public static NpgsqlCommand RemoveIfEmpty(Owner owner) => new NpgsqlCommand($"""
        delete from {Name} i where tenant_id = $1 and connection_id = $2 and due_at is null
            and {string.Join(" and ", SeriesTables.Names.Append(UpkeepTable.Name).Select(table => $"not exists (select 1 from {table} t where t.tenant_id = i.tenant_id and t.connection_id = i.connection_id)"))}
        """).With(owner.Organization, owner.Connection);

    /// <summary>What <see cref="LeaseDue"/> and <see cref="Read"/> return. Without a lease: laid aside.</summary>
    public static (Guid? Lease, PullRow Row) RowOf(NpgsqlDataReader reader) => (
        reader.IsDBNull(0) ? null : reader.GetGuid(0),
        new()
        {
            IsAsked = !reader.IsDBNull(1),
            Organization = reader.GetString(2),
            ConnectionId = reader.GetGuid(3),
            CreatorId = reader.GetGuid(4),
            Platform = reader.GetString(5),
            DueAt = At(reader, 6),
            Kind = reader.IsDBNull(7) ? null : (PullKind)reader.GetInt16(7),
            StartedAt = At(reader, 8),
            Cursor = Json<InsightsCursor>(reader, 9),
            Progress = Json<PullTally>(reader, 10) ?? new(),
            Last = Json<PullTally>(reader, 11) ?? new(),
            LastOkAt = At(reader, 12),
            FullAt = At(reader, 13),
            Failures = reader.GetInt32(14),
            FailingSince = At(reader, 15),
            IsFailing = reader.GetBoolean(16),
            Code = reader.IsDBNull(17) ? null : reader.GetString(17),
            Trouble = reader.IsDBNull(18) ? null : reader.GetString(18),
        });

    // A connection granted anew may be another account's view of the same creator: what was under way begins again, what was learnt stays.
    private static NpgsqlCommand Adopt(string which) => new($"""
        insert into {Name} as p (tenant_id, connection_id, creator_id, platform, granted_at, due_at, swept_at)
        select u.tenant_id, u.connection_id, u.creator_id, u.platform, u.granted_at, $2 + random() * $3, $2
        from {UpkeepTable.Name} u left join {Name} i on i.tenant_id = u.tenant_id and i.connection_id = u.connection_id
        where u.platform = $1 and u.state = 0 and {which} limit {AdoptAtOnce}
        on conflict (tenant_id, connection_id) do update set
            creator_id = excluded.creator_id, granted_at = excluded.granted_at, due_at = excluded.due_at, failures = 0, kind = null, started_at = null, cursor = null, progress = null,
            full_at = null, lease = null, leased_until = null
        where p.granted_at < excluded.granted_at
        """);

    private static void Add(this NpgsqlCommand command, NpgsqlDbType type, object? value) =>
        command.Parameters.Add(new() { NpgsqlDbType = type, Value = (value is DateTimeOffset instant ? instant.ToUniversalTime() : value) ?? DBNull.Value });

    private static DateTimeOffset? At(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetFieldValue<DateTimeOffset>(column);

    private static T? Json<T>(NpgsqlDataReader reader, int column)
        where T : class
        => reader.IsDBNull(column) ? null : JsonSerializer.Deserialize<T>(reader.GetString(column));
}
