using EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using ServiceDefaults;

namespace Campaigns.Features;

/// <summary>The organization's campaigns, the one that starts last on top.</summary>
public static class ListCampaigns
{
    public sealed record Response(IReadOnlyList<ViewCampaign.Response> Items, string? Next);

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
        await using var reader = await session.Query.ExecuteReaderAsync(command, ct);
        var items = new List<ViewCampaign.Response>();
        while (await reader.ReadAsync(ct))
        {
            var (startsOn, endsOn) = (reader.GetFieldValue<DateOnly>(2), reader.GetFieldValue<DateOnly>(3));
            items.Add(new(reader.GetGuid(0), reader.GetString(1), startsOn, endsOn, reader.GetInt64(4), reader.GetFieldValue<string[]>(5)));
        }

        var next = items.Count > page.Limit ? Page.CursorAfter(items[page.Limit - 1].Id) : null;
        return TypedResults.Ok(new Response([.. items.Take(page.Limit)], next));
    }

    private const string Sql = """
        select plan.campaign_id, plan.name, plan.starts_on, plan.ends_on,
               (select count(*) from campaign.roster r where r.tenant_id = plan.tenant_id and r.campaign_id = plan.campaign_id and r.on_roster),
               plan.required_connections
        from campaign.campaign_plan plan
        where plan.tenant_id = @organization
          and (@after_id::uuid is null or (plan.starts_on, plan.campaign_id) < (@after_start::date, @after_id::uuid))
        order by plan.starts_on desc, plan.campaign_id desc
        limit @limit
        """;
}
