using EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using ServiceDefaults;

namespace Campaigns.Features;

/// <summary>Who a creator is.</summary>
public static class ViewCreator
{
    public sealed record Response(Guid Id, string Name, string Email, string Locale, string? TimeZone, IReadOnlyDictionary<string, string?> Handles);

    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/v1/creators/{id:guid}", Handle)
        .WithName(nameof(ViewCreator)).WithTags("Creators").WithSummary("A creator").RequireScope("campaigns.read").GivesETag()
        .WithDescription("Name, address, locale, and a handle per platform.")
        .Refuses(404, "creator.unknown");

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> Handle(Guid id, StreamSession session, HttpResponse response, CancellationToken ct) =>
        await session.Query.LoadAsync<CreatorProfile>(id, ct) is { } creator ? Show(creator, response) : Problems.Of(CreatorProfile.Unknown);

    internal static Ok<Response> Show(CreatorProfile creator, HttpResponse response)
    {
        EntityTag.Write(response, creator.Revision);
        return TypedResults.Ok(new Response(creator.Id, creator.Name, creator.Email, creator.Locale, creator.TimeZone, creator.HandlePerPlatform()));
    }
}
