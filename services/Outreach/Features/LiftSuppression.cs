using System.Security.Claims;
using EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using ServiceDefaults;

namespace Outreach.Features;

/// <summary>Somebody decides that a creator may be written to again. What reaches further or less far than named stays as it is.</summary>
public static class LiftSuppression
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapDelete("/v1/suppressions/{creatorId:guid}", Handle)
            .WithName(nameof(LiftSuppression)).WithTags("Suppressions").WithSummary("Write to a creator again").RequireScope("outreach.manage")
            .WithDescription("Takes away every reason of that reach. Repeating it changes nothing.")
            .Refuses(404, "creator.unknown");

    private static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        Guid creatorId, ClaimsPrincipal user, StreamSession session, TimeProvider clock, CancellationToken ct, Guid? campaignId = null)
    {
        var creator = await session.Load<KnownCreator>(creatorId, ct);
        var by = user.FindFirstValue("sub") ?? "unknown";
        var outcome = await Suppressions.Record(session, creatorId, suppression => Decide(suppression, creator, campaignId, by), clock.GetUtcNow(), ct);
        return outcome.ToHttp(_ => TypedResults.NoContent());
    }

    public static Decision Decide(Suppression? suppression, KnownCreator? creator, Guid? campaign, string by) => creator is null
        ? Decision.Unknown("creator.unknown", "There is no creator with this id.")
        : Suppression.Lift(suppression, campaign, by);
}
