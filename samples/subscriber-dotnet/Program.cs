// Takes in every event of an organization, from the first one there ever was, and each of them once:
//   1. a durable queue of its own is bound, so that from now on nothing passes by;
//   2. the feeds are read until they have no more: what happened before;
//   3. the queue is consumed: what happened since. What was in both is known by its message id.
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using CreatorConnections.Contracts.Connections;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using Subscriber;

var organization = Settings.Need("ORGANIZATION");
var queue = Environment.GetEnvironmentVariable("QUEUE") ?? "subscriber-dotnet";
using var journal = new Journal(Environment.GetEnvironmentVariable("JOURNAL") ?? "journal.jsonl");
using var http = new HttpClient();
var contracts = typeof(ConnectionGranted).Assembly.GetExportedTypes().ToDictionary(type => type.Name);

// One channel hands its messages over one after the other, so the journal needs no lock.
await using var connection = await new ConnectionFactory { Uri = new(Settings.Need("AMQP_URL")) }.CreateConnectionAsync();
await using var channel = await connection.CreateChannelAsync();
await channel.ExchangeDeclareAsync("events", ExchangeType.Topic, durable: true);
await channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?> { ["x-queue-type"] = "quorum" });
await channel.QueueBindAsync(queue, "events", $"{organization}.#");

var feed = new Feed(http, new(http));
foreach (var service in Settings.Need("FEEDS").Split(',').Select(address => new Uri(address)))
{
    await foreach (var (items, cursor) in feed.Behind(service, journal.CursorOf(service)))
    {
        foreach (var item in items)
        {
            Take(item.MessageId, item.Type, item.Headers["subject"], item.Body, "feed");
        }

        journal.ReadTo(service, cursor);
    }
}

Console.WriteLine("Caught up; listening.");
var consumer = new AsyncEventingBasicConsumer(channel);
consumer.ReceivedAsync += async (_, message) =>
{
    var subject = Encoding.UTF8.GetString((byte[])message.BasicProperties.Headers!["subject"]!);
    Take(message.BasicProperties.MessageId!, message.RoutingKey.Split('.')[2], subject, JsonDocument.Parse(message.Body).RootElement, "broker");

    // After the effect is written. Before it, a crash would lose the message.
    await channel.BasicAckAsync(message.DeliveryTag, multiple: false);
};
await channel.BasicQosAsync(prefetchSize: 0, prefetchCount: 200, global: false);
await channel.BasicConsumeAsync(queue, autoAck: false, consumer);

var stop = new TaskCompletionSource();
using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => { signal.Cancel = true; stop.TrySetResult(); });
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => { signal.Cancel = true; stop.TrySetResult(); });
await stop.Task;

// Contracts this version does not know yet are noted and left alone.
void Take(string messageId, string type, string subject, JsonElement body, string source)
{
    object fact = contracts.TryGetValue(type, out var contract) ? body.Deserialize(contract, JsonSerializerOptions.Web)! : body;
    journal.Take(new(messageId, type, subject, body.GetProperty("sequence").GetInt64(), source, fact), EffectOf(fact));
}

static string? EffectOf(object fact) => fact switch
{
    ConnectionGranted granted => $"{granted.Platform} of {granted.CreatorId} is green",
    ConnectionRecovered recovered => $"{recovered.Platform} of {recovered.CreatorId} is green",
    ConnectionInvalidated invalidated => $"{invalidated.Platform} of {invalidated.CreatorId} is red: {invalidated.Reason}",
    ConnectionExpired expired => $"{expired.Platform} of {expired.CreatorId} is red: expired",
    _ => null,
};
