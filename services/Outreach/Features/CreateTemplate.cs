using System.Security.Claims;
using EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using ServiceDefaults;

namespace Outreach.Features;

/// <summary>Somebody writes a template of the organization's own.</summary>
public static class CreateTemplate
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/v1/templates", Handle).WithName(nameof(CreateTemplate)).WithTags("Templates").WithSummary("Write a template").RequireScope("outreach.manage").GivesETag()
            .WithDescription("201 with its ETag. Words are checked like those of an edit; `flaws` of the refusal lists all that is wrong, with line and column.")
            .Refuses(409, "template.key-taken").Refuses(422, ["template.name-invalid", "template.key-invalid", .. TemplateRules.Codes]);

    /// <param name="Name">What people call it.</param>
    /// <param name="Audience">Whom it is meant for; decides who may get it and which merge fields it has.</param>
    /// <param name="Subject">One line.</param>
    /// <param name="Text">The plain text.</param>
    /// <param name="Html">What stands inside the layout; left out, it is made from the plain text.</param>
    /// <param name="Key">Its name in requests; left out, it is made from the name.</param>
    public sealed record Request(string Name, Audience Audience, string Subject, string Text, string? Html = null, string? Key = null);

    private static async Task<Results<Created<TemplateDetail>, ProblemHttpResult>> Handle(
        Request request, ClaimsPrincipal user, StreamSession session, HttpResponse response, TimeProvider clock, CancellationToken ct)
    {
        var key = request.Key ?? TemplateNaming.KeyOf(request.Name);
        var draft = TemplateRules.Check(new(request.Subject, request.Text, request.Html), request.Audience);
        TemplateFlaw[] flaws = [.. TemplateNaming.Check(request.Name), .. TemplateNaming.CheckKey(key), .. draft.Flaws];
        if (flaws.Length > 0)
        {
            return TemplateProblems.Of(flaws);
        }

        var now = clock.GetUtcNow();
        var edition = new Edition(MessageTemplate.IdOf(session.Organization, key), key, request.Name.Trim(), request.Audience.ToString(), 1, Guid.CreateVersion7());
        var outcome = await session.DecideAndSaveTemplate(
            key, template => Decide(template, edition, user.FindFirstValue("sub") ?? "unknown"), draft.Text, null, now, ct);
        return outcome.ToHttp(saved =>
        {
            EntityTag.Write(response, saved.Version);
            return TypedResults.Created($"/v1/templates/{key}", TemplateDetail.Of(saved.State!, draft.Text, now) with { Removed = draft.Removed });
        });
    }

    public static Decision Decide(MessageTemplate? template, Edition edition, string by) => template switch
    {
        { } => Decision.Refuse("template.key-taken", $"There is a template with the key {edition.Key} already. Edit that one, or give this one a key of its own."),
        null => Decision.Of(new TemplateSaved(edition, by)),
    };
}
