using EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using ServiceDefaults;

namespace Campaigns.Features;

/// <summary>The organization's campaigns, the one that starts last on top.</summary>
public static class ListCampaigns
{
    /// <summary>Coverage is the share of the creators, 0 to 1, whose metrics are counted in full; Missing are the others; ConnectionTypes are those shown.</summary>
    public sealed record Item(
        Guid Id, string Name, DateOnly StartsOn, DateOnly EndsOn, long Creators, IReadOnlyList<string> RequiredConnections, double Coverage, long Missing,
        IReadOnlyList<StatusCounts> ConnectionTypes)
    {
        internal static Item Of(CampaignFigures one)
        {
            var (campaign, figures) = (one.Campaign, one.Figures);
            return new(
                campaign.Id, campaign.Name, campaign.StartsOn, campaign.EndsOn, figures.Creators, campaign.RequiredConnections, figures.Coverage, figures.Incomplete, figures.Types);
        }
    }

    public sealed record Response(IReadOnlyList<Item> Items, string? Next);

    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/v1/campaigns", Handle)
        .WithName(nameof(ListCampaigns)).WithTags("Campaigns").WithSummary("Your campaigns").RequireScope("campaigns.read")
        .WithDescription("The one that starts last comes first.")
        .Refuses(422, "cursor.invalid", "limit.invalid");

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> Handle(
        StreamSession session, CancellationToken ct, string? cursor = null, int? limit = null)
    {
        var (page, flaw) = Page.Of(cursor, limit);
        if (flaw is not null)
        {
            return Problems.Of(flaw);
        }

        var last = page.After is { } after ? await session.Load<Campaign>(after, ct) : null;
        if (page.After is not null && last is null)
        {
            return Problems.Of(Page.Stale);
        }

        // One more than asked for tells whether there is a next page.
        await using var command = new NpgsqlCommand(Sql)
        {
            Parameters =
            {
                new("organization", session.Organization),
                new("after_start", (object?)last?.StartsOn ?? DBNull.Value),
                new("after_id", (object?)last?.Id ?? DBNull.Value),
                new("limit", page.Limit + 1),
            },
        };
        var ids = new List<Guid>();
        await using (var reader = await session.Query.ExecuteReaderAsync(command, ct))
        {
            while (await reader.ReadAsync(ct))
            {
                ids.Add(reader.GetGuid(0));
            }
        }

        var figures = await CampaignFigures.Read(session, ids, null, ct);
        var next = ids.Count > page.Limit ? Page.CursorAfter(ids[page.Limit - 1]) : null;
        return TypedResults.Ok(new Response([.. ids.Take(page.Limit).Where(figures.ContainsKey).Select(id => Item.Of(figures[id]))], next));
    }

    private const string Sql = """
        select plan.campaign_id
        from campaign.plan plan
        where plan.tenant_id = @organization
          and (@after_id::uuid is null or (plan.starts_on, plan.campaign_id) < (@after_start::date, @after_id::uuid))
        order by plan.starts_on desc, plan.campaign_id desc
        limit @limit
        """;
}
