using Platforms.Accounts;
using Platforms.TikTok;

namespace Platforms.TikTokBusiness;

/// <summary>What a brand may ask about the marketplace: its accounts, who is in, and what everybody may see of a creator.</summary>
public static class ReadMarketplace
{
    public const int MostHandles = 20;

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/tto/oauth2/tcm/", Accounts);
        routes.MapGet("/tto/tcm/creator/status/get/", (HttpRequest request, BusinessRegistration registration, MarketplaceBook book, PlatformClock clock) =>
            Status(request, "tto_tcm_account_id", registration, book, clock, (handle, status) => new { handle_name = handle, status }));
        routes.MapGet("/tcm/creator/status/get/", (HttpRequest request, BusinessRegistration registration, MarketplaceBook book, PlatformClock clock) =>
            Status(request, "tcm_account_id", registration, book, clock, (handle, status) => new { handler_name = handle, status }));
        routes.MapGet("/tto/tcm/creator/public/", Profile);
    }

    private static IResult Accounts(HttpRequest request, BusinessRegistration registration) =>
        request.Query["app_id"] == registration.AppId && request.Query["secret"] == registration.Secret
            ? BusinessAnswer.Ok(new { tto_tcm_account_ids = new[] { registration.AccountId } })
            : BusinessAnswer.Refuse(BusinessAnswer.AppInvalid, "Secret and app_id do not match.");

    private static IResult Status(
        HttpRequest request, string accountName, BusinessRegistration registration, MarketplaceBook book, PlatformClock clock, Func<string, string, object> shape)
    {
        if (request.Query[accountName] != registration.AccountId)
        {
            return BusinessAnswer.Refuse(BusinessAnswer.NoPermission, $"No permission to operate {accountName}.");
        }

        if (BusinessApi.List(request, "handle_names") is not { Count: > 0 and <= MostHandles } handles)
        {
            return BusinessAnswer.Refuse(BusinessAnswer.ParameterError, $"handle_names: give 1 to {MostHandles} of them, as a JSON array.");
        }

        var settings = book.Settings;
        return BusinessAnswer.Ok(new { onboarding_status = handles.Select(handle => shape(handle, Word(book.Creator(handle)))) });

        string Word(MarketplaceCreator? creator) => creator switch
        {
            null or { Exists: false } => "INVALID",
            _ => creator.MembershipAt(clock.GetUtcNow(), settings) switch
            {
                Membership.Joined => "IN",
                Membership.Invited when settings.LegacyInvited => "INVITED",
                _ => "NOT_IN",
            },
        };
    }

    private static IResult Profile(HttpRequest request, BusinessRegistration registration, MarketplaceBook book)
    {
        if (request.Query["tto_tcm_account_id"] != registration.AccountId)
        {
            return BusinessAnswer.Refuse(BusinessAnswer.NoPermission, "No permission to operate tto_tcm_account_id.");
        }

        return book.Creator(request.Query["handle_name"]) switch
        {
            null or { Exists: false } => BusinessAnswer.Refuse(BusinessAnswer.ParameterError, "handle_name: there is no such account."),
            { Membership: not Membership.Joined } => BusinessAnswer.Refuse(BusinessAnswer.NotACreator, "The user is not a TikTok Creator Marketplace creator."),
            var creator when !book.Settings.Regions.Contains(creator.Country) => BusinessAnswer.Refuse(BusinessAnswer.OutsideRegions, "The creator is not in a valid region."),
            var creator => BusinessAnswer.Ok(new
            {
                handle_name = creator.Handle,
                display_name = new Plausible(TikTokPlatform.PlatformKey, creator.Handle).Name,
                followers_count = creator.Followers,
            }),
        };
    }
}
