using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace WebConsole.Tests.Outside;

public sealed partial class Services
{
    private readonly ConcurrentDictionary<string, string> states = new() { ["instagram"] = "Running", ["youtube"] = "Incident", ["tiktok"] = "Running" };

    /// <summary>The connections somebody wants checked now.</summary>
    public ConcurrentQueue<Guid> Checked { get; } = new();

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
                        insights = cell.Status is "Connected" ? new { state = "Synced", lastOkAt = Now.AddHours(-5), through = new DateOnly(2026, 11, 22), nextAt = Now.AddHours(19), words = (string?)null } : null,
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
        app.MapGet("/v1/creators/{id:guid}/availability", (Guid id) => new
        {
            items = AllTypes.Select(type => campaigns.SelectMany(campaign => campaign.Creators).First(creator => creator.Id == id).Cell(type)).Select(cell => new
            {
                connectionId = cell.ConnectionId ?? Guid.Empty,
                platform = cell.Platform,
                status = cell.Status,
                asOf = Now.AddHours(-5),
                types = new[]
                {
                    Type("account", "data", "Account metrics", cell, null),
                    Type("audience", "data", "Audience", cell, "The platform gives this to accounts with 100 followers or more"),
                    Type("posts", "content", "Posts and their metrics", cell, null),
                },
            }),
        });
        app.MapGet("/v1/creators/{id:guid}/marketplace", (Guid id) => new { creatorId = id, status = "NotInvited", colour = "grey", since = Now.AddDays(-9), reasons = Array.Empty<string>(), nextAction = "Invite the creator to the marketplace", lastCheckedAt = Now.AddHours(-3) });
        app.MapPost("/v1/connections/{id:guid}/refresh", (Guid id) =>
        {
            Checked.Enqueue(id);
            return Results.Accepted();
        });
        app.MapGet("/v1/connections/{id:guid}/insights", (Guid id) => new
        {
            connectionId = id,
            state = new { state = "Synced", lastOkAt = Now.AddHours(-5), through = new DateOnly(2026, 11, 22), nextAt = Now.AddHours(19), words = (string?)null },
            metrics = ((string[])["reach", "profile_views"]).Select(metric => new { metric, from = new DateOnly(2026, 9, 1), to = new DateOnly(2026, 11, 22) }),
            content = new[] { new { kind = "reels", items = 41, newestAt = Now.AddDays(-1) } },
        });
        app.MapGet("/v1/connections/{id:guid}/insights/series", (string metric, DateOnly from, DateOnly to) => new
        {
            metric,
            from,
            to,
            points = Enumerable.Range(0, to.DayNumber - from.DayNumber).Select(day => new { day = from.AddDays(day), breakdown = (string?)null, value = 900 + (350 * Math.Sin(day / 4.0)) + (day * 12) }),
        });
        app.MapGet("/v1/platforms", () => new
        {
            items = states.OrderBy(one => one.Key).Select(one => new
            {
                platform = one.Key,
                name = one.Key switch { "instagram" => "Instagram", "youtube" => "YouTube", _ => "TikTok" },
                state = one.Value,
                incidentSince = one.Value is "Incident" ? Now.AddMinutes(-14) : (DateTimeOffset?)null,
                pausedAt = one.Value is "Paused" ? Now : (DateTimeOffset?)null,
                pausedBy = one.Value is "Paused" ? "ada" : null,
                overdue = one.Value is "Incident" ? 118 : 0,
                held = one.Value is "Incident" ? 37 : 0,
            }),
        });
        app.MapGet("/v1/platforms/{platform}/incidents", () => new { items = new[] { new { id = Guid.Empty, openedAt = Now.AddDays(-6), good = 3, failed = 212, closedAt = Now.AddDays(-6).AddMinutes(41), closedBy = "itself" } } });
        app.MapGet("/v1/operations/refresh-queue", () => new
        {
            items = states.OrderBy(one => one.Key).Select((one, i) => new { platform = one.Key, connections = 4200 + (i * 317), due = 12, underWay = 4, nextHour = 180, nextDay = 2100, failing = failing ? 9 : 0, held = 0, oldestDueAt = Now.AddMinutes(-1) }),
        });
        app.MapPost("/v1/platforms/{platform}/refresh", (string platform) =>
        {
            failing = false;
            return Results.Json(Note("connections", "platform.refresh", platform, null, 9));
        });
        app.MapPost("/v1/platforms/{platform}/pause", (string platform) =>
        {
            states[platform] = "Paused";
            return Results.NoContent();
        });
        app.MapPost("/v1/platforms/{platform}/resume", (string platform) =>
        {
            states[platform] = "Running";
            return Results.NoContent();
        });
    }

    private static object Type(string key, string kind, string name, Cell cell, string? flaw) => new
    {
        key,
        kind,
        name,
        metrics = Array.Empty<string>(),
        isAvailable = cell.Status is "Connected" && flaw is null,
        reason = cell.Status is "Connected" ? flaw is null ? null : "too-few-followers" : "not-connected",
        words = cell.Status is "Connected" ? flaw : "The creator has to connect the account first",
    };
}
