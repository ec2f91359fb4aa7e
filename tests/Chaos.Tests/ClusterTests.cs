using System.Diagnostics;
using System.Net;
using Chaos.Tests.Kit;
using Npgsql;
using Testing;

namespace Chaos.Tests;

/// <summary>Campaign on a RabbitMQ of three nodes, facts coming in and events going out, while nodes and a replica lose their power one after the other.</summary>
public sealed class ClusterTests(ITestOutputHelper output)
{
    private const int FactsBetween = 100;

    [Fact]
    public async Task A_cluster_that_loses_any_node_and_then_a_replica_loses_nothing_and_doubles_nothing()
    {
        await using var cluster = await PrivateCluster.Launch();
        var database = await BackingServices.CreateDatabase("chaos");
        await Traffic.StandIn(cluster.Nodes[0]);

        // The process is there first and leads; the replica in here has the API.
        await using var doomed = await ReplicaProcess.Start<Campaigns.Campaign>(
        [
            ("ConnectionStrings:campaign", database), ("ConnectionStrings:rabbitmq", cluster.ConnectionString),
            ("Authentication:Authority", TestTokens.Issuer), ("Authentication:Audience", TestTokens.Audience), ("Logging:LogLevel:Default", "Warning"),
            ("Logging:LogLevel:Microsoft.Hosting.Lifetime", "Information"), ("OTEL_TRACES_SAMPLER", "always_off"),
        ]);
        await doomed.Address();
        await using var survivor = new ServiceHost<Campaigns.Campaign>("campaign", database, cluster.Nodes[0], ("ConnectionStrings:rabbitmq", cluster.ConnectionString));
        await Eventually.Get(async () => (await survivor.CreateClient().GetAsync("/health")).StatusCode, status => status is HttpStatusCode.OK, within: TimeSpan.FromSeconds(60));

        await using var source = NpgsqlDataSource.Create(database);
        using var over = new CancellationTokenSource();
        var saying = Traffic.Say(cluster.Nodes, over.Token);
        var client = survivor.As(Traffic.Organization, "campaigns.write");
        var registering = Traffic.Register(_ => client, TimeSpan.FromMilliseconds(200), over.Token);
        for (var node = 0; node < cluster.Nodes.Count; node++)
        {
            await Further();
            await cluster.Kill(node);
            await BackAfter($"node {node + 1}");
            await cluster.Start(node);
        }

        await Further();
        await doomed.Kill();
        await BackAfter("the replica");
        await Further();
        await over.CancelAsync();
        var (said, registered) = (await saying, await registering);

        // In: every fact is one event, however often it was said.
        await Eventually.Get(() => Count("access_noted"), count => count >= said, within: TimeSpan.FromSeconds(120));

        // Out: every registration was told, under its one id.
        await Traffic.Heard(cluster.Nodes[1], registered);
        (await Count("access_noted")).ShouldBe(said);
        (await Count("creator_admitted")).ShouldBe(registered.Count);
        output.WriteLine($"{said} facts in, {registered.Count} registrations out");

        async Task Further()
        {
            var before = await Count("access_noted");
            await Eventually.Get(() => Count("access_noted"), count => count > before + FactsBetween, within: TimeSpan.FromSeconds(120));
        }

        async Task BackAfter(string what)
        {
            var (before, started) = (await Count("access_noted"), Stopwatch.GetTimestamp());
            await Eventually.Get(() => Count("access_noted"), count => count > before + 5, within: TimeSpan.FromSeconds(120));
            output.WriteLine($"Facts went on {Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} s after {what} was killed");
        }

        Task<long> Count(string type) => Traffic.Count(source, type);
    }
}
