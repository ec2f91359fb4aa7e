using System.Net;
using System.Security.Authentication;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

namespace Mail.Smtp;

/// <summary>Takes connections on this machine's loopback, on Kestrel's own socket transport, and gives each its conversation.</summary>
internal sealed partial class Listener(
    Settings settings, Certificate certificate, Mailbox mailbox, Returns returns, Faults faults, Greylist greylist, TimeProvider clock, ILoggerFactory loggers)
    : BackgroundService
{
    private readonly ILogger log = loggers.CreateLogger<Listener>();
    private readonly List<(IConnectionListener Listener, bool IsTls)> listeners = [];
    private int connections;

    public int Port { get; private set; }

    public int? TlsPort { get; private set; }

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        Port = await Bind(settings.Smtp.Port, isTls: false, cancellationToken);
        TlsPort = settings.Smtp.TlsPort is { } port ? await Bind(port, isTls: true, cancellationToken) : null;
        LogListening(Port, TlsPort);
        await base.StartAsync(cancellationToken);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(listeners.Select(one => Accept(one.Listener, one.IsTls, stoppingToken)));

    private async Task<int> Bind(int port, bool isTls, CancellationToken cancellationToken)
    {
        var transport = new SocketTransportFactory(Options.Create(new SocketTransportOptions()), loggers);
        var listener = await transport.BindAsync(new IPEndPoint(IPAddress.Loopback, port), cancellationToken);
        listeners.Add((listener, isTls));
        var bound = ((IPEndPoint)listener.EndPoint).Port;
        try
        {
            // Some clients try ::1 first for localhost.
            listeners.Add((await transport.BindAsync(new IPEndPoint(IPAddress.IPv6Loopback, bound), cancellationToken), isTls));
        }
        catch (Exception exception) when (exception is IOException or System.Net.Sockets.SocketException)
        {
            LogNoIPv6(exception.Message);
        }

        return bound;
    }

    private async Task Accept(IConnectionListener listener, bool isTls, CancellationToken stopping)
    {
        var conversations = new HashSet<Task>();
        try
        {
            while (await listener.AcceptAsync(stopping) is { } connection)
            {
                conversations.RemoveWhere(conversation => conversation.IsCompleted);
                conversations.Add(Task.Run(() => Converse(connection, isTls, stopping), CancellationToken.None));
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Asked to stop: the conversations end by the same token.
        }

        await Task.WhenAll(conversations);
        await listener.DisposeAsync();
    }

    private async Task Converse(ConnectionContext connection, bool isTls, CancellationToken stopping)
    {
        await using (connection)
        {
            var isTooMany = Interlocked.Increment(ref connections) > settings.Smtp.MaxConnections;
            try
            {
                await using var wire = new Wire(connection.Transport, settings.Smtp, clock, stopping);
                await new Conversation(wire, settings.Smtp, certificate, mailbox, returns, faults, greylist, clock).Run(isTls, isTooMany, stopping);
            }
            catch (Exception exception) when (exception is IOException or ConnectionResetException or ConnectionAbortedException or AuthenticationException)
            {
                // The client went away in mid-sentence, or does not trust us, which is its right.
            }
            catch (Exception exception)
            {
                LogBroken(exception);
            }
            finally
            {
                Interlocked.Decrement(ref connections);
            }
        }
    }

    [LoggerMessage(LogLevel.Information, "Taking mail on port {Port}, with TLS at once on {TlsPort}")]
    private partial void LogListening(int port, int? tlsPort);

    [LoggerMessage(LogLevel.Information, "Not taking mail over IPv6: {Reason}")]
    private partial void LogNoIPv6(string reason);

    [LoggerMessage(LogLevel.Error, "A conversation broke off")]
    private partial void LogBroken(Exception exception);
}
