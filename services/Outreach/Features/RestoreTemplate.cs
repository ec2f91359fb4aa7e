using System.Security.Claims;
using EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using ServiceDefaults;

namespace Outreach.Features;

/// <summary>Somebody wants a built-in template back as it came, or an archived one back in use.</summary>
public static class RestoreTemplate
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/v1/templates/{key}/restore", Handle)
            .WithName(nameof(RestoreTemplate)).WithTags("Templates").WithSummary("Bring back the built-in words, or an archived template").RequireScope("outreach.manage").GivesETag()
            .WithDescription("A built-in one gets its built-in words back as a new version; an archived one is in use again.")
            .Refuses(404, "template.unknown").Refuses(412, "version.stale");

    private static Task<Results<Ok<TemplateDetail>, ProblemHttpResult>> Handle(
        string key, [FromHeader(Name = "If-Match")] string? ifMatch, ClaimsPrincipal user, StreamSession session, TemplateShelf shelf, HttpResponse response,
        TimeProvider clock, CancellationToken ct) =>
        ArchiveTemplate.Change(key, ifMatch, template => Decide(template, user.FindFirstValue("sub") ?? "unknown"), session, shelf, response, clock, ct);

    public static Decision Decide(MessageTemplate? template, string by) => template switch
    {
        null => TemplateProblems.NotThere,
        { IsCustomised: true, Current: var current } when Template.Find(current.Key) is { } builtIn =>
            Decision.Of(new BuiltInRestored(MessageTemplate.BuiltIn(current.TemplateId, builtIn, current.Version + 1), by)),
        { IsArchived: true, Current: var current } => Decision.Of(new TemplateUnarchived(current, by)),
        _ => Decision.Nothing,
    };
}
