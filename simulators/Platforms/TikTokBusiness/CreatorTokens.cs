using Platforms.Accounts;
using Platforms.TikTok;

namespace Platforms.TikTokBusiness;

/// <summary>
/// A creator's tokens by this API's own endpoints. The consent page is Login Kit's; here expired and incorrect tokens have codes of their own,
/// and the names of some properties differ. Lifetimes are a day and a year, the refresh token stays.
/// </summary>
public static class CreatorTokens
{
    private static readonly TimeSpan AccessLife = TimeSpan.FromHours(24);
    private static readonly TimeSpan RefreshLife = TimeSpan.FromDays(365);

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/tt_user/oauth2/token/", Trade);
        routes.MapPost("/tt_user/oauth2/refresh_token/", Refresh);
        routes.MapPost("/tt_user/oauth2/revoke/", Revoke);
        routes.MapPost("/tt_user/token_info/get/", Info);
    }

    private static async Task<IResult> Trade(HttpRequest request, Registrations registrations, Codes codes, Ledger ledger, PlatformClock clock)
    {
        if (await BusinessApi.Body<Question>(request) is not { GrantType: "authorization_code" } question || !IsOurs(question, registrations))
        {
            return BusinessAnswer.Refuse(BusinessAnswer.AppInvalid, "client_id, client_secret or grant_type is wrong.");
        }

        if (codes.Take(TikTokPlatform.PlatformKey, question.AuthCode) is not { } code || code.RedirectUri != question.RedirectUri)
        {
            return BusinessAnswer.Refuse(BusinessAnswer.CodeInvalid, "The auth_code is used, expired or unknown, or redirect_uri is another one.");
        }

        var now = clock.GetUtcNow();
        return ledger.Change(code.Account, account =>
        {
            var access = new IssuedToken(Wire.Secret("act."), TokenKind.Access, now, now + AccessLife);
            var refresh = new IssuedToken(Wire.Secret("rft."), TokenKind.Refresh, now, now + RefreshLife);
            var granted = account.Granting(code.Scopes, now).Issuing(now, access, refresh);
            return (granted, Tokens(granted, access, refresh, now));
        });
    }

    private static async Task<IResult> Refresh(HttpRequest request, Registrations registrations, Ledger ledger, PlatformClock clock)
    {
        if (await BusinessApi.Body<Question>(request) is not { GrantType: "refresh_token" } question || !IsOurs(question, registrations))
        {
            return BusinessAnswer.Refuse(BusinessAnswer.AppInvalid, "client_id, client_secret or grant_type is wrong.");
        }

        var now = clock.GetUtcNow();
        var invalid = BusinessAnswer.Refuse(BusinessAnswer.RefreshTokenInvalid, "Refresh token is incorrect or has been revoked.");
        if (ledger.FindToken(question.RefreshToken) is not var (owner, _) || owner.Platform != TikTokPlatform.PlatformKey)
        {
            return invalid;
        }

        return ledger.Change(owner.Key, account => account.Token(question.RefreshToken!) switch
        {
            { Kind: TokenKind.Refresh, Death: null } old when old.HasExpired(now) => (account, BusinessAnswer.Refuse(BusinessAnswer.RefreshTokenExpired, "Refresh token has expired.")),
            { Kind: TokenKind.Refresh, Death: null } old => Renewed(account, old),
            _ => (account, invalid),
        });

        (Account, IResult) Renewed(Account account, IssuedToken old)
        {
            var access = new IssuedToken(Wire.Secret("act."), TokenKind.Access, now, now + AccessLife);
            return (account.Issuing(now, access), Tokens(account, access, old, now));
        }
    }

    private static async Task<IResult> Revoke(HttpRequest request, Registrations registrations, Ledger ledger, PlatformClock clock)
    {
        if (await BusinessApi.Body<Question>(request) is not { } question || !IsOurs(question, registrations))
        {
            return BusinessAnswer.Refuse(BusinessAnswer.AppInvalid, "client_id or client_secret is wrong.");
        }

        if (ledger.FindToken(question.AccessToken) is not var (owner, token) || !token.IsLive(clock.GetUtcNow()))
        {
            return BusinessAnswer.Refuse(BusinessAnswer.TokenIncorrect, "Access token is incorrect or has been revoked.");
        }

        ledger.Change(owner.Key, account => account.Revoking(clock.GetUtcNow()));
        return BusinessAnswer.Ok(new { });
    }

    private static async Task<IResult> Info(HttpRequest request, Registrations registrations, Ledger ledger, PlatformClock clock)
    {
        if (await BusinessApi.Body<Question>(request) is not { } question || question.AppId != registrations.TikTok.Id)
        {
            return BusinessAnswer.Refuse(BusinessAnswer.AppInvalid, "app_id is wrong.");
        }

        return ledger.FindToken(question.AccessToken) switch
        {
            var (owner, token) when token.IsLive(clock.GetUtcNow()) => BusinessAnswer.Ok(new { app_id = question.AppId, scope = string.Join(',', owner.Grant!.Scopes), creator_id = owner.Id }),
            var (_, token) when token.Death is null => BusinessAnswer.Refuse(BusinessAnswer.TokenExpired, "Access token has expired."),
            _ => BusinessAnswer.Refuse(BusinessAnswer.TokenIncorrect, "Access token is incorrect or has been revoked."),
        };
    }

    private static bool IsOurs(Question question, Registrations registrations) =>
        question.ClientId == registrations.TikTok.Id && question.ClientSecret == registrations.TikTok.Secret;

    private static IResult Tokens(Account account, IssuedToken access, IssuedToken refresh, DateTimeOffset now) => BusinessAnswer.Ok(new
    {
        access_token = access.Value,
        token_type = "Bearer",
        scope = string.Join(',', account.Grant!.Scopes),
        expires_in = (long)(access.ExpiresAt!.Value - now).TotalSeconds,
        refresh_token = refresh.Value,
        refresh_token_expires_in = (long)(refresh.ExpiresAt!.Value - now).TotalSeconds,
        open_id = account.Id,
    });

    private sealed record Question(
        string? AppId, string? ClientId, string? ClientSecret, string? GrantType, string? AuthCode, string? RedirectUri, string? RefreshToken, string? AccessToken);
}
