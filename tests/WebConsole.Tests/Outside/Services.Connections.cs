using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace WebConsole.Tests.Outside;

public sealed partial class Services
{
    private void MapConnections(WebApplication app)
    {
        app.MapGet("/v1/creators/{id:guid}/connections", (Guid id) => campaigns.SelectMany(campaign => campaign.Creators).FirstOrDefault(creator => creator.Id == id) is { } creator
            ? Results.Json(new
            {
                items = AllTypes.Select(type =>
                {
                    var cell = creator.Cell(type);
                    var known = cell.Status is not "NotConnected";
                    return new
                    {
                        connectionId = cell.ConnectionId,
                        platform = cell.Platform,
                        type,
                        status = cell.Status,
                        colour = cell.Colour,
                        reason = cell.Reason,
                        confidence = cell.Status is "Invalidated" ? "confirmed" : null,
                        since = cell.Since,
                        scopes = known ? new[] { "instagram_business_basic", "instagram_business_manage_insights" } : [],
                        account = known ? new { id = "1784", handle = creator.Handles["instagram"], name = creator.Name, pictureUrl = (string?)null } : null,
                        expiresAt = cell.Status is "Connected" ? Now.AddDays(51) : (DateTimeOffset?)null,
                        nextAction = cell.Status is "Connected" ? null : known ? $"Ask {creator.Name.Split(' ')[0]} to reconnect" : $"Invite {creator.Name.Split(' ')[0]} to connect",
                    };
                }),
            })
            : Problem(404, "creator.unknown", "There is no creator with this id."));
        app.MapGet("/v1/connections/{id:guid}/history", () => new
        {
            items = new object[]
            {
                new { at = Now.AddDays(-80), @event = "AccessGranted", status = "Connected", reason = (string?)null, source = "hub", code = (string?)null, by = "creator" },
                new { at = Now.AddDays(-12), @event = "AccessRevoked", status = "Invalidated", reason = "Revoked", source = "webhook", code = "deauthorize", by = (string?)null },
            },
        });
    }
}
