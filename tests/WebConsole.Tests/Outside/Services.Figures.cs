using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace WebConsole.Tests.Outside;

public sealed partial class Services
{
    private static readonly string[] AllStatuses = ["Connected", "Expired", "Invalidated", "NotConnected"];

    private void MapFigures(WebApplication app)
    {
        app.MapGet("/v1/campaigns/{id:guid}/creators/facets", (Guid id, string? search, bool? missing, string[]? connection) =>
        {
            if (Find(id) is not { } campaign)
            {
                return UnknownCampaign();
            }

            var found = campaign.Creators.Where(creator => search is null || creator.Name.Contains(search, StringComparison.OrdinalIgnoreCase)).ToList();
            return Results.Json(new
            {
                total = found.Count(creator => (missing is not true || Lacks(campaign, creator)) && Fits(creator, connection)),
                connectionTypes = campaign.Types.Select(type => new
                {
                    type,
                    statuses = AllStatuses.Select(value => new
                    {
                        value,
                        creators = found.Count(creator => creator.Cell(type).Status == value && (missing is not true || Lacks(campaign, creator)) && Fits(creator, connection?.Where(one => !one.StartsWith(type, StringComparison.Ordinal)))),
                    }),
                }),
                outreach = new[] { new { value = "NotAsked", creators = found.Count(creator => creator.Number % 5 != 1) }, new { value = "Sent", creators = found.Count(creator => creator.Number % 5 == 1) } },
                missing = found.Count(creator => Lacks(campaign, creator)),
                expiring = new[] { new { days = 14, creators = found.Count(creator => creator.Number % 9 == 4) } },
            });
        });
        app.MapGet("/v1/campaigns/{id:guid}/creators.csv", (Guid id, HttpContext http) =>
        {
            http.Response.Headers.ContentDisposition = "attachment; filename=\"Spring Glow 2027 creators.csv\"";
            return Find(id) is { } campaign
                ? Results.Text($"name\r\n{string.Join("\r\n", campaign.Creators.Where(creator => Fits(creator, http.Request.Query["connection"]!)).Select(creator => creator.Name))}\r\n", "text/csv")
                : UnknownCampaign();
        });
    }

    private static bool Lacks(CampaignOf campaign, CreatorOf creator) => campaign.Types.Any(type => creator.Cell(type).Status is not "Connected");

    private static bool Fits(CreatorOf creator, IEnumerable<string?>? conditions) =>
        (conditions ?? []).All(condition => condition!.Split(':') is [var type, var statuses] && statuses.Split(',').Contains(creator.Cell(type).Status));
}
