using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using System.Diagnostics.Metrics;
using Connections.Platforms;
using EventSourcing;
using Npgsql;
using Weasel.Postgresql.Tables;

namespace Connections.Upkeep;

/// <summary>When so much fails at one platform that it must be the platform or us. Section <c>Breaker</c>.</summary>
public sealed class BreakerOptions
{
    /// <summary>How far back to count.</summary>
    public TimeSpan Window { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Fewer failures than this never open an incident.</summary>
    [Range(1, int.MaxValue)]
    public int LeastFailed { get; set; } = 20;

    /// <summary>The share of failures (0 to 1) from which on it is no coincidence.</summary>
    [Range(0.01, 1)]
    public double Share { get; set; } = 0.3;

    /// <summary>An incident ends by itself once the share stayed below <see cref="CalmShare"/> for this long.</summary>
    public TimeSpan Calm { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>The share of failures below which things are as usual.</summary>
    [Range(0, 1)]
    public double CalmShare { get; set; } = 0.1;

    /// <summary>How long after an operator's word no new incident is opened.</summary>
    public TimeSpan Override { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How often counts are shared between replicas and judged.</summary>
    public TimeSpan LookEvery { get; set; } = TimeSpan.FromSeconds(1);
}

/// <summary>What is known of a platform as a whole, over all replicas.</summary>
/// <param name="Platform">Its key.</param>
/// <param name="OpenedAt">Since when an incident is open; null when none is.</param>
/// <param name="IncidentId">That incident.</param>
/// <param name="OverriddenUntil">An operator ended an incident: none opens before this.</param>
/// <param name="PausedAt">Since when an operator has it paused; null when it runs.</param>
/// <param name="PausedBy">Who paused it: the client or person of the access token.</param>
/// <param name="QuietUntil">It asked our whole app for patience until then.</param>
/// <param name="OursCode">The code of the last failure that is ours to mend.</param>
/// <param name="OursAt">When that was.</param>
public sealed record PlatformState(
    string Platform,
    DateTimeOffset? OpenedAt = null,
    Guid? IncidentId = null,
    DateTimeOffset? OverriddenUntil = null,
    DateTimeOffset? PausedAt = null,
    string? PausedBy = null,
    DateTimeOffset? QuietUntil = null,
    string? OursCode = null,
    DateTimeOffset? OursAt = null)
{
    /// <summary>So much fails that nothing is believed now.</summary>
    public bool IsHolding => OpenedAt is not null;

    /// <summary>May it be called for upkeep?</summary>
    public bool MayCall(DateTimeOffset now) => PausedAt is null && !(QuietUntil > now);
}

/// <summary>Judges whether a platform's failures are an incident. Pure.</summary>
public static class Breaker
{
    /// <summary>Open an incident?</summary>
    public static bool Opens(PlatformState state, long good, long failed, BreakerOptions options, DateTimeOffset now) =>
        !state.IsHolding && !(state.OverriddenUntil > now) && failed >= options.LeastFailed && failed >= options.Share * (good + failed);

    /// <summary>Is it over? <paramref name="good"/> and <paramref name="failed"/> are of the last <see cref="BreakerOptions.Calm"/>.</summary>
    public static bool Ends(PlatformState state, long good, long failed, BreakerOptions options, DateTimeOffset now) =>
        state.OpenedAt + options.Calm <= now && good > 0 && failed <= options.CalmShare * (good + failed);
}

/// <summary>
/// Counts how calls for upkeep went, shares the counts with the other replicas through the database, and opens and ends incidents. Nothing
/// is lost while one is open: connections that would have changed are held and asked again afterwards.
/// </summary>
public sealed partial class PlatformWatch : BackgroundService
{
    private readonly NpgsqlDataSource source;
    private readonly BreakerOptions options;
    private readonly TimeProvider clock;
    private readonly ILogger<PlatformWatch> logger;
    private readonly IReadOnlyDictionary<string, Counts> counts;
    private readonly ConcurrentDictionary<string, PlatformState> states = new();
    private readonly Meter meter = new("Connections");

    public PlatformWatch(NpgsqlDataSource source, PlatformList platforms, BreakerOptions options, TimeProvider clock, ILogger<PlatformWatch> logger)
    {
        (this.source, this.options, this.clock, this.logger) = (source, options, clock, logger);
        counts = platforms.All.ToDictionary(platform => platform.Options.Key, _ => new Counts());
        meter.CreateObservableGauge(
            "platform.incident",
            () => states.Values.Select(state => new Measurement<int>(state.IsHolding ? 1 : 0, new KeyValuePair<string, object?>("platform", state.Platform))),
            unit: "1",
            description: "1 while so much fails at the platform that no connection is changed.");
    }

    /// <summary>The platforms as last read; at most <see cref="BreakerOptions.LookEvery"/> old.</summary>
    public PlatformState StateOf(string platform) => states.GetValueOrDefault(platform) ?? new(platform);

    /// <summary>One call for upkeep ended: well, or in a way that would change a connection.</summary>
    public void Count(string platform, bool failed)
    {
        if (failed)
        {
            Interlocked.Increment(ref counts[platform].Failed);
        }
        else
        {
            Interlocked.Increment(ref counts[platform].Good);
        }
    }

    /// <summary>The platform asked our whole app to wait.</summary>
    public async Task Quieten(string platform, DateTimeOffset until, CancellationToken ct)
    {
        await source.Run(PlatformTables.Quieten(platform, until), ct);
        states.AddOrUpdate(platform, key => new(key, QuietUntil: until), (_, state) => state with { QuietUntil = until });
    }

    /// <summary>Something of ours is wrong with this platform: shown until a call works again.</summary>
    public async Task Blame(string platform, string code, CancellationToken ct)
    {
        OursToMend(platform, code);
        await source.Run(PlatformTables.Blame(platform, code, clock.GetUtcNow()), ct);
    }

    /// <summary>Shares what was counted, reads what others counted, and opens or ends incidents.</summary>
    public async Task Look(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        foreach (var (platform, counted) in counts)
        {
            var (good, failed) = (Interlocked.Exchange(ref counted.Good, 0), Interlocked.Exchange(ref counted.Failed, 0));
            if (good + failed > 0)
            {
                await source.Run(PlatformTables.Add(platform, now, good, failed), ct);
            }

            var state = await PlatformTables.Read(source, platform, ct);
            if (good > 0 && state.OursAt < now - options.LookEvery)
            {
                // A call that went well after the failure says that it is mended.
                await source.Run(PlatformTables.Forgive(platform), ct);
                state = state with { OursCode = null, OursAt = null };
            }

            var over = state.IsHolding ? options.Calm : options.Window;
            (good, failed) = await PlatformTables.Sum(source, platform, now - over, ct);
            if (Breaker.Opens(state, good, failed, options, now) && await PlatformTables.Open(source, platform, good, failed, now, ct))
            {
                Opened(platform, failed, good + failed);
                state = await PlatformTables.Read(source, platform, ct);
            }
            else if (state.IsHolding && Breaker.Ends(state, good, failed, options, now) && await PlatformTables.Close(source, platform, "itself", null, now, ct))
            {
                Ended(platform, "itself");
                state = await PlatformTables.Read(source, platform, ct);
            }

            states[platform] = state;
        }
    }

    public override void Dispose()
    {
        meter.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var pulse = new PeriodicTimer(options.LookEvery, clock);
        do
        {
            try
            {
                await Look(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LookFailed(exception);
            }
        }
        while (await pulse.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(LogLevel.Critical, "Incident at {Platform}: {Failed} of {All} calls would have changed a connection. Nothing is changed until it is over; POST /v1/platforms/{Platform}/resume overrules this.")]
    private partial void Opened(string platform, long failed, long all);

    [LoggerMessage(LogLevel.Warning, "The incident at {Platform} was ended by {By}. What was held is asked again.")]
    private partial void Ended(string platform, string by);

    [LoggerMessage(LogLevel.Error, "{Platform} answers {Code}: our configuration or request is at fault. No connection is changed by it.")]
    private partial void OursToMend(string platform, string code);

    [LoggerMessage(LogLevel.Error, "The state of the platforms could not be read and will be read again.")]
    private partial void LookFailed(Exception exception);

    private sealed class Counts
    {
        public long Good;
        public long Failed;
    }
}

/// <summary>The tables behind <see cref="PlatformWatch"/>: shared by all replicas, of no organization.</summary>
internal static class PlatformTables
{
    private const string State = $"{ConnectionTables.Schema}.platform_state";
    private const string Minute = $"{ConnectionTables.Schema}.platform_minute";
    private const string Incident = $"{ConnectionTables.Schema}.platform_incident";

    public static void AddTo(EventStoreBuilder store)
    {
        var state = new Table(State);
        state.AddColumn("platform", "text").NotNull().AsPrimaryKey();
        state.AddColumn("opened_at", "timestamptz");
        state.AddColumn("incident_id", "uuid");
        state.AddColumn("overridden_until", "timestamptz");
        state.AddColumn("paused_at", "timestamptz");
        state.AddColumn("paused_by", "text");
        state.AddColumn("quiet_until", "timestamptz");
        state.AddColumn("ours_code", "text");
        state.AddColumn("ours_at", "timestamptz");

        var minute = new Table(Minute);
        minute.AddColumn("platform", "text").NotNull().AsPrimaryKey();
        minute.AddColumn("minute", "timestamptz").NotNull().AsPrimaryKey();
        minute.AddColumn("good", "bigint").NotNull();
        minute.AddColumn("failed", "bigint").NotNull();

        var incident = new Table(Incident);
        incident.AddColumn("id", "uuid").NotNull().AsPrimaryKey();
        incident.AddColumn("platform", "text").NotNull();
        incident.AddColumn("opened_at", "timestamptz").NotNull();
        incident.AddColumn("good", "bigint").NotNull();
        incident.AddColumn("failed", "bigint").NotNull();
        incident.AddColumn("closed_at", "timestamptz");
        incident.AddColumn("closed_by", "text");
        incident.Indexes.Add(new IndexDefinition("platform_incident_opened_at") { Columns = ["platform", "opened_at"] });
        store.Table(state).Table(minute).Table(incident);
    }

    // Counted in slots of ten seconds: fine enough for a short window, coarse enough for a small table.
    public static NpgsqlCommand Add(string platform, DateTimeOffset now, long good, long failed) => new NpgsqlCommand($"""
        insert into {Minute} as m (platform, minute, good, failed) values ($1, date_bin('10 seconds', $2, 'epoch'), $3, $4)
        on conflict (platform, minute) do update set good = m.good + excluded.good, failed = m.failed + excluded.failed
        """).With(platform, now, good, failed);

    public static async Task<(long Good, long Failed)> Sum(NpgsqlDataSource source, string platform, DateTimeOffset since, CancellationToken ct) => (await source.Read(
        new NpgsqlCommand($"select coalesce(sum(good), 0)::bigint, coalesce(sum(failed), 0)::bigint from {Minute} where platform = $1 and minute >= $2").With(platform, since),
        reader => (reader.GetInt64(0), reader.GetInt64(1)),
        ct))[0];

    public static async Task<PlatformState> Read(NpgsqlDataSource source, string platform, CancellationToken ct) => (await source.Read(
        new NpgsqlCommand($"select opened_at, incident_id, overridden_until, paused_at, paused_by, quiet_until, ours_code, ours_at from {State} where platform = $1").With(platform),
        reader => new PlatformState(
            platform, At(reader, 0), reader.IsDBNull(1) ? null : reader.GetGuid(1), At(reader, 2), At(reader, 3), Word(reader, 4), At(reader, 5), Word(reader, 6), At(reader, 7)),
        ct)).FirstOrDefault() ?? new(platform);

    /// <summary>True for the one replica that opened it.</summary>
    public static async Task<bool> Open(NpgsqlDataSource source, string platform, long good, long failed, DateTimeOffset now, CancellationToken ct) => await source.Run(
        new NpgsqlCommand($"""
            with opened as (
                insert into {State} as s (platform, opened_at, incident_id) values ($1, $2, gen_random_uuid())
                on conflict (platform) do update set opened_at = excluded.opened_at, incident_id = excluded.incident_id where s.opened_at is null
                returning incident_id)
            insert into {Incident} (id, platform, opened_at, good, failed) select incident_id, $1, $2, $3, $4 from opened
            """).With(platform, now, good, failed),
        ct) > 0;

    /// <summary>True where one was open. What was held is due again within a minute. Counting begins anew: the failures of this incident do not open the next.</summary>
    public static async Task<bool> Close(NpgsqlDataSource source, string platform, string by, DateTimeOffset? overriddenUntil, DateTimeOffset now, CancellationToken ct)
    {
        var closed = await source.Run(
            new NpgsqlCommand($"""
                with open as (select incident_id from {State} where platform = $1 and opened_at is not null for update),
                     counted as (delete from {Minute} where platform = $1 and exists (select 1 from open)),
                     closed as (update {State} set opened_at = null, incident_id = null, overridden_until = coalesce($4::timestamptz, overridden_until) where platform = $1 and exists (select 1 from open))
                update {Incident} set closed_at = $2, closed_by = $3 where id in (select incident_id from open)
                """).With(platform, now, by, overriddenUntil),
            ct) > 0;
        if (closed)
        {
            await source.Run(UpkeepTable.Release(platform, now), ct);
        }

        return closed;
    }

    public static NpgsqlCommand Quieten(string platform, DateTimeOffset until) => new NpgsqlCommand($"""
        insert into {State} as s (platform, quiet_until) values ($1, $2) on conflict (platform) do update set quiet_until = greatest(s.quiet_until, excluded.quiet_until)
        """).With(platform, until);

    public static NpgsqlCommand Blame(string platform, string code, DateTimeOffset now) => new NpgsqlCommand($"""
        insert into {State} (platform, ours_code, ours_at) values ($1, $2, $3) on conflict (platform) do update set ours_code = excluded.ours_code, ours_at = excluded.ours_at
        """).With(platform, code, now);

    public static NpgsqlCommand Forgive(string platform) => new NpgsqlCommand($"update {State} set ours_code = null, ours_at = null where platform = $1 and ours_code is not null").With(platform);

    public static NpgsqlCommand Pause(string platform, string by, DateTimeOffset now) => new NpgsqlCommand($"""
        insert into {State} as s (platform, paused_at, paused_by) values ($1, $2, $3)
        on conflict (platform) do update set paused_at = coalesce(s.paused_at, excluded.paused_at), paused_by = coalesce(s.paused_by, excluded.paused_by)
        """).With(platform, now, by);

    public static NpgsqlCommand Unpause(string platform) => new NpgsqlCommand($"update {State} set paused_at = null, paused_by = null where platform = $1").With(platform);

    public static Task<IReadOnlyList<PlatformIncident>> Incidents(NpgsqlDataSource source, string platform, int limit, CancellationToken ct) => source.Read(
        new NpgsqlCommand($"select id, opened_at, good, failed, closed_at, closed_by from {Incident} where platform = $1 order by opened_at desc limit $2").With(platform, limit),
        reader => new PlatformIncident(reader.GetGuid(0), reader.GetFieldValue<DateTimeOffset>(1), reader.GetInt64(2), reader.GetInt64(3), At(reader, 4), Word(reader, 5)),
        ct);

    /// <summary>Counts from before this are of no more use.</summary>
    public static NpgsqlCommand Sweep(DateTimeOffset before) => new NpgsqlCommand($"delete from {Minute} where minute < $1").With(before);

    private static DateTimeOffset? At(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetFieldValue<DateTimeOffset>(column);

    private static string? Word(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
}

/// <summary>A time in which so much failed at a platform that nothing was changed.</summary>
/// <param name="Id">The incident.</param>
/// <param name="OpenedAt">When it began (UTC).</param>
/// <param name="Good">Calls that went well in the window that opened it.</param>
/// <param name="Failed">Calls that would have changed a connection in that window.</param>
/// <param name="ClosedAt">When it ended (UTC); null while it is open.</param>
/// <param name="ClosedBy"><c>itself</c>, or the client or person who overruled it.</param>
public sealed record PlatformIncident(Guid Id, DateTimeOffset OpenedAt, long Good, long Failed, DateTimeOffset? ClosedAt, string? ClosedBy);
