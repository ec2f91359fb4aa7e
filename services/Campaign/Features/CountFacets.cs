using EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using ServiceDefaults;

namespace Campaigns.Features;

/// <summary>
/// What each further filter would leave, beside the list: per column and status, per state of the newest message, missing connections, ends that are near. A
/// facet leaves out its own conditions, so that it shows what else could be ticked.
/// </summary>
public static class CountFacets
{
    private static readonly int[] Warnings = [1, 3, 7, 14];

    public sealed record Facet(string Value, long Creators);

    public sealed record TypeFacet(string Type, IReadOnlyList<Facet> Statuses);

    /// <param name="Days">Within so many days.</param>
    /// <param name="Creators">Creators with an end that was warned of.</param>
    public sealed record ExpiryFacet(int Days, long Creators);

    /// <param name="Total">What the filter leaves as it is.</param>
    /// <param name="ConnectionTypes">Per column that is shown.</param>
    /// <param name="Outreach">Per state of the newest message.</param>
    /// <param name="Missing">Who lack an authorization, under the other conditions.</param>
    /// <param name="Expiring">Ends that are near, under the other conditions.</param>
    public sealed record Response(long Total, IReadOnlyList<TypeFacet> ConnectionTypes, IReadOnlyList<Facet> Outreach, long Missing, IReadOnlyList<ExpiryFacet> Expiring);

    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/v1/campaigns/{id:guid}/creators/facets", Handle)
        .WithName(nameof(CountFacets)).WithTags("Campaigns").WithSummary("What each further filter would leave").RequireScope("campaigns.read")
        .WithDescription("Takes the filter of the list. Per connection type, per state of the newest message, for missing connections and ends that are near: how many creators ticking it would leave. A facet leaves out its own conditions.")
        .Refuses(404, "campaign.unknown")
        .Refuses(422, "connection-type.unknown", "status.unknown", "outreach-state.unknown", "expiring-within.invalid", "sort.unknown");

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> Handle(
        Guid id, [AsParameters] CreatorFilter filter, StreamSession session, Rosters rosters, TimeProvider clock, CancellationToken ct) =>
        await ShownCampaign.Find(session, id, ct) is { Shown: var shown }
            ? await Count(id, filter, shown, rosters, clock.GetUtcNow(), ct)
            : Problems.Of(CampaignViews.Unknown);

    internal static async Task<Results<Ok<Response>, ProblemHttpResult>> Count(
        Guid roster, CreatorFilter filter, IReadOnlyList<string> shown, Rosters rosters, DateTimeOffset now, CancellationToken ct)
    {
        if (filter.Flaw(shown) is { } flaw)
        {
            return Problems.Of(flaw);
        }

        await rosters.Hold(ct);
        var asks = filter with { Sort = null };
        var (along, expiring) = await Look();
        return TypedResults.Ok(new Response(
            along(0).Of(asks.Condition(shown)),
            [.. shown.Select(type => new TypeFacet(type, Each(Standing.BitsOf(type), ConnectionStatus.All, asks.Condition(shown, but: type), standing => standing.StatusOf(type))))],
            Each(Standing.OutreachBits, OutreachState.All, asks.Condition(shown, butOutreach: true), standing => standing.Outreach),
            along(Standing.AuthorizationBits).Of((asks with { Missing = true }).Condition(shown)),
            [.. Warnings.Zip(expiring, (days, creators) => new ExpiryFacet(days, creators))]));

        async Task<(Func<short, StandingCounts> Along, IReadOnlyList<long> Expiring)> Look()
        {
            if (asks.SearchKey is not null && asks.ExpiringWithin is null)
            {
                var found = await rosters.CountFound(roster, asks, shown, now, Warnings, ct);
                return (Always(found.Counts), found.Expiring);
            }

            // Where nothing is asked for yet, no two things are counted together, and the sums are enough.
            Func<short, StandingCounts> along = asks.Bits(shown) == 0 && !asks.LooksAtCreators
                ? (await rosters.Sum(roster, ct)).Counts
                : Always((await rosters.Count(roster, asks, shown, now, null, ct, Standing.AllBits)).Counts);
            return (along, await rosters.CountExpiring(roster, asks, shown, now, Warnings, ct));
        }

        static Func<short, StandingCounts> Always(StandingCounts counts) => _ => counts;

        IReadOnlyList<Facet> Each(short bits, IEnumerable<string> values, Func<Standing, bool> condition, Func<Standing, string> valueOf)
        {
            var creators = along(bits).By(bits, valueOf, condition);
            return [.. values.Select(value => new Facet(value, creators.GetValueOrDefault(value)))];
        }
    }
}
