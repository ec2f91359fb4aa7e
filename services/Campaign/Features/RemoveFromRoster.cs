using EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using ServiceDefaults;

namespace Campaigns.Features;

/// <summary>A creator leaves a campaign.</summary>
public static class RemoveFromRoster
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapDelete("/v1/campaigns/{id:guid}/creators/{creatorId:guid}", Handle)
        .WithName(nameof(RemoveFromRoster)).WithTags("Campaigns").WithSummary("Take a creator off the roster").RequireScope("campaigns.write")
        .WithDescription("204, also when gone already.")
        .Refuses(404, "campaign.unknown", "membership.unknown");

    private static async Task<Results<NoContent, ProblemHttpResult>> Handle(Guid id, Guid creatorId, StreamSession session, CancellationToken ct)
    {
        if (await session.Load<Campaign>(id, ct) is null)
        {
            return Problems.Of(CampaignViews.Unknown);
        }

        var outcome = await session.DecideAndSave<Membership>(Membership.StreamOf(session.Organization, id, creatorId), Decide, ct);
        return outcome.ToHttp(_ => TypedResults.NoContent());
    }

    public static Decision Decide(Membership? state) => state switch
    {
        null => Decision.Unknown("membership.unknown", "This creator was never on the roster of this campaign."),
        { IsOnRoster: false } => Decision.Nothing,
        _ => Decision.Of(new LeftRoster(state.Id, state.CampaignId, state.CreatorId)),
    };
}
