using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using CreatorConnections.Contracts.Campaigns;
using CreatorConnections.Contracts.Connections;
using Npgsql;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using Testing;

namespace Chaos.Tests.Kit;

/// <summary>What goes through Campaign while it is torn at: facts in by the broker, registrations in by HTTP, and events out.</summary>
public static class Traffic
{
    public const string Organization = "aurora";

    /// <summary>The others' subscriptions, without which nothing is published, and one queue that keeps what is.</summary>
    public static async Task StandIn(Uri node)
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

    /// <summary>Says each fact until some node has confirmed it: now and then twice, under the same id. Answers how many.</summary>
    public static async Task<int> Say(IReadOnlyList<Uri> nodes, CancellationToken until)
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

    /// <summary>Registers creators, each at the client whose turn it is; every one must be answered well.</summary>
    public static async Task<IReadOnlyList<Guid>> Register(Func<int, HttpClient> next, TimeSpan every, CancellationToken until)
    {
        var registered = new List<Guid>();
        using var pace = new PeriodicTimer(every);
        while (!until.IsCancellationRequested)
        {
            await pace.WaitForNextTickAsync(CancellationToken.None);
            using var answer = await next(registered.Count).PostAsJsonAsync(
                "/v1/creators", new { name = $"Creator {registered.Count}", email = $"{Guid.NewGuid():N}@example.com", locale = "en" }, CancellationToken.None);
            answer.StatusCode.ShouldBe(HttpStatusCode.Created);
            registered.Add((await answer.Content.ReadFromJsonAsync<JsonElement>(CancellationToken.None)).GetProperty("id").GetGuid());
        }

        return registered;
    }

    /// <summary>Until all have been heard; each under one id only, however often it came.</summary>
    public static async Task Heard(Uri node, IReadOnlyList<Guid> registered)
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

    /// <summary>How many events of a type are stored.</summary>
    public static async Task<long> Count(NpgsqlDataSource source, string type)
    {
        await using var command = source.CreateCommand("select count(*) from campaign.mt_events where type = $1");
        command.Parameters.AddWithValue(type);
        return (long)(await command.ExecuteScalarAsync())!;
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
}
