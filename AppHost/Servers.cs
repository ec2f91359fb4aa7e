using System.Globalization;
using LocalServers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace AppHost;

/// <summary>PostgreSQL with one database per service, and RabbitMQ, wherever they come from.</summary>
internal sealed record Servers(
    IResourceBuilder<IResourceWithConnectionString> Campaign,
    IResourceBuilder<IResourceWithConnectionString> Connections,
    IResourceBuilder<IResourceWithConnectionString> ConnectionsKeys,
    IResourceBuilder<IResourceWithConnectionString> Outreach,
    IResourceBuilder<IResourceWithConnectionString> Webhooks,
    IResourceBuilder<IResourceWithConnectionString> RabbitMq);

internal static class ServersOfTheTopology
{
    public static Servers AddContainers(
        this IDistributedApplicationBuilder builder,
        Topology topology,
        IResourceBuilder<ParameterResource> databasePassword,
        IResourceBuilder<ParameterResource> brokerPassword)
    {
        var postgres = builder.AddPostgres(topology.Postgres.Name, password: databasePassword, port: topology.Postgres.Port)
            .WithDataVolume("creator-connections-postgres");
        var rabbitMq = builder.AddRabbitMQ(topology.RabbitMq.Name, password: brokerPassword, port: topology.RabbitMq.Port)
            .WithManagementPlugin(topology.RabbitMq.Ports["management"])
            .WithDataVolume("creator-connections-rabbitmq");

        // A resource's name is given once: the database of the resource campaign cannot be called campaign too.
        return new(
            postgres.AddDatabase("campaign-database", topology.Campaign.Database),
            postgres.AddDatabase("connections-database", topology.Connections.Database),
            postgres.AddDatabase("keys-database", topology.Connections.KeyDatabase),
            postgres.AddDatabase("outreach-database", topology.Outreach.Database),
            postgres.AddDatabase("webhooks-database", topology.Webhooks.Database),
            rabbitMq);
    }

    /// <summary>The machine's own servers, run in the foreground by the same code that Standalone uses, on the same data.</summary>
    public static Servers AddMachinesOwn(
        this IDistributedApplicationBuilder builder,
        Topology topology,
        IResourceBuilder<ParameterResource> databasePassword,
        IResourceBuilder<ParameterResource> brokerPassword)
    {
        const string postgresAnswers = "postgres-answers";
        var postgresPort = topology.Postgres.Port.ToString(CultureInfo.InvariantCulture);
        var brokerPort = topology.RabbitMq.Port.ToString(CultureInfo.InvariantCulture);
        var standalone = Path.Combine(builder.AppHostDirectory, "Standalone");

        builder.Services.AddHealthChecks().AddAsyncCheck(postgresAnswers, async cancellation =>
        {
            try
            {
                // The last of the databases that it creates at its first start.
                var password = await databasePassword.Resource.GetValueAsync(cancellation);
                await using var connection = new NpgsqlConnection(
                    $"Host=127.0.0.1;Port={postgresPort};Username=postgres;Password={password};Database={topology.Webhooks.Database};Pooling=false");
                await connection.OpenAsync(cancellation);
                return HealthCheckResult.Healthy();
            }
            catch (NpgsqlException exception)
            {
                return HealthCheckResult.Unhealthy(exception.Message);
            }
        });

        var postgres = builder.AddExecutable(topology.Postgres.Name, "dotnet", standalone, "run", "--no-build", "--", "postgres")
            .WithEndpoint(port: topology.Postgres.Port, name: "tcp", scheme: "tcp", isProxied: false)
            .WithEnvironment("Parameters__database_password", databasePassword)
            .WithHealthCheck(postgresAnswers);
        var rabbitMq = builder.AddExecutable(topology.RabbitMq.Name, "dotnet", standalone, "run", "--no-build", "--", "rabbitmq")
            .WithEndpoint(port: topology.RabbitMq.Port, name: "tcp", scheme: "tcp", isProxied: false)
            .WithHttpEndpoint(topology.RabbitMq.Ports["management"], name: "management", isProxied: false)
            .WithEnvironment("Parameters__broker_password", brokerPassword)
            .WithHttpHealthCheck("/", endpointName: "management");

        return new(
            builder.AddConnectionString("campaign-database", Database(topology.Campaign.Database!)).WaitFor(postgres),
            builder.AddConnectionString("connections-database", Database(topology.Connections.Database!)).WaitFor(postgres),
            builder.AddConnectionString("keys-database", Database(topology.Connections.KeyDatabase!)).WaitFor(postgres),
            builder.AddConnectionString("outreach-database", Database(topology.Outreach.Database!)).WaitFor(postgres),
            builder.AddConnectionString("webhooks-database", Database(topology.Webhooks.Database!)).WaitFor(postgres),
            builder.AddConnectionString("broker", ReferenceExpression.Create($"amqp://{RabbitMqServer.DefaultUser}:{brokerPassword}@localhost:{brokerPort}")).WaitFor(rabbitMq));

        ReferenceExpression Database(string name) =>
            ReferenceExpression.Create($"Host=127.0.0.1;Port={postgresPort};Username=postgres;Password={databasePassword};Database={name}");
    }

    public static IResourceBuilder<T> WithSettings<T>(this IResourceBuilder<T> builder, Resource resource)
        where T : IResourceWithEnvironment
    {
        foreach (var (name, value) in resource.Settings)
        {
            builder.WithEnvironment(name, value);
        }

        return builder;
    }
}
