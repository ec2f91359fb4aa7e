using LocalServers;
using Npgsql;

namespace Testing;

/// <summary>
/// PostgreSQL and RabbitMQ for tests, started once per test process and ended with it. Found in this order: connection strings in the
/// environment (<c>ConnectionStrings__postgres</c>, <c>ConnectionStrings__rabbitmq</c>), a container engine, the machine's own binaries.
/// Every test host takes a database and a virtual host of its own, so nothing has to be cleaned away between two of them.
/// </summary>
public static class BackingServices
{
    private static readonly Lazy<Task<string>> Postgres = new(FindPostgres);
    private static readonly Lazy<Task<BrokerAddress>> Broker = new(FindRabbitMq);

    /// <summary>The superuser's connection to the database postgres.</summary>
    public static Task<string> PostgresConnectionString => Postgres.Value;

    /// <summary>amqp with user and password, default virtual host. Prefer <see cref="CreateVirtualHost"/>.</summary>
    public static async Task<Uri> RabbitMq() => (await Broker.Value).Amqp;

    /// <summary>A fresh, empty database; answers its connection string.</summary>
    /// <param name="name">Who needs it, such as "campaign"; what is created has a unique ending.</param>
    public static async Task<string> CreateDatabase(string name)
    {
        var server = await PostgresConnectionString;
        var database = $"{name}_{Guid.NewGuid().ToString("N")[^12..]}";
        await PostgresServer.CreateDatabase(server, database);
        AtExit.DropFromServersOfOthers(() => Drop(server, database), ServersInEnvironment.Postgres);
        return PostgresServer.WithDatabase(server, database);
    }

    /// <summary>A fresh, empty virtual host; answers its amqp address.</summary>
    public static async Task<Uri> CreateVirtualHost(string name = "tests")
    {
        var broker = await Broker.Value;
        var host = $"{name}-{Guid.NewGuid().ToString("N")[^12..]}";
        await RabbitMqServer.CreateVirtualHost(broker.Management, host);
        AtExit.DropFromServersOfOthers(() => RabbitMqServer.DeleteVirtualHost(broker.Management, host), ServersInEnvironment.RabbitMq);
        return RabbitMqServer.WithVirtualHost(broker.Amqp, host);
    }

    /// <summary>The management API of the broker, with user and password in the address.</summary>
    public static async Task<Uri> RabbitMqManagement() => (await Broker.Value).Management;

    private static async Task<string> FindPostgres()
    {
        if (ServersInEnvironment.Postgres is { } given)
        {
            return given;
        }

        if (await Containers.TryPostgres() is { } container)
        {
            return container;
        }

        var server = await ScratchServers.Postgres(AtExit.Scratch);
        AtExit.Stop(server);
        return server.ConnectionString;
    }

    private static async Task<BrokerAddress> FindRabbitMq()
    {
        if (ServersInEnvironment.RabbitMq is { } given)
        {
            return new(given, ServersInEnvironment.RabbitMqManagement ?? new UriBuilder(given) { Scheme = "http", Port = 15672, Path = "" }.Uri);
        }

        if (await Containers.TryRabbitMq() is { } container)
        {
            return container;
        }

        var server = await ScratchServers.RabbitMq(AtExit.Scratch);
        AtExit.Stop(server);
        return new(server.Uri, server.Management);
    }

    private static async Task Drop(string server, string database)
    {
        NpgsqlConnection.ClearAllPools();
        await using var source = NpgsqlDataSource.Create(server);
        await using var drop = source.CreateCommand($"drop database if exists \"{database}\" with (force)");
        await drop.ExecuteNonQueryAsync();
    }
}

internal sealed record BrokerAddress(Uri Amqp, Uri Management);
