using EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using ServiceDefaults;
using Webhooks.Intake;

namespace Webhooks.Features;

/// <summary>Where the organization's events are sent.</summary>
public static class ListEndpoints
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/v1/webhook-endpoints", Handle)
        .WithName(nameof(ListEndpoints)).WithTags("Endpoints").WithSummary("Your endpoints").RequireScope("webhooks.read")
        .WithDescription("The oldest first.")
        .Refuses(422, "cursor.invalid", "limit.invalid");

    public sealed record Response(IReadOnlyList<EndpointDetail> Items, string? Next);

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> Handle(
        StreamSession session, EndpointTable endpoints, TimeProvider clock, CancellationToken ct, string? cursor = null, int? limit = null)
    {
        var (page, flaw) = Page.Of(cursor, limit);
        if (flaw is not null)
        {
            return Problems.Of(flaw);
        }

        var (shown, next) = page.Cut(await endpoints.List(session.Organization, page.After, page.Limit + 1, clock.GetUtcNow(), ct), row => new(MessageTable.PositionOf(row.CreatedAt), row.Id));
        return TypedResults.Ok(new Response([.. shown.Select(EndpointDetail.Of)], next));
    }
}
