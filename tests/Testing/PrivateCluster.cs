using LocalServers;

namespace Testing;

/// <summary>Three nodes of RabbitMQ on this machine, each of which a test may kill and start again: same address, same data.</summary>
public sealed class PrivateCluster : IAsyncDisposable
{
    private readonly ChildProcess portMapper;
    private readonly RabbitMqOptions[] nodes;
    private readonly RabbitMqServer?[] servers;

    private PrivateCluster(ChildProcess portMapper, RabbitMqOptions[] nodes)
    {
        (this.portMapper, this.nodes, servers) = (portMapper, nodes, new RabbitMqServer?[nodes.Length]);
        Nodes = [.. nodes.Select(node => new Uri($"amqp://{node.User}:{node.Password}@127.0.0.1:{node.Port}"))];
    }

    public IReadOnlyList<Uri> Nodes { get; }

    /// <summary>All nodes, as a service is told of them.</summary>
    public string ConnectionString => string.Join(',', Nodes);

    public static async Task<PrivateCluster> Launch(int size = 3)
    {
        var ports = Ports.Free(1 + (3 * size));
        var portMapper = await RabbitMqServer.PortMapper(ports[0]);
        var cluster = new RabbitMqCluster($"{Guid.NewGuid():N}", [.. Enumerable.Range(1, size).Select(number => $"node{number}")]);
        var nodes = cluster.Nodes.Select((name, index) => new RabbitMqOptions(
            Path.Combine(AtExit.Scratch.Path, $"cluster-{Guid.NewGuid():N}"), name, RabbitMqServer.DefaultUser, "guest",
            ports[1 + index], ports[1 + size + index], ports[1 + (2 * size) + index], ports[0], Durable: false)
        { Cluster = cluster });
        var launched = new PrivateCluster(portMapper, [.. nodes]);

        // One after the other: the first makes the cluster, the others find it.
        for (var node = 0; node < size; node++)
        {
            await launched.Start(node);
        }

        return launched;
    }

    public async Task Start(int node) => servers[node] ??= await RabbitMqServer.Start(nodes[node]);

    /// <summary>SIGKILL, as a power cut.</summary>
    public async Task Kill(int node)
    {
        if (servers[node] is { } server)
        {
            servers[node] = null;
            await server.Kill();
        }
    }

    public async ValueTask DisposeAsync()
    {
        for (var node = 0; node < nodes.Length; node++)
        {
            await Kill(node);
        }

        await portMapper.DisposeAsync();
    }
}
