using System.Security.Claims;
using EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using ServiceDefaults;

namespace Webhooks.Features;

/// <summary>The receiver has changed over, or a secret got out: only the newest one signs from now on.</summary>
public static class EndPreviousSecrets
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapDelete("/v1/webhook-endpoints/{id:guid}/secret/previous", Handle)
        .WithName(nameof(EndPreviousSecrets)).WithTags("Endpoints").WithSummary("End the secrets before the newest").RequireScope("webhooks.manage")
        .WithDescription("From the next message on only the newest one signs. 204, again and again.")
        .Refuses(404, "endpoint.unknown");

    private static async Task<Results<NoContent, ProblemHttpResult>> Handle(Guid id, ClaimsPrincipal user, StreamSession session, TimeProvider clock, CancellationToken ct)
    {
        var outcome = await EndpointTable.Record(session, id, endpoint => Decide(endpoint, user.FindFirstValue("sub") ?? "unknown"), clock.GetUtcNow(), ct);
        return outcome.ToHttp(_ => TypedResults.NoContent());
    }

    public static Decision Decide(WebhookEndpoint? endpoint, string by) => endpoint switch
    {
        null or { IsRemoved: true } => WebhookEndpoint.Unknown,
        { Secrets.Count: <= 1 } => Decision.Nothing,
        _ => Decision.Of(new PreviousSecretsEnded(endpoint.Id, [.. endpoint.Secrets.SkipLast(1).Select(secret => secret.Id)], by)),
    };
}
