using EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using ServiceDefaults;
using Webhooks.Sending;

namespace Webhooks.Features;

/// <summary>One delivery with its attempts.</summary>
public static class ViewDelivery
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/v1/webhook-endpoints/{id:guid}/deliveries/{messageId:guid}", Handle)
        .WithName(nameof(ViewDelivery)).WithTags("Deliveries").WithSummary("One delivery with its attempts").RequireScope("webhooks.read")
        .WithDescription("Time, duration, status and outcome of each attempt. What a receiver answers is not kept.")
        .Refuses(404, "delivery.unknown");

    /// <param name="Number">1 for the first; it goes on after a replay.</param>
    /// <param name="At">When it began.</param>
    /// <param name="Milliseconds">How long it took.</param>
    /// <param name="Status">HTTP status of the answer; null where there was none.</param>
    /// <param name="Outcome">How it ended.</param>
    public sealed record Attempt(int Number, DateTimeOffset At, int Milliseconds, int? Status, AttemptOutcome Outcome);

    public sealed record Response(ListDeliveries.Item Delivery, IReadOnlyList<Attempt> Attempts);

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> Handle(Guid id, Guid messageId, StreamSession session, DeliveryTable deliveries, CancellationToken ct)
    {
        if (await deliveries.Find(session.Organization, id, messageId, ct) is not { } row)
        {
            return Problems.Of(404, "delivery.unknown", "There is no delivery of this message to this endpoint.");
        }

        var attempts = await deliveries.Attempts(session.Organization, id, messageId, ct);
        return TypedResults.Ok(new Response(
            ListDeliveries.Item.Of(row), [.. attempts.Select(one => new Attempt(one.Number, one.At, one.Milliseconds, one.Status, Enum.Parse<AttemptOutcome>(one.Outcome)))]));
    }
}
