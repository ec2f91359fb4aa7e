using System.Diagnostics;
using EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using ServiceDefaults;
using Webhooks.Intake;

namespace Webhooks.Features;

/// <summary>Somebody wants to see whether an endpoint works: it is sent an event that is about nothing, the way all others are, even while it is paused.</summary>
public static class TestEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/v1/webhook-endpoints/{id:guid}/test", Handle)
        .WithName(nameof(TestEndpoint)).WithTags("Endpoints").WithSummary("Send a test event").RequireScope("webhooks.manage")
        .WithDescription("Of type `WebhookTest`, to this endpoint alone, paused or not. 202 with the message's id: the log says what came of it.")
        .Refuses(404, "endpoint.unknown");

    /// <param name="MessageId">Look for it in the log.</param>
    public sealed record Response(Guid MessageId);

    private static async Task<Results<Accepted<Response>, ProblemHttpResult>> Handle(
        Guid id, StreamSession session, EndpointTable endpoints, MessageTable messages, WorkSignal signal, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        if (await endpoints.Find(session.Organization, id, now, ct) is null)
        {
            return Problems.Of((Decision.Refused)WebhookEndpoint.Unknown);
        }

        var message = Guid.CreateVersion7();
        await messages.TakeIn([IncomingMessage.TestOf(session.Organization, id, message, now, Activity.Current?.Id)], ct, onlyFor: id);
        signal.Pulse();
        return TypedResults.Accepted($"/v1/webhook-endpoints/{id}/deliveries/{message}", new Response(message));
    }
}
