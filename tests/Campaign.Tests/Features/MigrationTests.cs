using System.Net;
using EventSourcing;
using LocalServers;
using Npgsql;
using Shouldly;
using Testing;

namespace Campaigns.Tests.Features;

/// <summary>The schema changed by a step of its own, and a service that may not change it.</summary>
public sealed class MigrationTests
{
    [Fact]
    public async Task A_service_that_may_not_change_the_schema_works_on_one_that_was_migrated_before()
    {
        var database = await BackingServices.CreateDatabase("campaign");
        var broker = await BackingServices.CreateVirtualHost("campaign");
        await Migrate(database, broker);
        await Migrate(database, broker);

        await using var host = new ServiceHost<Program>("campaign", await Restricted(database), broker, ("EventStore:MigrateOnStart", "false"));
        await Eventually.Get(async () => (await host.CreateClient().GetAsync("/health")).StatusCode, status => status is HttpStatusCode.OK);
        var client = host.As("aurora", CampaignHost.Everything);
        var spring = await client.Plan("Spring", "InstagramInsights");
        await client.Enlist(spring, await client.Register("Ana"));

        await Eventually.Get(() => client.Json($"/v1/campaigns/{spring}/dashboard"), dashboard => dashboard.GetProperty("creators").GetInt64() == 1);
    }

    [Fact]
    public async Task A_service_that_may_not_migrate_refuses_to_start_on_a_database_that_is_behind_and_says_what_to_do()
    {
        var database = await BackingServices.CreateDatabase("campaign");
        await using var host = new ServiceHost<Program>("campaign", database, await BackingServices.CreateVirtualHost("campaign"), ("EventStore:MigrateOnStart", "false"));

        Should.Throw<InvalidOperationException>(host.CreateClient).Message.ShouldContain(Migrations.Argument);

        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand("select count(*) from pg_namespace where nspname = 'campaign'");
        (await command.ExecuteScalarAsync()).ShouldBe(0L);
    }

    private static Task Migrate(string database, Uri broker) => ChildProcess.Run(new("dotnet", typeof(Campaign).Assembly.Location, Migrations.Argument)
    {
        WorkingDirectory = AppContext.BaseDirectory,
        Environment = new Dictionary<string, string>
        {
            ["ConnectionStrings__campaign"] = database,
            ["ConnectionStrings__rabbitmq"] = broker.ToString(),
            ["EventStore__MigrateOnStart"] = "false",
        },
    });

    // What is granted here stands in docs/operations.md.
    private static async Task<string> Restricted(string database)
    {
        var (role, password) = ($"campaign_{Guid.NewGuid():N}", Guid.NewGuid().ToString("N"));
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand($"""
            create role {role} login password '{password}';
            grant usage on schema campaign to {role};
            grant select, insert, update, delete, truncate on all tables in schema campaign to {role};
            grant usage, select on all sequences in schema campaign to {role};
            grant execute on all functions in schema campaign to {role}
            """);
        await command.ExecuteNonQueryAsync();
        return new NpgsqlConnectionStringBuilder(database) { Username = role, Password = password }.ConnectionString;
    }
}
