using EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using ServiceDefaults;

namespace Campaigns.Features;

/// <summary>The organization as its creators see it.</summary>
public static class ViewOrganization
{
    public sealed record Response(string Id, string Name);

    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/v1/organization", Handle)
        .WithName(nameof(ViewOrganization)).WithTags("Organization").WithSummary("Your organization").RequireScope("campaigns.read")
        .WithDescription("The organization of the token.")
        .Refuses(404, "organization.unnamed");

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> Handle(StreamSession session, CancellationToken ct) =>
        await session.Load<Organization>(Organization.StreamOf(session.Organization), ct) is { } organization
            ? TypedResults.Ok(new Response(organization.OrganizationId, organization.Name))
            : Problems.Of(StatusCodes.Status404NotFound, "organization.unnamed", "Your organization has no name yet. Give it one with PUT /v1/organization.");
}
