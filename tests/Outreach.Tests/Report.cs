using System.Text;

namespace Outreach.Tests;

/// <summary>Reports as mail servers write them.</summary>
internal static class Report
{
    public static string Bounce(string? envelopeId, string? originalHeaders, params (string Address, string Action, string Status)[] recipients) =>
        string.Join("\r\n", (string[])
        [
            "From: Mail Delivery System <mailer-daemon@mx.example>",
            "To: outreach@mail.example",
            "Subject: Undelivered Mail Returned to Sender",
            "Auto-Submitted: auto-replied",
            "MIME-Version: 1.0",
            "Content-Type: multipart/report; report-type=delivery-status; boundary=\"b1\"",
            "",
            "--b1",
            "Content-Type: text/plain; charset=us-ascii",
            "",
            "I'm sorry to have to inform you that your message could not be delivered.",
            "--b1",
            "Content-Type: message/delivery-status",
            "",
            "Reporting-MTA: dns; mx.example",
            .. envelopeId is null ? [] : new[] { $"Original-Envelope-Id: {envelopeId}" },
            .. recipients.SelectMany(one => (string[])
            [
                "", $"Final-Recipient: rfc822; {one.Address}", $"Action: {one.Action}", $"Status: {one.Status}", $"Diagnostic-Code: smtp; 550 {one.Status} <{one.Address}> said no",
            ]),
            "",
            "--b1",
            .. originalHeaders is null ? [] : new[] { "Content-Type: text/rfc822-headers", "", originalHeaders, "" },
            "--b1--",
            "",
        ]);

    public static string Complaint(string originalHeaders, string recipient, string kind = "abuse") => string.Join("\r\n",
        "From: <fbl@provider.example>",
        "To: <outreach@mail.example>",
        "Subject: FW: connect your accounts",
        "MIME-Version: 1.0",
        "Content-Type: multipart/report; report-type=feedback-report; boundary=\"b1\"",
        "",
        "--b1",
        "Content-Type: text/plain",
        "",
        "This is an email abuse report.",
        "--b1",
        "Content-Type: message/feedback-report",
        "",
        $"Feedback-Type: {kind}",
        "User-Agent: SomeGenerator/1.0",
        "Version: 1",
        $"Original-Rcpt-To: <{recipient}>",
        "",
        "--b1",
        "Content-Type: message/rfc822",
        "",
        originalHeaders,
        "",
        "Hello",
        "--b1--",
        "");

    public static Stream AsStream(this string text) => new MemoryStream(Encoding.UTF8.GetBytes(text));
}
