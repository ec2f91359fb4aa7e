namespace Outreach;

/// <summary>
/// The image in a message that tells when it was opened. Its address is signed, holds ids only, and is good for nothing else: an audience of its own
/// keeps it from being taken for an invitation.
/// </summary>
public sealed class OpenTracking(Uri outreach, byte[] signingKey, bool isOn)
{
    private const string EndOfLetter = "</body>";

    private readonly LinkSigner signer = new(signingKey, "outreach-open");

    /// <summary>The image for one recipient's message; null where opening is not tracked.</summary>
    public Uri? For(string organization, Recipient recipient) => isOn ? new(outreach, $"/o/{signer.Sign(organization, recipient)}.gif") : null;

    /// <summary>Whose message carried this token; null for one that is not ours, and for all where opening is not tracked. Messages are opened late: it never ends.</summary>
    public async Task<SignedLink?> Read(string token) => isOn ? (await signer.Read(token)).Link : null;

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
