using System.Security.Claims;
using EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using ServiceDefaults;

namespace Campaigns.Features;

/// <summary>
/// A person keeps, changes or drops a view of their own. It changes nothing of the organization's, so whoever may look may save how they look.
/// </summary>
public static class SaveView
{
    public sealed record Request(string? Name = null, string? Query = null, bool MissingFilterOn = false, IReadOnlyList<string>? Columns = null);

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/campaigns/views", Add).WithName("AddView").WithTags("Saved views").WithSummary("Save a view of your own").RequireScope("campaigns.read").GivesETag()
            .WithDescription("A name, the query of the list without its pages, whether the filter for missing connections is on, and columns. Yours alone.")
            .Refuses(409, "view.exists", "views.too-many")
            .Refuses(422, "name.invalid", "view.query-invalid", "view.columns-invalid");
        routes.MapPut("/v1/views/{id:guid}", Change).WithName("ChangeView").WithTags("Saved views").WithSummary("Change a view of your own").RequireScope("campaigns.read").GivesETag()
            .WithDescription("Replaces the view; If-Match says which one you have seen.")
            .Refuses(404, "view.unknown")
            .Refuses(409, "view.exists")
            .Refuses(412, "version.stale")
            .Refuses(422, "name.invalid", "view.query-invalid", "view.columns-invalid")
            .Refuses(428, "if-match.missing");
        routes.MapDelete("/v1/views/{id:guid}", Remove).WithName("RemoveView").WithTags("Saved views").WithSummary("Delete a view of your own").RequireScope("campaigns.read")
            .WithDescription("It is gone at once.")
            .Refuses(404, "view.unknown");
    }

    private static async Task<Results<Created<SavedView>, ProblemHttpResult>> Add(
        Request request, ClaimsPrincipal user, StreamSession session, SavedViews views, HttpResponse response, CancellationToken ct)
    {
        var view = SavedView.Of(Guid.CreateVersion7(), request.Name, request.Query, request.MissingFilterOn, request.Columns);
        if ((view.Flaw() ?? await views.Add(session.Organization, SavedView.OwnerOf(user), view, ct)) is { } refusal)
        {
            return Problems.Of(refusal);
        }

        EntityTag.Write(response, view.Revision);
        return TypedResults.Created($"/v1/views/{view.Id}", view);
    }

    private static async Task<Results<Ok<SavedView>, ProblemHttpResult>> Change(
        Guid id, Request request, [FromHeader(Name = "If-Match")] string? ifMatch, ClaimsPrincipal user, StreamSession session, SavedViews views,
        HttpResponse response, CancellationToken ct)
    {
        if (EntityTag.Read(ifMatch, required: true, out var seen) is { } problem)
        {
            return problem;
        }

        var view = SavedView.Of(id, request.Name, request.Query, request.MissingFilterOn, request.Columns);
        if (view.Flaw() is { } flaw)
        {
            return Problems.Of(flaw);
        }

        var (revision, refusal) = await views.Change(session.Organization, SavedView.OwnerOf(user), view, seen, ct);
        if (refusal is not null)
        {
            return Problems.Of(refusal);
        }

        EntityTag.Write(response, revision);
        return TypedResults.Ok(view with { Revision = revision });
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Remove(
        Guid id, ClaimsPrincipal user, StreamSession session, SavedViews views, CancellationToken ct) =>
        await views.Remove(session.Organization, SavedView.OwnerOf(user), id, ct) ? TypedResults.NoContent() : Problems.Of(SavedView.Unknown);
}
