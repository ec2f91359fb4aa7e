namespace Outreach.Pages;

/// <summary>Signs and reads the links with which a recipient unsubscribes.</summary>
public sealed class UnsubscribeLink(Uri origin, byte[] signingKey, TimeSpan lifetime)
{
    public const string Audience = "unsubscribe";

    private readonly LinkSigner signer = new(signingKey, Audience);

    public Uri Sign(string organization, Recipient recipient, DateTimeOffset now) => new(origin, $"/u/{signer.Sign(organization, recipient, until: now + lifetime)}");

    /// <summary>Who wants no more mail, of whom and about what; or what is wrong with the link.</summary>
    public Task<(SignedLink? Link, LinkFault Fault)> Read(string token, DateTimeOffset now) => signer.Read(token, now);
}
