using System.Security.Cryptography;
using System.Text;
using Platforms.Accounts;
using Platforms.Calls;

namespace Platforms.TikTok;

/// <summary>Trades a code, or a refresh token, for a pair of tokens. By the current terms each refresh replaces the refresh token.</summary>
public static class IssueTokens
{
    private static readonly Terms Current = new(TimeSpan.FromHours(2), TimeSpan.FromDays(180), Rotates: true);
    private static readonly Terms Legacy = new(TimeSpan.FromHours(24), TimeSpan.FromDays(365), Rotates: false);

    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/tiktok/open/v2/oauth/token/", Handle)
        .PassingTurnstile(TikTokPlatform.PlatformKey);

    private static async Task<IResult> Handle(
        HttpRequest request, Registrations registrations, SwitchBoard switches, Codes codes, Ledger ledger, PlatformClock clock)
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

        return form["grant_type"].ToString() switch
        {
            "authorization_code" => TradeCode(form, switches, codes, ledger, clock.GetUtcNow()),
            "refresh_token" => Refresh(form["refresh_token"], switches, ledger, clock.GetUtcNow()),
            _ => OAuthError.Of(switches, "unsupported_grant_type", "The grant type is not supported."),
        };
    }

    private static IResult TradeCode(IFormCollection form, SwitchBoard switches, Codes codes, Ledger ledger, DateTimeOffset now)
    {
        if (codes.Take(TikTokPlatform.PlatformKey, form["code"]) is not { } code)
        {
            return OAuthError.Of(switches, "invalid_grant", "Authorization code is invalid or expired.");
        }

        if (form["redirect_uri"] != code.RedirectUri)
        {
            return OAuthError.Of(switches, "invalid_grant", "Redirect_uri is not matched with the uri when requesting code.");
        }

        if (code.Challenge is not null && !Proves(form["code_verifier"].ToString(), code.Challenge))
        {
            return OAuthError.Of(switches, "invalid_grant", "Code verifier or code challenge is invalid.");
        }

        var terms = TermsOf(switches);
        return ledger.Change(code.Account, a =>
        {
            var (access, refresh) = (terms.Access(a, now), terms.Refresh(a, now));
            var account = a.Granting(code.Scopes, now).Issuing(now, access, refresh);
            return (account, Answer(account, access, refresh, now));
        });
    }

    private static IResult Refresh(string? value, SwitchBoard switches, Ledger ledger, DateTimeOffset now)
    {
        var dead = OAuthError.Of(switches, "invalid_grant", "Refresh token is invalid or expired.");
        if (ledger.FindToken(value) is not var (caller, _) || caller.Platform != TikTokPlatform.PlatformKey)
        {
            return dead;
        }

        var terms = TermsOf(switches);
        return ledger.Change(caller.Key, a =>
        {
            if (a.Token(value!) is not { Kind: TokenKind.Refresh } old || !old.IsLive(now))
            {
                return (a, dead);
            }

            var access = terms.Access(a, now);
            if (!terms.Rotates)
            {
                return (a.Issuing(now, access), Answer(a, access, old, now));
            }

            var refresh = terms.Refresh(a, now);
            var account = a.Replacing(Outlived(old, switches.Current.TikTok.RotationGraceSeconds, now)).Issuing(now, access, refresh);
            return (account, Answer(account, access, refresh, now));
        });
    }

    /// <summary>A pair of tokens by the terms of the moment.</summary>
    public static IReadOnlyList<IssuedToken> NewPair(SwitchBoard switches, Account account, DateTimeOffset now)
    {
        var terms = TermsOf(switches);
        return [terms.Access(account, now), terms.Refresh(account, now)];
    }

    // By the documentation the previous one stops at once. With a grace it comes to its end a little later, unless its own end is nearer.
    private static IssuedToken Outlived(IssuedToken old, int graceSeconds, DateTimeOffset now) => graceSeconds is 0
        ? old with { Death = TokenDeath.Rotated }
        : old with { ExpiresAt = old.ExpiresAt < now.AddSeconds(graceSeconds) ? old.ExpiresAt : now.AddSeconds(graceSeconds) };

    private static Terms TermsOf(SwitchBoard switches) => switches.Current.TikTok.Terms is TikTokTerms.Legacy ? Legacy : Current;

    // TikTok's challenge is the hexadecimal digest, not the base64url one of RFC 7636. (Source: Login Kit for Desktop.)
    private static bool Proves(string verifier, string challenge) =>
        Convert.ToHexString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier))).Equals(challenge, StringComparison.OrdinalIgnoreCase);

    private static IResult Answer(Account account, IssuedToken access, IssuedToken refresh, DateTimeOffset now) => Wire.Json(new
    {
        access_token = access.Value,
        expires_in = (long)(access.ExpiresAt!.Value - now).TotalSeconds,
        open_id = account.Id,
        refresh_token = refresh.Value,
        refresh_expires_in = (long)(refresh.ExpiresAt!.Value - now).TotalSeconds,
        scope = string.Join(',', account.Grant!.Scopes),
        token_type = "Bearer",
    });

    private sealed record Terms(TimeSpan AccessLife, TimeSpan RefreshLife, bool Rotates)
    {
        public IssuedToken Access(Account account, DateTimeOffset now) =>
            new(Wire.Secret("act."), TokenKind.Access, now, now + (account.Lifetimes.AccessSeconds is { } s ? TimeSpan.FromSeconds(s) : AccessLife));

        public IssuedToken Refresh(Account account, DateTimeOffset now) =>
            new(Wire.Secret("rft."), TokenKind.Refresh, now, now + (account.Lifetimes.RefreshSeconds is { } s ? TimeSpan.FromSeconds(s) : RefreshLife));
    }
}
