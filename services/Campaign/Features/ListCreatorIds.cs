using EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using ServiceDefaults;

namespace Campaigns.Features;

/// <summary>Everybody a filter of the list leaves, as ids alone: what "select all" stands for, and whom an outreach by filter is sent to.</summary>
public static class ListCreatorIds
{
    private const int Most = 5_000;

    /// <param name="Items">In the order of the ids, whatever the list is sorted by.</param>
    /// <param name="Total">How many the filter leaves.</param>
    /// <param name="Next">The cursor of the next page; null on the last one.</param>
    public sealed record Response(IReadOnlyList<Guid> Items, long Total, string? Next);

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/campaigns/{id:guid}/creators/ids", OfCampaign)
            .WithName(nameof(ListCreatorIds)).WithTags("Campaigns").WithSummary("The ids of a campaign's creators").WithDescription("The list's filter; pages of up to 5,000, which is the default.").RequireScope("campaigns.read")
            .Refuses(404, "campaign.unknown")
            .Refuses(422, "connection-type.unknown", "status.unknown", "outreach-state.unknown", "expiring-within.invalid", "sort.unknown", "cursor.invalid", "limit.invalid");
        routes.MapGet("/v1/organization/creators/ids", OfOrganization)
            .WithName("ListOrganizationCreatorIds").WithTags("Creators").WithSummary("The ids of all creators").WithDescription("The list's filter; pages of up to 5,000, which is the default.").RequireScope("campaigns.read")
            .Refuses(422, "connection-type.unknown", "status.unknown", "outreach-state.unknown", "expiring-within.invalid", "sort.unknown", "cursor.invalid", "limit.invalid");
    }

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> OfCampaign(
        Guid id, [AsParameters] CreatorFilter filter, StreamSession session, Rosters rosters, TimeProvider clock, CancellationToken ct) =>
        await ShownCampaign.Find(session, id, ct) is { Shown: var shown }
            ? await Page(id, filter, shown, rosters, clock.GetUtcNow(), ct)
            : Problems.Of(CampaignViews.Unknown);

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> OfOrganization(
        [AsParameters] CreatorFilter filter, StreamSession session, Rosters rosters, TimeProvider clock, CancellationToken ct) =>
        await Page(CampaignTables.Everyone(session.Organization), filter, await ShownCampaign.OfOrganization(session, ct), rosters, clock.GetUtcNow(), ct);

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> Page(
        Guid roster, CreatorFilter filter, IReadOnlyList<string> shown, Rosters rosters, DateTimeOffset now, CancellationToken ct)
    {
        if (filter.Limit is < 1 or > Most)
        {
            return Problems.Of(new Decision.Refused(RefusalKind.InvalidValue, "limit.invalid", $"A page of ids has 1 to {Most} entries.", "limit"));
        }

        var (start, stale) = Campaigns.Page.Of(filter.Cursor, limit: null);
        if ((stale ?? filter.Flaw(shown)) is { } refusal)
        {
            return Problems.Of(refusal);
        }

        // One more than asked for tells whether there is a next page.
        var limit = filter.Limit ?? Most;
        var (counts, _) = await rosters.Count(roster, filter, shown, now, null, ct);
        var ids = await rosters.Ids(roster, filter, shown, now, counts, start.After, limit + 1, ct);
        return TypedResults.Ok(new Response([.. ids.Take(limit)], counts.Of(filter.Condition(shown)), ids.Count > limit ? Campaigns.Page.CursorAfter(ids[limit - 1]) : null));
    }
}
