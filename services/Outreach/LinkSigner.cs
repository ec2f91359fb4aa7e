using EventSourcing;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Outreach;

/// <summary>Why a link does not work.</summary>
public enum LinkFault
{
    /// <summary>Not signed here, signed for something else, or changed on its way.</summary>
    Forged,

    /// <summary>Its time is over.</summary>
    Expired,
}

/// <summary>
/// Signs what links in messages carry, ids and nothing of the person, and reads what comes back. One key for all of them; the audience keeps them apart, so that a
/// link to unsubscribe opens no Creator Hub.
/// </summary>
/// <param name="signingKey">At least 32 bytes.</param>
/// <param name="audience">What the link is good for.</param>
internal sealed class LinkSigner(byte[] signingKey, string audience)
{
    public const string Issuer = "outreach";

    private readonly SymmetricSecurityKey key = new(signingKey);
    private readonly JsonWebTokenHandler handler = new() { MapInboundClaims = false, SetDefaultTimesOnTokenCreation = false };

    /// <summary>A token that names a delivery, good from <paramref name="from"/> to <paramref name="until"/>, or at all times.</summary>
    public string Sign(string organization, Recipient recipient, DateTimeOffset? from = null, DateTimeOffset? until = null) => handler.CreateToken(new SecurityTokenDescriptor
    {
        Issuer = Issuer,
        Audience = audience,
        IssuedAt = from?.UtcDateTime,
        NotBefore = from?.UtcDateTime,
        Expires = until?.UtcDateTime,
        SigningCredentials = new(key, SecurityAlgorithms.HmacSha256),
        Claims = new Dictionary<string, object>
        {
            ["jti"] = recipient.DeliveryId.ToString(),
            ["sub"] = recipient.CreatorId.ToString(),
            ["org"] = organization,
            ["cmp"] = recipient.CampaignId.ToString(),
        },
    });

    /// <summary>What a token names; or what is wrong with it.</summary>
    /// <param name="token">As it came.</param>
    /// <param name="now">When it came; null for tokens whose time is never over.</param>
    public async Task<(SignedLink? Link, LinkFault Fault)> Read(string token, DateTimeOffset? now = null)
    {
        var result = await handler.ValidateTokenAsync(token, new()
        {
            ValidIssuer = Issuer,
            ValidAudience = audience,
            IssuerSigningKey = key,
            ValidAlgorithms = [SecurityAlgorithms.HmacSha256],
            RequireExpirationTime = now is not null,
            LifetimeValidator = (_, expires, _, _) => now is null || expires > now.Value.UtcDateTime,
        });
        if (!result.IsValid)
        {
            return (null, result.Exception is SecurityTokenInvalidLifetimeException ? LinkFault.Expired : LinkFault.Forged);
        }

        var claims = (JsonWebToken)result.SecurityToken;
        return Guid.TryParse(claims.Id, out var delivery) && Guid.TryParse(claims.Subject, out var creator)
            && claims.TryGetPayloadValue<string>("cmp", out var text) && Guid.TryParse(text, out var campaign)
            && claims.TryGetPayloadValue<string>("org", out var organization) && OrganizationScope.IsWellFormed(organization)
                ? (new(organization, delivery, campaign, creator), default)
                : (null, LinkFault.Forged);
    }
}

/// <summary>Whose message a link was in: of which organization and campaign, and to whom.</summary>
public sealed record SignedLink(string Organization, Guid DeliveryId, Guid CampaignId, Guid CreatorId);
