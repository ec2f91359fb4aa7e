using System.Data.Common;
using EventSourcing;
using Npgsql;
using NpgsqlTypes;

namespace Campaigns;

/// <summary>One creator of a page: who, where the page could go on, and what the row shows, as the database put it together.</summary>
public sealed record RosterRow(Guid Creator, Standing Standing, DateTimeOffset? ContactedAt, CreatorProfile? Profile, string? Cells, string? Outreach);

/// <summary>
/// Reads rosters. How many creators a filter leaves is known from the counts before a creator is looked at, and decides how to look: few are fetched by
/// their standing and sorted, many are met soon enough on the way through the sorted index. So a page takes as long in a roster of a hundred thousand.
/// </summary>
public sealed partial class Rosters(StreamSession session, NpgsqlDataSource? source = null) : IAsyncDisposable
{
    /// <summary>Up to so many are fetched and sorted; of more, one in twenty at least is met in a roster of the largest kind.</summary>
    private const int Few = 5_000;

    /// <summary>Letters a trigram index can look for anywhere in a text.</summary>
    private const int Trigram = 3;

    private NpgsqlConnection? connection;
    private NpgsqlTransaction? snapshot;

    /// <summary>From here on everything is read as of one moment: a creator whose standing changes between the count and the page must be in neither twice nor not at all.</summary>
    public async Task Hold(CancellationToken ct)
    {
        connection = await (source ?? throw new InvalidOperationException("These rosters were opened without a data source and cannot be held.")).OpenConnectionAsync(ct);
        snapshot = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, ct);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await (snapshot?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (connection?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    /// <summary>The creators per standing, of all or of those a search or an expiry leaves; and the name where the cursor stands.</summary>
    public async Task<(StandingCounts Counts, string? CursorName)> Count(Guid campaign, CreatorFilter filter, IReadOnlyList<string> shown, DateTimeOffset now, Guid? cursor, CancellationToken ct)
    {
        var sql = filter.LooksAtCreators
            ? $"select r.standing, count(*) from {Source(filter)} group by r.standing"
            : "select standing, creators from campaign.standing_count where tenant_id = @organization and campaign_id = @campaign and creators > 0";
        await using var command = new NpgsqlCommand($"{sql}; select sort_name from campaign.roster where tenant_id = @organization and campaign_id = @campaign and creator_id = @cursor");
        Parameters(command, campaign, filter, shown, now);
        command.Parameters.Add(new("cursor", cursor ?? Guid.Empty));
        await using var reader = await Run(command, ct);
        var counts = await StandingCounts.Read(reader, ct);
        await reader.NextResultAsync(ct);
        return (counts, await reader.ReadAsync(ct) ? reader.GetString(0) : null);
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
    public async Task<IReadOnlyList<RosterRow>> Read(
        Guid campaign, CreatorFilter filter, IReadOnlyList<string> shown, DateTimeOffset now, SortRun run, StandingCounts counts, (CreatorCursor At, string Name)? after, int limit, CancellationToken ct)
    {
        var condition = filter.Condition(shown);
        var standings = counts.PerStanding.Keys.Where(standing => condition(standing) && run.Holds(standing)).ToHashSet();
        if (standings.Count == 0)
        {
            return [];
        }

        var isAll = standings.Count == counts.PerStanding.Count;
        var isFew = filter.LooksAtCreators || counts.Of(standings.Contains) <= Few;

        // Of many the shorter list tells them apart: those that are meant, or those that are not.
        var others = counts.PerStanding.Keys.Where(standing => !standings.Contains(standing)).ToArray();
        var isNot = !isFew && others.Length < standings.Count;
        var key = run.Order == SortOrder.Name ? "sort_name" : "contacted_at";
        var (compare, direction) = run.Descending ? ("<", "desc") : (">", "asc");
        var from = $"{Source(filter)}{(isAll ? "" : isNot ? " and r.standing <> all (@standings)" : " and r.standing = any (@standings)")}";
        var going = after is null ? "" : $"({key}, creator_id) {compare} (@after_key, @after_id)";
        var page = isFew
            ? $"""
              matching as materialized (select r.creator_id, r.sort_name, r.standing, r.contacted_at, r.outreach_id, r.template from {from}),
              page as (select * from matching {(going.Length == 0 ? "" : $"where {going}")} order by {key} {direction}, creator_id {direction} limit @limit)
              """
            : $"""
              page as (select r.creator_id, r.sort_name, r.standing, r.contacted_at, r.outreach_id, r.template from {from} {(going.Length == 0 ? "" : $"and {going.Replace("creator_id", "r.creator_id", StringComparison.Ordinal)}")}
                       order by r.{key} {direction}, r.creator_id {direction} limit @limit)
              """;
        await using var command = new NpgsqlCommand(
            $"""
            with {page}
            select page.creator_id, page.standing, page.contacted_at, profile.data, {Cells},
                   case when page.contacted_at is null then null
                        else json_build_object('template', page.template, 'at', page.contacted_at, 'outreachId', page.outreach_id) end
            from page
            left join campaign.mt_doc_creatorprofile profile on profile.tenant_id = @organization and profile.id = page.creator_id
            order by page.{key} {direction}, page.creator_id {direction}
            """);
        Parameters(command, campaign, filter, shown, now);
        command.Parameters.Add(new("standings", NpgsqlDbType.Array | NpgsqlDbType.Smallint) { Value = (isNot ? others : standings.AsEnumerable()).Select(standing => standing.Code).ToArray() });
        command.Parameters.Add(new("limit", limit));
        if (after is { } mark)
        {
            command.Parameters.Add(new("after_id", mark.At.Creator));
            command.Parameters.Add(run.Order == SortOrder.Name
                ? new NpgsqlParameter("after_key", mark.Name)
                : new NpgsqlParameter("after_key", DateTimeOffset.UnixEpoch.AddMicroseconds(mark.At.Micros)));
        }

        return await Rows(command, ct);
    }

    private async Task<IReadOnlyList<RosterRow>> Rows(NpgsqlCommand command, CancellationToken ct)
    {
        await using var reader = await Run(command, ct);
        var serializer = session.Query.DocumentStore.Options.Serializer();
        var rows = new List<RosterRow>();
        while (await reader.ReadAsync(ct))
        {
            rows.Add(new(
                reader.GetGuid(0),
                new(reader.GetInt16(1)),
                reader.IsDBNull(2) ? null : reader.GetFieldValue<DateTimeOffset>(2),
                reader.IsDBNull(3) ? null : serializer.FromJson<CreatorProfile>(reader, 3),
                reader.IsDBNull(4) ? null : reader.GetString(4),
                reader.IsDBNull(5) ? null : reader.GetString(5)));
        }

        return rows;
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

    // What a row shows per column, whichever statement it is part of.
    private const string Cells = """
        (select json_agg(json_build_object('type', shown.type, 'status', coalesce(c.status, 'NotConnected'), 'reason', c.reason, 'since', case when c.sequence > 0 then c.since end,
                                           'connectionId', case when c.sequence > 0 then c.connection_id end,
                                           'expiringAt', case when c.status = 'Connected' and c.expiry_sequence > c.sequence then c.expiring_at end,
                                           'collectedAt', i.collected_at, 'through', i.through) order by shown.position)
         from unnest(@shown) with ordinality as shown (type, position)
         left join campaign.creator_connection c on c.tenant_id = @organization and c.creator_id = page.creator_id and c.type = shown.type
         left join campaign.creator_insights i on i.tenant_id = @organization and i.creator_id = page.creator_id and i.type = shown.type)
        """;

    // The rows a filter looks at, without what can be told from a standing.
    private static string Source(CreatorFilter filter)
    {
        var found = filter.SearchKey switch
        {
            null => "campaign.roster r where",
            { Length: >= Trigram } =>
                """
                (select id from campaign.mt_doc_creatorprofile where tenant_id = @organization and data ->> 'SearchText' like @search offset 0) found
                join campaign.roster r on r.creator_id = found.id where
                """,
            _ =>
                """
                campaign.roster r join campaign.mt_doc_creatorprofile p on p.tenant_id = r.tenant_id and p.id = r.creator_id
                where (p.data ->> 'SearchText' like @beginning or p.data ->> 'SearchText' like '% ' || @beginning or p.data ->> 'SearchText' like e'%\n' || @beginning) and
                """,
        };
        var expiring = filter.ExpiringWithin is null
            ? ""
            : """
               and r.expiring_at <= @until and exists (select from campaign.creator_connection c where c.tenant_id = r.tenant_id and c.creator_id = r.creator_id and c.type = any (@shown)
                   and c.status = 'Connected' and c.expiry_sequence > c.sequence and c.expiring_at <= @until)
              """;
        return $"{found} r.tenant_id = @organization and r.campaign_id = @campaign and r.on_roster{expiring}";
    }

    private void Parameters(NpgsqlCommand command, Guid campaign, CreatorFilter filter, IReadOnlyList<string> shown, DateTimeOffset now)
    {
        command.Parameters.Add(new("organization", session.Organization));
        command.Parameters.Add(new("campaign", campaign));
        command.Parameters.Add(new("shown", shown.ToArray()));
        if (filter.SearchKey is { } search)
        {
            var literal = search.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("%", @"\%", StringComparison.Ordinal).Replace("_", @"\_", StringComparison.Ordinal);
            command.Parameters.Add(new("search", $"%{literal}%"));
            command.Parameters.Add(new("beginning", $"{literal}%"));
        }

        if (filter.ExpiringWithin is { } days)
        {
            command.Parameters.Add(new("until", now.AddDays(days)));
        }
    }
}
