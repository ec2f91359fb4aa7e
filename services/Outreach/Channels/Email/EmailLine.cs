using MailKit;
using MailKit.Net.Smtp;
using MimeKit;

namespace Outreach.Channels.Email;

internal sealed class EmailLine(EmailChannel channel, SmtpConnection connection, SmtpOptions options) : ILine
{
    public bool IsOpen => connection.IsConnected;

    public async Task<Answer> Send(Parcel parcel, Task<bool> mayLeave)
    {
        if (!MailboxAddress.TryParse(parcel.Address, out var address))
        {
            return new Answer.Refused("address-invalid");
        }

        try
        {
            var copy = Copy(parcel, address);
            await connection.Send(Message(parcel, address, copy, mayLeave), MailboxAddress.Parse(options.ReturnPath ?? options.From), address, copy);
            return new Answer.Accepted();
        }
        catch (SmtpCommandException e)
        {
            return SmtpReply.Meaning(e);
        }
        catch (ServiceNotAuthenticatedException)
        {
            return new Answer.TryLater(SmtpReply.LoginRefused);
        }
        catch (Exception e) when (e is IOException or ProtocolException or OperationCanceledException or TimeoutException or ServiceNotConnectedException)
        {
            // Before the body a broken line is a plain "not sent". After it began, only the server knows, and it can no longer be asked.
            return connection.BodyBegan && mayLeave is { IsCompletedSuccessfully: true, Result: true } ? new Answer.Unknown() : new Answer.TryLater("connection-lost");
        }
    }

    public ValueTask DisposeAsync()
    {
        channel.Return(connection);
        return ValueTask.CompletedTask;
    }

    private MimeMessage Message(Parcel parcel, MailboxAddress address, MailboxAddress? copy, Task<bool> mayLeave)
    {
        var from = MailboxAddress.Parse(options.From);
        var message = new MimeMessage
        {
            Subject = parcel.Letter.Subject,
            // Names the delivery, so that a bounce or a complaint finds its way back to it.
            MessageId = $"{parcel.DeliveryId:N}.{parcel.Attempt}@{from.Domain}",
        };
        message.From.Add(new MailboxAddress(parcel.SenderName, parcel.Sender?.Address ?? from.Address));
        message.To.Add(new MailboxAddress(parcel.Name, address.Address));
        if (parcel.Sender?.ReplyTo is { } replyTo)
        {
            message.ReplyTo.Add(MailboxAddress.Parse(replyTo));
        }

        if (copy is not null)
        {
            message.Cc.Add(copy);
        }

        if (parcel.Unsubscribe is { } offer)
        {
            message.Headers.Add(HeaderId.ListId, $"<{offer.Organization}.outreach.{from.Domain}>");
            message.Headers.Add(HeaderId.ListUnsubscribe, $"<{offer.Link.AbsoluteUri}>");
            message.Headers.Add(HeaderId.ListUnsubscribePost, "List-Unsubscribe=One-Click");
        }

        message.Headers.Add("X-Delivery-Id", parcel.DeliveryId.ToString());
        // Out-of-office answers to a bulk sender help nobody (RFC 3834, 5).
        message.Headers.Add("Auto-Submitted", "auto-generated");
        var text = new TextPart("plain") { Text = parcel.Letter.Text, ContentTransferEncoding = ContentEncoding.QuotedPrintable };
        text.Content = new MimeContent(new HeldBackStream(text.Content!.Stream!, () => connection.BodyBegan ? mayLeave : null));
        message.Body = new MultipartAlternative
        {
            text,
            new TextPart("html") { Text = parcel.Letter.Html, ContentTransferEncoding = ContentEncoding.QuotedPrintable },
        };
        return message;
    }

    /// <summary>Nobody gets the message twice.</summary>
    private static MailboxAddress? Copy(Parcel parcel, MailboxAddress address) =>
        parcel.Sender?.CopyTo is { } copyTo && MailboxAddress.TryParse(copyTo, out var copy)
            && !string.Equals(copy.Address, address.Address, StringComparison.OrdinalIgnoreCase) ? copy : null;
}
