using EventSourcing;
using Npgsql;
using NpgsqlTypes;

namespace Campaigns;

/// <summary>A creator as of a moment. The name is today's: no past one is kept.</summary>
public sealed record PastRow(Guid Creator, Standing Standing, CreatorProfile? Profile);

/// <summary>
/// A roster as it was: of each creator the newest change recorded by then. What is not in a <see cref="Standing"/> is not known of the past.
/// </summary>
public sealed class RosterPast(StreamSession session)
{
    /// <summary>The creators per standing, of all or of those a search leaves; the name where the cursor stands; and when the newest change was.</summary>
    public async Task<(StandingCounts Counts, string? CursorName, DateTimeOffset? ChangedAt)> Count(Guid campaign, CreatorFilter filter, DateTimeOffset moment, Guid? cursor, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(
            $"""
            with {Past}
            select past.standing, count(*) from past {Search(filter)} where past.standing is not null group by past.standing;
            select sort_name from campaign.mt_doc_creatorprofile where tenant_id = @organization and id = @cursor;
            with {Past} select max(at) from past
            """);
        Parameters(command, campaign, filter, moment);
        command.Parameters.Add(new("cursor", cursor ?? Guid.Empty));
        await using var reader = await session.Query.ExecuteReaderAsync(command, ct);
        var counts = await StandingCounts.Read(reader, ct);
        await reader.NextResultAsync(ct);
        var name = await reader.ReadAsync(ct) ? reader.GetString(0) : null;
        await reader.NextResultAsync(ct);
        return (counts, name, await reader.ReadAsync(ct) && !reader.IsDBNull(0) ? reader.GetFieldValue<DateTimeOffset>(0) : null);
    }

    /// <summary>Creators of one run, by name, after the cursor.</summary>
    public async Task<IReadOnlyList<PastRow>> Read(
        Guid campaign, CreatorFilter filter, IReadOnlyList<string> shown, DateTimeOffset moment, SortRun run, StandingCounts counts, (Guid Creator, string Name)? after, int limit, CancellationToken ct)
    {
        var condition = filter.Condition(shown);
        var standings = counts.PerStanding.Keys.Where(standing => condition(standing) && run.Holds(standing)).Select(standing => standing.Code).ToArray();
        if (standings.Length == 0)
        {
            return [];
        }

        var (compare, direction) = run.Descending ? ("<", "desc") : (">", "asc");
        await using var command = new NpgsqlCommand(
            $"""
            with {Past}
            select past.creator_id, past.standing, profile.data from past
            left join campaign.mt_doc_creatorprofile profile on profile.tenant_id = @organization and profile.id = past.creator_id
            {Search(filter)}
            where past.standing = any (@standings) {(after is null ? "" : $"and (coalesce(profile.sort_name, ''), past.creator_id) {compare} (@after_name, @after_id)")}
            order by coalesce(profile.sort_name, '') {direction}, past.creator_id {direction} limit @limit
            """);
        Parameters(command, campaign, filter, moment);
        command.Parameters.Add(new("standings", NpgsqlDbType.Array | NpgsqlDbType.Smallint) { Value = standings });
        command.Parameters.Add(new("limit", limit));
        command.Parameters.Add(new("after_name", after?.Name ?? ""));
        command.Parameters.Add(new("after_id", after?.Creator ?? Guid.Empty));
        await using var reader = await session.Query.ExecuteReaderAsync(command, ct);
        var serializer = session.Query.DocumentStore.Options.Serializer();
        var rows = new List<PastRow>();
        while (await reader.ReadAsync(ct))
        {
            rows.Add(new(reader.GetGuid(0), new(reader.GetInt16(1)), reader.IsDBNull(2) ? null : serializer.FromJson<CreatorProfile>(reader, 2)));
        }

        return rows;
    }

    // Writers date their events, so of two that are written at once the later one may bear the earlier time. A moment is therefore the newest change dated by then and everything
    // before it in the order of the store: always a state that has been.
    private const string Past = """
        past as materialized (
            select distinct on (creator_id) creator_id, standing, at from campaign.roster_change
            where tenant_id = @organization and campaign_id = @campaign
                  and seq <= (select max(seq) from campaign.roster_change where tenant_id = @organization and campaign_id = @campaign and at <= @moment)
            order by creator_id, seq desc)
        """;

    private static string Search(CreatorFilter filter) => filter.SearchKey is null
        ? ""
        : """
          join campaign.mt_doc_creatorprofile found on found.tenant_id = @organization and found.id = past.creator_id
               and found.data ->> 'SearchText' like any (@search)
          """;

    private void Parameters(NpgsqlCommand command, Guid campaign, CreatorFilter filter, DateTimeOffset moment)
    {
        command.Parameters.Add(new("organization", session.Organization));
        command.Parameters.Add(new("campaign", campaign));
        command.Parameters.Add(new("moment", moment));
        if (filter.SearchLiteral is { } literal)
        {
            command.Parameters.Add(new("search", filter.SearchesAnywhere ? [$"%{literal}%"] : new[] { $"{literal}%", $"% {literal}%", $"%\n{literal}%" }));
        }
    }
}
