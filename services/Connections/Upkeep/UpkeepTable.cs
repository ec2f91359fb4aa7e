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

    private const string Settings = """
        state = @state, version = @version, scopes = @scopes, granted_at = @granted_at, issued_at = @issued_at, access_ends_at = @access_ends_at, ends_at = @ends_at, refresh_at = @refresh_at,
        probe_at = @probe_at, due_at = case when @keep then due_at else @due_at end, answer_lost = @answer_lost, failures = @failures, is_held = @is_held, suspicion = @suspicion,
        rejected_version = @rejected_version, trouble = @trouble, trouble_at = @trouble_at, lost_at = @lost_at, told_ends_at = @told_ends_at, warned_days = @warned_days, clock_at = @clock_at,
        lease = case when @keep then lease end, leased_until = case when @keep then leased_until end
        """;

    // Locks the creator's row without changing it, or fails: the column takes no null. So no token is ever saved under a key that an erasure has given up.
    private const string StillCurrent = $"""
        still_current as (
            insert into {ConnectionTables.Schema}.key_generation as g (tenant_id, creator_id, generation) values (@tenant, @creator, @generation)
            on conflict (tenant_id, creator_id) do update set generation = null where g.generation <> excluded.generation)
        """;

    // Rows that stay are left alone: most renewals bring no new refresh token.
    private const string Lookups = $"""
        gone as (
            delete from {ConnectionTables.Schema}.token_lookup l using written w
            where l.tenant_id = w.tenant_id and l.connection_id = w.connection_id and l.value <> all(@lookup_values)),
        found_by as (
            insert into {ConnectionTables.Schema}.token_lookup (kind, value, tenant_id, connection_id)
            select lookup.kind, lookup.value, w.tenant_id, w.connection_id from written w, unnest(@lookup_kinds, @lookup_values) as lookup (kind, value)
            on conflict do nothing)
        """;

    private const string DropLookups = $"""
        , lookups_gone as (delete from {ConnectionTables.Schema}.token_lookup l using gone where l.tenant_id = gone.tenant_id and l.connection_id = gone.connection_id)
        """;

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

    // A lease that is still there when the next one is taken ran out with its holder gone, perhaps between a refresh and the storing of its answer.
    private const string MarkLost = "answer_lost = u.answer_lost or u.lease is not null";

    /// <summary>Leases up to <paramref name="limit"/> rows of a platform that are due.</summary>
    public static NpgsqlCommand LeaseDue(string platform, DateTimeOffset now, DateTimeOffset until, int limit) => new NpgsqlCommand($"""
        update {Name} u set lease = gen_random_uuid(), leased_until = $3, due_at = $3, {MarkLost}
        from (select tenant_id, connection_id from {Name} where platform = $1 and due_at <= $2 and (leased_until is null or leased_until <= $2)
              order by due_at limit $4 for update skip locked) due
        where u.tenant_id = due.tenant_id and u.connection_id = due.connection_id
        returning u.lease, {Of("u")}
        """).With(platform, now, until, limit);

    /// <summary>Leases rows whose warning or end is due; what else is due of them stays as it is.</summary>
    public static NpgsqlCommand LeaseClock(DateTimeOffset now, DateTimeOffset until, int limit) => new NpgsqlCommand($"""
        update {Name} u set lease = gen_random_uuid(), leased_until = $2, {MarkLost}
        from (select tenant_id, connection_id from {Name} where clock_at <= $1 and (leased_until is null or leased_until <= $1) order by clock_at limit $3 for update skip locked) due
        where u.tenant_id = due.tenant_id and u.connection_id = due.connection_id
        returning u.lease, {Of("u")}
        """).With(now, until, limit);

    /// <summary>Leases one row unless somebody else holds it.</summary>
    public static NpgsqlCommand LeaseOne(string organization, Guid connection, DateTimeOffset now, DateTimeOffset until) => new NpgsqlCommand($"""
        update {Name} u set lease = gen_random_uuid(), leased_until = $4, due_at = $4, {MarkLost}
        where tenant_id = $1 and connection_id = $2 and (leased_until is null or leased_until <= $3)
        returning u.lease, {Of("u")}
        """).With(organization, connection, now, until);

    /// <summary>Holds on to a leased row for longer. Misses where somebody else has it by now.</summary>
    public static NpgsqlCommand Extend(UpkeepRow row, Guid lease, DateTimeOffset until) => new NpgsqlCommand($"""
        update {Name} set leased_until = $5, due_at = $5 where tenant_id = $1 and connection_id = $2 and lease = $3 and version = $4
        """).With(row.Organization, row.ConnectionId, lease, row.Version, until);

    /// <summary>Gives a leased row back untouched: it is due, and whoever looks next takes it.</summary>
    public static NpgsqlCommand GiveBack(UpkeepRow row, Guid lease, DateTimeOffset now) => new NpgsqlCommand($"""
        update {Name} set lease = null, leased_until = null, due_at = $4 where tenant_id = $1 and connection_id = $2 and lease = $3
        """).With(row.Organization, row.ConnectionId, lease, now);

    /// <summary>
    /// Keeps new tokens whose lease ran out or was taken away meanwhile: to the platform they are the living ones all the same. Misses where another
    /// set or another grant is there by now. Whatever else the row says stays, and so does whoever holds it.
    /// </summary>
    public static NpgsqlCommand KeepTokens(UpkeepRow row, SealedTokens tokens, long readVersion) => new NpgsqlCommand($"""
        with {StillCurrent},
        written as (
            update {Name} set version = @version, sealed = @sealed, issued_at = @issued_at, access_ends_at = @access_ends_at, ends_at = @ends_at, refresh_at = @refresh_at, answer_lost = false
            where tenant_id = @tenant and connection_id = @connection and version = @read_version and granted_at = @granted_at
            returning tenant_id, connection_id),
        {Lookups}
        select connection_id from written
        """).Of(row, keepLease: false).Of(tokens).Named("read_version", readVersion, NpgsqlDbType.Bigint);

    /// <summary>What was held may be looked at again, spread over a minute.</summary>
    public static NpgsqlCommand Release(string platform, DateTimeOffset now) => new NpgsqlCommand($"""
        update {Name} set due_at = least(due_at, $2 + random() * interval '1 minute') where platform = $1 and is_held and (leased_until is null or leased_until <= $2)
        """).With(platform, now);

    /// <summary>How many rows should have been looked at five minutes ago, and how many are held.</summary>
    public static NpgsqlCommand Backlog(string platform, DateTimeOffset now) => new NpgsqlCommand($"""
        select (select count(*) from {Name} where platform = $1 and due_at < $2), (select count(*) from {Name} where platform = $1 and is_held)
        """).With(platform, now - TimeSpan.FromMinutes(5));

    /// <summary>Per platform: all, due, under way, due within an hour and a day, failing, held, and since when the oldest is due.</summary>
    public static NpgsqlCommand Queue(DateTimeOffset now) => new NpgsqlCommand($"""
        select platform, count(*), count(*) filter (where due_at <= $1), count(*) filter (where leased_until > $1),
          count(*) filter (where due_at > $1 and due_at <= $1 + interval '1 hour' and not coalesce(leased_until > $1, false)), count(*) filter (where due_at > $1 and due_at <= $1 + interval '1 day' and not coalesce(leased_until > $1, false)),
          count(*) filter (where failures > 0), count(*) filter (where is_held), min(due_at) filter (where due_at <= $1)
        from {Name} group by platform
        """).With(now);

    /// <summary>How many wait for what, for a gauge.</summary>
    public const string Waiting = $"""
        select platform, state, count from (
          select platform, count(*) filter (where due_at <= now()) as due, count(*) filter (where leased_until > now()) as under_way, count(*) filter (where failures > 0) as failing, count(*) filter (where is_held) as held
          from {Name} group by platform) counted,
          lateral (values ('due', due), ('under-way', under_way), ('failing', failing), ('held', held)) as each (state, count)
        """;

    /// <summary>What waits after a failure, or is held, is tried again within a minute.</summary>
    public static NpgsqlCommand TryAgain(string platform, DateTimeOffset now) => new NpgsqlCommand($"""
        update {Name} set due_at = $2 + random() * interval '1 minute'
        where platform = $1 and (failures > 0 or is_held) and due_at > $2 + interval '1 minute' and (leased_until is null or leased_until <= $2)
        """).With(platform, now);

    /// <summary>One row as it is now, without taking it; null where the connection has none.</summary>
    public static async Task<UpkeepRow?> One(NpgsqlDataSource source, string organization, Guid connection, CancellationToken ct) =>
        (await Many(source, organization, [connection], ct)).SingleOrDefault();

    /// <summary>Rows as they are now, without taking them.</summary>
    public static Task<IReadOnlyList<UpkeepRow>> Many(NpgsqlDataSource source, string organization, Guid[] connections, CancellationToken ct) =>
        source.Read(ReadMany(organization, connections), reader => RowOf(reader).Row, ct);

    /// <summary>The sealed tokens of a connection as they are stored now; null where there are none.</summary>
    public static async Task<SealedTokens?> TokensOf(NpgsqlDataSource source, string organization, Guid connection, CancellationToken ct) =>
        await One(source, organization, connection, ct) is { Sealed: var stored } ? SealedTokens.FromBytes(stored) : null;

    /// <summary>Reads rows without taking them.</summary>
    public static NpgsqlCommand ReadMany(string organization, Guid[] connections) =>
        new NpgsqlCommand($"select lease, {Columns} from {Name} where tenant_id = $1 and connection_id = any($2)").With(organization, connections);

    /// <summary>Stores the row but for its tokens and, unless it goes on being held, lets the lease go. Writes nothing when lease or version are not what the caller read.</summary>
    public static NpgsqlCommand Save(UpkeepRow row, Guid lease, long readVersion, bool keepLease) => new NpgsqlCommand($"""
        update {Name} set {Settings}
        where tenant_id = @tenant and connection_id = @connection and lease = @lease and version = @read_version
        returning connection_id
        """).Of(row, keepLease).Holding(lease, readVersion);

    /// <summary>
    /// The same with new tokens, and with the rows that find them by name. Answers a row where it was written. Fails where the creator's key they are
    /// sealed under was given up meanwhile (<see cref="ConnectionTables.IsSealedTooEarly"/>).
    /// </summary>
    public static NpgsqlCommand SaveTokens(UpkeepRow row, SealedTokens tokens, Guid lease, long readVersion, bool keepLease) => new NpgsqlCommand($"""
        with {StillCurrent},
        written as (
            update {Name} set {Settings}, sealed = @sealed
            where tenant_id = @tenant and connection_id = @connection and lease = @lease and version = @read_version
            returning tenant_id, connection_id),
        {Lookups}
        select connection_id from written
        """).Of(row, keepLease).Of(tokens).Holding(lease, readVersion);

    /// <summary>
    /// Puts in the row of a connection just granted. Whoever holds an older one loses it: the version moves on and the lease is gone. Fails where the
    /// creator's key the tokens are sealed under was given up meanwhile (<see cref="ConnectionTables.IsSealedTooEarly"/>).
    /// </summary>
    public static NpgsqlCommand Put(UpkeepRow row, SealedTokens tokens) => new NpgsqlCommand($"""
        with {StillCurrent},
        written as (
            insert into {Name} as old (tenant_id, connection_id, creator_id, platform, state, version, sealed, scopes, granted_at, issued_at, access_ends_at, ends_at, refresh_at, probe_at, due_at,
                answer_lost, failures, is_held, told_ends_at, warned_days, clock_at)
            values (@tenant, @connection, @creator, @platform, @state, @version, @sealed, @scopes, @granted_at, @issued_at, @access_ends_at, @ends_at, @refresh_at, @probe_at, @due_at,
                false, 0, false, @told_ends_at, @warned_days, @clock_at)
            on conflict (tenant_id, connection_id) do update set
                creator_id = excluded.creator_id, state = excluded.state, version = old.version + 1, sealed = excluded.sealed, scopes = excluded.scopes, granted_at = excluded.granted_at,
                issued_at = excluded.issued_at, access_ends_at = excluded.access_ends_at, ends_at = excluded.ends_at, refresh_at = excluded.refresh_at, probe_at = excluded.probe_at,
                due_at = excluded.due_at, answer_lost = false, failures = 0, is_held = false, suspicion = null, rejected_version = null, trouble = null, trouble_at = null, lost_at = null,
                told_ends_at = excluded.told_ends_at, warned_days = excluded.warned_days, clock_at = excluded.clock_at, lease = null, leased_until = null
            returning tenant_id, connection_id),
        {Lookups}
        select connection_id from written
        """).Of(row, keepLease: false).Of(tokens);

    /// <summary>Puts tokens sealed anew in the place of the same tokens; not where others have taken it meanwhile.</summary>
    public static NpgsqlCommand Reseal(UpkeepRow old, SealedTokens renewed) => new NpgsqlCommand($"""
        with {StillCurrent}
        update {Name} set sealed = @sealed where tenant_id = @tenant and connection_id = @connection and sealed = @old
        """).Of(old, keepLease: false).Of(renewed).Named("old", old.Sealed, NpgsqlDbType.Bytea);

    /// <summary>No more care is needed: the row goes, and the tokens with it. The same condition as <see cref="Save"/>.</summary>
    public static NpgsqlCommand Remove(UpkeepRow row, Guid lease, long readVersion) => new NpgsqlCommand($"""
        with gone as (delete from {Name} where tenant_id = @tenant and connection_id = @connection and lease = @lease and version = @read_version returning tenant_id, connection_id)
        {DropLookups}
        select connection_id from gone
        """).Named("tenant", row.Organization, NpgsqlDbType.Text).Named("connection", row.ConnectionId, NpgsqlDbType.Uuid).Holding(lease, readVersion);

    /// <summary>Removes the row whoever holds it: the creator, the organization or the platform ended the connection.</summary>
    public static NpgsqlCommand Drop(string organization, Guid connection) => new NpgsqlCommand($"""
        with gone as (delete from {Name} where tenant_id = @tenant and connection_id = @connection returning tenant_id, connection_id)
        {DropLookups}
        select connection_id from gone
        """).Named("tenant", organization, NpgsqlDbType.Text).Named("connection", connection, NpgsqlDbType.Uuid);

    /// <summary>The platform locked the account: its tokens are kept. Whoever held the row loses it.</summary>
    public static NpgsqlCommand Suspend(string organization, Guid connection, DateTimeOffset now, TimeSpan askAgainAfter) => new NpgsqlCommand($"""
        update {Name} set state = $3, lost_at = $4, due_at = $5, clock_at = null, suspicion = null, is_held = false, lease = null, leased_until = null
        where tenant_id = $1 and connection_id = $2
        """).With(organization, connection, (short)UpkeepState.Suspended, now, now + askAgainAfter);

    /// <summary>Somebody has reason to doubt what we believe: it is refreshed and probed at the next look. Whoever holds the row goes on.</summary>
    public static NpgsqlCommand Check(string organization, Guid connection, string why, DateTimeOffset now) => new NpgsqlCommand($"""
        update {Name} set rejected_version = case when state = 0 then version else rejected_version end, trouble = $3, trouble_at = $4,
            due_at = case when leased_until > $4 then due_at else $4 end
        where tenant_id = $1 and connection_id = $2
        """).With(organization, connection, why, now);

    /// <summary>What <see cref="LeaseDue"/>, <see cref="LeaseOne"/> and <see cref="ReadMany"/> return.</summary>
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

    private static NpgsqlCommand Of(this NpgsqlCommand command, UpkeepRow row, bool keepLease) => command
        .Named("tenant", row.Organization, NpgsqlDbType.Text)
        .Named("connection", row.ConnectionId, NpgsqlDbType.Uuid)
        .Named("creator", row.CreatorId, NpgsqlDbType.Uuid)
        .Named("platform", row.Platform, NpgsqlDbType.Text)
        .Named("state", (short)row.State, NpgsqlDbType.Smallint)
        .Named("version", row.Version, NpgsqlDbType.Bigint)
        .Named("scopes", row.Scopes.ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Text)
        .Named("granted_at", row.GrantedAt)
        .Named("issued_at", row.IssuedAt)
        .Named("access_ends_at", row.AccessEndsAt)
        .Named("ends_at", row.EndsAt)
        .Named("refresh_at", row.RefreshAt)
        .Named("probe_at", row.ProbeAt)
        .Named("due_at", row.DueAt)
        .Named("answer_lost", row.AnswerLost, NpgsqlDbType.Boolean)
        .Named("failures", row.Failures, NpgsqlDbType.Integer)
        .Named("is_held", row.IsHeld, NpgsqlDbType.Boolean)
        .Named("suspicion", row.Suspicion is null ? null : JsonSerializer.Serialize(row.Suspicion), NpgsqlDbType.Jsonb)
        .Named("rejected_version", row.RejectedVersion, NpgsqlDbType.Bigint)
        .Named("trouble", row.Trouble, NpgsqlDbType.Text)
        .Named("trouble_at", row.TroubleAt)
        .Named("lost_at", row.LostAt)
        .Named("told_ends_at", row.ToldEndsAt)
        .Named("warned_days", row.WarnedDays, NpgsqlDbType.Integer)
        .Named("clock_at", row.ClockAt)
        .Named("keep", keepLease, NpgsqlDbType.Boolean);

    private static NpgsqlCommand Of(this NpgsqlCommand command, SealedTokens tokens) => command
        .Named("sealed", tokens.ToBytes(), NpgsqlDbType.Bytea)
        .Named("generation", tokens.Generation, NpgsqlDbType.Integer)
        .Named("lookup_kinds", tokens.Lookups.Select(lookup => lookup.Kind).ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Text)
        .Named("lookup_values", tokens.Lookups.Select(lookup => lookup.Value).ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Text);

    private static NpgsqlCommand Holding(this NpgsqlCommand command, Guid lease, long readVersion) =>
        command.Named("lease", lease, NpgsqlDbType.Uuid).Named("read_version", readVersion, NpgsqlDbType.Bigint);

    private static NpgsqlCommand Named(this NpgsqlCommand command, string name, DateTimeOffset? instant) => command.Named(name, instant?.ToUniversalTime(), NpgsqlDbType.TimestampTz);

    private static NpgsqlCommand Named(this NpgsqlCommand command, string name, object? value, NpgsqlDbType type)
    {
        command.Parameters.Add(new() { ParameterName = name, Value = value ?? DBNull.Value, NpgsqlDbType = type });
        return command;
    }

    private static T? Maybe<T>(NpgsqlDataReader reader, int column)
        where T : struct
        => reader.IsDBNull(column) ? null : reader.GetFieldValue<T>(column);

    private static string Of(string alias) => string.Join(", ", Columns.Split(',', StringSplitOptions.TrimEntries).Select(column => $"{alias}.{column}"));
}
