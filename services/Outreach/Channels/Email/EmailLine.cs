using MailKit;
using MailKit.Net.Smtp;
using MimeKit;

namespace Outreach.Channels.Email;

internal sealed class EmailLine(EmailChannel channel, SmtpConnection connection, SmtpOptions options) : ILine
{
    public bool IsOpen => connection.IsConnected;

    public async Task<Answer> Send(Parcel parcel)
    {
        if (!MailboxAddress.TryParse(parcel.Address, out var address))
        {
            return new Answer.Refused("address-invalid");
        }

        try
        {
            await connection.Send(Message(parcel, address));
            return new Answer.Accepted();
        }
        catch (SmtpCommandException e)
        {
            return Meaning(e);
        }
        catch (Exception e) when (e is IOException or ProtocolException or OperationCanceledException or TimeoutException or ServiceNotConnectedException)
        {
            // Before the body a broken line is a plain "not sent". After it began, only the server knows, and it can no longer be asked.
            return connection.BodyBegan ? new Answer.Unknown() : new Answer.TryLater("connection-lost");
        }
    }

    public ValueTask DisposeAsync()
    {
        channel.Return(connection);
        return ValueTask.CompletedTask;
    }

    // 4xx may be tried again, 5xx must not (RFC 5321, 4.2.1). The server's text may quote an address, so it ends here.
    private static Answer Meaning(SmtpCommandException e) => (e.ErrorCode, (int)e.StatusCode) switch
    {
        (SmtpErrorCode.RecipientNotAccepted, < 500) => new Answer.TryLater("mailbox-busy"),
        (SmtpErrorCode.RecipientNotAccepted, _) => new Answer.Refused("mailbox-unavailable"),
        (_, >= 400 and < 500) => new Answer.TryLater("server-busy"),
        (SmtpErrorCode.SenderNotAccepted, _) => new Answer.Refused("sender-refused"),
        _ => new Answer.Refused("rejected"),
    };

    private MimeMessage Message(Parcel parcel, MailboxAddress address)
    {
        var from = MailboxAddress.Parse(options.From);
        var message = new MimeMessage
        {
            Subject = parcel.Letter.Subject,
            // Names the delivery, so that a bounce or a complaint finds its way back to it.
            MessageId = $"{parcel.DeliveryId:N}.{parcel.Attempt}@{from.Domain}",
        };
        message.From.Add(new MailboxAddress(parcel.SenderName, from.Address));
        message.To.Add(new MailboxAddress(parcel.Name, address.Address));
        message.Headers.Add("X-Delivery-Id", parcel.DeliveryId.ToString());
        // Out-of-office answers to a bulk sender help nobody (RFC 3834, 5).
        message.Headers.Add("Auto-Submitted", "auto-generated");
        message.Body = new MultipartAlternative
        {
            new TextPart("plain") { Text = parcel.Letter.Text, ContentTransferEncoding = ContentEncoding.QuotedPrintable },
            new TextPart("html") { Text = parcel.Letter.Html, ContentTransferEncoding = ContentEncoding.QuotedPrintable },
        };
        return message;
    }
}
