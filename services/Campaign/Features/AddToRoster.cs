using EventSourcing;
using Marten;
using Microsoft.AspNetCore.Http.HttpResults;
using ServiceDefaults;

namespace Campaigns.Features;

/// <summary>Creators join a campaign, many at once; whoever is on the roster already or unknown is told apart, and nobody else is held up by it.</summary>
public static class AddToRoster
{
    private const int Most = 1000;

    public sealed record Request(IReadOnlyList<Guid>? CreatorIds = null);

    public sealed record Response(int Added, int AlreadyOn, IReadOnlyList<Guid> Unknown);

    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/v1/campaigns/{id:guid}/creators", Handle)
        .WithName(nameof(AddToRoster)).WithTags("Campaigns").WithSummary("Put up to 1000 creators on the roster").RequireScope("campaigns.write")
        .WithDescription("Says who was added, who was on it already, and which ids are unknown.")
        .Refuses(404, "campaign.unknown").Refuses(422, "creators.missing", "creators.too-many");

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> Handle(Guid id, Request request, StreamSession session, CancellationToken ct)
    {
        if (CreatorIds.Flaw(request.CreatorIds, Most) is { } flaw)
        {
            return Problems.Of(flaw);
        }

        if (await session.Load<Campaign>(id, ct) is null)
        {
            return Problems.Of(CampaignViews.Unknown);
        }

        Guid[] asked = [.. request.CreatorIds!.Distinct()];
        var known = await session.Query.Query<CreatorProfile>().Where(creator => creator.Id.IsOneOf(asked)).Select(creator => creator.Id).ToListAsync(ct);
        var creators = known.ToDictionary(creator => Membership.StreamOf(session.Organization, id, creator));
        var outcomes = creators.Count == 0
            ? []
            : await session.DecideAllAndSave<Membership>(creators.Keys, (membership, state) => Decide(state, membership, id, creators[membership]), ct);
        var added = outcomes.Count(outcome => outcome.IsRecorded);
        return TypedResults.Ok(new Response(added, outcomes.Count - added, [.. asked.Except(known)]));
    }

    public static Decision Decide(Membership? state, Guid membership, Guid campaign, Guid creator) =>
        state is { IsOnRoster: true } ? Decision.Nothing : Decision.Of(new JoinedRoster(membership, campaign, creator));
}
