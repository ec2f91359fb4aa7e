using EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using ServiceDefaults;

namespace Campaigns.Features;

/// <summary>Names and addresses of many creators at once, for whoever is about to write to them. Ids the organization does not know are left out.</summary>
public static class ViewContacts
{
    private const int Most = 500;

    public sealed record Request(IReadOnlyList<Guid>? CreatorIds = null);

    public sealed record Contact(Guid CreatorId, string Name, string Email, string Locale, string? TimeZone);

    public sealed record Response(IReadOnlyList<Contact> Items);

    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/v1/creators/contacts", Handle)
        .WithName(nameof(ViewContacts)).WithTags("Creators").WithSummary("Names and addresses of up to 500 creators").RequireScope("contacts.read")
        .WithDescription("Unknown ids are left out.")
        .Refuses(422, "creators.missing", "creators.too-many");

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> Handle(Request request, StreamSession session, CancellationToken ct)
    {
        if (CreatorIds.Flaw(request.CreatorIds, Most) is { } flaw)
        {
            return Problems.Of(flaw);
        }

        var creators = await session.Query.LoadManyAsync<CreatorProfile>(ct, request.CreatorIds!.Distinct());
        return TypedResults.Ok(new Response(
            [.. creators.Select(creator => new Contact(creator.Id, creator.Name, creator.Email, creator.Locale, creator.TimeZone))]));
    }
}
