using LocalServers;

namespace Testing;

/// <summary>A RabbitMQ that a test may stop, kill and start again: same address, same data. Never the shared one of <see cref="BackingServices"/>.</summary>
public sealed class PrivateBroker : IAsyncDisposable
{
    private readonly RabbitMqOptions _options;
    private RabbitMqServer? _server;

    private PrivateBroker(RabbitMqOptions options, RabbitMqServer server)
    {
        _options = options;
        _server = server;
        Uri = server.Uri;
        Management = server.Management;
    }

    public Uri Uri { get; }

    public Uri Management { get; }

    public bool IsRunning => _server is not null;

    public static async Task<PrivateBroker> Launch()
    {
        var options = ScratchServers.RabbitMqOptions(AtExit.Scratch);
        return new(options, await RabbitMqServer.Start(options));
    }

    public async Task Start() => _server ??= await RabbitMqServer.Start(_options);

    /// <summary>An orderly stop: connections are closed, queues written.</summary>
    public async Task Stop()
    {
        if (_server is { } server)
        {
            _server = null;
            await server.Stop();
        }
    }

    /// <summary>SIGKILL, as a power cut.</summary>
    public async Task Kill()
    {
        if (_server is { } server)
        {
            _server = null;
            await server.Kill();
        }
    }

    public async ValueTask DisposeAsync() => await Kill();
}
