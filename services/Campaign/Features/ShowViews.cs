using System.Security.Claims;
using EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using ServiceDefaults;

namespace Campaigns.Features;

/// <summary>The views that a person saved, by name: their own and nobody else's.</summary>
public static class ShowViews
{
    public sealed record Response(IReadOnlyList<SavedView> Items);

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/campaigns/views", All).WithName(nameof(ShowViews)).WithTags("Saved views").WithSummary("Your saved views").RequireScope("campaigns.read")
            .WithDescription("Yours alone, by name.");
        routes.MapGet("/v1/views/{id:guid}", One).WithName("ShowView").WithTags("Saved views").WithSummary("One of your saved views").RequireScope("campaigns.read").GivesETag()
            .WithDescription("With the ETag the next change has to show.")
            .Refuses(404, "view.unknown");
    }

    private static async Task<Ok<Response>> All(ClaimsPrincipal user, StreamSession session, SavedViews views, CancellationToken ct) =>
        TypedResults.Ok(new Response(await views.Of(session.Organization, SavedView.OwnerOf(user), null, ct)));

    private static async Task<Results<Ok<SavedView>, ProblemHttpResult>> One(
        Guid id, ClaimsPrincipal user, StreamSession session, SavedViews views, HttpResponse response, CancellationToken ct)
    {
        if (await views.Of(session.Organization, SavedView.OwnerOf(user), id, ct) is not [var view])
        {
            return Problems.Of(SavedView.Unknown);
        }

        EntityTag.Write(response, view.Revision);
        return TypedResults.Ok(view);
    }
}
