using System.Text.RegularExpressions;
using MailKit.Net.Smtp;

namespace Outreach.Channels.Email;

/// <summary>
/// What a mail server's refusal means, in a stable word. The first digit of the reply decides whether trying again can help (RFC 5321, 4.2.1), the
/// enhanced status code says what is the matter (RFC 3463). The server's text may quote an address, so it ends here.
/// </summary>
public static partial class SmtpReply
{
    /// <summary>The server wants a password, or another one: that says nothing of the recipient, and whoever runs this can help.</summary>
    public const string LoginRefused = "login-refused";

    public static Answer Meaning(SmtpCommandException e) => Meaning(e.ErrorCode, (int)e.StatusCode, e.Message);

    public static Answer Meaning(SmtpErrorCode about, int status, string text)
    {
        var code = Enhanced(status, text);
        return status is >= 400 and < 500
            ? new Answer.TryLater(Temporary(about, status, code), code)
            : status is 530 or 534 or 535 or 538 ? new Answer.TryLater(LoginRefused, code)
            : new Answer.Refused(Permanent(about, code), code);
    }

    /// <summary>What the code of a report says, for a message that was accepted and came back.</summary>
    public static string OfReport(string code) => code switch
    {
        "4.2.2" => "mailbox-full",
        ['4', ..] => "not-delivered-in-time",
        _ when Permanent(SmtpErrorCode.MessageNotAccepted, code) is not "rejected" and var word => word,
        _ => "bounced",
    };

    /// <summary>Is nobody there, and will nobody be? A full mailbox or a refused text says nothing against the next message.</summary>
    public static bool IsDeadAddress(string code) => code is "5.1.1" or "5.1.2" or "5.1.3" or "5.1.6" or "5.1.10" or "5.2.1";

    /// <summary>A code of another class than the reply itself is a mistake of the server and not believed (RFC 2034, 4).</summary>
    private static string? Enhanced(int status, string text) =>
        Code().Match(text) is { Success: true } match && match.Value[0] - '0' == status / 100 ? match.Value : null;

    private static string Permanent(SmtpErrorCode about, string? code) => code switch
    {
        "5.1.1" or "5.1.6" => "mailbox-unknown",
        "5.1.7" or "5.1.8" => "sender-refused",
        "5.2.1" => "mailbox-disabled",
        "5.2.2" => "mailbox-full",
        "5.2.3" or "5.3.4" => "message-too-large",
        _ when Is(code, "5.1.") => "address-invalid",
        _ when Is(code, "5.7.") => "policy-rejected",
        _ => about switch
        {
            SmtpErrorCode.RecipientNotAccepted => "mailbox-unavailable",
            SmtpErrorCode.SenderNotAccepted => "sender-refused",
            _ => "rejected",
        },
    };

    private static string Temporary(SmtpErrorCode about, int status, string? code) => code switch
    {
        "4.7.1" => "greylisted",
        "4.2.2" => "mailbox-full",
        _ when Is(code, "4.2.") => "mailbox-busy",
        _ when code is null && status is 450 or 451 or 452 && about is SmtpErrorCode.RecipientNotAccepted => "mailbox-busy",
        _ => "server-busy",
    };

    private static bool Is(string? code, string prefix) => code?.StartsWith(prefix, StringComparison.Ordinal) == true;

    [GeneratedRegex(@"^[245]\.\d{1,3}\.\d{1,3}(?=\s|$)")]
    private static partial Regex Code();
}
