using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using CreatorConnections.Contracts.Connections;

namespace Contracts.Tests;

/// <summary>What the contracts say of themselves, as an AsyncAPI 3 document and as JSON Schemas: from their types and their XML documentation.</summary>
internal static partial class AsyncApiDocument
{
    private const string Subject = "019a3c5e-7b1d-7c2a-9f40-2d6c1e8a5b73";
    private static readonly Assembly Contracts = typeof(ConnectionGranted).Assembly;
    private static readonly XDocument Documentation = XDocument.Load(Path.ChangeExtension(Contracts.Location, ".xml"));

    private static readonly Dictionary<string, JsonNode> Examples = new()
    {
        ["organizationId"] = "aurora",
        ["platform"] = "instagram",
        ["scopes"] = "instagram_business_basic",
        ["accountId"] = "17841400000000000",
        ["reason"] = "Revoked",
        ["confidence"] = "confirmed",
        ["status"] = "Joined",
        ["previousStatus"] = "Invited",
        ["kind"] = "Daily",
        ["template"] = "creator-hub-invitation",
        ["audience"] = "YetToOptIn",
        ["code"] = "mailbox-unknown",
        ["name"] = "Spring",
        ["requiredConnections"] = "InstagramInsights",
        ["reasons"] = "account-private",
        ["sequence"] = 2,
        ["days"] = 7,
    };

    public static IEnumerable<Type> Messages => Contracts.GetExportedTypes().OrderBy(type => type.FullName, StringComparer.Ordinal);

    public static JsonObject Document() => new()
    {
        ["asyncapi"] = "3.0.0",
        ["id"] = "urn:creator-connections:events",
        ["info"] = new JsonObject
        {
            ["title"] = "Creator Connections: events",
            ["version"] = Contracts.GetName().Version!.ToString(3),
            ["description"] = """
                What the services of Creator Connections tell everybody. Declare a durable queue of your own and bind it to the topic exchange `events`;
                `*` stands for one word of the routing key, `#` for any number: `aurora.#` is all of one organization, `aurora.connections.*` all of one area.
                At least once: `message_id` is the event's id and the same on a repeated delivery. In order per subject as published; `sequence` grows within the
                header `subject`, with gaps. Members and messages may be added: ignore what you do not know.
                Everything that ever happened is at `GET /v1/events` of each service, in the same words.
                """,
            ["contact"] = new JsonObject { ["name"] = "Whoever runs it", ["url"] = "https://example.com/", ["email"] = "operations@example.com" },
            ["license"] = new JsonObject { ["name"] = "Proprietary" },
            ["tags"] = new JsonArray([.. Messages.Select(Area).Distinct().Select(area => (JsonNode)new JsonObject { ["name"] = area })]),
        },
        ["defaultContentType"] = "application/json",
        ["servers"] = new JsonObject
        {
            ["broker"] = new JsonObject { ["host"] = "localhost:5673", ["protocol"] = "amqp", ["protocolVersion"] = "0.9.1", ["description"] = "RabbitMQ. `./run.sh` prints its address." },
        },
        ["channels"] = new JsonObject(Messages.Select(type => KeyValuePair.Create(type.Name, (JsonNode?)Channel(type)))),
        ["operations"] = new JsonObject(Messages.Select(type => KeyValuePair.Create($"publish{type.Name}", (JsonNode?)Operation(type)))),
        ["components"] = new JsonObject
        {
            ["messages"] = new JsonObject(Messages.Select(type => KeyValuePair.Create(type.Name, (JsonNode?)Message(type)))),
            ["schemas"] = new JsonObject(Messages.Select(type => KeyValuePair.Create(type.Name, (JsonNode?)Schema(type)))),
            ["messageTraits"] = new JsonObject { ["every"] = new JsonObject { ["headers"] = Headers() } },
        },
    };

    /// <summary>The JSON Schema of one message, to stand alone.</summary>
    public static JsonObject StandAlone(Type type)
    {
        var schema = new JsonObject { ["$schema"] = "https://json-schema.org/draft/2020-12/schema", ["$id"] = $"urn:creator-connections:{Area(type)}:{type.Name}", ["title"] = type.Name };
        foreach (var (name, value) in Schema(type))
        {
            schema[name] = value?.DeepClone();
        }

        return schema;
    }

    public static string RoutingKey(Type type, string organization = "{organization}") => $"{organization}.{Area(type)}.{type.Name}";

    private static JsonObject Channel(Type type) => new()
    {
        ["address"] = RoutingKey(type),
        ["title"] = type.Name,
        ["description"] = $"The routing key on the exchange `events`. Its own exchange is `{type.Namespace}:{type.Name}` (fanout).",
        ["parameters"] = new JsonObject { ["organization"] = new JsonObject { ["description"] = "The organization; `*` in a binding for all." } },
        ["messages"] = new JsonObject { [type.Name] = new JsonObject { ["$ref"] = $"#/components/messages/{type.Name}" } },
        ["bindings"] = new JsonObject
        {
            ["amqp"] = new JsonObject
            {
                ["is"] = "routingKey",
                ["exchange"] = new JsonObject { ["name"] = "events", ["type"] = "topic", ["durable"] = true, ["autoDelete"] = false },
                ["bindingVersion"] = "0.3.0",
            },
        },
    };

    private static JsonObject Operation(Type type) => new()
    {
        ["action"] = "send",
        ["channel"] = new JsonObject { ["$ref"] = $"#/channels/{type.Name}" },
        ["title"] = $"{type.Name} is published",
        ["summary"] = DescriptionOf($"T:{type.FullName}"),
        ["description"] = DescriptionOf($"T:{type.FullName}"),
        ["tags"] = new JsonArray(new JsonObject { ["name"] = Area(type) }),
        ["messages"] = new JsonArray(new JsonObject { ["$ref"] = $"#/channels/{type.Name}/messages/{type.Name}" }),
    };

    private static JsonObject Message(Type type) => new()
    {
        ["name"] = type.Name,
        ["title"] = type.Name,
        ["summary"] = DescriptionOf($"T:{type.FullName}"),
        ["contentType"] = "application/json",
        ["traits"] = new JsonArray(new JsonObject { ["$ref"] = "#/components/messageTraits/every" }),
        ["payload"] = new JsonObject { ["$ref"] = $"#/components/schemas/{type.Name}" },
        ["examples"] = new JsonArray(new JsonObject
        {
            ["name"] = type.Name,
            ["headers"] = new JsonObject { ["organization"] = "aurora", ["subject"] = Subject },
            ["payload"] = new JsonObject(type.GetProperties().Select(property => KeyValuePair.Create(NameOf(property), Example(property)))),
        }),
    };

    private static JsonObject Headers() => new()
    {
        ["type"] = "object",
        ["required"] = new JsonArray("organization", "subject"),
        ["properties"] = new JsonObject
        {
            ["organization"] = Text("The organization, as in the body."),
            ["subject"] = Text("What the message is about, whatever its type: `sequence` counts within it.", "uuid"),
            ["causation-id"] = Text("The id of the event that led to this one, where one did."),
            ["traceparent"] = Text("W3C trace context of the work that led here."),
        },
    };

    private static JsonObject Schema(Type type) => new()
    {
        ["type"] = "object",
        ["description"] = DescriptionOf($"T:{type.FullName}"),
        ["required"] = new JsonArray([.. type.GetProperties().Where(property => property.IsDefined(typeof(RequiredMemberAttribute))).Select(property => (JsonNode)NameOf(property))]),
        ["properties"] = new JsonObject(type.GetProperties().Select(property => KeyValuePair.Create(NameOf(property), (JsonNode?)Member(property)))),
    };

    private static JsonObject Member(PropertyInfo property)
    {
        var (name, format) = TypeOf(property.PropertyType);
        var schema = new JsonObject { ["type"] = property.IsDefined(typeof(RequiredMemberAttribute)) ? name : new JsonArray(name, "null") };
        if (format is not null)
        {
            schema["format"] = format;
        }

        if (name == "array")
        {
            schema["items"] = new JsonObject { ["type"] = "string" };
        }

        schema["description"] = DescriptionOf($"P:{property.DeclaringType!.FullName}.{property.Name}");
        return schema;
    }

    private static JsonNode? Example(PropertyInfo property) => (TypeOf(property.PropertyType), Examples.GetValueOrDefault(NameOf(property))?.DeepClone()) switch
    {
        (("array", _), var known) => new JsonArray(known ?? "text"),
        (_, { } known) => known,
        (("string", "uuid"), _) => Subject,
        (("string", "date-time"), _) => "2026-11-02T09:30:00+00:00",
        (("string", "date"), _) => "2026-11-02",
        (("integer", _), _) => 1,
        (("boolean", _), _) => true,
        _ => NameOf(property),
    };

    private static (string Name, string? Format) TypeOf(Type type) => type switch
    {
        _ when Nullable.GetUnderlyingType(type) is { } inner => TypeOf(inner),
        _ when type == typeof(string) => ("string", null),
        _ when type == typeof(Guid) => ("string", "uuid"),
        _ when type == typeof(DateTimeOffset) => ("string", "date-time"),
        _ when type == typeof(DateOnly) => ("string", "date"),
        _ when type == typeof(int) || type == typeof(long) => ("integer", null),
        _ when type == typeof(bool) => ("boolean", null),
        _ when type == typeof(IReadOnlyList<string>) => ("array", null),
        _ => throw new InvalidOperationException($"Contracts have no {type.Name} so far. Say here how it looks in JSON."),
    };

    private static JsonObject Text(string description, string? format = null)
    {
        var schema = new JsonObject { ["type"] = "string", ["description"] = description };
        if (format is not null)
        {
            schema["format"] = format;
        }

        return schema;
    }

    private static string Area(Type type) => type.Namespace!.Split('.')[^1].ToLowerInvariant();

    private static string NameOf(PropertyInfo property) => JsonNamingPolicy.CamelCase.ConvertName(property.Name);

    // <c>instagram</c> becomes `instagram`, <see cref="P:...Sequence"/> becomes `sequence`.
    private static string DescriptionOf(string member)
    {
        var summary = Documentation.Descendants("member").Single(one => one.Attribute("name")!.Value == member).Element("summary")!;
        foreach (var code in summary.Elements("c").ToList())
        {
            code.ReplaceWith($"`{code.Value}`");
        }

        foreach (var see in summary.Elements("see").ToList())
        {
            see.ReplaceWith($"`{JsonNamingPolicy.CamelCase.ConvertName(see.Attribute("cref")!.Value.Split('.')[^1])}`");
        }

        return Space().Replace(summary.Value, " ").Trim();
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();
}
