using System.Text.Json.Nodes;

namespace Testing;

/// <summary>What in a description of an HTTP API would break a client that was written against an earlier one.</summary>
public sealed class ApiChanges
{
    private const int Deepest = 12;
    private readonly JsonNode before;
    private readonly JsonNode after;
    private readonly List<string> found = [];

    private ApiChanges(JsonNode before, JsonNode after) => (this.before, this.after) = (before, after);

    /// <summary>Each breaking change in a sentence.</summary>
    public static IReadOnlyList<string> Breaking(JsonNode before, JsonNode after)
    {
        var changes = new ApiChanges(before, after);
        foreach (var (path, item) in Members(before["paths"]))
        {
            foreach (var (method, operation) in Members(item))
            {
                var name = $"{method.ToUpperInvariant()} {path}";
                if (after["paths"]?[path]?[method] is { } now)
                {
                    changes.Operation(name, operation, now);
                }
                else
                {
                    changes.found.Add($"{name} is gone.");
                }
            }
        }

        return [.. changes.found.Distinct()];
    }

    /// <summary>The same for a description of messages (AsyncAPI).</summary>
    public static IReadOnlyList<string> BreakingMessages(JsonNode before, JsonNode after)
    {
        var changes = new ApiChanges(before, after);
        foreach (var (name, channel) in Members(before["channels"]))
        {
            if (after["channels"]?[name] is not { } kept)
            {
                changes.found.Add($"{name} is gone.");
                continue;
            }

            if (!JsonNode.DeepEquals(channel["address"], kept["address"]))
            {
                changes.found.Add($"{name} went to {channel["address"]} and goes to {kept["address"]}.");
            }

            changes.Received(name, before["components"]?["schemas"]?[name], after["components"]?["schemas"]?[name], 0);
        }

        return [.. changes.found.Distinct()];
    }

    private void Operation(string name, JsonNode was, JsonNode now)
    {
        Same($"{name}: operationId", was["operationId"], now["operationId"]);
        foreach (var scope in Scopes(now).Except(Scopes(was)))
        {
            found.Add($"{name} asks for the scope {scope}.");
        }

        var (old, current) = (Parameters(was), Parameters(now));
        foreach (var (key, parameter) in current)
        {
            if (parameter["required"]?.GetValue<bool>() == true && old.GetValueOrDefault(key)?["required"]?.GetValue<bool>() != true)
            {
                found.Add($"{name}: the parameter {key} is required now.");
            }
        }

        foreach (var (key, parameter) in old)
        {
            if (current.TryGetValue(key, out var kept))
            {
                Sent($"{name}: {key}", parameter["schema"], kept["schema"], 0);
            }
            else
            {
                found.Add($"{name}: the parameter {key} is gone.");
            }
        }

        if (was["requestBody"] is null && now["requestBody"]?["required"]?.GetValue<bool>() == true)
        {
            found.Add($"{name} asks for a body.");
        }

        foreach (var (type, media) in Members(was["requestBody"]?["content"]))
        {
            if (now["requestBody"]?["content"]?[type] is { } kept)
            {
                Sent($"{name}: body", media["schema"], kept["schema"], 0);
            }
            else
            {
                found.Add($"{name} takes no {type} any more.");
            }
        }

        foreach (var (status, response) in Members(was["responses"]))
        {
            var kept = Response(now["responses"]?[status], after);
            foreach (var code in Codes(Response(response, before)).Except(Codes(kept)))
            {
                found.Add($"{name}: {status} {code} is gone.");
            }

            if (kept is null)
            {
                found.Add($"{name} answers no {status} any more.");
            }
            else if (status.StartsWith('2'))
            {
                foreach (var (type, media) in Members(response["content"]))
                {
                    if (kept["content"]?[type] is { } body)
                    {
                        Received($"{name}: {status}", media["schema"], body["schema"], 0);
                    }
                    else
                    {
                        found.Add($"{name}: {status} is no {type} any more.");
                    }
                }
            }
        }
    }

    /// <summary>What a client sends must be accepted still: nothing new that is required, no value that is refused now.</summary>
    private void Sent(string where, JsonNode? was, JsonNode? now, int depth)
    {
        (was, now) = (Resolve(was, before), Resolve(now, after));
        if (was is null || now is null || depth > Deepest)
        {
            return;
        }

        foreach (var type in Types(was).Except(Types(now)))
        {
            found.Add($"{where} may not be {type} any more.");
        }

        foreach (var value in Enum(was).Except(Enum(now)).Where(_ => now["enum"] is not null))
        {
            found.Add($"{where} may not be {value} any more.");
        }

        foreach (var required in Required(now).Except(Required(was)))
        {
            found.Add($"{where}.{required} is required now.");
        }

        foreach (var (member, schema) in Members(was["properties"]))
        {
            if (now["properties"]?[member] is { } kept)
            {
                Sent($"{where}.{member}", schema, kept, depth + 1);
            }
            else
            {
                found.Add($"{where}.{member} is gone.");
            }
        }

        Sent($"{where}[]", was["items"], now["items"], depth + 1);
        Sent($"{where}.*", was["additionalProperties"] as JsonObject, now["additionalProperties"] as JsonObject, depth + 1);
    }

    /// <summary>What a client reads must be there still, and of no type it does not expect. New values of an enumeration are announced: ignore what you do not know.</summary>
    private void Received(string where, JsonNode? was, JsonNode? now, int depth)
    {
        (was, now) = (Resolve(was, before), Resolve(now, after));
        if (was is null || now is null || depth > Deepest)
        {
            return;
        }

        foreach (var type in Types(now).Except(Types(was)))
        {
            found.Add($"{where} may be {type} now.");
        }

        foreach (var optional in Required(was).Except(Required(now)))
        {
            found.Add($"{where}.{optional} may be missing now.");
        }

        foreach (var (member, schema) in Members(was["properties"]))
        {
            if (now["properties"]?[member] is { } kept)
            {
                Received($"{where}.{member}", schema, kept, depth + 1);
            }
            else
            {
                found.Add($"{where}.{member} is gone.");
            }
        }

        Received($"{where}[]", was["items"], now["items"], depth + 1);
        Received($"{where}.*", was["additionalProperties"] as JsonObject, now["additionalProperties"] as JsonObject, depth + 1);
    }

    private void Same(string where, JsonNode? was, JsonNode? now)
    {
        if (!JsonNode.DeepEquals(was, now))
        {
            found.Add($"{where} was {was} and is {now}.");
        }
    }

    /// <summary>A response, where it is described once for many.</summary>
    public static JsonNode? Response(JsonNode? response, JsonNode document) =>
        response?["$ref"]?.GetValue<string>() is { } reference ? document["components"]?["responses"]?[reference.Split('/')[^1]] : response;

    // A reference that may be null is one of two: the null is a type like others, the rest is looked at.
    private static JsonNode? Resolve(JsonNode? schema, JsonNode document)
    {
        var target = schema?["$ref"]?.GetValue<string>() is { } reference ? document["components"]?["schemas"]?[reference.Split('/')[^1]] : schema;
        if (target?["oneOf"] is JsonArray choices && choices.SingleOrDefault(choice => choice?["type"]?.ToString() != "null") is { } only && Resolve(only, document)?.DeepClone() is { } some)
        {
            some["type"] = new JsonArray([.. Types(some).Append("null").Select(type => (JsonNode)type)]);
            return some;
        }

        return target;
    }

    private static IEnumerable<KeyValuePair<string, JsonNode>> Members(JsonNode? node) => (node as JsonObject)?.Where(member => member.Value is not null).Select(member => KeyValuePair.Create(member.Key, member.Value!)) ?? [];

    private static IEnumerable<string> Types(JsonNode schema) => Texts(schema["type"]).Select(type => schema["format"] is { } format ? $"{type} ({format})" : type);

    private static IEnumerable<string> Required(JsonNode schema) => Texts(schema["required"]);

    private static IEnumerable<string> Enum(JsonNode schema) => Texts(schema["enum"]);

    private static IEnumerable<string> Codes(JsonNode? response) => Texts(response?["x-problem-codes"]);

    private static IEnumerable<string> Scopes(JsonNode operation) => (operation["security"] as JsonArray ?? []).SelectMany(one => Members(one)).SelectMany(scheme => Texts(scheme.Value));

    private static Dictionary<string, JsonNode> Parameters(JsonNode operation) =>
        (operation["parameters"] as JsonArray ?? []).ToDictionary(parameter => $"{parameter!["in"]} {parameter["name"]}", parameter => parameter!);

    private static IEnumerable<string> Texts(JsonNode? node) => node switch
    {
        JsonArray array => array.Select(one => one?.ToString() ?? "null"),
        null => [],
        _ => [node.ToString()],
    };
}
