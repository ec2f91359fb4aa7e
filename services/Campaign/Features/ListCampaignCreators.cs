using System.Text.Json;
using EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using ServiceDefaults;

namespace Campaigns.Features;

/// <summary>
/// A campaign's creators, a column per connection type it requires, by name. <c>missing</c> keeps those whose metrics may be incomplete,
/// the very ones the dashboard warns of.
/// </summary>
public static class ListCampaignCreators
{
    /// <summary>
    /// Type and Status hold one word or several separated by commas: creators stay who have one of these statuses in one of these types, in
    /// any that the campaign requires when no type is named. Search is part of a name or handle, whatever case and accents.
    /// </summary>
    public sealed record Filter(string? Type, string? Status, bool? Missing, string? Search, string? Cursor, int? Limit);

    public sealed record Connection(string Type, string Platform, string Status, string Colour, string? Reason, DateTimeOffset? Since, Guid? ConnectionId);

    public sealed record Outreach(string Template, DateTimeOffset At, Guid OutreachId);

    public sealed record CreatorRow(
        Guid CreatorId, string Name, IReadOnlyDictionary<string, string?> Handles, IReadOnlyList<Connection> Connections, Outreach? LastOutreach);

    public sealed record Response(IReadOnlyList<CreatorRow> Items, long Total, string? Next);

    private sealed record Cell(string Type, string Status, string? Reason, DateTimeOffset? Since, Guid? ConnectionId);

    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/v1/campaigns/{id:guid}/creators", Handle)
        .WithName(nameof(ListCampaignCreators)).WithTags("Campaigns").WithSummary("A campaign's creators and their connections").RequireScope("campaigns.read")
        .WithDescription("Filter by connection type and status, by what is missing, or by name; with counts per value.")
        .Refuses(404, "campaign.unknown").Refuses(422, "connection-type.unknown", "status.unknown", "cursor.invalid", "limit.invalid");

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> Handle(
        Guid id, [AsParameters] Filter filter, StreamSession session, CancellationToken ct)
    {
        if (await session.Load<Campaign>(id, ct) is not { } campaign)
        {
            return Problems.Of(CampaignViews.Unknown);
        }

        var (page, unreadable) = Page.Of(filter.Cursor, filter.Limit);
        if ((unreadable ?? Flaw(filter, campaign)) is { } flaw)
        {
            return Problems.Of(flaw);
        }

        var last = page.After is { } after ? await session.Query.LoadAsync<CreatorProfile>(after, ct) : null;
        if (page.After is not null && last is null)
        {
            return Problems.Of(Page.Stale);
        }

        await using var command = new NpgsqlCommand(Sql)
        {
            Parameters =
            {
                new("organization", session.Organization),
                new("campaign", id),
                new("required", campaign.RequiredConnections.ToArray()),
                new("authorizations", campaign.RequiredAuthorizations.ToArray()),
                new("types", filter.Type is null ? campaign.RequiredConnections.ToArray() : Words(filter.Type)),
                new("statuses", filter.Status is null ? DBNull.Value : Words(filter.Status)),
                new("missing", filter.Missing ?? false),
                new("search", string.IsNullOrWhiteSpace(filter.Search) ? DBNull.Value : CreatorProfile.SearchKey(filter.Search.Trim().TrimStart('@'))),
                new("after_name", (object?)last?.SortName ?? DBNull.Value),
                new("after_id", (object?)last?.Id ?? DBNull.Value),
                new("limit", page.Limit + 1),
            },
        };
        await using var reader = await session.Query.ExecuteReaderAsync(command, ct);
        var serializer = session.Query.DocumentStore.Options.Serializer();
        var (rows, total) = (new List<CreatorRow>(), 0L);
        while (await reader.ReadAsync(ct))
        {
            total = reader.GetInt64(0);
            if (!reader.IsDBNull(1))
            {
                rows.Add(Row(serializer.FromJson<CreatorProfile>(reader, 1), reader.GetString(2), reader.IsDBNull(3) ? null : reader.GetString(3)));
            }
        }

        var next = rows.Count > page.Limit ? Page.CursorAfter(rows[page.Limit - 1].CreatorId) : null;
        return TypedResults.Ok(new Response([.. rows.Take(page.Limit)], total, next));
    }

    /// <summary>The first word of the filter that means nothing in this campaign.</summary>
    public static Decision.Refused? Flaw(Filter filter, Campaign campaign)
    {
        if (filter.Type is not null && Words(filter.Type).FirstOrDefault(type => !campaign.RequiredConnections.Contains(type)) is not null)
        {
            var required = string.Join(", ", campaign.RequiredConnections);
            return new(RefusalKind.InvalidValue, "connection-type.unknown", $"This campaign requires {required}; filter by those.", "type");
        }

        return filter.Status is not null && Words(filter.Status).Any(status => !ConnectionStatus.All.Contains(status))
            ? new(RefusalKind.InvalidValue, "status.unknown", $"The statuses are {string.Join(", ", ConnectionStatus.All)}.", "status")
            : null;
    }

    private static string[] Words(string list) => [.. list.Split(',', StringSplitOptions.TrimEntries).Distinct()];

    private static CreatorRow Row(CreatorProfile creator, string cells, string? outreach) => new(
        creator.Id,
        creator.Name,
        creator.HandlePerPlatform(),
        [.. JsonSerializer.Deserialize<Cell[]>(cells, Json.Options)!.Select(Show)],
        outreach is null ? null : JsonSerializer.Deserialize<Outreach>(outreach, Json.Options));

    // The standing in the marketplace is no connection, so it has no connection's id.
    private static Connection Show(Cell cell)
    {
        var type = ConnectionType.Named(cell.Type)!;
        return new(cell.Type, type.Platform, cell.Status, ConnectionStatus.Colour(cell.Status), cell.Reason, cell.Since, type.IsAuthorization ? cell.ConnectionId : null);
    }

    // The statuses are counted per creator in one pass over the roster, and only where a filter asks: the planner drops a join it knows to be void.
    private const string Sql = """
        with matching as materialized (
            select p.id, p.sort_name
            from campaign.roster r
            join campaign.mt_doc_creatorprofile p on p.tenant_id = r.tenant_id and p.id = r.creator_id
            left join (
                select c.creator_id,
                       count(*) filter (where c.type = any (@types)) as known,
                       count(*) filter (where c.type = any (@types) and c.status = any (@statuses::text[])) as hits,
                       count(*) filter (where c.type = any (@authorizations) and c.status = 'Connected') as complete
                from campaign.roster r
                join campaign.creator_connection c on c.tenant_id = r.tenant_id and c.creator_id = r.creator_id
                where r.tenant_id = @organization and r.campaign_id = @campaign and r.on_roster
                group by c.creator_id) found on (@missing or @statuses::text[] is not null) and found.creator_id = r.creator_id
            where r.tenant_id = @organization and r.campaign_id = @campaign and r.on_roster
              and (@search::text is null or strpos(p.data ->> 'SearchText', @search::text) > 0)
              and (@statuses::text[] is null or found.hits > 0 or ('NotConnected' = any (@statuses::text[]) and coalesce(found.known, 0) < cardinality(@types)))
              and (not @missing or coalesce(found.complete, 0) < cardinality(@authorizations))),
        page as (
            select id, sort_name from matching
            where @after_id::uuid is null or (sort_name, id) > (@after_name::text, @after_id::uuid)
            order by sort_name, id limit @limit)
        select whole.total, p.data,
               (select json_agg(json_build_object('type', required.type, 'status', coalesce(c.status, 'NotConnected'), 'reason', c.reason,
                                                  'since', c.since, 'connectionId', c.connection_id) order by required.position)
                from unnest(@required) with ordinality as required (type, position)
                left join campaign.creator_connection c on c.tenant_id = @organization and c.creator_id = page.id and c.type = required.type),
               (select json_build_object('template', o.template, 'at', o.at, 'outreachId', o.outreach_id)
                from campaign.last_outreach o where o.tenant_id = @organization and o.campaign_id = @campaign and o.creator_id = page.id)
        from (select count(*) as total from matching) whole
        left join page on true
        left join campaign.mt_doc_creatorprofile p on p.tenant_id = @organization and p.id = page.id
        order by page.sort_name, page.id
        """;
}
