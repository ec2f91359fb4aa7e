using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;

namespace Outreach.Channels.Email;

/// <summary>One SMTP connection that remembers how far the current message got.</summary>
internal sealed class SmtpConnection : IDisposable
{
    private readonly Dialogue dialogue = new();
    private readonly SmtpClient client;
    private readonly TimeSpan timeout;

    public SmtpConnection(TimeSpan timeout)
    {
        this.timeout = timeout;
        client = new SmtpClient(dialogue) { Timeout = (int)timeout.TotalMilliseconds };
    }

    public bool IsConnected => client.IsConnected;

    /// <summary>The server asked for the body of the current message and may hold all of it.</summary>
    public bool BodyBegan => dialogue.BodyBegan;

    public async Task Open(SmtpOptions options, CancellationToken ct)
    {
        await client.ConnectAsync(options.Host, options.Port, options.RequireTls ? SecureSocketOptions.StartTls : SecureSocketOptions.StartTlsWhenAvailable, ct);
        if (options.UserName is not null)
        {
            await client.AuthenticateAsync(options.UserName, options.Password ?? "", ct);
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
    public async Task Send(MimeMessage message)
    {
        dialogue.Begin();
        using var patience = new CancellationTokenSource(timeout);
        try
        {
            await client.SendAsync(message, patience.Token);
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
