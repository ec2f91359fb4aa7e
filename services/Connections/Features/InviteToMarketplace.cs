using EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using ServiceDefaults;

namespace Connections.Features;

/// <summary>The organization asks a creator to join the marketplace. While an invitation is open, asking again changes nothing and sends nothing.</summary>
public static class InviteToMarketplace
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/v1/creators/{creatorId:guid}/marketplace/invitations", Handle)
        .WithName(nameof(InviteToMarketplace)).WithTags("Marketplace").RequireScope("connections.write")
        .WithSummary("Invite a creator to the marketplace")
        .WithDescription("Nothing is sent while an invitation is open.")
        .Refuses(404, "creator.unknown").Refuses(409, "marketplace.not-configured", "marketplace.no-handle", "marketplace.already-in", "marketplace.not-eligible")
        .Refuses(502, "marketplace.refused").Refuses(503, "marketplace.busy", "marketplace.unreachable", "creators.unreachable");

    /// <summary>May this creator be invited? Nothing: yes.</summary>
    public static Decision Decide(MarketplaceStanding? state) => state?.Status switch
    {
        MarketplaceStatus.Joined => Decision.Refuse("marketplace.already-in", "The creator is in the marketplace already."),
        MarketplaceStatus.NotEligible => Decision.Refuse("marketplace.not-eligible", $"The marketplace does not take this creator: {string.Join(", ", state.Reasons)}."),
        _ => Decision.Nothing,
    };

    private static async Task<Results<Ok<MarketplaceView>, ProblemHttpResult>> Handle(
        Guid creatorId, HttpContext http, StreamSession session, MarketplaceDesk desk, NpgsqlDataSource source, TimeProvider clock, CancellationToken ct)
    {
        if (await desk.Refusal(session, creatorId, ct) is { } refusal)
        {
            return refusal;
        }

        var id = MarketplaceStanding.IdOf(session.Organization, creatorId);
        var standing = await session.Load<MarketplaceStanding>(id, ct);
        if (Decide(standing) is Decision.Refused refused)
        {
            return Problems.Of(refused);
        }

        if (standing?.IsInviteOpen(clock.GetUtcNow()) is true)
        {
            return TypedResults.Ok(await MarketplaceView.Of(session, source, creatorId, ct));
        }

        MarketplaceFinding finding;
        try
        {
            if (await desk.HandleOf(session, creatorId, ct) is not { } handle)
            {
                return MarketplaceDesk.NoHandle;
            }

            finding = (await desk.Ask(async () => await desk.Marketplace.Invite(handle, ct)))!;
        }
        catch (Exception exception) when (MarketplaceDesk.ProblemOf(exception, http) is { } problem)
        {
            return problem;
        }

        var outcome = await session.DecideAndSave<MarketplaceStanding>(
            id,
            state => MarketplaceStanding.NoteInvitation(state, creatorId, finding, desk.Terms),
            ct,
            alongside: operations => MarketplaceTables.Due(operations, session.Organization, creatorId, finding.Evidence.At + desk.CheckInvitedEvery));

        // What the answer taught us is kept either way; the caller hears why there is no invitation.
        return Decide(outcome.State) is Decision.Refused late ? Problems.Of(late) : TypedResults.Ok(await MarketplaceView.Of(session, source, creatorId, ct));
    }
}
