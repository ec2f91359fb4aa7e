using System.Globalization;
using System.Security.Cryptography;
using Platforms.Webhooks;

namespace Platforms.Control;

/// <summary>The webhooks that were sent, and how to make them misbehave.</summary>
public static class WebhookControls
{
    private const int PageSize = 200;

    public static void Map(IEndpointRouteBuilder routes)
    {
        var webhooks = routes.MapGroup("/control/webhooks");
        webhooks.MapGet("", List);
        webhooks.MapPost("/bad-signature", ForgeNext);
        webhooks.MapPost("/resend", ResendLast);
        webhooks.MapPost("/{id:long}/resend", Resend);
        webhooks.MapPost("/verify", Verify);
    }

    /// <summary>The delivery log, newest first, with every attempt and the beginning of each answer. <paramref name="limit"/> is at most 200.</summary>
    private static IResult List(DeliveryLog log, string? platform = null, string? handle = null, int limit = 50) =>
        Results.Ok(new { items = log.Newest(platform).Where(d => handle is null || d.Handle == handle).Take(Math.Clamp(limit, 1, PageSize)) });

    /// <summary>The next count (default 1) webhooks of a platform carry a signature that does not match. 0 takes it back. 422.</summary>
    private static IResult ForgeNext(Forgery forgery, Desk desk, DeliveryLog log)
    {
        if (desk.Platform(forgery.Platform) is not { } platform)
        {
            return Problem.Invalid("platform", $"The platforms are {string.Join(", ", desk.Platforms.Select(p => p.Key))}.");
        }

        if (forgery.Count is < 0)
        {
            return Problem.Invalid("count", "There cannot be fewer than 0.");
        }

        log.ForgeNext(platform.Key, forgery.Count ?? 1);
        return Results.NoContent();
    }

    /// <summary>Sends the last webhook (of one platform, if named) once more, byte for byte: a duplicate. 404 webhook.unknown when there is none.</summary>
    private static IResult ResendLast(DeliveryLog log, Which? which = null) => Again(log, log.Newest(which?.Platform).FirstOrDefault());

    /// <summary>Sends one webhook of the log once more, byte for byte. 404 webhook.unknown.</summary>
    private static IResult Resend(long id, DeliveryLog log) => Again(log, log.Find(id));

    /// <summary>
    /// Makes the call by which Meta finds out whether a callback address is ours: it asks with a challenge and wants it back. Tells whether it came.
    /// verifyToken is what was typed into the application's settings; path is the address below the hub, /webhooks/instagram if not given.
    /// </summary>
    private static async Task<IResult> Verify(Subscription subscription, DeliverWebhooks deliver, CancellationToken ct)
    {
        var challenge = RandomNumberGenerator.GetInt32(1_000_000_000, int.MaxValue).ToString(CultureInfo.InvariantCulture);
        var address = Wire.With(
            subscription.Path ?? "/webhooks/instagram",
            ("hub.mode", "subscribe"),
            ("hub.challenge", challenge),
            ("hub.verify_token", subscription.VerifyToken ?? ""));
        var attempt = await deliver.Ask(address, ct);
        return Results.Ok(new { verified = attempt.Status is 200 && attempt.Answer == challenge, attempt.Status, attempt.Answer });
    }

    private static IResult Again(DeliveryLog log, Delivery? delivery) => delivery is null
        ? Problem.Of(404, "webhook.unknown", "No such webhook was sent.")
        : Results.Ok(new { webhook = log.SendAgain(delivery).Id });

    private sealed record Forgery(string? Platform, int? Count);

    private sealed record Which(string? Platform);

    private sealed record Subscription(string? VerifyToken, string? Path);
}
