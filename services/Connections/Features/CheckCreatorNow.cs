using EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using ServiceDefaults;

namespace Connections.Features;

/// <summary>Somebody wants to know now: ask the marketplace about one creator, and note what it says.</summary>
public static class CheckCreatorNow
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/v1/creators/{creatorId:guid}/marketplace/check", Handle)
        .WithName(nameof(CheckCreatorNow)).WithTags("Marketplace").RequireScope("connections.write")
        .WithSummary("Check a creator's standing now")
        .WithDescription("Asks TikTok now instead of at the next daily look, and answers the standing.")
        .Refuses(404, "creator.unknown").Refuses(409, "marketplace.not-configured", "marketplace.no-handle").Refuses(502, "marketplace.refused")
        .Refuses(503, "marketplace.busy", "marketplace.unreachable", "creators.unreachable");

    private static async Task<Results<Ok<MarketplaceView>, ProblemHttpResult>> Handle(
        Guid creatorId, HttpContext http, StreamSession session, MarketplaceDesk desk, NpgsqlDataSource source, TimeProvider clock, CancellationToken ct)
    {
        if (await desk.Refusal(session, creatorId, ct) is { } refusal)
        {
            return refusal;
        }

        var now = clock.GetUtcNow();
        MarketplaceFinding? finding;
        try
        {
            if (await desk.HandleOf(session, creatorId, ct) is not { } handle)
            {
                return MarketplaceDesk.NoHandle;
            }

            finding = await desk.Ask(async () => (await desk.Marketplace.StatusOf([handle], ct)).GetValueOrDefault(handle));
        }
        catch (Exception exception) when (MarketplaceDesk.ProblemOf(exception, http) is { } problem)
        {
            return problem;
        }

        MarketplaceStanding? after = null;
        await session.DecideAndSave<MarketplaceStanding>(
            MarketplaceStanding.IdOf(session.Organization, creatorId),
            state =>
            {
                var decision = finding is null ? Decision.Nothing : MarketplaceStanding.Note(state, creatorId, finding, desk.Terms);
                after = decision is Decision.Recorded recorded ? StreamFold<MarketplaceStanding>.Of(recorded.Events, state) : state;
                return decision;
            },
            ct,
            alongside: operations => MarketplaceTables.Checked(
                operations, session.Organization, creatorId, null, desk.Next(after, now), now, finding is null ? "not-answered" : "answered"));
        return TypedResults.Ok(await MarketplaceView.Of(session, source, creatorId, ct));
    }
}
