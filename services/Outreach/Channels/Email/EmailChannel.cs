using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Security.Cryptography;
using MailKit;
using MailKit.Security;

namespace Outreach.Channels.Email;

/// <summary>E-mail over SMTP. Connections are kept and reused: a greeting and a handshake cost more than a message.</summary>
public sealed class EmailChannel(SmtpOptions options, TimeProvider clock) : IChannel, IAsyncDisposable
{
    private readonly ConcurrentBag<(SmtpConnection Connection, DateTimeOffset Since)> idle = [];

    public async Task<ILine> Open(CancellationToken ct)
    {
        while (idle.TryTake(out var kept))
        {
            if (clock.GetUtcNow() - kept.Since < options.KeepIdle && await kept.Connection.IsAlive(ct))
            {
                return new EmailLine(this, kept.Connection, options);
            }

            kept.Connection.Dispose();
        }

        var connection = new SmtpConnection(options);
        try
        {
            await connection.Open(ct);
            return new EmailLine(this, connection, options);
        }
        catch (Exception e) when (e is SocketException or IOException or ProtocolException or CommandException or AuthenticationException
            or SslHandshakeException or CryptographicException or TimeoutException or NotSupportedException)
        {
            connection.Dispose();
            throw new ChannelUnavailable("The mail server cannot be used.", e);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        while (idle.TryTake(out var kept))
        {
            await kept.Connection.Quit();
        }
    }

    internal void Return(SmtpConnection connection)
    {
        if (connection.IsConnected)
        {
            idle.Add((connection, clock.GetUtcNow()));
        }
        else
        {
            connection.Dispose();
        }
    }
}
