using EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using ServiceDefaults;

namespace Outreach.Features;

/// <summary>Somebody opens a template, to read or to edit it.</summary>
public static class ViewTemplate
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/v1/templates/{key}", Handle).WithName(nameof(ViewTemplate)).WithTags("Templates").WithSummary("A template with its words").RequireScope("outreach.read").GivesETag()
            .WithDescription("With the words it has now, and an ETag for the next edit.")
            .Refuses(404, "template.unknown");

    private static async Task<Results<Ok<TemplateDetail>, ProblemHttpResult>> Handle(
        string key, StreamSession session, TemplateShelf shelf, HttpResponse response, CancellationToken ct)
    {
        if (await shelf.Find(session.Organization, key, ct) is not { } entry)
        {
            return TemplateProblems.Unknown;
        }

        EntityTag.Write(response, entry.Revision);
        return TypedResults.Ok(TemplateDetail.Of(entry));
    }
}
