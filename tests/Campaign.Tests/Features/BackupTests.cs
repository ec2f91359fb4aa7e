using System.Net;
using LocalServers;
using Npgsql;
using Shouldly;
using Testing;

namespace Campaigns.Tests.Features;

/// <summary>A backup by pg_dump, restored into an empty database, as docs/operations.md tells it.</summary>
public sealed class BackupTests
{
    [Fact]
    public async Task A_restored_backup_shows_what_was_there_and_the_service_goes_on_from_it()
    {
        var (database, restored) = (await BackingServices.CreateDatabase("campaign"), await BackingServices.CreateDatabase("campaign"));
        var broker = await BackingServices.CreateVirtualHost("campaign");
        await using var bus = await PlainAmqp.Connect(broker);
        var (spring, dump) = (default(Guid), Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.dump"));
        string before;
        await using (var host = await Start(database, broker))
        {
            var client = host.As("aurora", CampaignHost.Everything);
            spring = await client.Plan("Spring", "InstagramInsights");
            var (ana, bo) = (await client.Register("Ana"), await client.Register("Bo"));
            await client.Enlist(spring, ana, bo);
            await bus.Say(Conversation.Granted("aurora", Guid.NewGuid(), ana, 1));
            await Eventually.Get(() => client.Json($"/v1/campaigns/{spring}/dashboard"), dashboard => dashboard.GetRawText().Contains("\"connected\":1,"));
            before = await Pages(client, spring);

            // While it runs: a dump is of one moment.
            await Run("pg_dump", database, "--format=custom", $"--file={dump}");
        }

        try
        {
            await Run("pg_restore", restored, "--exit-on-error", "--no-owner", "--dbname=" + new NpgsqlConnectionStringBuilder(restored).Database, dump);
        }
        finally
        {
            File.Delete(dump);
        }

        await using var again = await Start(restored, broker);
        var after = again.As("aurora", CampaignHost.Everything);
        (await Pages(after, spring)).ShouldBe(before);

        await after.Enlist(spring, await after.Register("Cleo"));
        await Eventually.Get(() => Pages(after, spring), pages => pages.Contains("Cleo"));
    }

    private static async Task<ServiceHost<Program>> Start(string database, Uri broker)
    {
        var host = new ServiceHost<Program>("campaign", database, broker);
        await Eventually.Get(async () => (await host.CreateClient().GetAsync("/health")).StatusCode, status => status is HttpStatusCode.OK);
        return host;
    }

    private static async Task<string> Pages(HttpClient client, Guid campaign) =>
        $"{await client.Json("/v1/campaigns")}\n{await client.Json($"/v1/campaigns/{campaign}/dashboard")}\n{await client.Json($"/v1/campaigns/{campaign}/creators")}";

    private static Task Run(string program, string connectionString, params string[] arguments)
    {
        var server = new NpgsqlConnectionStringBuilder(connectionString);
        string[] where = [$"--host={server.Host}", $"--port={server.Port}", $"--username={server.Username}"];
        return ChildProcess.Run(new(Path.Combine(PostgresServer.Binaries!, program), program == "pg_dump" ? [.. where, .. arguments, server.Database!] : [.. where, .. arguments])
        {
            Environment = new Dictionary<string, string> { ["PGPASSWORD"] = server.Password! },
        });
    }
}
