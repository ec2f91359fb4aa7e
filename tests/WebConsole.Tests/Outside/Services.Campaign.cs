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
        app.MapGet("/v1/campaigns", () => new { items = campaigns.Where(campaign => campaign.Id != Crowd).Select(Summary), next = (string?)null });
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

            // A cursor names the creator a page ended with; when that one has left it leads nowhere any more.
            var ordered = sort is "-name" ? campaign.Creators.Reverse().ToList() : [.. campaign.Creators];
            var after = cursor is null ? -1 : ordered.FindIndex(creator => creator.Id.ToString() == cursor);
            if (cursor is not null && after < 0)
            {
                return Problem(422, "cursor.invalid", "This cursor leads nowhere any more. Start again from the first page.");
            }

            var matching = ordered.Where(IsMeant).ToList();
            var page = ordered.Skip(after + 1).Where(IsMeant).Take((limit ?? 50) + 1).ToList();
            return Results.Json(new
            {
                items = page.Take(limit ?? 50).Select(creator => Row(campaign, creator)),
                total = matching.Count,
                next = page.Count > (limit ?? 50) ? page[^2].Id.ToString() : null,
            });

            bool IsMeant(CreatorOf creator) =>
                (search is null || creator.Name.Contains(search, StringComparison.OrdinalIgnoreCase))
                && (type is null || status is null || status.Split(',').Contains(creator.Cell(type).Status))
                && (missing is not true || Lacks(campaign, creator))
                && Fits(creator, connection);
        });
    }

    private static object Row(CampaignOf campaign, CreatorOf creator) => new
    {
        creatorId = creator.Id,
        name = creator.Name,
        handles = creator.Handles,
        connections = campaign.Types.Select(creator.Cell),
        lastOutreach = creator.Number % 5 != 1 ? null : new { template = "creator-hub-invitation", at = Now.AddDays(-creator.Number % 17), outreachId = Guid.Empty, state = "Sent" },
    };

    private sealed record ContactsOf(Guid[] CreatorIds);
}
