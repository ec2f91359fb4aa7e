using EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using ServiceDefaults;

namespace Webhooks.Features;

/// <summary>One endpoint, with the ETag that a change names.</summary>
public static class ViewEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/v1/webhook-endpoints/{id:guid}", Handle)
        .WithName(nameof(ViewEndpoint)).WithTags("Endpoints").WithSummary("One endpoint").RequireScope("webhooks.read").GivesETag()
        .WithDescription("With an ETag. Says whether it is paused or failing, and since when.")
        .Refuses(404, "endpoint.unknown");

    private static async Task<Results<Ok<EndpointDetail>, ProblemHttpResult>> Handle(
        Guid id, StreamSession session, EndpointTable endpoints, TimeProvider clock, HttpResponse response, CancellationToken ct)
    {
        if (await endpoints.Find(session.Organization, id, clock.GetUtcNow(), ct) is not { } row)
        {
            return Problems.Of((Decision.Refused)WebhookEndpoint.Unknown);
        }

        EntityTag.Write(response, row.Revision);
        return TypedResults.Ok(EndpointDetail.Of(row));
    }
}
