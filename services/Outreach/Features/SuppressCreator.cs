using System.Security.Claims;
using EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using ServiceDefaults;

namespace Outreach.Features;

/// <summary>Somebody decides that a creator gets no more mail: of one campaign, or of the organization.</summary>
public static class SuppressCreator
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPut("/v1/suppressions/{creatorId:guid}", Handle)
            .WithName(nameof(SuppressCreator)).WithTags("Suppressions").WithSummary("Write no more to a creator").RequireScope("outreach.manage")
            .WithDescription("About one campaign, or at all. Repeating it changes nothing.")
            .Refuses(404, "creator.unknown");

    /// <summary>Without a campaign it reaches everything of the organization. A list kept elsewhere is brought along with the reasons it has.</summary>
    public sealed record Request(Guid? CampaignId = null, SuppressionReason Reason = SuppressionReason.Manual);

    private static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        Guid creatorId, Request request, ClaimsPrincipal user, StreamSession session, TimeProvider clock, CancellationToken ct)
    {
        var creator = await session.Load<KnownCreator>(creatorId, ct);
        var campaign = request.CampaignId is { } id ? await session.Load<KnownCampaign>(id, ct) : null;
        var by = user.FindFirstValue("sub") ?? "unknown";
        var outcome = await Suppressions.Record(
            session, creatorId, suppression => Decide(suppression, session.Organization, creatorId, creator, request, campaign, by), clock.GetUtcNow(), ct);
        return outcome.ToHttp(_ => TypedResults.NoContent());
    }

    public static Decision Decide(
        Suppression? suppression, string organization, Guid creatorId, KnownCreator? creator, Request request, KnownCampaign? campaign, string by) => request switch
        {
            _ when creator is null => Decision.Unknown("creator.unknown", "There is no creator with this id."),
            { CampaignId: not null } when campaign is null => Decision.Unknown("campaign.unknown", "There is no campaign with this id."),
            _ => Suppression.Add(suppression, organization, creatorId, request.CampaignId, request.Reason, by),
        };
}
