using EventSourcing;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Outreach.Pages;

/// <summary>Who wants no more mail, of whom and about what, and which message the link was in.</summary>
public sealed record UnsubscribeRequest(string Organization, Guid DeliveryId, Guid CampaignId, Guid CreatorId);

/// <summary>Why a link to unsubscribe does not work.</summary>
public enum LinkFault
{
    /// <summary>Not signed here, or changed on its way.</summary>
    Forged,

    /// <summary>Its time is over.</summary>
    Expired,
}

/// <summary>
/// Signs and reads the links with which a recipient unsubscribes. They carry ids and nothing of the person. The audience keeps them apart from
/// invitations, which are signed with the same key: a forwarded message's link to unsubscribe opens no Creator Hub.
/// </summary>
public sealed class UnsubscribeLink(Uri origin, byte[] signingKey, TimeSpan lifetime)
{
    public const string Audience = "unsubscribe";

    private readonly JsonWebTokenHandler handler = new() { MapInboundClaims = false, SetDefaultTimesOnTokenCreation = false };
    private readonly SymmetricSecurityKey key = new(signingKey);

    public Uri Sign(string organization, Recipient recipient, DateTimeOffset now) => new(origin, $"/u/{handler.CreateToken(new SecurityTokenDescriptor
    {
        Issuer = Invitation.Issuer,
        Audience = Audience,
        Expires = (now + lifetime).UtcDateTime,
        SigningCredentials = new(key, SecurityAlgorithms.HmacSha256),
        Claims = new Dictionary<string, object>
        {
            ["jti"] = recipient.DeliveryId.ToString("N"),
            ["sub"] = recipient.CreatorId.ToString("N"),
            ["org"] = organization,
            ["cmp"] = recipient.CampaignId.ToString("N"),
        },
    })}");

    /// <summary>The request, or without one what is wrong with the link.</summary>
    public async Task<(UnsubscribeRequest? Request, LinkFault Fault)> Read(string token, DateTimeOffset now)
    {
        var result = await handler.ValidateTokenAsync(token, new()
        {
            ValidIssuer = Invitation.Issuer,
            ValidAudience = Audience,
            IssuerSigningKey = key,
            ValidAlgorithms = [SecurityAlgorithms.HmacSha256],
            LifetimeValidator = (_, expires, _, _) => expires > now.UtcDateTime,
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
