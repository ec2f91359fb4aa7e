using EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using ServiceDefaults;
using Webhooks.Sending;

namespace Webhooks.Features;

/// <summary>What was and will be sent to an endpoint, and what came of it.</summary>
public static class ListDeliveries
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/v1/webhook-endpoints/{id:guid}/deliveries", Handle)
        .WithName(nameof(ListDeliveries)).WithTags("Deliveries").WithSummary("The log of an endpoint").RequireScope("webhooks.read")
        .WithDescription("The newest first. `state` is Waiting, Delivered or Exhausted, `type` a contract's name, `since` a moment.")
        .Refuses(404, "endpoint.unknown").Refuses(422, "cursor.invalid", "limit.invalid");

    /// <param name="MessageId">Which message: its header <c>webhook-id</c>, and the event's id everywhere else.</param>
    /// <param name="Type">Name of the contract, or WebhookTest.</param>
    /// <param name="Subject">What it is about; those of one subject are sent one after the other.</param>
    /// <param name="State">Waiting, Delivered, or Exhausted: tried as often as it is tried.</param>
    /// <param name="Attempts">How often it was tried.</param>
    /// <param name="TakenInAt">When the event came.</param>
    /// <param name="NextAt">When it is tried, those of its subject before it allowing; null when it is not to be.</param>
    /// <param name="SettledAt">When it was delivered or exhausted.</param>
    /// <param name="LastStatus">HTTP status of the last answer; null where there was none.</param>
    /// <param name="LastOutcome">How the last attempt ended.</param>
    public sealed record Item(
        Guid MessageId, string Type, string Subject, DeliveryState State, int Attempts, DateTimeOffset TakenInAt, DateTimeOffset? NextAt, DateTimeOffset? SettledAt, int? LastStatus,
        AttemptOutcome? LastOutcome)
    {
        internal static Item Of(DeliveryRow row) => new(
            row.MessageId, row.Type, row.Subject, row.State, row.Attempts, row.TakenInAt, row.NextAt, row.SettledAt, row.LastStatus,
            row.LastOutcome is { } outcome ? Enum.Parse<AttemptOutcome>(outcome) : null);
    }

    public sealed record Response(IReadOnlyList<Item> Items, string? Next);

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> Handle(
        Guid id, StreamSession session, EndpointTable endpoints, DeliveryTable deliveries, TimeProvider clock, CancellationToken ct,
        DeliveryState? state = null, string? type = null, DateTimeOffset? since = null, string? cursor = null, int? limit = null)
    {
        var (page, flaw) = Page.Of(cursor, limit);
        if (flaw is not null)
        {
            return Problems.Of(flaw);
        }

        if (await endpoints.Find(session.Organization, id, clock.GetUtcNow(), ct) is null)
        {
            return Problems.Of((Decision.Refused)WebhookEndpoint.Unknown);
        }

        var (shown, next) = page.Cut(await deliveries.List(session.Organization, new(id, state, type, since), page.After, page.Limit + 1, ct), row => row.Place);
        return TypedResults.Ok(new Response([.. shown.Select(Item.Of)], next));
    }
}
