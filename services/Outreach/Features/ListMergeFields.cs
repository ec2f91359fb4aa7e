using Microsoft.AspNetCore.Http.HttpResults;
using ServiceDefaults;

namespace Outreach.Features;

/// <summary>Somebody who writes a template looks what can be filled in.</summary>
public static class ListMergeFields
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/v1/templates/merge-fields", Handle)
            .WithName(nameof(ListMergeFields)).WithTags("Templates").WithSummary("The merge fields a template may use").RequireScope("outreach.read")
            .WithDescription("With an example of each, the audiences that have it, and the filters and tags of Liquid there are.");

    /// <summary><paramref name="RequiredFor"/> names the audiences whose templates must carry the field.</summary>
    public sealed record Item(string Name, string Description, string Example, IReadOnlyList<Audience> Audiences, IReadOnlyList<Audience> RequiredFor);

    public sealed record Response(IReadOnlyList<Item> Items, IReadOnlyList<string> Filters, IReadOnlyList<string> Tags);

    private static Ok<Response> Handle() => TypedResults.Ok(new Response(
        [.. MergeField.All.Select(field => new Item(
            field.Name, field.Description, field.Example, field.Audiences, [.. field.Audiences.Where(audience => MergeField.LinkFor(audience) == field)]))],
        Liquid.Filters,
        Liquid.Tags));
}
