using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using EventSourcing;
using RabbitMQ.Client;
using ServiceDefaults;

namespace Webhooks.Intake;

/// <summary>
/// What a receiver reads: an item of the feed (<see cref="FeedItem"/>) without its cursor, which is a place in a feed that this is not. Headers are those of the message
/// on the broker.
/// </summary>
public sealed record WebhookBody(
    Guid MessageId, string Type, string RoutingKey, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? CorrelationId, IReadOnlyDictionary<string, string> Headers, JsonElement Body)
{
    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, Json.Options);
}

/// <summary>A message of the exchange of all events, read as far as this service needs it: whatever its type, so that one of the future needs no new code.</summary>
/// <param name="Organization">Whose.</param>
/// <param name="Id">The event's id, the same on every repetition.</param>
/// <param name="Type">Name of the contract.</param>
/// <param name="Subject">What it is about: the order of messages counts within it.</param>
/// <param name="Sequence">Where it stands among those of its subject; 0 for one that does not say.</param>
/// <param name="Trace">The trace it belongs to.</param>
/// <param name="Body">What is sent, byte for byte.</param>
public sealed record IncomingMessage(string Organization, Guid Id, string Type, string Subject, long Sequence, string? Trace, byte[] Body)
{
    /// <summary>Our own test event. It is no contract: it goes to the endpoint it was asked for and nowhere else.</summary>
    public const string Test = "WebhookTest";

    private const int Largest = 1024 * 1024;
    private const int LongestSubject = 200;
    private static readonly string[] HeaderNames = ["organization", "subject", "causation-id", "traceparent"];

    /// <summary>Null for what is no event of ours, with why.</summary>
    public static IncomingMessage? Read(string routingKey, IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body, out string? flaw)
    {
        flaw = null;
        routingKey = routingKey.Split('.').Length == 3 ? routingKey : KeyIn(properties) ?? routingKey;
        if (routingKey.Split('.') is not [var organization, { Length: > 0 }, { Length: > 0 and <= 100 } type] || !OrganizationScope.IsWellFormed(organization))
        {
            flaw = "its routing key is not organization.area.Name";
            return null;
        }

        if (!Guid.TryParse(properties.MessageId, out var id))
        {
            flaw = "it has no message id";
            return null;
        }

        if (Content(body) is not { } content)
        {
            flaw = "its body is no JSON object of up to 1 MiB";
            return null;
        }

        var headers = HeaderNames.Select(name => (Name: name, Value: HeaderOf(properties, name))).Where(header => header.Value is not null).ToDictionary(header => header.Name, header => header.Value!);
        var subject = headers.GetValueOrDefault("subject") is { Length: > 0 and <= LongestSubject } given ? given : id.ToString();
        var sequence = content.TryGetProperty("sequence", out var number) && number.ValueKind is JsonValueKind.Number && number.TryGetInt64(out var counted) ? counted : 0;
        return new(
            organization, id, type, subject, sequence, headers.GetValueOrDefault("traceparent"),
            new WebhookBody(id, type, routingKey, properties.CorrelationId, headers, content).ToBytes());
    }

    /// <summary>A test event for one endpoint, in the shape of all others.</summary>
    public static IncomingMessage TestOf(string organization, Guid endpoint, Guid id, DateTimeOffset now, string? trace)
    {
        var headers = new Dictionary<string, string> { ["organization"] = organization, ["subject"] = endpoint.ToString() };
        if (trace is not null)
        {
            headers["traceparent"] = trace;
        }

        var content = JsonSerializer.SerializeToElement(new { OrganizationId = organization, EndpointId = endpoint, Sequence = 0, OccurredAt = now }, Json.Options);

        // A subject of its own, so that it waits for nothing and nothing waits for it.
        return new(organization, id, Test, id.ToString(), 0, trace, new WebhookBody(id, Test, $"{organization}.webhooks.{Test}", id.ToString(), headers, content).ToBytes());
    }

    // What an operator replays or requeues comes straight to the queue, and names it as the routing key. Its headers say what the key had been.
    private static string? KeyIn(IReadOnlyBasicProperties properties) =>
        HeaderOf(properties, "organization") is { } organization && HeaderOf(properties, "MT-MessageType")?.Split(';')[0].Split(':') is ["urn", "message", var area, var type]
            ? $"{organization}.{area.Split('.')[^1].ToLowerInvariant()}.{type}"
            : null;

    private static JsonElement? Content(ReadOnlyMemory<byte> body)
    {
        try
        {
            if (body.Length is 0 or > Largest)
            {
                return null;
            }

            using var json = JsonDocument.Parse(body);
            return json.RootElement.ValueKind is JsonValueKind.Object ? json.RootElement.Clone() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? HeaderOf(IReadOnlyBasicProperties properties, string name) => properties.Headers?.TryGetValue(name, out var value) == true
        ? value switch
        {
            byte[] bytes => Encoding.UTF8.GetString(bytes),
            string text => text,
            _ => null,
        }
        : null;
}
