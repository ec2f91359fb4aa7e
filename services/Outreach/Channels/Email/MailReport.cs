using System.Text.RegularExpressions;
using MimeKit;

namespace Outreach.Channels.Email;

/// <summary>What a report says of one recipient. Personal data: it is compared and forgotten.</summary>
public sealed record ReportedRecipient(string? Address, string Action, string Code);

/// <summary>
/// What another mail server tells of a message that was sent from here: a delivery status notification (RFC 3464) or a complaint (RFC 5965).
/// </summary>
public sealed partial record MailReport(Guid? DeliveryId, bool IsComplaint, IReadOnlyList<ReportedRecipient> Recipients)
{
    private const string Unspecified = "5.0.0";

    /// <summary>Null for what is no report of either kind.</summary>
    public static async Task<MailReport?> Read(Stream source, CancellationToken ct)
    {
        MimeMessage message;
        try
        {
            message = await MimeMessage.LoadAsync(source, ct);
        }
        catch (FormatException)
        {
            return null;
        }

        if (Find(message.Body) is not { } report)
        {
            return null;
        }

        var original = report.OfType<MessagePart>().FirstOrDefault()?.Message?.Headers;
        if (report.OfType<MessageFeedbackReport>().FirstOrDefault()?.Fields is { } feedback)
        {
            // "not-spam" and the like are no complaints.
            return Word(feedback["Feedback-Type"]) is "abuse" or "fraud" or "opt-out"
                ? new(Delivery(Text(feedback["Original-Envelope-Id"]), original), true, [new(Address(feedback["Original-Rcpt-To"]), "complained", Unspecified)])
                : new(Delivery(null, original), false, []);
        }

        if (report.OfType<MessageDeliveryStatus>().FirstOrDefault()?.StatusGroups is not { Count: > 1 } groups)
        {
            return null;
        }

        return new(Delivery(Text(groups[0]["Original-Envelope-Id"]), original), false, [.. groups.Skip(1).Select(group => new ReportedRecipient(
            // As it was written to, where the report knows: the final one may be behind a forwarding that is not our business.
            Address(group["Original-Recipient"]) ?? Address(group["Final-Recipient"]), Word(group["Action"]), Code(group["Status"])))]);
    }

    private static MultipartReport? Find(MimeEntity? entity) => entity switch
    {
        MultipartReport report => report,
        Multipart parts => parts.Select(Find).FirstOrDefault(found => found is not null),
        _ => null,
    };

    /// <summary>The envelope's id comes back unchanged; a server that keeps none quotes the headers.</summary>
    private static Guid? Delivery(string? envelope, HeaderList? original) =>
        Id(envelope) ?? Id(original?[HeaderId.MessageId]?.Trim('<', '>')) ?? (Guid.TryParse(original?["X-Delivery-Id"], out var id) ? id : null);

    private static Guid? Id(string? text) => text is not null && OurId().Match(text) is { Success: true } match ? Guid.ParseExact(match.Groups[1].Value, "N") : null;

    private static string? Address(string? field)
    {
        var address = Text(field)?.Split(';')[^1].Trim().Trim('<', '>');
        return string.IsNullOrEmpty(address) ? null : address;
    }

    private static string Code(string? field) => StatusCode().Match(Text(field) ?? "") is { Success: true } match ? match.Value : Unspecified;

    private static string Word(string? field) => Text(field)?.ToLowerInvariant() ?? "";

    // A value may be followed by a comment in brackets.
    private static string? Text(string? field) => field?.Split('(')[0].Trim();

    [GeneratedRegex(@"^([0-9a-f]{32})\.\d{1,3}(?:@|$)", RegexOptions.IgnoreCase)]
    private static partial Regex OurId();

    [GeneratedRegex(@"^[245]\.\d{1,3}\.\d{1,3}(?=\s|$)")]
    private static partial Regex StatusCode();
}
