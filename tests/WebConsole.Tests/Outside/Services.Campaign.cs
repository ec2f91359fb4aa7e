using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace WebConsole.Tests.Outside;

public sealed partial class Services
{
    private void MapCampaign(WebApplication app)
    {
        MapFigures(app);
        MapLive(app);
        app.MapPost("/v1/creators/contacts", (ContactsOf asked) => new
        {
            items = campaigns.SelectMany(campaign => campaign.Creators).DistinctBy(creator => creator.Id).Where(creator => asked.CreatorIds.Contains(creator.Id))
                .Select(creator => new { creatorId = creator.Id, name = creator.Name, email = $"{creator.Number}@creators.example", locale = "en" }),
        });
        app.MapGet("/v1/organization", () => new { id = "aurora", name = "Aurora Talent" });
        app.MapGet("/v1/campaigns", () => new { items = campaigns.Select(Summary), next = (string?)null });
        app.MapGet("/v1/campaigns/{id:guid}", (Guid id) => Find(id) is { } campaign ? Results.Json(Summary(campaign)) : UnknownCampaign());
        app.MapGet("/v1/campaigns/{id:guid}/dashboard", (Guid id) =>
        {
            if (Find(id) is not { } campaign)
            {
                return UnknownCampaign();
            }

            return Results.Json(new
            {
                campaignId = id,
                name = campaign.Name,
                startsOn = campaign.StartsOn,
                endsOn = campaign.EndsOn,
                creators = campaign.Creators.Length,
                coverage = Coverage(campaign),
                connectionTypes = CountsOf(campaign),
                expiringSoon = campaign.Creators.Count(creator => creator.Number % 9 == 4),
                outreach = new { asked = 40, reached = 36, clicked = 18, connected = 7, bounced = 3, failed = 1 },
                warning = WarningOf(campaign),
                fixAll = FixAll(campaign),
                updatedAt = Now,
            });
        });
        app.MapGet("/v1/campaigns/{id:guid}/creators", (Guid id, string? type, string? status, bool? missing, string? search, string[]? connection, string? sort, string? cursor, int? limit) =>
        {
            if (Find(id) is not { } campaign)
            {
                return UnknownCampaign();
            }

            var statuses = status?.Split(',') ?? [];
            var matching = campaign.Creators
                .Where(creator => search is null || creator.Name.Contains(search, StringComparison.OrdinalIgnoreCase))
                .Where(creator => type is null || statuses.Length == 0 || statuses.Contains(creator.Cell(type).Status))
                .Where(creator => missing is not true || Lacks(campaign, creator))
                .Where(creator => Fits(creator, connection))
                .ToList();
            if (sort is "-name")
            {
                matching.Reverse();
            }

            var (from, size) = (cursor is null ? 0 : int.Parse(cursor, CultureInfo.InvariantCulture), limit ?? 50);
            return Results.Json(new
            {
                items = matching.Skip(from).Take(size).Select(creator => new
                {
                    creatorId = creator.Id,
                    name = creator.Name,
                    handles = creator.Handles,
                    connections = campaign.Types.Select(creator.Cell),
                    lastOutreach = creator.Number % 5 != 1 ? null : new { template = "creator-hub-invitation", at = Now.AddDays(-creator.Number % 17), outreachId = Guid.Empty, state = "Sent" },
                }),
                total = matching.Count,
                next = from + size < matching.Count ? (from + size).ToString(CultureInfo.InvariantCulture) : null,
            });
        });
    }

    private sealed record ContactsOf(Guid[] CreatorIds);
}
