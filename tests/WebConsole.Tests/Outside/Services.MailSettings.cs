using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace WebConsole.Tests.Outside;

public sealed partial class Services
{
    private readonly ConcurrentDictionary<(Guid Creator, Guid? Campaign), string> suppressed = new();
    private SenderOf sender = new(null, null, null, null, null, null, null, null, "UTC");
    private int senderRevision;

    public IReadOnlyCollection<Guid> Suppressed => [.. suppressed.Keys.Select(key => key.Creator)];

    /// <summary>The creator of this number is not to be written to.</summary>
    public void Unsubscribe(int creator, string reason) => suppressed[(Creator(creator).Id, null)] = reason;

    private void MapMailSettings(WebApplication app)
    {
        app.MapGet("/v1/settings/sender", (HttpContext http) => Sender(http));
        app.MapPut("/v1/settings/sender", (SenderOf asked, HttpContext http) =>
        {
            if (http.Request.Headers.IfMatch != $"\"{senderRevision}\"")
            {
                return Problem(412, "version.stale", "Somebody else changed this since you read it. Read it again and repeat your change.");
            }

            if (asked.Address?.EndsWith("@aurora.example", StringComparison.Ordinal) is false)
            {
                return Results.Json(
                    new { title = "Invalid", status = 422, detail = "One value cannot be used.", code = "sender.domain-not-allowed", errors = new { address = new[] { "Mail can be sent from addresses in aurora.example." } } },
                    statusCode: 422, contentType: "application/problem+json");
            }

            (sender, senderRevision) = (asked with { TimeZone = asked.TimeZone ?? "UTC" }, senderRevision + 1);
            return Sender(http);
        });
        app.MapGet("/v1/suppressions", (Guid? creatorId, string? reason) => new
        {
            items = suppressed.Where(one => (creatorId is null || one.Key.Creator == creatorId) && (reason is null || one.Value == reason)).OrderBy(one => one.Key.Creator)
                .Select(one => new { creatorId = one.Key.Creator, campaignId = one.Key.Campaign, reason = one.Value, by = one.Value is "Manual" ? "maya" : "creator", at = Now.AddDays(-3) }),
            next = (string?)null,
        });
        app.MapPut("/v1/suppressions/{creatorId:guid}", (Guid creatorId, SuppressionOf asked) =>
        {
            suppressed[(creatorId, asked.CampaignId)] = asked.Reason ?? "Manual";
            return Results.NoContent();
        });
        app.MapDelete("/v1/suppressions/{creatorId:guid}", (Guid creatorId, Guid? campaignId) =>
        {
            suppressed.TryRemove((creatorId, campaignId), out _);
            return Results.NoContent();
        });
    }

    private IResult Sender(HttpContext http)
    {
        http.Response.Headers.ETag = $"\"{senderRevision}\"";
        return Results.Json(new
        {
            name = sender.Name,
            address = sender.Address,
            replyTo = sender.ReplyTo,
            copyTo = sender.CopyTo,
            perMinute = sender.PerMinute,
            dailyCap = sender.DailyCap,
            quietFrom = sender.QuietFrom,
            quietUntil = sender.QuietUntil,
            timeZone = sender.TimeZone,
            defaultAddress = "hello@aurora.example",
            domains = new[] { "aurora.example" },
            revision = senderRevision,
        });
    }

    private sealed record SenderOf(string? Name, string? Address, string? ReplyTo, string? CopyTo, int? PerMinute, int? DailyCap, string? QuietFrom, string? QuietUntil, string? TimeZone);

    private sealed record SuppressionOf(Guid? CampaignId, string? Reason);
}
