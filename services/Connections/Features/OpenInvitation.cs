using Connections.Hub;
using EventSourcing;

namespace Connections.Features;

/// <summary>A creator followed the link of an invitation: check it, note the first time, begin a visit, and move on to an address without the link's secret.</summary>
public static class OpenInvitation
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/hub/i/{invitation}", Handle).WithName(nameof(OpenInvitation)).AllowAnonymous().ExcludeFromDescription();

    private static async Task<IResult> Handle(
        string invitation, HttpContext http, HubTokens tokens, OrganizationScope scope, StreamSession session, TimeProvider clock, CancellationToken ct)
    {
        switch (await tokens.ReadInvitation(invitation))
        {
            case (_, InvitationFault.Expired):
                return HubResponse.Message(http, StatusCodes.Status410Gone, "This invitation has expired", "Invitations are good for a few days. Ask whoever invited you for a new one.");
            case (null, _):
                return HubResponse.Message(http, StatusCodes.Status404NotFound, "This link does not work", "It may have been cut off on its way. Open it from the message again, or copy the whole of it.");
            case ({ } opened, _):
                scope.Bind(opened.Organization);
                if ((await session.DecideAndSave<KnownInvitation>(opened.Id, known => KnownInvitation.Open(known, opened, clock.GetUtcNow()), ct)).IsRefused)
                {
                    return HubResponse.Message(http, StatusCodes.Status410Gone, "This invitation was taken back", "It opens nothing any more. Ask whoever invited you for a new one.");
                }

                new HubSession(Guid.CreateVersion7(), opened.Organization, opened.CreatorId, opened.CampaignId, opened.Id).GiveTo(http);
                return HubResponse.To(http, "/hub");
        }
    }
}
