using System.Globalization;

namespace Outreach;

/// <summary>Signs the links that open the Creator Hub. The Hub verifies them with the same key and needs nothing else from here.</summary>
public sealed class Invitation(Uri hub, byte[] signingKey, TimeSpan lifetime)
{
    public const string Issuer = LinkSigner.Issuer;
    public const string Audience = "creator-hub";

    private readonly LinkSigner signer = new(signingKey, Audience);

    public Uri Sign(string organization, Recipient recipient, DateTimeOffset now) => Link(signer.Sign(organization, recipient, now, ExpiresAt(now)));

    /// <summary>A link for the eye: a preview is read by people it was not meant for, so nothing in it may open a door.</summary>
    public Uri Sample => Link("preview");

    public string ExpiresOn(DateTimeOffset now) => ExpiresAt(now).ToString("d MMMM yyyy", CultureInfo.InvariantCulture);

    private DateTimeOffset ExpiresAt(DateTimeOffset now) => now + lifetime;

    private Uri Link(string token) => new(hub, $"/hub/i/{token}");
}
