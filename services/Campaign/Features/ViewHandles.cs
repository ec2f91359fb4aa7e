using EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using ServiceDefaults;

namespace Campaigns.Features;

/// <summary>Handles of many creators at once, for whoever is about to ask a platform about them. Ids the organization does not know are left out.</summary>
public static class ViewHandles
{
    private const int Most = 500;

    public sealed record Request(IReadOnlyList<Guid>? CreatorIds = null);

    public sealed record CreatorHandles(Guid CreatorId, IReadOnlyDictionary<string, string?> Handles);

    public sealed record Response(IReadOnlyList<CreatorHandles> Items);

    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/v1/creators/handles", Handle)
        .WithName(nameof(ViewHandles)).WithTags("Creators").WithSummary("Handles of up to 500 creators").RequireScope("contacts.read")
        .WithDescription("Unknown ids are left out.")
        .Refuses(422, "creators.missing", "creators.too-many");

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> Handle(Request request, StreamSession session, CancellationToken ct)
    {
        if (CreatorIds.Flaw(request.CreatorIds, Most) is { } flaw)
        {
            return Problems.Of(flaw);
        }

        var creators = await session.Query.LoadManyAsync<CreatorProfile>(ct, request.CreatorIds!.Distinct());
        return TypedResults.Ok(new Response([.. creators.Select(creator => new CreatorHandles(creator.Id, creator.HandlePerPlatform()))]));
    }
}
