using System.Security.Cryptography;
using System.Text;
using Platforms.Accounts;

namespace Platforms.Google;

/// <summary>Security event tokens (RFC 8417) as Google's Cross-Account Protection writes them.</summary>
public static class SecurityEvents
{
    public const string TokensRevoked = "tokens-revoked";

    private const string TokenRevoked = "token-revoked";
    private const string Verification = "verification";
    private const string AccountDisabled = "account-disabled";
    private const string Issuer = GooglePlatform.Issuer + "/";
    private const string OAuth = "https://schemas.openid.net/secevent/oauth/event-type/";
    private const string Risc = "https://schemas.openid.net/secevent/risc/event-type/";
    private const string Prefix = "prefix";
    private const string DoubleHash = "hash_base64_sha512_sha512";
    private const int PrefixLength = 16;

    public static IReadOnlyList<string> Names { get; } =
    [
        TokensRevoked, TokenRevoked, AccountDisabled, "account-enabled", "account-purged", "sessions-revoked", "account-credential-change-required", Verification,
    ];

    /// <summary>The token's events; null for an event, a reason or an algorithm that Google does not have, or for want of a refresh token.</summary>
    public static Dictionary<string, object>? Of(Account account, Announcement news)
    {
        var person = new { subject_type = "iss-sub", iss = Issuer, sub = account.Id };
        return news.Event switch
        {
            TokensRevoked => new() { [OAuth + TokensRevoked] = new { subject = person } },
            TokenRevoked => Identifier(account, news) is { } token ? new() { [OAuth + TokenRevoked] = new { subject = token } } : null,
            Verification => new() { [Risc + Verification] = new { state = news.State } },
            AccountDisabled when news.Reason is null or "hijacking" or "bulk-account" =>
                new() { [Risc + AccountDisabled] = new { subject = person, reason = news.Reason } },
            AccountDisabled => null,
            _ when Names.Contains(news.Event) => new() { [Risc + news.Event] = new { subject = person } },
            _ => null,
        };
    }

    public static string Sign(Dictionary<string, object> events, string audience, SigningKey key, DateTimeOffset at, bool forge) =>
        key.Sign(new { iss = Issuer, aud = audience, iat = at.ToUnixTimeSeconds(), jti = Wire.Secret("", 16), events }, forge);

    private static object? Identifier(Account account, Announcement news)
    {
        var algorithm = news.TokenIdentifierAlg ?? Prefix;
        return (news.Token ?? account.Tokens.LastOrDefault(t => t.Kind is TokenKind.Refresh)?.Value) is { } token && algorithm is Prefix or DoubleHash
            ? new { subject_type = "oauth_token", token_type = "refresh_token", token_identifier_alg = algorithm, token = Identify(token, algorithm) }
            : null;
    }

    private static string Identify(string token, string algorithm) => algorithm is Prefix
        ? token[..Math.Min(PrefixLength, token.Length)]
        : Convert.ToBase64String(SHA512.HashData(SHA512.HashData(Encoding.UTF8.GetBytes(token))));
}
