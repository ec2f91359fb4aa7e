using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

namespace Mail.Smtp;

/// <summary>Takes connections on this machine's loopback, on Kestrel's own socket transport, and gives each its conversation.</summary>
internal sealed partial class Listener(Settings settings, Mailbox mailbox, Faults faults, TimeProvider clock, ILoggerFactory loggers) : BackgroundService
{
    private readonly ILogger log = loggers.CreateLogger<Listener>();
    private readonly List<IConnectionListener> listeners = [];
    private int connections;

    public int Port { get; private set; }

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        var transport = new SocketTransportFactory(Options.Create(new SocketTransportOptions()), loggers);
        listeners.Add(await transport.BindAsync(new IPEndPoint(IPAddress.Loopback, settings.Smtp.Port), cancellationToken));
        Port = ((IPEndPoint)listeners[0].EndPoint).Port;
        try
        {
            // Some clients try ::1 first for localhost.
            listeners.Add(await transport.BindAsync(new IPEndPoint(IPAddress.IPv6Loopback, Port), cancellationToken));
        }
        catch (Exception exception) when (exception is IOException or System.Net.Sockets.SocketException)
        {
            LogNoIPv6(exception.Message);
        }

        LogListening(Port);
        await base.StartAsync(cancellationToken);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(listeners.Select(listener => Accept(listener, stoppingToken)));

    private async Task Accept(IConnectionListener listener, CancellationToken stopping)
    {
        var conversations = new HashSet<Task>();
        try
        {
            while (await listener.AcceptAsync(stopping) is { } connection)
            {
                conversations.RemoveWhere(conversation => conversation.IsCompleted);
                conversations.Add(Task.Run(() => Converse(connection, stopping), CancellationToken.None));
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Asked to stop: the conversations end by the same token.
        }

        await Task.WhenAll(conversations);
        await listener.DisposeAsync();
    }

    private async Task Converse(ConnectionContext connection, CancellationToken stopping)
    {
        await using (connection)
        {
            var isTooMany = Interlocked.Increment(ref connections) > settings.Smtp.MaxConnections;
            try
            {
                await new Conversation(connection.Transport, settings.Smtp, mailbox, faults, clock).Run(isTooMany, stopping);
            }
            catch (Exception exception) when (exception is IOException or ConnectionResetException or ConnectionAbortedException)
            {
                // The client went away in mid-sentence, which is its right.
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

    [LoggerMessage(LogLevel.Information, "Taking mail on port {Port}")]
    private partial void LogListening(int port);

    [LoggerMessage(LogLevel.Information, "Not taking mail over IPv6: {Reason}")]
    private partial void LogNoIPv6(string reason);

    [LoggerMessage(LogLevel.Error, "A conversation broke off")]
    private partial void LogBroken(Exception exception);
}
