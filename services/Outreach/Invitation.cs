using System.Globalization;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Outreach;

/// <summary>Signs the links that open the Creator Hub. The Hub verifies them with the same key and needs nothing else from here.</summary>
public sealed class Invitation(Uri hub, byte[] signingKey, TimeSpan lifetime)
{
    public const string Issuer = "outreach";
    public const string Audience = "creator-hub";

    private readonly SigningCredentials credentials = new(new SymmetricSecurityKey(signingKey), SecurityAlgorithms.HmacSha256);

    public Uri Sign(string organization, Recipient recipient, DateTimeOffset now) => Link(new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
    {
        Issuer = Issuer,
        Audience = Audience,
        IssuedAt = now.UtcDateTime,
        NotBefore = now.UtcDateTime,
        Expires = ExpiresAt(now).UtcDateTime,
        SigningCredentials = credentials,
        Claims = new Dictionary<string, object>
        {
            ["jti"] = recipient.DeliveryId.ToString(),
            ["sub"] = recipient.CreatorId.ToString(),
            ["org"] = organization,
            ["cmp"] = recipient.CampaignId.ToString(),
        },
    }));

    /// <summary>A link for the eye: a preview is read by people it was not meant for, so nothing in it may open a door.</summary>
    public Uri Sample => Link("preview");

    public string ExpiresOn(DateTimeOffset now) => ExpiresAt(now).ToString("d MMMM yyyy", CultureInfo.InvariantCulture);

    private DateTimeOffset ExpiresAt(DateTimeOffset now) => now + lifetime;

    private Uri Link(string token) => new(hub, $"/hub/i/{token}");
}
