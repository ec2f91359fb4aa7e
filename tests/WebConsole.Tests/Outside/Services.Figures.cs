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
        app.MapGet("/v1/campaigns/{id:guid}/trend", (Guid id, int days) => Find(id) is { } campaign
            ? Results.Json(new { days = Enumerable.Range(1 - days, days).Select(day => new { date = DateOnly.FromDateTime(Now.UtcDateTime).AddDays(day), creators = campaign.Creators.Length, coverage = Math.Max(0, Coverage(campaign) + (day * 0.004)) }) })
            : UnknownCampaign());
        app.MapGet("/v1/campaigns/{id:guid}/creators.csv", (Guid id, HttpContext http) =>
        {
            http.Response.Headers.ContentDisposition = "attachment; filename=\"Spring Glow 2027 creators.csv\"";
            return Find(id) is { } campaign
                ? Results.Text($"name\r\n{string.Join("\r\n", campaign.Creators.Where(creator => Fits(creator, http.Request.Query["connection"]!)).Select(creator => creator.Name))}\r\n", "text/csv")
                : UnknownCampaign();
        });
    }

    private static double Coverage(CampaignOf campaign) =>
        campaign.Creators.Length == 0 ? 0 : (double)campaign.Creators.Count(creator => !Lacks(campaign, creator)) / campaign.Creators.Length;

    private static IEnumerable<object> CountsOf(CampaignOf campaign) => campaign.Types.Select(type => new
    {
        type,
        connected = Count(campaign, type, "Connected"),
        expired = Count(campaign, type, "Expired"),
        invalidated = Count(campaign, type, "Invalidated"),
        notConnected = Count(campaign, type, "NotConnected"),
    });

    private static object? WarningOf(CampaignOf campaign)
    {
        var lacking = campaign.Creators.Where(creator => Lacks(campaign, creator)).ToList();
        return lacking.Count == 0 ? null : new
        {
            message = $"Metrics and content of {lacking.Count} creators may be incomplete.",
            creators = lacking.Count,
            names = lacking.Take(5).Select(creator => new { creatorId = creator.Id, name = creator.Name }),
            losses = new[] { new { type = campaign.Types[0], creators = campaign.Creators.Length - Count(campaign, campaign.Types[0], "Connected"), metrics = new[] { "views", "reach" }, content = new[] { "posts", "reels" } } },
        };
    }

    private static bool HasLost(CampaignOf campaign, CreatorOf creator) => campaign.Types.Any(type => creator.Cell(type).Status is "Expired" or "Invalidated");

    private static IEnumerable<object> FixAll(CampaignOf campaign)
    {
        var lost = campaign.Creators.Count(creator => HasLost(campaign, creator));
        return lost == 0 ? [] :
        [
            new { creators = lost, request = new { campaignId = campaign.Id, template = "reconnect-request", filter = $"type={Uri.EscapeDataString(string.Join(',', campaign.Types))}&status=Expired%2CInvalidated" } },
            new { creators = campaign.Creators.Count(creator => Lacks(campaign, creator)) - lost, request = new { campaignId = campaign.Id, template = "creator-hub-invitation", filter = $"{string.Join('&', campaign.Types.Select(type => $"connection={type}%3AConnected%2CNotConnected"))}&missing=true" } },
        ];
    }

    private static bool Lacks(CampaignOf campaign, CreatorOf creator) => campaign.Types.Any(type => creator.Cell(type).Status is not "Connected");

    private static bool Fits(CreatorOf creator, IEnumerable<string?>? conditions) =>
        (conditions ?? []).All(condition => condition!.Split(':') is [var type, var statuses] && statuses.Split(',').Contains(creator.Cell(type).Status));
}
