using Microsoft.Extensions.Configuration;
using RabbitMQ.Client;

namespace EventSourcing;

/// <summary>
/// Where RabbitMQ is: <c>amqp://user:password@host:port/vhost</c>, or several of those separated by commas, a node of one cluster each. User, password and
/// virtual host are the first one's.
/// </summary>
public sealed record BrokerAddress(Uri First, IReadOnlyList<Uri> Nodes)
{
    /// <summary>Of the connection string <c>rabbitmq</c>.</summary>
    public static BrokerAddress From(IConfiguration configuration) => Parse(configuration.GetConnectionString("rabbitmq") ?? "");

    /// <summary>Reads a connection string.</summary>
    public static BrokerAddress Parse(string connectionString)
    {
        var nodes = connectionString.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(node => Uri.TryCreate(node, UriKind.Absolute, out var uri) && uri.Scheme is "amqp" or "amqps" ? uri : throw Unreadable()).ToArray();
        return nodes is [var first, ..] ? new(first, nodes) : throw Unreadable();

        // What was given may hold a password and is not repeated.
        static InvalidOperationException Unreadable() =>
            new("The connection string \"rabbitmq\" is missing or cannot be read: set ConnectionStrings__rabbitmq to amqp://user:password@host:port/vhost, for a cluster to one of those per node, separated by commas.");
    }

    /// <summary>As <c>host:port</c> each.</summary>
    public IEnumerable<string> Hosts => Nodes.Select(node => $"{node.Host}:{(node.IsDefaultPort || node.Port < 0 ? DefaultPort(node) : node.Port)}");

    /// <summary>Connects to whichever node answers.</summary>
    public ConnectionFactory Factory(string name) => new()
    {
        Uri = First,
        ClientProvidedName = name,
        EndpointResolverFactory = _ => new DefaultEndpointResolver(Nodes.Select(node => new AmqpTcpEndpoint(node, new SslOption { Enabled = node.Scheme == "amqps", ServerName = node.Host }))),
    };

    private static int DefaultPort(Uri node) => node.Scheme == "amqps" ? 5671 : 5672;
}
