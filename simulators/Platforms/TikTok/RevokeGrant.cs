using Platforms.Accounts;
using Platforms.Calls;
using Platforms.Webhooks;

namespace Platforms.TikTok;

/// <summary>The application gives its access back. TikTok then tells the application so, as it does of every removal.</summary>
public static class RevokeGrant
{
    private const int RevokedByDeveloper = 5;

    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/tiktok/open/v2/oauth/revoke/", Handle)
        .PassingTurnstile(TikTokPlatform.PlatformKey, FaultPlace.Token, "revoke");

    private static async Task<IResult> Handle(
        HttpRequest request, Registrations registrations, SwitchBoard switches, Ledger ledger, DeliveryLog log, TikTokPlatform platform, PlatformClock clock)
    {
        if (!request.HasFormContentType)
        {
            return OAuthError.Of(switches, "invalid_request", "Only application/x-www-form-urlencoded is supported as Content-Type.");
        }

        var form = await request.ReadFormAsync();
        if (form["client_key"] != registrations.TikTok.Id || form["client_secret"] != registrations.TikTok.Secret)
        {
            return OAuthError.Of(switches, "invalid_client", "Client key or secret is incorrect.");
        }

        var now = clock.GetUtcNow();
        if (ledger.FindToken(form["token"]) is not var (account, token) || account.Platform != platform.Key || !token.IsLive(now))
        {
            return OAuthError.Of(switches, "invalid_grant", "Token is invalid or expired.");
        }

        var revoked = ledger.Change(account.Key, a => a.Revoking(now))!;
        var forge = log.TakeForgery(platform.Key);
        log.Send(revoked.Key, platform.Removed(revoked, RevokedByDeveloper, forge), forge);
        return Wire.Json(new { });
    }
}
