using EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using ServiceDefaults;

namespace Campaigns.Features;

/// <summary>One campaign and how many creators are on its roster.</summary>
public static class ViewCampaign
{
    public sealed record Response(Guid Id, string Name, DateOnly StartsOn, DateOnly EndsOn, long Creators, IReadOnlyList<string> RequiredConnections);

    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/v1/campaigns/{id:guid}", Handle)
        .WithName(nameof(ViewCampaign)).WithTags("Campaigns").WithSummary("A campaign").RequireScope("campaigns.read")
        .WithDescription("Its dates and the connection types it requires.")
        .Refuses(404, "campaign.unknown");

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> Handle(Guid id, StreamSession session, CancellationToken ct)
    {
        if (await session.Load<Campaign>(id, ct) is not { } campaign)
        {
            return Problems.Of(CampaignViews.Unknown);
        }

        await using var command = new NpgsqlCommand(Sql)
        {
            Parameters = { new("organization", session.Organization), new("campaign", id) },
        };
        await using var reader = await session.Query.ExecuteReaderAsync(command, ct);
        await reader.ReadAsync(ct);
        return TypedResults.Ok(new Response(id, campaign.Name, campaign.StartsOn, campaign.EndsOn, reader.GetInt64(0), campaign.RequiredConnections));
    }

    private const string Sql = "select coalesce(sum(creators), 0)::bigint from campaign.standing_count where tenant_id = @organization and campaign_id = @campaign";
}
