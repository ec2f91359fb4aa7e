using System.Security.Claims;
using EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using ServiceDefaults;

namespace Outreach.Features;

/// <summary>Somebody changes what a template says. A built-in one becomes the organization's own; what was accepted before goes out as it was.</summary>
public static class EditTemplate
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPut("/v1/templates/{key}", Handle)
            .WithName(nameof(EditTemplate)).WithTags("Templates").WithSummary("Save a new version of a template").RequireScope("outreach.manage").GivesETag()
            .WithDescription("A new version; what was accepted before is sent as it was. `removed` says what was taken out of the HTML.")
            .Refuses(404, "template.unknown").Refuses(409, "template.archived").Refuses(412, "version.stale")
            .Refuses(422, ["template.name-invalid", "template.audience-fixed", .. TemplateRules.Codes]).Refuses(428, "if-match.missing");

    /// <param name="Subject">One line.</param>
    /// <param name="Text">The plain text.</param>
    /// <param name="Html">What stands inside the layout; left out, it is made from the plain text.</param>
    /// <param name="Name">What people call it; left out, it stays.</param>
    /// <param name="Audience">Whom it is meant for; left out, it stays. That of a built-in template cannot be changed.</param>
    public sealed record Request(string Subject, string Text, string? Html = null, string? Name = null, Audience? Audience = null);

    private static async Task<Results<Ok<TemplateDetail>, ProblemHttpResult>> Handle(
        string key, Request request, [FromHeader(Name = "If-Match")] string? ifMatch, ClaimsPrincipal user, StreamSession session, TemplateShelf shelf,
        HttpResponse response, TimeProvider clock, CancellationToken ct)
    {
        if (await shelf.Find(session.Organization, key, ct) is not { Shelved.Template: var current })
        {
            return TemplateProblems.Unknown;
        }

        if (EntityTag.Read(ifMatch, required: true, out var revision) is { } problem)
        {
            return problem;
        }

        var (name, audience) = (request.Name?.Trim() ?? current.Name, request.Audience ?? current.Audience);
        var draft = TemplateRules.Check(new(request.Subject, request.Text, request.Html), audience);
        TemplateFlaw[] flaws = [.. TemplateNaming.Check(name), .. draft.Flaws];
        if (flaws.Length > 0)
        {
            return TemplateProblems.Of(flaws);
        }

        var (now, versionId, by) = (clock.GetUtcNow(), Guid.CreateVersion7(), user.FindFirstValue("sub") ?? "unknown");
        var outcome = await session.DecideAndSaveTemplate(key, template => Decide(template, name, audience, versionId, by), draft.Text, revision, now, ct);
        return outcome.ToHttp(saved =>
        {
            EntityTag.Write(response, saved.Version);
            return TypedResults.Ok(TemplateDetail.Of(saved.State!, draft.Text, now) with { Removed = draft.Removed });
        });
    }

    public static Decision Decide(MessageTemplate? template, string name, Audience audience, Guid versionId, string by) => template switch
    {
        null => TemplateProblems.NotThere,
        { IsArchived: true } => TemplateProblems.Archived,
        { Current: var current } when Template.Find(current.Key) is { } builtIn && builtIn.Audience != audience => Decision.Invalid(
            "audience", "template.audience-fixed", $"This template is built in for {builtIn.Audience}. Write a template of your own for somebody else."),
        { Current: var current } => Decision.Of(new TemplateSaved(
            current with { Name = name, Audience = audience.ToString(), Version = current.Version + 1, VersionId = versionId }, by)),
    };
}
