using EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using ServiceDefaults;
using Webhooks.Sending;

namespace Webhooks.Features;

/// <summary>What could not be delivered, of all endpoints of the organization.</summary>
public static class ListDeadLetters
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/v1/webhook-dead-letters", Handle)
        .WithName(nameof(ListDeadLetters)).WithTags("Deliveries").WithSummary("What could not be delivered").RequireScope("webhooks.read")
        .WithDescription("Exhausted deliveries of all your endpoints, the newest first. Mend the receiver, then replay them.")
        .Refuses(422, "cursor.invalid", "limit.invalid");

    public sealed record Item(Guid EndpointId, ListDeliveries.Item Delivery);

    public sealed record Response(IReadOnlyList<Item> Items, string? Next);

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> Handle(
        StreamSession session, DeliveryTable deliveries, CancellationToken ct, string? cursor = null, int? limit = null)
    {
        var (page, flaw) = Page.Of(cursor, limit);
        if (flaw is not null)
        {
            return Problems.Of(flaw);
        }

        // A message that two endpoints did not take has two entries of one place: the page ends behind both, not between them.
        var rows = await deliveries.List(session.Organization, new(null, DeliveryState.Exhausted, null, null), page.After, page.Limit + RegisterEndpoint.MostEndpoints, ct);
        var (shown, next) = WholeMessages(rows, page.Limit);
        return TypedResults.Ok(new Response([.. shown.Select(row => new Item(row.EndpointId, ListDeliveries.Item.Of(row)))], next));
    }

    private static (IReadOnlyList<DeliveryRow> Shown, string? Next) WholeMessages(IReadOnlyList<DeliveryRow> rows, int limit)
    {
        if (rows.Count <= limit)
        {
            return (rows, null);
        }

        var last = rows[limit - 1].Place;
        var shown = rows.Take(limit).Concat(rows.Skip(limit).TakeWhile(row => row.Place == last)).ToList();
        return (shown, shown.Count < rows.Count ? last.Cursor : null);
    }
}
