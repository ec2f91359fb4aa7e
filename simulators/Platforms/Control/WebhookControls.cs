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

    private static IResult Again(DeliveryLog log, Delivery? delivery) => delivery is null
        ? Problem.Of(404, "webhook.unknown", "No such webhook was sent.")
        : Results.Ok(new { webhook = log.SendAgain(delivery).Id });

    private sealed record Forgery(string? Platform, int? Count);

    private sealed record Which(string? Platform);
}
