using Platforms.Accounts;

namespace Platforms.TikTokBusiness;

/// <summary>The older API's invitation to the marketplace. An invitation that is open is not sent again; whoever declined or let it run out may be asked anew.</summary>
public static class InviteCreators
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/tcm/creator/invite/", Invite);

    private static async Task<IResult> Invite(HttpRequest request, BusinessRegistration registration, MarketplaceBook book, PlatformClock clock)
    {
        if (await BusinessApi.Body<Invitation>(request) is not { HandleNames: { Count: > 0 and <= ReadMarketplace.MostHandles } handles } invitation)
        {
            return BusinessAnswer.Refuse(BusinessAnswer.ParameterError, $"handle_names: give 1 to {ReadMarketplace.MostHandles} of them.");
        }

        if (invitation.TcmAccountId != registration.AccountId)
        {
            return BusinessAnswer.Refuse(BusinessAnswer.NoPermission, "No permission to operate tcm_account_id.");
        }

        var (now, settings) = (clock.GetUtcNow(), book.Settings);
        var (inside, invited, reasons) = (new List<string>(), new List<string>(), new Dictionary<string, string>());
        foreach (var handle in handles.Distinct())
        {
            var creator = book.Creator(handle);
            if (creator is { Membership: Membership.Joined })
            {
                inside.Add(handle);
            }
            else if (creator is null || creator.RefusalUnder(settings) is not null)
            {
                reasons[handle] = creator?.RefusalUnder(settings) ?? "INVALID_HANDLE";
            }
            else
            {
                invited.Add(handle);
                book.Change(creator, current => current.MembershipAt(now, settings) is Membership.Invited ? current : current with { Membership = Membership.Invited, InvitedAt = now });
            }
        }

        return BusinessAnswer.Ok(new { in_tcm = inside, invited, rejected = reasons.Keys, reject_reasons = reasons });
    }

    private sealed record Invitation(string? TcmAccountId, IReadOnlyList<string>? HandleNames);
}
