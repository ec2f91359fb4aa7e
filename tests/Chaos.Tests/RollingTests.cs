using System.Net;
using System.Net.Http.Headers;
using Chaos.Tests.Kit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;
using Npgsql;
using Testing;

namespace Chaos.Tests;

/// <summary>Campaign is upgraded: its replicas are replaced one after the other, the one that leads among them, while requests and messages come in and events go out.</summary>
public sealed class RollingTests(ITestOutputHelper output)
{
    private const int Between = 40;

    [Fact]
    public async Task Replicas_are_replaced_one_after_the_other_and_no_request_is_refused_no_message_lost_and_no_event_untold()
    {
        var (database, broker) = (await BackingServices.CreateDatabase("chaos"), await BackingServices.CreateVirtualHost("chaos"));
        await using var authority = Authority(out var issuer);
        await authority.StartAsync(TestContext.Current.CancellationToken);
        await Traffic.StandIn(broker);
        (string, string)[] settings =
        [
            ("ConnectionStrings:campaign", database), ("ConnectionStrings:rabbitmq", broker.ToString()), ("Authentication:Authority", authority.Urls.Single()), ("Authentication:Audience", TestTokens.Audience),
            ("Logging:LogLevel:Default", "Warning"), ("Logging:LogLevel:Microsoft.Hosting.Lifetime", "Information"), ("OTEL_TRACES_SAMPLER", "always_off"),
        ];
        var token = issuer.Token(Traffic.Organization, "campaigns.write");
        var replicas = new Queue<(ReplicaProcess Process, HttpClient Client)>();
        for (var replica = 0; replica < 2; replica++)
        {
            replicas.Enqueue(await Ready(settings, token));
        }

        await using var source = NpgsqlDataSource.Create(database);
        using var over = new CancellationTokenSource();
        IReadOnlyList<HttpClient> balanced = [.. replicas.Select(replica => replica.Client)];
        var saying = Traffic.Say([broker], over.Token);
        var registering = Traffic.Register(Next, TimeSpan.FromMilliseconds(50), over.Token);
        try
        {
            // Each of the two that were there, then one of their successors: whoever leads is ended at least once.
            for (var replaced = 0; replaced < 3; replaced++)
            {
                await Further();
                replicas.Enqueue(await Ready(settings, token));
                var (old, _) = replicas.Dequeue();

                // As a load balancer does: first it is sent no more, then it is ended.
                Volatile.Write(ref balanced, [.. replicas.Select(replica => replica.Client)]);
                (await old.Stop()).ShouldBe(0);
                await old.DisposeAsync();
            }

            await Further();
            await over.CancelAsync();
            var (said, registered) = (await saying, await registering);

            await Eventually.Get(() => Count("access_noted"), count => count >= said, within: TimeSpan.FromSeconds(60));
            await Traffic.Heard(broker, registered);
            (await Count("access_noted")).ShouldBe(said);
            (await Count("creator_admitted")).ShouldBe(registered.Count);
            output.WriteLine($"{said} facts in, {registered.Count} registrations out, none refused");
        }
        finally
        {
            await over.CancelAsync();
            foreach (var (process, client) in replicas)
            {
                await process.DisposeAsync();
                client.Dispose();
            }
        }

        HttpClient Next(int turn)
        {
            var clients = Volatile.Read(ref balanced);
            return clients[turn % clients.Count];
        }

        async Task Further()
        {
            var before = await Count("access_noted");
            await Eventually.Get(() => Count("access_noted"), count => count > before + Between, within: TimeSpan.FromSeconds(120));
        }

        Task<long> Count(string type) => Traffic.Count(source, type);
    }

    private static WebApplication Authority(out TestIssuer issuer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        issuer = new(app, "organizations.any");
        return app;
    }

    private static async Task<(ReplicaProcess Process, HttpClient Client)> Ready(IEnumerable<(string Key, string Value)> settings, string token)
    {
        var process = await ReplicaProcess.Start<Campaigns.Campaign>(settings);
        var client = new HttpClient { BaseAddress = await process.Address(), DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
        await Eventually.Get(async () => (await client.GetAsync("/health")).StatusCode, status => status is HttpStatusCode.OK, within: TimeSpan.FromSeconds(60));
        return (process, client);
    }
}
