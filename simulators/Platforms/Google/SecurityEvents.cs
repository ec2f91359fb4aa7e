using Platforms.Accounts;

namespace Platforms.Google;

/// <summary>Security event tokens (RFC 8417) as Google's Cross-Account Protection writes them.</summary>
public static class SecurityEvents
{
    private const string Issuer = GooglePlatform.Issuer + "/";

    public static string TokensRevoked(Account account, string audience, SigningKey key, DateTimeOffset now, bool forge) => key.Sign(
        new
        {
            iss = Issuer,
            aud = audience,
            iat = now.ToUnixTimeSeconds(),
            jti = Wire.Secret("", 16),
            events = new Dictionary<string, object>
            {
                ["https://schemas.openid.net/secevent/oauth/event-type/tokens-revoked"] = new
                {
                    subject = new { subject_type = "iss-sub", iss = Issuer, sub = account.Id },
                },
            },
        },
        forge);
}
