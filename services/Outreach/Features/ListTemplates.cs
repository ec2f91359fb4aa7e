using Microsoft.AspNetCore.Http.HttpResults;
using ServiceDefaults;

namespace Outreach.Features;

/// <summary>Somebody looks at the templates there are.</summary>
public static class ListTemplates
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/v1/templates", Handle).WithName(nameof(ListTemplates)).WithSummary("The templates there are").RequireScope("outreach.read");

    public sealed record Item(string Key, string Name, string Subject);

    public sealed record Response(IReadOnlyList<Item> Items);

    private static Ok<Response> Handle() =>
        TypedResults.Ok(new Response([.. Template.BuiltIn.Select(template => new Item(template.Key, template.Name, template.Subject))]));
}
