using EventSourcing;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Outreach;

/// <summary>
/// The image in a message that tells when it was opened. Its address is signed, holds two ids, and is good for nothing else: an audience of its own
/// keeps it from being taken for an invitation.
/// </summary>
public sealed class OpenTracking(Uri outreach, byte[] signingKey, bool isOn)
{
    private const string Issuer = "outreach";
    private const string Audience = "outreach-open";
    private const string EndOfLetter = "</body>";

    private readonly SymmetricSecurityKey key = new(signingKey);
    private readonly JsonWebTokenHandler handler = new() { MapInboundClaims = false, SetDefaultTimesOnTokenCreation = false };

    /// <summary>The image for one recipient's message; null where opening is not tracked.</summary>
    public Uri? For(string organization, Recipient recipient) => !isOn ? null : new(outreach, $"/o/{handler.CreateToken(new SecurityTokenDescriptor
    {
        Issuer = Issuer,
        Audience = Audience,
        SigningCredentials = new(key, SecurityAlgorithms.HmacSha256),
        Claims = new Dictionary<string, object> { ["jti"] = recipient.DeliveryId.ToString(), ["org"] = organization },
    })}.gif");

    /// <summary>Whose message carried this token; null for one that is not ours, and for all where opening is not tracked. Messages are opened late: it never ends.</summary>
    public async Task<(string Organization, Guid Delivery)?> Read(string token)
    {
        if (!isOn)
        {
            return null;
        }

        var result = await handler.ValidateTokenAsync(token, new()
        {
            ValidIssuer = Issuer,
            ValidAudience = Audience,
            IssuerSigningKey = key,
            ValidAlgorithms = [SecurityAlgorithms.HmacSha256],
            RequireExpirationTime = false,
        });
        return result.SecurityToken is JsonWebToken claims && result.IsValid && Guid.TryParse(claims.Id, out var delivery)
            && claims.TryGetPayloadValue<string>("org", out var organization) && OrganizationScope.IsWellFormed(organization)
            ? (organization, delivery)
            : null;
    }

    /// <summary>The letter with the image at the end of its HTML; as it was where there is none.</summary>
    public static Letter Mark(Letter letter, Uri? image)
    {
        if (image is null || letter.Html.Length == 0)
        {
            return letter;
        }

        var end = letter.Html.LastIndexOf(EndOfLetter, StringComparison.OrdinalIgnoreCase);
        return letter with
        {
            Html = letter.Html.Insert(end < 0 ? letter.Html.Length : end, $"""<img src="{image.AbsoluteUri}" width="1" height="1" alt="" style="display:block;border:0;">"""),
        };
    }
}
