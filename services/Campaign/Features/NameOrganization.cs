using EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using ServiceDefaults;

namespace Campaigns.Features;

/// <summary>An organization gives itself the name that its creators see when they are asked to opt in.</summary>
public static class NameOrganization
{
    public sealed record Request(string? Name = null);

    public sealed record Response(string Id, string Name);

    public static void Map(IEndpointRouteBuilder routes) => routes.MapPut("/v1/organization", Handle)
        .WithName(nameof(NameOrganization)).WithTags("Organization").WithSummary("Name your organization").RequireScope("campaigns.write")
        .WithDescription("The name creators see when they are asked.")
        .Refuses(422, "name.invalid");

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> Handle(Request request, StreamSession session, CancellationToken ct)
    {
        var choice = new NameChosen(session.Organization, request.Name?.Trim() ?? "");
        var outcome = await session.DecideAndSave<Organization>(Organization.StreamOf(session.Organization), state => Decide(state, choice), ct);
        return outcome.ToHttp(_ => TypedResults.Ok(new Response(session.Organization, choice.Name)));
    }

    public static Decision Decide(Organization? state, NameChosen choice) => state switch
    {
        _ when choice.Name.Length is 0 or > Organization.LongestName || choice.Name.Any(char.IsControl) =>
            Decision.Invalid("name", "name.invalid", $"Give the organization a name of 1 to {Organization.LongestName} characters, on one line."),
        { } named when named.Name == choice.Name => Decision.Nothing,
        _ => Decision.Of(choice),
    };
}
