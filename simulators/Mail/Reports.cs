using System.Globalization;
using System.Text;
using MimeKit;

namespace Mail;

/// <summary>Writes what a mail server writes back: that a message could not be delivered (RFC 3464), that somebody called it spam (RFC 5965).</summary>
internal static class Reports
{
    private const string Daemon = "MAILER-DAEMON@mail.localhost";

    public static Message Bounce(Message about, string recipient, Fault fault, DateTimeOffset now)
    {
        var request = about.Reports?.Recipients.GetValueOrDefault(recipient);
        var status = new MessageDeliveryStatus();
        var whole = new HeaderList { { "Reporting-MTA", "dns; mail.localhost" }, { "Arrival-Date", MimeKit.Utils.DateUtils.FormatDate(about.ReceivedAt) } };
        if (about.Reports?.EnvelopeId is { } envelope)
        {
            whole.Insert(0, "Original-Envelope-Id", envelope);
        }

        status.StatusGroups.Add(whole);
        var one = new HeaderList
        {
            { "Final-Recipient", $"rfc822; {recipient}" },
            { "Action", fault.Action },
            { "Status", fault.Status! },
            { "Diagnostic-Code", $"smtp; {(fault.Status!.StartsWith('4') ? "450" : "550")} {fault.Status} {fault.Text}" },
        };
        if (request?.Original is { } original)
        {
            one.Insert(0, "Original-Recipient", original);
        }

        status.StatusGroups.Add(one);
        return Write(
            about, "delivery-status", fault.Action == "delayed" ? "Delayed Mail (still being retried)" : "Undelivered Mail Returned to Sender",
            $"Your message to {recipient} could not be delivered: {fault.Status} {fault.Text}", status, now);
    }

    public static Message Complaint(Message about, string recipient, DateTimeOffset now)
    {
        var feedback = new MessageFeedbackReport();
        feedback.Fields.Add("Feedback-Type", "abuse");
        feedback.Fields.Add("User-Agent", "CreatorConnections-Mail-Simulator/1.0");
        feedback.Fields.Add("Version", "1");
        feedback.Fields.Add("Original-Mail-From", $"<{about.EnvelopeFrom}>");
        feedback.Fields.Add("Original-Rcpt-To", $"<{recipient}>");
        return Write(about, "feedback-report", "Complaint about a message", "Somebody called this message spam.", feedback, now);
    }

    private static Message Write(Message about, string kind, string subject, string text, MimePart machine, DateTimeOffset now)
    {
        var headers = new StringBuilder();
        foreach (var header in about.Headers)
        {
            headers.Append(CultureInfo.InvariantCulture, $"{header.Field}:{Encoding.UTF8.GetString(header.RawValue)}");
        }

        var quoted = new TextPart("rfc822-headers") { Text = headers.ToString(), ContentTransferEncoding = ContentEncoding.EightBit };
        var message = new MimeMessage
        {
            Subject = subject,
            Date = now,
            Body = new MultipartReport(kind) { new TextPart("plain") { Text = text }, machine, quoted },
        };
        message.From.Add(MailboxAddress.Parse(Daemon));
        message.To.Add(MailboxAddress.Parse(about.EnvelopeFrom));
        message.Headers.Add("Auto-Submitted", "auto-replied");
        using var source = new MemoryStream();
        message.WriteTo(new FormatOptions { NewLineFormat = NewLineFormat.Dos }, source);
        return new(Guid.CreateVersion7(now).ToString("N"), "", [about.EnvelopeFrom], now, source.ToArray());
    }
}
