using EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using ServiceDefaults;

namespace Campaigns.Features;

/// <summary>
/// The whole organization: how all its creators stand, whatever campaign they are on, which campaigns run and where most is missing. Its creators are listed,
/// counted and followed day by day as a campaign's are.
/// </summary>
public static class ViewOrganizationDashboard
{
    private const int Worst = 10;

    /// <summary>
    /// Campaigns are all there are, Running those of today (UTC); MostMissing are the ten that run or are still to come where most creators lack an
    /// authorization.
    /// </summary>
    public sealed record Response(
        long Creators, double Coverage, IReadOnlyList<StatusCounts> ConnectionTypes, long Campaigns, long Running, IReadOnlyList<ListCampaigns.Item> MostMissing, DateTimeOffset? UpdatedAt);

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/organization/dashboard", Handle)
            .WithName(nameof(ViewOrganizationDashboard)).WithTags("Organization").WithSummary("All creators and campaigns at a glance").RequireScope("campaigns.read")
            .WithDescription("Per connection type how many of all creators are in which status, their coverage, how many campaigns there are and run, and where most is missing.");
        routes.MapGet("/v1/organization/trend", Trend)
            .WithName("ViewOrganizationTrend").WithTags("Organization").WithSummary("All creators' connections day by day").RequireScope("campaigns.read")
            .WithDescription("As the trend of a campaign, over all creators of the organization.")
            .Refuses(422, "days.invalid");
        routes.MapGet("/v1/organization/creators", List)
            .WithName("ListCreators").WithTags("Creators").WithSummary("All creators and their connections").RequireScope("campaigns.read")
            .WithDescription("As the list of a campaign, over all creators of the organization and every connection type that is on.")
            .Refuses(422, "connection-type.unknown", "status.unknown", "outreach-state.unknown", "expiring-within.invalid", "sort.unknown", "cursor.invalid", "limit.invalid");
        routes.MapGet("/v1/organization/creators/facets", Facets)
            .WithName("CountOrganizationFacets").WithTags("Creators").WithSummary("What each further filter would leave of all creators").RequireScope("campaigns.read")
            .WithDescription("As the facets of a campaign, over all creators of the organization.")
            .Refuses(422, "connection-type.unknown", "status.unknown", "outreach-state.unknown", "expiring-within.invalid", "sort.unknown");
    }

    private static async Task<Ok<Response>> Handle(StreamSession session, TimeProvider clock, CancellationToken ct)
    {
        var today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        var (organization, pulse, all, running) = await Read(session, today, ct);
        var shown = EffectiveConnections.OfOrganization(organization).Shown;
        var figures = Figures.Of(pulse.Sums, shown);
        var campaigns = await CampaignFigures.Read(session, null, today, ct);
        return TypedResults.Ok(new Response(
            figures.Creators, figures.Coverage, figures.Types, all, running,
            [.. campaigns.Values.Where(campaign => campaign.Incomplete > 0).OrderByDescending(campaign => campaign.Incomplete).ThenBy(campaign => campaign.Campaign.Id)
                .Take(Worst).Select(ListCampaigns.Item.Of)],
            pulse.ChangedAt));
    }

    private static async Task<(SwitchRow? Organization, CampaignPulse Pulse, long Campaigns, long Running)> Read(StreamSession session, DateOnly today, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(Sql)
        {
            Parameters = { new("organization", session.Organization), new("campaign", CampaignTables.Everyone(session.Organization)), new("today", today) },
        };
        await using var reader = await session.Query.ExecuteReaderAsync(command, ct);
        var (organization, _) = await SwitchRow.Read(reader, ct);
        await reader.NextResultAsync(ct);
        var pulse = await CampaignPulse.Read(reader, ct);
        await reader.NextResultAsync(ct);
        await reader.ReadAsync(ct);
        return (organization, pulse, reader.GetInt64(0), reader.GetInt64(1));
    }

    private static Task<Results<Ok<ViewTrend.Response>, ProblemHttpResult>> Trend(StreamSession session, TimeProvider clock, CancellationToken ct, int? days = null) =>
        Over(session, ct, shown => ViewTrend.Show(CampaignTables.Everyone(session.Organization), days, shown, session, clock.GetUtcNow(), ct));

    private static Task<Results<Ok<ListCampaignCreators.Response>, ProblemHttpResult>> List(
        [AsParameters] CreatorFilter filter, StreamSession session, Rosters rosters, TimeProvider clock, CancellationToken ct) =>
        Over(session, ct, shown => ListCampaignCreators.Page(CampaignTables.Everyone(session.Organization), filter, shown, rosters, clock.GetUtcNow(), ct));

    private static Task<Results<Ok<CountFacets.Response>, ProblemHttpResult>> Facets(
        [AsParameters] CreatorFilter filter, StreamSession session, Rosters rosters, TimeProvider clock, CancellationToken ct) =>
        Over(session, ct, shown => CountFacets.Count(CampaignTables.Everyone(session.Organization), filter, shown, rosters, clock.GetUtcNow(), ct));

    private static async Task<T> Over<T>(StreamSession session, CancellationToken ct, Func<IReadOnlyList<string>, Task<T>> view) =>
        await view(await ShownCampaign.OfOrganization(session, ct));

    private const string Sql = $"""
        {SwitchRow.Both};
        {CampaignPulse.Sql};
        select count(*), count(*) filter (where @today between starts_on and ends_on) from campaign.plan where tenant_id = @organization
        """;
}
