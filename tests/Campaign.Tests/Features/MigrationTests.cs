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
        (await client.Json($"/v1/campaigns/{spring}/creators?search=ana")).GetProperty("total").GetInt64().ShouldBe(1);
    }

    [Fact]
    public async Task Rosters_of_a_version_that_searched_profiles_are_searched_after_the_migration_and_so_is_what_that_version_still_writes()
    {
        var database = await BackingServices.CreateDatabase("campaign");
        var broker = await BackingServices.CreateVirtualHost("campaign");
        await using var host = new ServiceHost<Program>("campaign", database, broker);
        var client = host.As("aurora", CampaignHost.Everything);
        var spring = await client.Plan("Spring", "InstagramInsights");
        var (ana, joana) = (await client.Register("Ana"), await client.Register("Joana"));
        await client.Enlist(spring, ana, joana);
        await Eventually.Get(() => Found("an"), found => found is ["Ana"]);

        // As that version left it.
        await using var source = NpgsqlDataSource.Create(database);
        await Sql("""
            drop trigger roster_joined on campaign.roster_a; drop trigger roster_moved on campaign.roster_a;
            drop trigger roster_joined on campaign.roster_b; drop trigger roster_moved on campaign.roster_b;
            drop view campaign.roster_search; drop table campaign.roster_search_a, campaign.roster_search_b;
            create index creator_profile_trigrams on campaign.mt_doc_creatorprofile (id)
            """);
        await Migrate(database, broker);
        (await Found("ana")).ShouldBe(["Ana", "Joana"]);
        (await Count("select count(*) from pg_indexes where indexname = 'creator_profile_trigrams'")).ShouldBe(0);

        // A replica of it writes rosters and nothing else: Ana leaves, Joana is Connected.
        await Sql($"update campaign.roster_a set on_roster = false where creator_id = '{ana}'; update campaign.roster_a set standing = 1 where creator_id = '{joana}'");
        (await Found("ana&connection=InstagramInsights:Connected")).ShouldBe(["Joana"]);
        (await Found("ana")).ShouldBe(["Joana"]);
        (await Count($"select count(*) from campaign.roster_search where creator_id = '{ana}'")).ShouldBe(0);

        async Task<string?[]> Found(string query) => [.. (await client.Json($"/v1/campaigns/{spring}/creators?search={query}")).GetProperty("items").Texts("name")];

        async Task Sql(string sql)
        {
            await using var command = source.CreateCommand(sql);
            await command.ExecuteNonQueryAsync();
        }

        async Task<long> Count(string sql)
        {
            await using var command = source.CreateCommand(sql);
            return (long)(await command.ExecuteScalarAsync())!;
        }
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
