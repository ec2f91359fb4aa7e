using EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using ServiceDefaults;
using Webhooks.Sending;

namespace Webhooks.Features;

/// <summary>Somebody wants messages sent once more: some by their ids, or all since a moment, those from before the endpoint was registered included.</summary>
public static class ReplayDeliveries
{
    public const int MostIds = 500;
    public const int MostAtOnce = 10_000;

    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/v1/webhook-endpoints/{id:guid}/replay", Handle)
        .WithName(nameof(ReplayDeliveries)).WithTags("Deliveries").WithSummary("Send messages once more").RequireScope("webhooks.manage")
        .WithDescription($"""
            Either `messageIds`, up to {MostIds}, or `since`, with `types` where not those of the endpoint are meant. Oldest first; each keeps its `webhook-id`. What waits already stays as it is, so
            repeating the request does no harm. Up to {MostAtOnce} messages a request: where there are more, `next` is the `after` of the next request.
            """)
        .Refuses(404, "endpoint.unknown", "message.unknown").Refuses(422, "replay.ambiguous", "replay.too-many", "cursor.invalid");

    /// <param name="MessageIds">These messages, whatever the endpoint's types.</param>
    /// <param name="Since">All that came since then, as far as messages are kept.</param>
    /// <param name="Types">With `since`: only these.</param>
    /// <param name="After">With `since`: `next` of the answer before.</param>
    public sealed record Request(IReadOnlyList<Guid>? MessageIds = null, DateTimeOffset? Since = null, IReadOnlyList<string>? Types = null, string? After = null);

    /// <param name="Replayed">How many are on their way anew.</param>
    /// <param name="Next">Where there is more: the `after` of the next request.</param>
    public sealed record Response(int Replayed, string? Next);

    private static async Task<Results<Accepted<Response>, ProblemHttpResult>> Handle(
        Guid id, Request request, StreamSession session, EndpointTable endpoints, DeliveryTable deliveries, WorkSignal signal, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        if (await endpoints.Find(session.Organization, id, now, ct) is null)
        {
            return Problems.Of((Decision.Refused)WebhookEndpoint.Unknown);
        }

        Guid[]? wanted = request.MessageIds is null ? null : [.. request.MessageIds.Distinct()];
        if ((wanted is null) == (request.Since is null))
        {
            return Problems.Of(422, "replay.ambiguous", "Name either the messages by messageIds, or the moment from which on by since.", "messageIds");
        }

        if (wanted is { Length: 0 or > MostIds } || request.Types is { Count: > EndpointSettings.MostTypes })
        {
            return Problems.Of(422, "replay.too-many", $"Name 1 to {MostIds} messages, and at most {EndpointSettings.MostTypes} types.", "messageIds");
        }

        var after = request.After is null ? null : Place.Of(request.After);
        if (request.After is not null && after is null)
        {
            return Problems.Of(Page.CursorInvalid with { Field = "after" });
        }

        var known = wanted is null ? 0 : await deliveries.Known(session.Organization, id, wanted, ct);
        if (wanted is not null && known < wanted.Length)
        {
            return Problems.Of(404, "message.unknown", "Not all of these messages are kept for your organization. Nothing was sent; the log has the ids.", "messageIds");
        }

        var (found, replayed, last) = await deliveries.Replay(session.Organization, id, new(wanted, request.Since, request.Types, after, MostAtOnce), now, ct);
        signal.Pulse();
        return TypedResults.Accepted($"/v1/webhook-endpoints/{id}/deliveries", new Response(replayed, found == MostAtOnce ? last?.Cursor : null));
    }
}
