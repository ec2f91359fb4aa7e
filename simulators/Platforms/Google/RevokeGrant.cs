using Platforms.Accounts;
using Platforms.Calls;

namespace Platforms.Google;

/// <summary>Any token of a person revokes the whole grant of that person to our application.</summary>
public static class RevokeGrant
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/google/oauth2/revoke", Handle)
        .PassingTurnstile(GooglePlatform.PlatformKey, FaultPlace.Token, "revoke");

    private static async Task<IResult> Handle(HttpRequest request, Ledger ledger, PlatformClock clock)
    {
        var value = request.HasFormContentType ? (await request.ReadFormAsync())["token"].ToString() : request.Query["token"].ToString();
        var now = clock.GetUtcNow();
        if (ledger.FindToken(value) is not var (account, token) || account.Platform != GooglePlatform.PlatformKey || !token.IsLive(now))
        {
            return TokenError.Of("invalid_token", "Token expired or revoked");
        }

        ledger.Change(account.Key, a => a.Revoking(now));
        return Wire.Json(new { });
    }
}
