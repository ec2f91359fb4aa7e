using System.Data.Common;
using System.Runtime.InteropServices;
using EventSourcing;
using Npgsql;
using NpgsqlTypes;

namespace Campaigns;

/// <summary>One creator of a page: who, where the page could go on, and what the row shows.</summary>
/// <param name="Creator">Who.</param>
/// <param name="Standing">How they stand.</param>
/// <param name="ContactedAt">When the newest message was sent, or failed.</param>
/// <param name="Profile">Null once it was erased.</param>
/// <param name="Cells">What is known of each column, in the order of the columns; empty where names alone were asked for.</param>
/// <param name="Outreach">The newest message.</param>
public sealed record RosterRow(Guid Creator, Standing Standing, DateTimeOffset? ContactedAt, CreatorProfile? Profile, IReadOnlyList<RosterCell> Cells, RosterContact? Outreach);

/// <summary>A column of a row.</summary>
public sealed record RosterCell(string Type, string Status, string? Reason, DateTimeOffset? Since, Guid? ConnectionId, DateTimeOffset? ExpiringAt, DateTimeOffset? CollectedAt, DateOnly? Through);

/// <summary>The newest message of a row.</summary>
public sealed record RosterContact(string Template, DateTimeOffset At, Guid OutreachId);

/// <summary>
/// Reads rosters. How many creators a filter leaves is known from sums or counts before a creator is looked at, and decides how to look: few are fetched by
/// their standing and sorted, many are met soon enough on the way through the sorted index. So a page takes as long in a roster of a hundred thousand.
/// </summary>
public sealed partial class Rosters(StreamSession session, NpgsqlDataSource? source = null, RosterMemory? memory = null) : IAsyncDisposable
{
    // So many changes are made up for at most; beyond them all counts are read anew.
    private const int MostMoved = 200;

    private NpgsqlConnection? connection;
    private NpgsqlTransaction? snapshot;

    /// <summary>From here on everything is read as of one moment: a creator whose standing changes between the count and the page must be in neither twice nor not at all.</summary>
    public async Task Hold(CancellationToken ct)
    {
        connection = await (source ?? throw new InvalidOperationException("These rosters were opened without a data source and cannot be held.")).OpenConnectionAsync(ct);
        snapshot = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, ct);
    }

    /// <summary>What is read from here on may be of another moment. For whoever has other things to wait for.</summary>
    public async Task LetGo()
    {
        await DisposeAsync();
        (snapshot, connection) = (null, null);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await (snapshot?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (connection?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    /// <summary>
    /// The creators per standing, of all or of those a search or an expiry leaves, as far as conditions and order (or <paramref name="bits"/>) tell standings
    /// apart; and the name where the cursor stands.
    /// </summary>
    public async Task<(StandingCounts Counts, string? CursorName)> Count(Guid campaign, CreatorFilter filter, IReadOnlyList<string> shown, DateTimeOffset now, Guid? cursor, CancellationToken ct, short? bits = null)
    {
        var told = bits ?? filter.Bits(shown);
        var counted = !filter.LooksAtCreators ? CampaignPulse.Sql
            : told == 0 ? $"select 0::smallint, count(*) from {Source(filter, shown)} having count(*) > 0"
            : $"select r.standing & @bits, count(*) from {Source(filter, shown)} group by 1";
        await using var command = new NpgsqlCommand(
            $"{counted}; select sort_name from campaign.roster where tenant_id = @organization and campaign_id = @campaign and creator_id = @cursor");
        Parameters(command, campaign, filter, shown, now);
        command.Parameters.Add(new("bits", told));
        command.Parameters.Add(new("cursor", cursor ?? Guid.Empty));
        StandingCounts? counts;
        var pulse = CampaignPulse.None;
        string? name;
        await using (var reader = await Run(command, ct))
        {
            if (filter.LooksAtCreators)
            {
                counts = await StandingCounts.Read(reader, ct, told);
            }
            else
            {
                pulse = await CampaignPulse.Read(reader, ct);
                counts = StandingSums.Answer(told) ? pulse.Sums.Counts(told) : null;
            }

            await reader.NextResultAsync(ct);
            name = await reader.ReadAsync(ct) ? reader.GetString(0) : null;
        }

        return (counts ?? (await All(campaign, pulse, ct)).Only(told), name);
    }

    // Kept only of one snapshot: else a change that comes between could be in the counts and not in the number they are kept under.
    private async Task<StandingCounts> All(Guid campaign, CampaignPulse pulse, CancellationToken ct)
    {
        if (snapshot is null || memory is null)
        {
            return await All(campaign, ct);
        }

        var known = memory.NewestOf<StandingCounts>(session.Organization, campaign);
        return known is var (seq, counts) && seq == pulse.Seq ? counts
            : memory.Keep(session.Organization, campaign, pulse.Seq, known is { } kept && await Since(campaign, kept.Seq, kept.What, pulse, ct) is { } moved ? moved : await All(campaign, ct));
    }

    // Counts of an earlier change, made up for the creators who moved since: a few rows instead of up to 2,304 counts. Null where that cannot be told: too many moved, what is kept is of
    // a later change than this snapshot, or the sums, which were written with the newest change, say otherwise.
    private async Task<StandingCounts?> Since(Guid campaign, long seq, StandingCounts counts, CampaignPulse pulse, CancellationToken ct)
    {
        if (seq > pulse.Seq)
        {
            return null;
        }

        await using var command = new NpgsqlCommand(
            """
            with since as materialized (select creator_id, seq from campaign.roster_change
                                        where tenant_id = @organization and campaign_id = @campaign and seq > @seq and seq <= @newest order by seq limit @most)
            select (select max(seq) from since), before.standing, after.standing
            from (select distinct creator_id from since) moved
            left join lateral (select standing from campaign.roster_change c where c.tenant_id = @organization and c.campaign_id = @campaign and c.creator_id = moved.creator_id and c.seq <= @seq
                               order by c.seq desc limit 1) before on true
            join lateral (select standing from campaign.roster_change c where c.tenant_id = @organization and c.campaign_id = @campaign and c.creator_id = moved.creator_id and c.seq <= @newest
                          order by c.seq desc limit 1) after on true
            """)
        {
            Parameters = { new("organization", session.Organization), new("campaign", campaign), new("seq", seq), new("newest", pulse.Seq), new("most", MostMoved) },
        };
        var moved = new Dictionary<Standing, long>(counts.PerStanding);
        await using var reader = await Run(command, ct);
        while (await reader.ReadAsync(ct))
        {
            if (reader.GetInt64(0) != pulse.Seq)
            {
                return null;
            }

            Move(1, -1);
            Move(2, 1);
        }

        foreach (var (standing, creators) in moved)
        {
            if (creators == 0)
            {
                moved.Remove(standing);
            }
        }

        var made = new StandingCounts(moved);
        return StandingSums.Of(made).Equal(pulse.Sums) ? made : null;

        void Move(int column, long by)
        {
            if (!reader.IsDBNull(column))
            {
                CollectionsMarshal.GetValueRefOrAddDefault(moved, new(reader.GetInt16(column)), out _) += by;
            }
        }
    }

    private async Task<StandingCounts> All(Guid campaign, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("select array_agg(standing), array_agg(creators) from campaign.standing_count where tenant_id = @organization and campaign_id = @campaign and creators > 0")
        {
            Parameters = { new("organization", session.Organization), new("campaign", campaign) },
        };
        await using var reader = await Run(command, ct);
        var (standings, creators) = await reader.ReadAsync(ct) && !reader.IsDBNull(0) ? (reader.GetFieldValue<short[]>(0), reader.GetFieldValue<long[]>(1)) : ([], []);
        return new(standings.Zip(creators).ToDictionary(pair => new Standing(pair.First), pair => pair.Second));
    }

    /// <summary>The roster at a glance.</summary>
    public async Task<StandingSums> Sum(Guid campaign, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(CampaignPulse.Sql) { Parameters = { new("organization", session.Organization), new("campaign", campaign) } };
        await using var reader = await Run(command, ct);
        return (await CampaignPulse.Read(reader, ct)).Sums;
    }

    /// <summary>For each number of days, ascending, how many of the filter's creators have an end within them, whatever days the filter itself names.</summary>
    public async Task<IReadOnlyList<long>> CountExpiring(Guid campaign, CreatorFilter filter, IReadOnlyList<string> shown, DateTimeOffset now, int[] within, CancellationToken ct) =>
        Within(await PerEnd(campaign, filter with { ExpiringWithin = within[^1] }, shown, now, within, filter.Bits(shown), ct), filter.Condition(shown), within);

    /// <summary>All of <see cref="Count"/>, every bit told, and of <see cref="CountExpiring"/>, in one look at those whom a search finds. The filter names no days.</summary>
    public async Task<(StandingCounts Counts, IReadOnlyList<long> Expiring)> CountFound(
        Guid campaign, CreatorFilter filter, IReadOnlyList<string> shown, DateTimeOffset now, int[] within, CancellationToken ct)
    {
        var rows = await PerEnd(campaign, filter, shown, now, within, Standing.AllBits, ct);
        var counts = new Dictionary<Standing, long>();
        foreach (var (standing, _, creators) in rows)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(counts, standing, out _) += creators;
        }

        return (new(counts), Within(rows, filter.Condition(shown), within));
    }

    private static long[] Within(IEnumerable<(Standing Standing, int Beyond, long Creators)> rows, Func<Standing, bool> isMeant, int[] within)
    {
        var counts = new long[within.Length];
        foreach (var (standing, beyond, creators) in rows)
        {
            for (var days = beyond; days < counts.Length && isMeant(standing); days++)
            {
                counts[days] += creators;
            }
        }

        return counts;
    }

    // Creators per standing and nearest end: beyond none of the days, beyond the first of them, and so on; who has none is beyond the last.
    private async Task<IReadOnlyList<(Standing Standing, int Beyond, long Creators)>> PerEnd(
        Guid campaign, CreatorFilter filter, IReadOnlyList<string> shown, DateTimeOffset now, int[] within, short bits, CancellationToken ct)
    {
        var end = CreatorFilter.AreAllAuthorizations(shown)
            ? "r.expiring_at"
            : """
              case when r.expiring_at is not null then
                  (select min(c.expiring_at) from campaign.creator_connection c where c.tenant_id = r.tenant_id and c.creator_id = r.creator_id and c.type = any (@shown)
                   and c.status = 'Connected' and c.expiry_sequence > c.sequence) end
              """;
        await using var command = new NpgsqlCommand(
            $"""
            select ends.standing, ends.beyond, count(*)
            from (select r.standing & @bits as standing, coalesce(width_bucket({end}, @ends), cardinality(@ends)) as beyond from {Source(filter, shown)}) ends
            group by 1, 2
            """);
        Parameters(command, campaign, filter, shown, now);
        command.Parameters.Add(new("bits", bits));

        // What ends on the very moment is within it; a bucket begins with its bound.
        command.Parameters.Add(new("ends", within.Select(days => now.AddDays(days).AddMicroseconds(1)).ToArray()));
        await using var reader = await Run(command, ct);
        var rows = new List<(Standing, int, long)>();
        while (await reader.ReadAsync(ct))
        {
            rows.Add((new(reader.GetInt16(0)), reader.GetInt32(1), reader.GetInt64(2)));
        }

        return rows;
    }

    /// <summary>Creators of one run, in its order, after the cursor.</summary>
    /// <param name="campaign">Whose roster.</param>
    /// <param name="filter">Whom.</param>
    /// <param name="shown">The columns.</param>
    /// <param name="now">What "within days" counts from.</param>
    /// <param name="run">Which way.</param>
    /// <param name="counts">What <see cref="Count"/> answered.</param>
    /// <param name="after">Where to go on, with that creator's name.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="ct">Cancels.</param>
    /// <param name="namesOnly">Is what the columns show left out?</param>
    public async Task<IReadOnlyList<RosterRow>> Read(
        Guid campaign, CreatorFilter filter, IReadOnlyList<string> shown, DateTimeOffset now, SortRun run, StandingCounts counts, (CreatorCursor At, string Name)? after, int limit, CancellationToken ct,
        bool namesOnly = false)
    {
        var isMeant = filter.Condition(shown);
        var standings = counts.PerStanding.Keys.Where(standing => isMeant(standing) && run.Holds(standing)).ToHashSet();
        if (standings.Count == 0)
        {
            return [];
        }

        var isAll = standings.Count == counts.PerStanding.Count;
        var (matching, all) = ((double)counts.Of(standings.Contains), counts.Of(_ => true));

        // On the way through the sorted index a page of them is met after limit * all / matching rows.
        var isOnTheWay = !filter.LooksAtCreators && (isAll || matching * matching >= (double)limit * all);

        // By those that are not meant: from a condition that few rows seem to meet PostgreSQL would conclude that the way is long.
        var condition = isAll ? "" : isOnTheWay ? " and r.standing & @bits <> all (@others)"
            : filter.LooksAtCreators ? " and r.standing & @bits = any (@standings)"
            : """
               and r.standing = any (array(select n.standing from campaign.standing_count n
                                           where n.tenant_id = @organization and n.campaign_id = @campaign and n.creators > 0 and n.standing & @bits = any (@standings)))
              """;
        var key = run.Order == SortOrder.Name ? "sort_name" : "contacted_at";
        var (compare, direction) = run.Descending ? ("<", "desc") : (">", "asc");
        var from = $"{Source(filter, shown)}{condition}";
        if (run.Order == SortOrder.Contacted)
        {
            // The index on it holds nobody who was never written to, and has to be told.
            from += " and r.contacted_at is not null";
        }

        var going = after is null ? "" : $"({key}, creator_id) {compare} (@after_key, @after_id)";

        // All that match are put in order by what an index holds, or what a search reads; the rest of a row is looked up for those of the page. Whom a search finds are not gathered first: they can be many.
        var page = !isOnTheWay
            ? $"""
              matching as {(filter.SearchKey is null ? "" : "not ")}materialized (select r.creator_id, r.{key} from {from}),
              first as (select * from matching {(going.Length == 0 ? "" : $"where {going}")} order by {key} {direction}, creator_id {direction} limit @limit),
              page as (select r.creator_id, r.sort_name, r.standing, r.contacted_at, r.outreach_id, r.template
                       from first join campaign.roster r on r.tenant_id = @organization and r.campaign_id = @campaign and r.creator_id = first.creator_id)
              """
            : $"""
              page as (select r.creator_id, r.sort_name, r.standing, r.contacted_at, r.outreach_id, r.template from {from} {(going.Length == 0 ? "" : $"and {going.Replace("creator_id", "r.creator_id", StringComparison.Ordinal)}")}
                       order by r.{key} {direction}, r.creator_id {direction} limit @limit)
              """;
        await using var command = new NpgsqlCommand(
            $"""
            with {page}
            {(namesOnly ? Names : Whole)}
            order by page.{key} {direction}, page.creator_id {direction}
            """);
        Parameters(command, campaign, filter, shown, now);
        command.Parameters.Add(new("bits", counts.Bits));
        command.Parameters.Add(Codes("standings", standings));
        command.Parameters.Add(Codes("others", counts.PerStanding.Keys.Where(standing => !standings.Contains(standing))));
        command.Parameters.Add(new("limit", limit));
        if (after is { } mark)
        {
            command.Parameters.Add(new("after_id", mark.At.Creator));
            command.Parameters.Add(run.Order == SortOrder.Name
                ? new NpgsqlParameter("after_key", mark.Name)
                : new NpgsqlParameter("after_key", DateTimeOffset.UnixEpoch.AddMicroseconds(mark.At.Micros)));
        }

        return await Rows(command, namesOnly ? [] : shown, ct);
    }

    private async Task<IReadOnlyList<RosterRow>> Rows(NpgsqlCommand command, IReadOnlyList<string> shown, CancellationToken ct)
    {
        await using var reader = await Run(command, ct);
        var serializer = session.Query.DocumentStore.Options.Serializer();
        var rows = new List<RosterRow>();
        while (await reader.ReadAsync(ct))
        {
            var contactedAt = reader.IsDBNull(2) ? default(DateTimeOffset?) : reader.GetFieldValue<DateTimeOffset>(2);
            rows.Add(new(
                reader.GetGuid(0),
                new(reader.GetInt16(1)),
                contactedAt,
                reader.IsDBNull(5) ? null : serializer.FromJson<CreatorProfile>(reader, 5),
                shown.Count == 0 ? [] : Cells(reader, shown),
                contactedAt is { } at ? new(reader.GetString(3), at, reader.GetGuid(4)) : null));
        }

        return rows;
    }

    private static RosterCell[] Cells(DbDataReader reader, IReadOnlyList<string> shown)
    {
        var (types, insights) = (Of<string>(6), Of<string>(14));
        var (statuses, reasons, sinces, connections, sequences, ends, endSequences) = (Of<string>(7), Of<string?>(8), Of<DateTimeOffset>(9), Of<Guid>(10), Of<long>(11), Of<DateTimeOffset?>(12), Of<long>(13));
        var (collected, throughs) = (Of<DateTimeOffset>(15), Of<DateOnly?>(16));
        var cells = new RosterCell[shown.Count];
        for (var column = 0; column < cells.Length; column++)
        {
            var (place, pull) = (Array.IndexOf(types, shown[column]), Array.IndexOf(insights, shown[column]));
            var (isThere, isNews) = (place >= 0, place >= 0 && sequences[place] > 0);
            var status = isThere ? statuses[place] : ConnectionStatus.NotConnected;
            cells[column] = new(
                shown[column],
                status,
                isThere ? reasons[place] : null,
                isNews ? sinces[place] : null,
                isNews ? connections[place] : null,
                isThere && status == ConnectionStatus.Connected && endSequences[place] > sequences[place] ? ends[place] : null,
                pull >= 0 ? collected[pull] : null,
                pull >= 0 ? throughs[pull] : null);
        }

        return cells;

        T[] Of<T>(int column) => reader.IsDBNull(column) ? [] : reader.GetFieldValue<T[]>(column);
    }

    private async Task<DbDataReader> Run(NpgsqlCommand command, CancellationToken ct)
    {
        if (snapshot is null)
        {
            return await session.Query.ExecuteReaderAsync(command, ct);
        }

        (command.Connection, command.Transaction) = (connection, snapshot);
        return await command.ExecuteReaderAsync(ct);
    }

    // What a row shows, whichever statement has its page: names alone, or what is known of the columns as well, an array for each thing.
    private const string Names = """
        select page.creator_id, page.standing, page.contacted_at, page.template, page.outreach_id, profile.data
        from page left join campaign.mt_doc_creatorprofile profile on profile.tenant_id = @organization and profile.id = page.creator_id
        """;

    private const string Whole = """
        select page.creator_id, page.standing, page.contacted_at, page.template, page.outreach_id, profile.data, c.*, i.*
        from page left join campaign.mt_doc_creatorprofile profile on profile.tenant_id = @organization and profile.id = page.creator_id
        left join lateral (select array_agg(type), array_agg(status), array_agg(reason), array_agg(since), array_agg(connection_id), array_agg(sequence), array_agg(expiring_at), array_agg(expiry_sequence)
                           from campaign.creator_connection where tenant_id = @organization and creator_id = page.creator_id) c on true
        left join lateral (select array_agg(type), array_agg(collected_at), array_agg(through)
                           from campaign.creator_insights where tenant_id = @organization and creator_id = page.creator_id) i on true
        """;

    // The rows a filter looks at, without what can be told from a standing. Whose a row is that a search found is asked afterwards: the database would rather read all of a roster's keys than
    // believe that a part of a name is rare.
    private static string Source(CreatorFilter filter, IReadOnlyList<string> shown) => $"""
        {(filter.SearchKey is null
            ? "campaign.roster r where r.tenant_id = @organization and r.campaign_id = @campaign and r.on_roster"
            : $"""
              (select s.*, {SortName} as sort_name from (
                   select * from campaign.roster_search s
                   where campaign.search_index(s.campaign_id, s.search_text) @> campaign.search_hashes(@campaign, @parts){Says(filter)} offset 0) s) r
              where r.tenant_id = @organization and r.campaign_id = @campaign
              """)}{Ends(filter, shown)}
        """;

    // The sorted name of the roster, from the first line. A short text, as nearly all are, needs no cutting off, which counts its characters.
    private static readonly string SortName =
        $@"case when octet_length(s.search_text) <= {CreatorProfile.LongestName} then split_part(s.search_text, e'\n', 1) else left(split_part(s.search_text, e'\n', 1), {CreatorProfile.LongestName}) end";

    private static string Ends(CreatorFilter filter, IReadOnlyList<string> shown) => filter.ExpiringWithin is null ? ""
        : CreatorFilter.AreAllAuthorizations(shown) ? " and r.expiring_at <= @until"
        : """
           and r.expiring_at <= @until and exists (select from campaign.creator_connection c where c.tenant_id = r.tenant_id and c.creator_id = r.creator_id and c.type = any (@shown)
               and c.status = 'Connected' and c.expiry_sequence > c.sequence and c.expiring_at <= @until)
          """;

    // One part is found by its number, of 64 bits made of roster and part; who has several may have them apart.
    private static string Says(CreatorFilter filter) => filter.SearchIsOnePart ? "" : " and s.search_text like @search";

    private static NpgsqlParameter Codes(string name, IEnumerable<Standing> standings) =>
        new(name, NpgsqlDbType.Array | NpgsqlDbType.Smallint) { Value = standings.Select(standing => standing.Code).ToArray() };

    private void Parameters(NpgsqlCommand command, Guid campaign, CreatorFilter filter, IReadOnlyList<string> shown, DateTimeOffset now)
    {
        command.Parameters.Add(new("organization", session.Organization));
        command.Parameters.Add(new("campaign", campaign));
        command.Parameters.Add(new("shown", shown.ToArray()));
        if (filter.SearchKey is not null)
        {
            command.Parameters.Add(new("parts", filter.SearchParts));
            command.Parameters.Add(new("search", $"%{filter.SearchLiteral}%"));
        }

        if (filter.ExpiringWithin is { } days)
        {
            command.Parameters.Add(new("until", now.AddDays(days)));
        }
    }
}
