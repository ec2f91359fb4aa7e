using System.Diagnostics;
using Connections.Platforms;
using Connections.Vault;
using EventSourcing;
using Microsoft.AspNetCore.Mvc;
using Npgsql;
using ServiceDefaults;

namespace Connections.Features;

/// <summary>A platform tells us something: verify it over the raw bytes, keep it, answer at once. <see cref="ApplyNotices"/> does the rest.</summary>
public static class ReceiveNotice
{
    private const int MaxBody = 256 * 1024;

    /// <summary>What stands in place of an account's key where a notice is about one connection.</summary>
    internal const string OneConnection = "connection:";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/webhooks/{platform}", Confirm).WithName("ConfirmWebhookAddress").WithTags("Webhooks").AllowAnonymous()
            .WithSummary("Confirm the address of notices").WithDescription("For Meta: echoes hub.challenge where hub.verify_token is ours.")
            .Refuses(403, "webhook.not-confirmed").Refuses(404, "platform.unknown");
        MapNotices(routes);
    }

    private static void MapNotices(IEndpointRouteBuilder routes) => routes.MapPost("/webhooks/{platform}/{kind?}", Handle)
        .WithName(nameof(ReceiveNotice)).WithTags("Webhooks").AllowAnonymous().DisableAntiforgery().WithMetadata(new RequestSizeLimitAttribute(MaxBody))
        .WithSummary("Receive a platform's notice")
        .WithDescription("For the platforms only; each notice is verified by its signature. Instagram: deauthorize and data-deletion (signed_request). Meta's other webhooks (X-Hub-Signature-256) are verified and change nothing. TikTok: authorization.removed (TikTok-Signature). YouTube: security event tokens (RFC 8417).")
        .Produces(StatusCodes.Status200OK).Produces(StatusCodes.Status202Accepted)
        .Refuses(400, "webhook.malformed", "webhook.forged").Refuses(401, "webhook.forged").Refuses(404, "platform.unknown").Refuses(503, "webhook.keys-unreachable");

    private static async Task<IResult> Handle(
        string platform, string? kind, HttpContext http, PlatformList platforms, NpgsqlDataSource source, TokenLookups lookups, NoticeSignal signal, Hub.HubOptions hub, TimeProvider clock, CancellationToken ct)
    {
        if (platforms.Find(platform) is not { } known)
        {
            return Problems.Of(StatusCodes.Status404NotFound, "platform.unknown", "There is no such platform.");
        }

        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, ct);
        NoticeReading reading;
        try
        {
            reading = await known.Read(new(kind ?? "", body.ToArray(), name => http.Request.Headers[name].ToString() is { Length: > 0 } value ? value : null, clock.GetUtcNow()), ct);
        }
        catch (PlatformException exception) when (exception.Seen.IsOutage)
        {
            // The keys it is signed with cannot be fetched now. The platform tries again; believing it unseen is no choice.
            http.Response.Headers.RetryAfter = "30";
            return Problems.Of(StatusCodes.Status503ServiceUnavailable, "webhook.keys-unreachable", "The signature cannot be checked right now. Send the notice again later.");
        }

        if (reading is NoticeReading.TokenLost token)
        {
            // Found now and kept by connection: the name is part of a secret.
            foreach (var (organization, connection) in await lookups.Find(token.Kind, token.Name, ct))
            {
                await Keep(
                    source, platform, new($"{token.Fingerprint}/{connection}", $"{OneConnection}{organization}/{connection}", InvalidReason.Revoked, token.Code, token.At), clock.GetUtcNow(), ct);
                signal.Raise();
            }
        }
        else if (reading is NoticeReading.CheckNow check)
        {
            await Keep(source, platform, new(check.Fingerprint, check.AccountKey, NoticeReading.CheckNow.Reason, check.Code, check.At), clock.GetUtcNow(), ct);
            signal.Raise();
        }
        else if (reading is NoticeReading.AccessLost lost)
        {
            await Keep(source, platform, lost, clock.GetUtcNow(), ct);
            signal.Raise();
        }

        return known.Answer(reading, hub.PublicUrl);
    }

    private static IResult Confirm(string platform, HttpContext http, PlatformList platforms) =>
        platforms.Find(platform)?.ConfirmAddress(http.Request.Query) ?? Problems.Of(StatusCodes.Status404NotFound, "platform.unknown", "There is no such platform, or it never asks for this.");

    private static async Task Keep(NpgsqlDataSource source, string platform, NoticeReading.AccessLost lost, DateTimeOffset now, CancellationToken ct)
    {
        await using var command = source.CreateCommand($"""
            insert into {ConnectionTables.Schema}.platform_notice (platform, fingerprint, account_key, reason, code, occurred_at, received_at, trace_parent)
            values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing
            """);
        command.With(platform, lost.Fingerprint, lost.AccountKey, lost.Reason, lost.Code, lost.At, now, Activity.Current?.Id);
        await command.ExecuteNonQueryAsync(ct);
    }
}
