using CreatorConnections.Contracts.Connections;
using Microsoft.AspNetCore.Http.HttpResults;
using ServiceDefaults;

namespace Webhooks.Features;

/// <summary>What an endpoint can be sent: the contracts, by what they are about.</summary>
public static class ListEventTypes
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/v1/webhook-event-types", Handle)
        .WithName(nameof(ListEventTypes)).WithTags("Endpoints").WithSummary("What an endpoint can be sent").RequireScope("webhooks.read")
        .WithDescription("The names for `types` of an endpoint. New ones are added; an endpoint without types gets those, too.");

    /// <param name="Type">Name of the contract, such as ConnectionGranted.</param>
    /// <param name="Area">What it is about: Campaigns, Connections or Outreach.</param>
    public sealed record Item(string Type, string Area);

    public sealed record Response(IReadOnlyList<Item> Items);

    internal static IReadOnlyList<Item> Known { get; } =
    [
        .. typeof(ConnectionGranted).Assembly.GetExportedTypes().Select(type => new Item(type.Name, type.Namespace!.Split('.')[^1]))
            .OrderBy(item => item.Area, StringComparer.Ordinal).ThenBy(item => item.Type, StringComparer.Ordinal),
    ];

    private static Ok<Response> Handle() => TypedResults.Ok(new Response(Known));
}
