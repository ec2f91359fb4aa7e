using System.Text.Json;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Testing;

/// <summary>A message as a stranger sees it: headers and JSON.</summary>
public sealed record Delivery(string Exchange, string? MessageId, JsonElement Body);

/// <summary>The bus through a plain AMQP client, without the library the services use: what they say, and words put in their ears.</summary>
public sealed class PlainAmqp : IAsyncDisposable
{
    private readonly List<Delivery> heard = [];
    private readonly IConnection connection;
    private readonly IChannel channel;

    private PlainAmqp(IConnection connection, IChannel channel) => (this.connection, this.channel) = (connection, channel);

    public static async Task<PlainAmqp> Connect(Uri broker)
    {
        var connection = await new ConnectionFactory { Uri = broker }.CreateConnectionAsync();
        var confirmed = new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true);
        return new(connection, await connection.CreateChannelAsync(confirmed));
    }

    /// <summary>Listens to these contracts. They are published only once our own services that need them were there: this stands in for them.</summary>
    public async Task Listen(IEnumerable<string> standingInFor, params Type[] contracts)
    {
        var queue = await channel.QueueDeclareAsync();
        foreach (var contract in contracts)
        {
            await channel.ExchangeDeclareAsync(ExchangeOf(contract), ExchangeType.Fanout, durable: true);
            await channel.QueueBindAsync(queue.QueueName, ExchangeOf(contract), "");
            foreach (var service in standingInFor)
            {
                await channel.ExchangeDeclareAsync($"subscribed:{service}:{contract.Namespace}:{contract.Name}", ExchangeType.Fanout, durable: true);
            }
        }

        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, message) =>
        {
            lock (heard)
            {
                heard.Add(new(message.Exchange, message.BasicProperties.MessageId, JsonDocument.Parse(message.Body.ToArray()).RootElement.Clone()));
            }

            return Task.CompletedTask;
        };
        await channel.BasicConsumeAsync(queue.QueueName, autoAck: true, consumer);
    }

    /// <summary>Everything heard of a contract so far, in the order it came.</summary>
    public IReadOnlyList<Delivery> Heard<T>()
    {
        lock (heard)
        {
            return [.. heard.Where(delivery => delivery.Exchange == ExchangeOf(typeof(T)))];
        }
    }

    /// <summary>Says a contract, confirmed by the broker; the same id again is a repeated delivery.</summary>
    public async Task Say(object message, Guid? id = null)
    {
        var exchange = ExchangeOf(message.GetType());
        var properties = new BasicProperties
        {
            MessageId = (id ?? Guid.NewGuid()).ToString(),
            ContentType = "application/json",
            DeliveryMode = DeliveryModes.Persistent,
            Headers = new Dictionary<string, object?> { ["MT-MessageType"] = $"urn:message:{exchange}" },
        };
        var body = JsonSerializer.SerializeToUtf8Bytes(message, message.GetType(), JsonSerializerOptions.Web);
        await channel.BasicPublishAsync(exchange, "", mandatory: true, properties, body);
    }

    public async ValueTask DisposeAsync() => await connection.DisposeAsync();

    private static string ExchangeOf(Type contract) => $"{contract.Namespace}:{contract.Name}";
}
