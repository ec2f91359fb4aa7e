using System.Net.Sockets;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;

namespace Outreach.Channels.Email;

/// <summary>One SMTP connection that remembers how far the current message got.</summary>
internal sealed class SmtpConnection : IDisposable
{
    private readonly Dialogue dialogue = new();
    private readonly TrackedClient client;
    private readonly SmtpOptions options;

    public SmtpConnection(SmtpOptions options)
    {
        this.options = options;
        client = new(dialogue) { Timeout = (int)options.Timeout.TotalMilliseconds, DeliveryStatusNotificationType = DeliveryStatusNotificationType.HeadersOnly };
    }

    public bool IsConnected => client.IsConnected;

    /// <summary>The server asked for the body of the current message and may hold all of it.</summary>
    public bool BodyBegan => dialogue.BodyBegan;

    public async Task Open(CancellationToken ct)
    {
        if (options.CertificateAuthority is { } authority)
        {
            client.CheckCertificateRevocation = false;
            client.ServerCertificateValidationCallback = PrivateAuthority.Trust(authority);
        }

        await client.ConnectAsync(await Reach(ct), options.Host, options.Port, options.Security switch
        {
            SmtpSecurity.None => SecureSocketOptions.None,
            SmtpSecurity.StartTls => SecureSocketOptions.StartTls,
            SmtpSecurity.Tls => SecureSocketOptions.SslOnConnect,
            _ => SecureSocketOptions.StartTlsWhenAvailable,
        }, ct);
        if (options.UserName is not null)
        {
            await client.AuthenticateAsync(options.UserName, options.Password ?? "", ct);
        }
    }

    // The end of a message is a small packet of its own. Without this it waits on the way out for a word about the packets before it, 40 ms for each message.
    private async Task<Socket> Reach(CancellationToken ct)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(options.Timeout);
        try
        {
            await socket.ConnectAsync(options.Host, options.Port, patience.Token);
            return socket;
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            socket.Dispose();
            throw new TimeoutException("The mail server did not answer in time.");
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public async Task<bool> IsAlive(CancellationToken ct)
    {
        try
        {
            await client.NoOpAsync(ct);
            return true;
        }
        catch (Exception e) when (e is IOException or ProtocolException or CommandException or ServiceNotConnectedException)
        {
            return false;
        }
    }

    /// <summary>Bounded by its own clock and by nothing else: a stopping host must not cut a message in two.</summary>
    /// <exception cref="SmtpCommandException">The server refused the message or <paramref name="recipient"/>. That it refuses the copy is no exception.</exception>
    public async Task Send(MimeMessage message, MailboxAddress sender, MailboxAddress recipient, MailboxAddress? copy)
    {
        dialogue.Begin();
        client.Begin(copy);
        using var patience = new CancellationTokenSource(options.Timeout);
        try
        {
            await client.SendAsync(FormatOptions.Default, message, sender, copy is null ? [recipient] : [recipient, copy], patience.Token);
        }
        catch (OperationCanceledException)
        {
            // What is left of this conversation would be read as the answer to the next one.
            await client.DisconnectAsync(quit: false, CancellationToken.None);
            throw;
        }
    }

    public async Task Quit()
    {
        try
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(1));
            await client.DisconnectAsync(quit: true, patience.Token);
        }
        catch (Exception e) when (e is IOException or ProtocolException or OperationCanceledException)
        {
            // Saying goodbye is a courtesy.
        }

        client.Dispose();
    }

    public void Dispose() => client.Dispose();

    /// <summary>
    /// Asks for reports where the server makes them (RFC 3461): of the recipient's mailbox and never of the copy's, so that what becomes of the copy
    /// is not taken for what became of the message.
    /// </summary>
    private sealed class TrackedClient(IProtocolLogger logger) : SmtpClient(logger)
    {
        private MailboxAddress? copy;

        public void Begin(MailboxAddress? copyOfThisMessage) => copy = copyOfThisMessage;

        // Delivery and attempt, as in the Message-ID before its @.
        protected override string? GetEnvelopeId(MimeMessage message) => message.MessageId?.Split('@')[0];

        protected override DeliveryStatusNotification? GetDeliveryStatusNotifications(MimeMessage message, MailboxAddress mailbox) =>
            ReferenceEquals(mailbox, copy) ? DeliveryStatusNotification.Never : DeliveryStatusNotification.Failure | DeliveryStatusNotification.Delay;

        protected override void OnRecipientNotAccepted(MimeMessage message, MailboxAddress mailbox, SmtpResponse response)
        {
            if (!ReferenceEquals(mailbox, copy))
            {
                base.OnRecipientNotAccepted(message, mailbox, response);
            }
        }
    }

    /// <summary>MailKit reports every line to its protocol logger, and nothing else in it tells whether the body was asked for.</summary>
    private sealed class Dialogue : IProtocolLogger
    {
        private bool dataSent;

        public bool BodyBegan { get; private set; }

        public IAuthenticationSecretDetector? AuthenticationSecretDetector { get; set; }

        public void Begin() => dataSent = BodyBegan = false;

        public void LogConnect(Uri uri)
        {
        }

        public void LogClient(byte[] buffer, int offset, int count)
        {
            var line = buffer.AsSpan(offset, count);
            dataSent |= line.StartsWith("DATA\r\n"u8);
            // BDAT carries the body in the same breath (RFC 3030).
            BodyBegan |= line.StartsWith("BDAT "u8);
        }

        public void LogServer(byte[] buffer, int offset, int count) => BodyBegan |= dataSent && buffer.AsSpan(offset, count).StartsWith("354"u8);

        public void Dispose()
        {
        }
    }
}
