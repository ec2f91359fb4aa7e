using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using Platforms.Accounts;
using Platforms.Calls;

namespace Platforms.Google;

/// <summary>Trades a code, or a refresh token, for an access token that lives an hour. The refresh token itself never changes.</summary>
public static class IssueTokens
{
    private static readonly TimeSpan AccessLife = TimeSpan.FromSeconds(3599);
    private static readonly TimeSpan LongestIdle = TimeSpan.FromDays(182);

    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/google/oauth2/token", Handle)
        .PassingTurnstile(GooglePlatform.PlatformKey);

    private static async Task<IResult> Handle(HttpRequest request, Registrations registrations, Codes codes, Ledger ledger, SigningKey key, PlatformClock clock)
    {
        if (!request.HasFormContentType)
        {
            return TokenError.Of("invalid_request", "Missing required parameter: grant_type");
        }

        var form = await request.ReadFormAsync();
        var (id, secret) = Wire.BasicCredentials(request) ?? (form["client_id"].ToString(), form["client_secret"].ToString());
        if (id != registrations.YouTube.Id)
        {
            return TokenError.Of("invalid_client", "The OAuth client was not found.", StatusCodes.Status401Unauthorized);
        }

        if (secret != registrations.YouTube.Secret)
        {
            return TokenError.Of("invalid_client", "The provided client secret is invalid.", StatusCodes.Status401Unauthorized);
        }

        return form["grant_type"].ToString() switch
        {
            "authorization_code" => TradeCode(form, registrations, codes, ledger, key, clock.GetUtcNow()),
            "refresh_token" => Refresh(form["refresh_token"], ledger, clock.GetUtcNow()),
            var other => TokenError.Of("unsupported_grant_type", $"Invalid grant_type: {other}"),
        };
    }

    private static IResult TradeCode(
        IFormCollection form, Registrations registrations, Codes codes, Ledger ledger, SigningKey key, DateTimeOffset now)
    {
        if (codes.Take(GooglePlatform.PlatformKey, form["code"]) is not { } code)
        {
            return TokenError.Of("invalid_grant", "Bad Request");
        }

        if (form["redirect_uri"] != code.RedirectUri)
        {
            return TokenError.Of("redirect_uri_mismatch", "Bad Request");
        }

        var verifier = form["code_verifier"].ToString();
        if (code.Challenge is not null && !Pkce.Proves(verifier, code.Challenge, code.ChallengeMethod))
        {
            return TokenError.Of("invalid_grant", verifier.Length is 0 ? "Missing code verifier." : "Invalid code verifier.");
        }

        return ledger.Change(code.Account, a =>
        {
            var access = NewAccess(a, now);
            var refresh = code.WantsRefreshToken ? NewRefresh(a, now) : null;
            var account = a.Granting(code.Scopes, now).Issuing(now, refresh is null ? [access] : [access, refresh]);
            var idToken = account.Allows(GooglePlatform.OpenIdScope) ? IdToken(account, access, registrations.YouTube.Id, code.Nonce, key, now) : null;
            return (account, Answer(account, access, now, refresh, idToken));
        });
    }

    private static IResult Refresh(string? value, Ledger ledger, DateTimeOffset now)
    {
        var dead = TokenError.Of("invalid_grant", "Token has been expired or revoked.");
        if (ledger.FindToken(value) is not var (caller, _) || caller.Platform != GooglePlatform.PlatformKey)
        {
            return dead;
        }

        return ledger.Change(caller.Key, a =>
        {
            if (a.Token(value!) is not { Kind: TokenKind.Refresh } refresh || !refresh.IsLive(now) || now - (refresh.UsedAt ?? refresh.IssuedAt) > LongestIdle)
            {
                return (a, dead);
            }

            var access = NewAccess(a, now);
            return (a.Replacing(refresh with { UsedAt = now }).Issuing(now, access), Answer(a, access, now, null, null));
        });
    }

    public static IssuedToken NewAccess(Account account, DateTimeOffset now) =>
        new(Wire.Secret("ya29.a0", 96), TokenKind.Access, now, now + (account.Lifetimes.AccessSeconds is { } s ? TimeSpan.FromSeconds(s) : AccessLife));

    // No end of life unless the person granted for a limited time: the control API's refresh lifetime stands for that.
    public static IssuedToken NewRefresh(Account account, DateTimeOffset now) =>
        new(Wire.Secret("1//0", 72), TokenKind.Refresh, now, account.Lifetimes.RefreshSeconds is { } s ? now.AddSeconds(s) : null);

    private static string IdToken(Account account, IssuedToken access, string audience, string? nonce, SigningKey key, DateTimeOffset now)
    {
        var showsEmail = account.Allows(GooglePlatform.EmailScope);
        return key.Sign(new
        {
            iss = GooglePlatform.Issuer,
            azp = audience,
            aud = audience,
            sub = account.Id,
            email = showsEmail ? GooglePlatform.EmailOf(account) : null,
            email_verified = showsEmail ? true : (bool?)null,
            nonce,
            // The left half of the access token's hash. (Source: OpenID Connect Core, 3.1.3.6.)
            at_hash = WebEncoders.Base64UrlEncode(SHA256.HashData(Encoding.ASCII.GetBytes(access.Value))[..16]),
            iat = now.ToUnixTimeSeconds(),
            exp = now.AddHours(1).ToUnixTimeSeconds(),
        });
    }

    private static IResult Answer(Account account, IssuedToken access, DateTimeOffset now, IssuedToken? refresh, string? idToken) => Wire.Json(new
    {
        access_token = access.Value,
        expires_in = (long)(access.ExpiresAt!.Value - now).TotalSeconds,
        refresh_token = refresh?.Value,
        refresh_token_expires_in = refresh?.ExpiresAt is { } end ? (long)(end - now).TotalSeconds : (long?)null,
        scope = string.Join(' ', account.Grant!.Scopes),
        token_type = "Bearer",
        id_token = idToken,
    });
}
