using LocalServers;
using Testcontainers.PostgreSql;
using Testcontainers.RabbitMq;

namespace Testing;

/// <summary>PostgreSQL and RabbitMQ from a container engine, where one runs and can get the images.</summary>
internal static class Containers
{
    private static readonly Lazy<Task<bool>> EngineAnswers = new(ContainerEngine.Answers);

    public static Task<string?> TryPostgres() => Try(PostgresServer.Binaries, async () =>
    {
        var container = new PostgreSqlBuilder("postgres:17-alpine").WithCommand("-c", "fsync=off", "-c", "max_connections=300").Build();
        await container.StartAsync();
        AtExit.Stop(container);
        return container.GetConnectionString();
    });

    public static Task<BrokerAddress?> TryRabbitMq() => Try(RabbitMqServer.Script, async () =>
    {
        var container = new RabbitMqBuilder("rabbitmq:4-management-alpine").WithPortBinding(15672, assignRandomHostPort: true).Build();
        await container.StartAsync();
        AtExit.Stop(container);
        var amqp = new Uri(container.GetConnectionString());
        return new BrokerAddress(amqp, new UriBuilder(amqp) { Scheme = "http", Port = container.GetMappedPublicPort(15672), Path = "" }.Uri);
    });

    // An engine that answers but cannot get an image (no network, a closed registry) is no reason to fail where the machine has its own server.
    private static async Task<T?> Try<T>(string? machinesOwn, Func<Task<T>> start)
        where T : class
    {
        if (!await EngineAnswers.Value)
        {
            return null;
        }

        try
        {
            return await start();
        }
        catch (Exception exception) when (machinesOwn is not null)
        {
            Console.Error.WriteLine($"The container engine gives no server ({exception.Message}); the machine's own is used: {machinesOwn}");
            return null;
        }
    }
}
