using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Chaos.Tests.Kit;
using CreatorConnections.Contracts.Campaigns;
using CreatorConnections.Contracts.Connections;
using Npgsql;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using Testing;

namespace Chaos.Tests;

/// <summary>Campaign on a RabbitMQ of three nodes, facts coming in and events going out, while nodes and a replica lose their power one after the other.</summary>
public sealed class ClusterTests(ITestOutputHelper output)
{
    private const string Organization = "aurora";
    private const int FactsBetween = 100;

    [Fact]
    public async Task A_cluster_that_loses_any_node_and_then_a_replica_loses_nothing_and_doubles_nothing()
    {
        await using var cluster = await PrivateCluster.Launch();
        var database = await BackingServices.CreateDatabase("chaos");
        await StandIn(cluster.Nodes[0]);

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
        var saying = Say(cluster.Nodes, over.Token);
        var registering = Register(survivor.As(Organization, "campaigns.write"), over.Token);
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
        await Heard(cluster.Nodes[1], registered);
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

        async Task<long> Count(string type)
        {
            await using var command = source.CreateCommand("select count(*) from campaign.mt_events where type = $1");
            command.Parameters.AddWithValue(type);
            return (long)(await command.ExecuteScalarAsync())!;
        }
    }

    // The others' subscriptions, without which nothing is published, and one queue that keeps what is.
    internal static async Task StandIn(Uri node)
    {
        await using (var bus = await PlainAmqp.Connect(node))
        {
            await bus.Listen(
                ["connections", "outreach"],
                typeof(OrganizationNamed), typeof(CreatorRegistered), typeof(CampaignCreated), typeof(CreatorAddedToCampaign), typeof(CreatorRemovedFromCampaign));
        }

        await using var connection = await new ConnectionFactory { Uri = node }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        await channel.QueueDeclareAsync("heard", durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?> { ["x-queue-type"] = "quorum" });
        await channel.QueueBindAsync("heard", "CreatorConnections.Contracts.Campaigns:CreatorRegistered", "");
    }

    // Says each fact until some node has confirmed it: now and then twice, under the same id. Answers how many.
    internal static async Task<int> Say(IReadOnlyList<Uri> nodes, CancellationToken until)
    {
        var (connection, channel, fact) = (default(IConnection), default(IChannel), 0);
        var exchange = $"{typeof(ConnectionGranted).Namespace}:{nameof(ConnectionGranted)}";
        try
        {
            while (!until.IsCancellationRequested)
            {
                try
                {
                    connection ??= await new ConnectionFactory { Uri = nodes[0], AutomaticRecoveryEnabled = false }
                        .CreateConnectionAsync([.. nodes.Select(node => new AmqpTcpEndpoint(node))], CancellationToken.None);
                    channel ??= await connection.CreateChannelAsync(new(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), CancellationToken.None);
                    await Publish(channel, exchange, fact);
                    fact++;
                }
                catch (Exception exception) when (exception is AlreadyClosedException or OperationInterruptedException or BrokerUnreachableException or PublishException or IOException or TimeoutException or TaskCanceledException)
                {
                    connection?.Dispose();
                    (connection, channel) = (null, null);
                }
            }

            return fact;
        }
        finally
        {
            connection?.Dispose();
        }
    }

    private static async Task Publish(IChannel channel, string exchange, int fact)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        await channel.BasicPublishAsync(
            exchange, "", mandatory: false,
            new BasicProperties
            {
                MessageId = new Guid(fact, 0, 0, new byte[8]).ToString(),
                ContentType = "application/json",
                DeliveryMode = DeliveryModes.Persistent,
                Headers = new Dictionary<string, object?> { ["MT-MessageType"] = $"urn:message:{exchange}" },
            },
            JsonSerializer.SerializeToUtf8Bytes(
                new ConnectionGranted
                {
                    OrganizationId = Organization,
                    ConnectionId = new Guid(fact, 1, 0, new byte[8]),
                    CreatorId = new Guid(fact, 2, 0, new byte[8]),
                    Platform = "instagram",
                    AccountId = $"{fact}",
                    Scopes = [],
                    OccurredAt = DateTimeOffset.UtcNow,
                    Sequence = 1,
                },
                JsonSerializerOptions.Web),
            patience.Token);
    }

    private static async Task<IReadOnlyList<Guid>> Register(HttpClient client, CancellationToken until)
    {
        var registered = new List<Guid>();
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        while (!until.IsCancellationRequested)
        {
            await pace.WaitForNextTickAsync(CancellationToken.None);
            using var answer = await client.PostAsJsonAsync(
                "/v1/creators", new { name = $"Creator {registered.Count}", email = $"{Guid.NewGuid():N}@example.com", locale = "en" }, CancellationToken.None);
            answer.StatusCode.ShouldBe(HttpStatusCode.Created);
            registered.Add((await answer.Content.ReadFromJsonAsync<JsonElement>(CancellationToken.None)).GetProperty("id").GetGuid());
        }

        return registered;
    }

    // Until all have been heard; each under one id only, however often it came.
    internal static async Task Heard(Uri node, IReadOnlyList<Guid> registered)
    {
        await using var connection = await new ConnectionFactory { Uri = node }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        var heard = new Dictionary<Guid, string>();
        await Eventually.Get(
            async () =>
            {
                while (await channel.BasicGetAsync("heard", autoAck: true) is { } message)
                {
                    var creator = JsonDocument.Parse(message.Body).RootElement.GetProperty("creatorId").GetGuid();
                    heard.TryAdd(creator, message.BasicProperties.MessageId!);
                    heard[creator].ShouldBe(message.BasicProperties.MessageId);
                }

                return heard.Count;
            },
            count => count >= registered.Count,
            within: TimeSpan.FromSeconds(60));
        heard.Keys.ShouldBe(registered, ignoreOrder: true);
    }
}
