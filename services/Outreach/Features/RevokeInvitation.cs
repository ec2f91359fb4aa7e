using System.Security.Claims;
using EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using ServiceDefaults;

namespace Outreach.Features;

/// <summary>
/// Somebody takes an invitation back: record it, and the Hub hears of it. A creator who leaves the roster keeps theirs: whoever connected may still want
/// to see and end what they share.
/// </summary>
public static class RevokeInvitation
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/v1/invitations/{id:guid}/revoke", Handle)
        .WithName(nameof(RevokeInvitation)).WithTags("Outreach").WithSummary("Take an invitation back").RequireScope("outreach.send")
        .WithDescription("The id is the deliveryId of the recipients list. Its link opens the Creator Hub no more, and visits it opened are over. Repeating it changes nothing.")
        .Refuses(404, "invitation.unknown").Refuses(409, "invitation.not-sent");

    private static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        Guid id, ClaimsPrincipal user, StreamSession session, WorkList work, TimeProvider clock, CancellationToken ct)
    {
        if (await work.Find(session.Organization, id, ct) is not { } recipient)
        {
            return Problems.Of(404, "invitation.unknown", "There is no invitation with this id. It is the deliveryId that the recipients list of an outreach gives.");
        }

        // A message that is still to leave would carry a link that opens nothing.
        if (await work.VerdictOf(session.Organization, id, ct) is Verdict.Queued)
        {
            return Problems.Of(409, "invitation.not-sent", "The message with this invitation has not left yet. Take the invitation back once it has.");
        }

        var (now, who) = (clock.GetUtcNow(), user.FindFirstValue("sub") ?? "unknown");
        var outcome = await session.DecideAndSave<Engagement>(
            id, state => Decide(state, recipient, who, now), ct, alongside: operations => Engagements.Withdrawn(operations, recipient, now));
        return outcome.ToHttp(_ => TypedResults.NoContent());
    }

    public static Decision Decide(Engagement? state, Recipient recipient, string who, DateTimeOffset now) =>
        state is { IsWithdrawn: true } ? Decision.Nothing : Decision.Of(new InvitationWithdrawn(recipient, who, now));
}
