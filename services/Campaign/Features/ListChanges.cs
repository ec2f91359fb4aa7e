using EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using ServiceDefaults;

namespace Campaigns.Features;

/// <summary>
/// What became of a campaign's creators between two moments: who joined, who left, whose columns are not as they were. Who came back to where they began is left
/// out. Names and columns are today's.
/// </summary>
public static class ListChanges
{
    private const int Portion = 500;

    /// <param name="Type">The column.</param>
    /// <param name="Before">Its status at the beginning; null off the roster.</param>
    /// <param name="After">Its status at the end; null off the roster.</param>
    /// <param name="At">Since when it is as it is at the end.</param>
    public sealed record Turn(string Type, string? Before, string? After, DateTimeOffset At);

    /// <param name="CreatorId">Who.</param>
    /// <param name="Name">Today's.</param>
    /// <param name="Joined">When, if they are on the roster at the end and were not at the beginning.</param>
    /// <param name="Left">When, if it is the other way round.</param>
    /// <param name="Connections">The columns that are not as they were.</param>
    /// <param name="Steps">Everything that happened in between, oldest first.</param>
    public sealed record Change(
        Guid CreatorId, string Name, DateTimeOffset? Joined, DateTimeOffset? Left, IReadOnlyList<Turn> Connections, IReadOnlyList<ViewCampaignCreator.Step> Steps);

    public sealed record Response(DateTimeOffset From, DateTimeOffset To, IReadOnlyList<Change> Items, string? Next);

    private sealed record Touched(Guid Creator, string Name, Standing? Before, List<(DateTimeOffset At, Standing? Standing)> Changes);

    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/v1/campaigns/{id:guid}/changes", Handle)
        .WithName(nameof(ListChanges)).WithTags("Campaigns").WithSummary("What changed in a campaign between two moments")
        .WithDescription("from (RFC 3339) without itself, to (now when missing) with itself. Pages in no order that means anything.").RequireScope("campaigns.read")
        .Refuses(404, "campaign.unknown")
        .Refuses(422, "from.missing", "from.invalid", "from.future", "to.invalid", "to.future", "period.reversed", "cursor.invalid", "limit.invalid");

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> Handle(
        Guid id, StreamSession session, TimeProvider clock, CancellationToken ct, string? from = null, string? to = null, string? cursor = null, int? limit = null)
    {
        if (await ShownCampaign.Find(session, id, ct) is not { Shown: var shown })
        {
            return Problems.Of(CampaignViews.Unknown);
        }

        var now = clock.GetUtcNow();
        var (begin, unclear) = PastMoment.Read(from, nameof(from), now);
        var (end, unknown) = PastMoment.Read(to, nameof(to), now);
        var (page, flaw) = Page.Of(cursor, limit);
        if ((unclear ?? unknown ?? flaw ?? Flaw(begin, end ?? now)) is { } refusal)
        {
            return Problems.Of(refusal);
        }

        // One more than asked for tells whether there is a next page. Who came back to where they began shows only once read, so we read on.
        var (found, after, isLast) = (new List<Change>(), page.After, false);
        while (found.Count <= page.Limit && !isLast)
        {
            var portion = await Read(id, begin!.Value, end ?? now, after, session, ct);
            found.AddRange(portion.Select(touched => Net(touched.Creator, touched.Name, touched.Before, touched.Changes, shown)).OfType<Change>());
            (after, isLast) = (portion is [.., var last] ? last.Creator : after, portion.Count < Portion);
        }

        return TypedResults.Ok(new Response(
            begin!.Value, end ?? now, [.. found.Take(page.Limit)], found.Count > page.Limit ? Page.CursorAfter(found[page.Limit - 1].CreatorId) : null));
    }

    /// <summary>What is left of the steps when only beginning and end count; null when they are the same.</summary>
    public static Change? Net(Guid creator, string name, Standing? before, IReadOnlyList<(DateTimeOffset At, Standing? Standing)> changes, IReadOnlyList<string> shown)
    {
        var after = changes[^1].Standing;
        Turn[] turns =
        [
            .. from type in shown
               let statuses = (Before: before?.StatusOf(type), After: after?.StatusOf(type))
               where statuses.Before != statuses.After
               select new Turn(type, statuses.Before, statuses.After, Since(standing => standing?.StatusOf(type) == statuses.After)),
        ];
        var moved = before is null != after is null ? Since(standing => standing is null == after is null) : default(DateTimeOffset?);
        return turns.Length == 0 && moved is null
            ? null
            : new(creator, name, after is null ? null : moved, after is null ? moved : null, turns, ViewCampaignCreator.History(changes, shown, before));

        // The first of the changes at the end that are all so.
        DateTimeOffset Since(Func<Standing?, bool> isSo)
        {
            var first = changes.Count - 1;
            while (first > 0 && isSo(changes[first - 1].Standing))
            {
                first--;
            }

            return changes[first].At;
        }
    }

    private static Decision.Refused? Flaw(DateTimeOffset? from, DateTimeOffset to) => from switch
    {
        null => new(RefusalKind.InvalidValue, "from.missing", "Say from when on, as RFC 3339 has it: from=2027-03-01T12:00:00Z.", "from"),
        { } begin when begin > to => new(RefusalKind.InvalidValue, "period.reversed", "The end lies before the beginning.", "to"),
        _ => null,
    };

    private static async Task<IReadOnlyList<Touched>> Read(Guid campaign, DateTimeOffset from, DateTimeOffset to, Guid? after, StreamSession session, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(Sql)
        {
            Parameters =
            {
                new("organization", session.Organization), new("campaign", campaign), new("from", from), new("to", to), new("after", after ?? Guid.Empty), new("portion", Portion),
            },
        };
        await using var reader = await session.Query.ExecuteReaderAsync(command, ct);
        var found = new List<Touched>();
        while (await reader.ReadAsync(ct))
        {
            if (found is not [.., var current] || current.Creator != reader.GetGuid(0))
            {
                found.Add(current = new(reader.GetGuid(0), reader.IsDBNull(1) ? "" : reader.GetString(1), Standing(2), []));
            }

            current.Changes.Add((reader.GetFieldValue<DateTimeOffset>(3), Standing(4)));
        }

        return found;

        Standing? Standing(int column) => reader.IsDBNull(column) ? null : new(reader.GetInt16(column));
    }

    // From state to state as RosterPast tells them.
    private const string Sql = """
        with own as not materialized (select * from campaign.roster_change where tenant_id = @organization and campaign_id = @campaign),
        bounds as materialized (
            select coalesce((select max(seq) from own where at <= @from), 0) as first, coalesce((select max(seq) from own where at <= @to), 0) as last),
        touched as (
            select distinct creator_id from own, bounds where seq > bounds.first and seq <= bounds.last and creator_id > @after order by creator_id limit @portion)
        select c.creator_id, profile.data ->> 'Name', before.standing, c.at, c.standing
        from touched cross join bounds
        join own c on c.creator_id = touched.creator_id and c.seq > bounds.first and c.seq <= bounds.last
        left join lateral (
            select b.standing from own b where b.creator_id = touched.creator_id and b.seq <= bounds.first order by b.seq desc limit 1) before on true
        left join campaign.mt_doc_creatorprofile profile on profile.tenant_id = @organization and profile.id = touched.creator_id
        order by c.creator_id, c.seq
        """;
}
