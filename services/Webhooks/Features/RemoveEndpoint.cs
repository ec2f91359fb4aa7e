using System.Security.Claims;
using EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using ServiceDefaults;

namespace Webhooks.Features;

/// <summary>Nothing is sent to an endpoint any more; its secrets and its log go with it.</summary>
public static class RemoveEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapDelete("/v1/webhook-endpoints/{id:guid}", Handle)
        .WithName(nameof(RemoveEndpoint)).WithTags("Endpoints").WithSummary("Remove an endpoint").RequireScope("webhooks.manage")
        .WithDescription("With its secrets, its deliveries and their log. A request that is under way may still arrive. If-Match is heeded where it is sent.")
        .Refuses(404, "endpoint.unknown").Refuses(412, "version.stale");

    private static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        Guid id, [FromHeader(Name = "If-Match")] string? ifMatch, ClaimsPrincipal user, StreamSession session, TimeProvider clock, CancellationToken ct)
    {
        if (EntityTag.Read(ifMatch, required: false, out var seen) is { } problem)
        {
            return problem;
        }

        var outcome = await EndpointTable.Record(session, id, endpoint => Decide(endpoint, user.FindFirstValue("sub") ?? "unknown"), clock.GetUtcNow(), ct, seen);
        return outcome.ToHttp(_ => TypedResults.NoContent());
    }

    public static Decision Decide(WebhookEndpoint? endpoint, string by) => endpoint is null or { IsRemoved: true } ? WebhookEndpoint.Unknown : Decision.Of(new EndpointRemoved(endpoint.Id, by));
}
