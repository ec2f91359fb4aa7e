using EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using ServiceDefaults;

namespace Outreach.Features;

/// <summary>Somebody looks at the templates there are.</summary>
public static class ListTemplates
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/v1/templates", Handle).WithName(nameof(ListTemplates)).WithTags("Templates").WithSummary("The templates there are").RequireScope("outreach.read")
            .WithDescription("The three built-in ones and the organization's own, without their words.");

    public sealed record Item(
        string Key, string Name, string Subject, Audience Audience, int Version, Guid VersionId, bool IsBuiltIn, bool IsCustomised, bool IsArchived,
        DateTimeOffset? UpdatedAt);

    public sealed record Response(IReadOnlyList<Item> Items);

    private static async Task<Ok<Response>> Handle(StreamSession session, TemplateShelf shelf, CancellationToken ct, bool includeArchived = false)
    {
        var entries = await shelf.List(session.Organization, ct);
        return TypedResults.Ok(new Response([.. entries.Where(entry => includeArchived || !entry.Shelved.IsArchived).Select(entry =>
        {
            var template = entry.Shelved.Template;
            return new Item(
                template.Key, template.Name, template.Subject, template.Audience, entry.Shelved.Version, entry.Shelved.VersionId,
                Template.Find(template.Key) is not null, entry.IsCustomised, entry.Shelved.IsArchived, entry.UpdatedAt);
        })]));
    }
}
