using System.Security.Claims;
using EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using ServiceDefaults;

namespace Outreach.Features;

/// <summary>Somebody takes a template out of use. What was accepted before goes out.</summary>
public static class ArchiveTemplate
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/v1/templates/{key}/archive", Handle)
            .WithName(nameof(ArchiveTemplate)).WithTags("Templates").WithSummary("Take a template out of use").RequireScope("outreach.manage").GivesETag()
            .WithDescription("Nobody can choose it any more; what was accepted before goes out.")
            .Refuses(404, "template.unknown").Refuses(412, "version.stale");

    private static Task<Results<Ok<TemplateDetail>, ProblemHttpResult>> Handle(
        string key, [FromHeader(Name = "If-Match")] string? ifMatch, ClaimsPrincipal user, StreamSession session, TemplateShelf shelf, HttpResponse response,
        TimeProvider clock, CancellationToken ct) =>
        Change(key, ifMatch, template => Decide(template, user.FindFirstValue("sub") ?? "unknown"), session, shelf, response, clock, ct);

    public static Decision Decide(MessageTemplate? template, string by) => template switch
    {
        null => TemplateProblems.NotThere,
        { IsArchived: true } => Decision.Nothing,
        { Current: var current } => Decision.Of(new TemplateArchived(current, by)),
    };

    /// <summary>A change of a template that brings no new words. Told twice it is one change, so the caller need not name what it has seen.</summary>
    internal static async Task<Results<Ok<TemplateDetail>, ProblemHttpResult>> Change(
        string key, string? ifMatch, Func<MessageTemplate?, Decision> decide, StreamSession session, TemplateShelf shelf, HttpResponse response,
        TimeProvider clock, CancellationToken ct)
    {
        if (EntityTag.Read(ifMatch, required: false, out var revision) is { } problem)
        {
            return problem;
        }

        var outcome = await session.DecideAndSaveTemplate(key, decide, null, revision, clock.GetUtcNow(), ct);
        if (outcome.Decision is Decision.Refused refusal)
        {
            return Problems.Of(refusal);
        }

        var entry = (await shelf.Find(session.Organization, key, ct))!;
        EntityTag.Write(response, entry.Revision);
        return TypedResults.Ok(TemplateDetail.Of(entry));
    }
}
