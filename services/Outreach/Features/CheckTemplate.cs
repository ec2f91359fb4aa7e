using Microsoft.AspNetCore.Http.HttpResults;
using ServiceDefaults;

namespace Outreach.Features;

/// <summary>Somebody who writes a template asks whether it could be saved. Nothing is.</summary>
public static class CheckTemplate
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/v1/templates/check", Handle)
            .WithName(nameof(CheckTemplate)).WithTags("Templates").WithSummary("What is wrong with a template, if anything").RequireScope("outreach.read")
            .WithDescription("Flaws with line and column, fields used, and what would be removed from the HTML. Nothing is saved.");

    public sealed record Request(Audience Audience, string Subject, string Text, string? Html = null);

    /// <param name="IsValid">Could it be saved?</param>
    /// <param name="Flaws">What is wrong, where, and in which member.</param>
    /// <param name="Fields">The merge fields it uses.</param>
    /// <param name="Removed">What saving would take out of the HTML.</param>
    public sealed record Response(bool IsValid, IReadOnlyList<TemplateFlaw> Flaws, IReadOnlyList<string> Fields, IReadOnlyList<string> Removed);

    private static Ok<Response> Handle(Request request)
    {
        var draft = TemplateRules.Check(new(request.Subject, request.Text, request.Html), request.Audience);
        return TypedResults.Ok(new Response(draft.Flaws.Count == 0, draft.Flaws, draft.Fields, draft.Removed));
    }
}
