using System.Text.Json;
using EventSourcing;
using Npgsql;
using NpgsqlTypes;
using Weasel.Postgresql.Tables;

namespace Connections.Upkeep;

/// <summary>
/// The table of <see cref="UpkeepRow"/>. It crosses organizations: a clock knows no tenant. A lease is a random id on the row together with a
/// due time moved to its end, so that finding due rows stays one range of one index however many there are, and a crashed holder is
/// overtaken by itself. Whoever writes names the lease and the version it read; anything newer makes the write miss.
/// </summary>
internal static class UpkeepTable
{
    public const string Name = $"{ConnectionTables.Schema}.connection_upkeep";

    private const string Columns = """
        tenant_id, connection_id, creator_id, platform, state, version, sealed, scopes, granted_at, issued_at, access_ends_at, ends_at, refresh_at, probe_at, due_at,
        answer_lost, failures, is_held, suspicion, rejected_version, trouble, trouble_at, lost_at, told_ends_at, warned_days, clock_at
        """;

    public static void AddTo(EventStoreBuilder store)
    {
        var table = new Table(Name);
        table.AddColumn("tenant_id", "text").NotNull().AsPrimaryKey();
        table.AddColumn("connection_id", "uuid").NotNull().AsPrimaryKey();
        table.AddColumn("creator_id", "uuid").NotNull();
        table.AddColumn("platform", "text").NotNull();
        table.AddColumn("state", "smallint").NotNull();
        table.AddColumn("version", "bigint").NotNull();
        table.AddColumn("sealed", "bytea").NotNull();
        table.AddColumn("scopes", "text[]").NotNull();
        table.AddColumn("granted_at", "timestamptz").NotNull();
        table.AddColumn("issued_at", "timestamptz").NotNull();
        table.AddColumn("access_ends_at", "timestamptz");
        table.AddColumn("ends_at", "timestamptz");
        table.AddColumn("refresh_at", "timestamptz");
        table.AddColumn("probe_at", "timestamptz");
        table.AddColumn("due_at", "timestamptz");
        table.AddColumn("answer_lost", "boolean").NotNull();
        table.AddColumn("failures", "integer").NotNull();
        table.AddColumn("is_held", "boolean").NotNull();
        table.AddColumn("suspicion", "jsonb");
        table.AddColumn("rejected_version", "bigint");
        table.AddColumn("trouble", "text");
        table.AddColumn("trouble_at", "timestamptz");
        table.AddColumn("lost_at", "timestamptz");
        table.AddColumn("told_ends_at", "timestamptz");
        table.AddColumn("warned_days", "integer");
        table.AddColumn("clock_at", "timestamptz");
        table.AddColumn("lease", "uuid");
        table.AddColumn("leased_until", "timestamptz");
        table.Indexes.Add(new IndexDefinition("connection_upkeep_due") { Columns = ["platform", "due_at"], Predicate = "due_at is not null" });
        table.Indexes.Add(new IndexDefinition("connection_upkeep_clock") { Columns = ["clock_at"], Predicate = "clock_at is not null" });
        table.Indexes.Add(new IndexDefinition("connection_upkeep_granted") { Columns = ["platform", "granted_at"] });
        table.Indexes.Add(new IndexDefinition("connection_upkeep_held") { Columns = ["platform"], Predicate = "is_held" });
        store.Table(table);
    }

    /// <summary>Leases up to <paramref name="limit"/> rows of a platform that are due.</summary>
    public static NpgsqlCommand LeaseDue(string platform, DateTimeOffset now, DateTimeOffset until, int limit) => new NpgsqlCommand($"""
        update {Name} u set lease = gen_random_uuid(), leased_until = $3, due_at = $3
        from (select tenant_id, connection_id from {Name} where platform = $1 and due_at <= $2 and (leased_until is null or leased_until <= $2)
              order by due_at limit $4 for update skip locked) due
        where u.tenant_id = due.tenant_id and u.connection_id = due.connection_id
        returning u.lease, {Of("u")}
        """).With(platform, now, until, limit);

    /// <summary>Leases rows whose warning or end is due; what else is due of them stays as it is.</summary>
    public static NpgsqlCommand LeaseClock(DateTimeOffset now, DateTimeOffset until, int limit) => new NpgsqlCommand($"""
        update {Name} u set lease = gen_random_uuid(), leased_until = $2
        from (select tenant_id, connection_id from {Name} where clock_at <= $1 and (leased_until is null or leased_until <= $1) order by clock_at limit $3 for update skip locked) due
        where u.tenant_id = due.tenant_id and u.connection_id = due.connection_id
        returning u.lease, {Of("u")}
        """).With(now, until, limit);

    /// <summary>Leases one row unless somebody else holds it.</summary>
    public static NpgsqlCommand LeaseOne(string organization, Guid connection, DateTimeOffset now, DateTimeOffset until) => new NpgsqlCommand($"""
        update {Name} u set lease = gen_random_uuid(), leased_until = $4, due_at = $4
        where tenant_id = $1 and connection_id = $2 and (leased_until is null or leased_until <= $3)
        returning u.lease, {Of("u")}
        """).With(organization, connection, now, until);

    /// <summary>What was held may be looked at again, spread over a minute.</summary>
    public static NpgsqlCommand Release(string platform, DateTimeOffset now) => new NpgsqlCommand($"""
        update {Name} set due_at = least(due_at, $2 + random() * interval '1 minute') where platform = $1 and is_held and (leased_until is null or leased_until <= $2)
        """).With(platform, now);

    /// <summary>How many rows should have been looked at five minutes ago, and how many are held.</summary>
    public static NpgsqlCommand Backlog(string platform, DateTimeOffset now) => new NpgsqlCommand($"""
        select (select count(*) from {Name} where platform = $1 and due_at < $2), (select count(*) from {Name} where platform = $1 and is_held)
        """).With(platform, now - TimeSpan.FromMinutes(5));

    /// <summary>Reads one row without taking it.</summary>
    public static NpgsqlCommand Read(string organization, Guid connection) =>
        new NpgsqlCommand($"select lease, {Columns} from {Name} where tenant_id = $1 and connection_id = $2").With(organization, connection);

    /// <summary>Reads rows without taking them.</summary>
    public static NpgsqlCommand ReadMany(string organization, Guid[] connections) =>
        new NpgsqlCommand($"select lease, {Columns} from {Name} where tenant_id = $1 and connection_id = any($2)").With(organization, connections);

    /// <summary>Stores the row and, unless it goes on being held, lets the lease go. Writes nothing when lease or version are not what the caller read.</summary>
    public static NpgsqlCommand Save(UpkeepRow row, Guid lease, long readVersion, bool keepLease) => new NpgsqlCommand($"""
        update {Name} set state = $5, version = $6, sealed = $7, scopes = $8, granted_at = $9, issued_at = $10, access_ends_at = $11, ends_at = $12, refresh_at = $13, probe_at = $14,
            due_at = case when $15 then due_at else $16 end, answer_lost = $17, failures = $18, is_held = $19, suspicion = $20, rejected_version = $21, trouble = $22, trouble_at = $23,
            lost_at = $24, told_ends_at = $25, warned_days = $26, clock_at = $27, lease = case when $15 then lease end, leased_until = case when $15 then leased_until end
        where tenant_id = $1 and connection_id = $2 and lease = $3 and version = $4
        """).With(row.Organization, row.ConnectionId, lease, readVersion).WithRow(row, keepLease);

    /// <summary>No more care is needed: the row goes, and the tokens with it. The same condition as <see cref="Save"/>.</summary>
    public static NpgsqlCommand Remove(UpkeepRow row, Guid lease, long readVersion) =>
        new NpgsqlCommand($"delete from {Name} where tenant_id = $1 and connection_id = $2 and lease = $3 and version = $4").With(row.Organization, row.ConnectionId, lease, readVersion);

    /// <summary>Removes the row whoever holds it: the creator, the organization or the platform ended the connection.</summary>
    public static NpgsqlCommand Drop(string organization, Guid connection) =>
        new NpgsqlCommand($"delete from {Name} where tenant_id = $1 and connection_id = $2").With(organization, connection);

    /// <summary>The platform locked the account: its tokens are kept. Whoever held the row loses it.</summary>
    public static NpgsqlCommand Suspend(string organization, Guid connection, DateTimeOffset now, TimeSpan askAgainAfter) => new NpgsqlCommand($"""
        update {Name} set state = $3, lost_at = $4, due_at = $5, clock_at = null, suspicion = null, is_held = false, lease = null, leased_until = null
        where tenant_id = $1 and connection_id = $2
        """).With(organization, connection, (short)UpkeepState.Suspended, now, now + askAgainAfter);

    /// <summary>Somebody has reason to doubt what we believe: it is probed at the next look. Whoever holds the row goes on.</summary>
    public static NpgsqlCommand Check(string organization, Guid connection, string why, DateTimeOffset now) => new NpgsqlCommand($"""
        update {Name} set rejected_version = case when state = 0 then version else rejected_version end, trouble = $3, trouble_at = $4,
            due_at = case when leased_until > $4 then due_at else $4 end
        where tenant_id = $1 and connection_id = $2
        """).With(organization, connection, why, now);

    /// <summary>Puts in the row of a connection just granted. Whoever holds an older one loses it: the version moves on and the lease is gone.</summary>
    public static NpgsqlCommand Put(UpkeepRow row) => new NpgsqlCommand($"""
        insert into {Name} as old (tenant_id, connection_id, creator_id, platform, state, version, sealed, scopes, granted_at, issued_at, access_ends_at, ends_at, refresh_at, probe_at,
            due_at, answer_lost, failures, is_held, suspicion, rejected_version, trouble, trouble_at, lost_at, told_ends_at, warned_days, clock_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, case when $15 then null else $16 end, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27)
        on conflict (tenant_id, connection_id) do update set
            creator_id = excluded.creator_id, state = excluded.state, version = old.version + 1, sealed = excluded.sealed, scopes = excluded.scopes, granted_at = excluded.granted_at,
            issued_at = excluded.issued_at, access_ends_at = excluded.access_ends_at, ends_at = excluded.ends_at, refresh_at = excluded.refresh_at, probe_at = excluded.probe_at,
            due_at = excluded.due_at, answer_lost = false, failures = 0, is_held = false, suspicion = null, rejected_version = null, trouble = null, trouble_at = null, lost_at = null,
            told_ends_at = excluded.told_ends_at, warned_days = excluded.warned_days, clock_at = excluded.clock_at, lease = null, leased_until = null
        """).With(row.Organization, row.ConnectionId, row.CreatorId, row.Platform).WithRow(row, keepLease: false);

    /// <summary>What <see cref="LeaseDue"/>, <see cref="LeaseOne"/> and <see cref="Read"/> return.</summary>
    public static (Guid? Lease, UpkeepRow Row) RowOf(NpgsqlDataReader reader) => (
        Maybe<Guid>(reader, 0),
        new()
        {
            Organization = reader.GetString(1),
            ConnectionId = reader.GetGuid(2),
            CreatorId = reader.GetGuid(3),
            Platform = reader.GetString(4),
            State = (UpkeepState)reader.GetInt16(5),
            Version = reader.GetInt64(6),
            Sealed = reader.GetFieldValue<byte[]>(7),
            Scopes = reader.GetFieldValue<string[]>(8),
            GrantedAt = reader.GetFieldValue<DateTimeOffset>(9),
            IssuedAt = reader.GetFieldValue<DateTimeOffset>(10),
            AccessEndsAt = Maybe<DateTimeOffset>(reader, 11),
            EndsAt = Maybe<DateTimeOffset>(reader, 12),
            RefreshAt = Maybe<DateTimeOffset>(reader, 13),
            ProbeAt = Maybe<DateTimeOffset>(reader, 14),
            DueAt = Maybe<DateTimeOffset>(reader, 15),
            AnswerLost = reader.GetBoolean(16),
            Failures = reader.GetInt32(17),
            IsHeld = reader.GetBoolean(18),
            Suspicion = reader.IsDBNull(19) ? null : JsonSerializer.Deserialize<Suspicion>(reader.GetString(19)),
            RejectedVersion = Maybe<long>(reader, 20),
            Trouble = reader.IsDBNull(21) ? null : reader.GetString(21),
            TroubleAt = Maybe<DateTimeOffset>(reader, 22),
            LostAt = Maybe<DateTimeOffset>(reader, 23),
            ToldEndsAt = Maybe<DateTimeOffset>(reader, 24),
            WarnedDays = Maybe<int>(reader, 25),
            ClockAt = Maybe<DateTimeOffset>(reader, 26),
        });

    private static NpgsqlCommand WithRow(this NpgsqlCommand command, UpkeepRow row, bool keepLease)
    {
        command.With((short)row.State, row.Version, row.Sealed, row.Scopes.ToArray(), row.GrantedAt, row.IssuedAt);
        command.Maybe(row.AccessEndsAt, row.EndsAt, row.RefreshAt, row.ProbeAt);
        command.With(keepLease);
        command.Maybe(row.DueAt);
        command.With(row.AnswerLost, row.Failures, row.IsHeld);
        command.Parameters.Add(new() { Value = row.Suspicion is null ? DBNull.Value : JsonSerializer.Serialize(row.Suspicion), NpgsqlDbType = NpgsqlDbType.Jsonb });
        command.Parameters.Add(new() { Value = (object?)row.RejectedVersion ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Bigint });
        command.Parameters.Add(new() { Value = (object?)row.Trouble ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        command.Maybe(row.TroubleAt, row.LostAt, row.ToldEndsAt);
        command.Parameters.Add(new() { Value = (object?)row.WarnedDays ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Integer });
        command.Maybe(row.ClockAt);
        return command;
    }

    private static void Maybe(this NpgsqlCommand command, params ReadOnlySpan<DateTimeOffset?> instants)
    {
        foreach (var instant in instants)
        {
            command.Parameters.Add(new() { Value = (object?)instant?.ToUniversalTime() ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.TimestampTz });
        }
    }

    private static T? Maybe<T>(NpgsqlDataReader reader, int column)
        where T : struct
        => reader.IsDBNull(column) ? null : reader.GetFieldValue<T>(column);

    private static string Of(string alias) => string.Join(", ", Columns.Split(',', StringSplitOptions.TrimEntries).Select(column => $"{alias}.{column}"));
}
