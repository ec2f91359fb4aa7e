using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace ServiceDefaults;

/// <summary>Gives every member, parameter and JSON body of an API description an example: by its name where the service has one, else by its type.</summary>
internal sealed class ApiExamples(OpenApiDocument document, IReadOnlyDictionary<string, JsonNode> byName)
{
    private const int Deepest = 10;

    public void Fill()
    {
        foreach (var (id, schema) in document.Components!.Schemas!)
        {
            if (schema is OpenApiSchema plain)
            {
                Members(plain, id);
            }
        }

        foreach (var operation in document.Paths.Values.SelectMany(path => path.Operations?.Select(operation => operation.Value) ?? []))
        {
            foreach (var parameter in (operation.Parameters ?? []).OfType<OpenApiParameter>().Where(parameter => parameter.Schema is not null))
            {
                parameter.Example ??= Of(parameter.Schema!, parameter.Name, 0);
            }

            foreach (var media in Bodies(operation).Where(media => media is { Example: null, Examples: null, Schema: not null }))
            {
                media.Example = Of(media.Schema!, null, 0);
            }
        }
    }

    private static IEnumerable<OpenApiMediaType> Bodies(OpenApiOperation operation) =>
        (operation.Responses?.Values.Select(response => response.Content) ?? []).Append(operation.RequestBody?.Content)
            .SelectMany(content => content?.Where(one => one.Key.EndsWith("json", StringComparison.Ordinal)).Select(one => one.Value) ?? []);

    private void Members(OpenApiSchema schema, string owner)
    {
        foreach (var (name, member) in schema.Properties ?? new Dictionary<string, IOpenApiSchema>())
        {
            if (member is OpenApiSchema { Examples: null, Enum: null } plain && plain.Type is not null)
            {
                if (IsLeaf(plain) && Of(plain, name, 0, owner) is { } example)
                {
                    plain.Examples = [example];
                }

                Members(plain, owner);
            }
        }
    }

    private static bool IsLeaf(OpenApiSchema schema) => schema.Properties is null && schema.AdditionalProperties is null && schema.Items is null;

    private JsonNode? Of(IOpenApiSchema schema, string? name, int depth, string? owner = null)
    {
        if (depth > Deepest)
        {
            return null;
        }

        if (schema is OpenApiSchemaReference reference)
        {
            return document.Components!.Schemas!.TryGetValue(reference.Reference.Id!, out var target) ? Of(target, name, depth, Named(owner, name) is null ? reference.Reference.Id : owner) : null;
        }

        if ((schema.Examples?.FirstOrDefault(one => one is not null) ?? schema.Enum?.FirstOrDefault(one => one is not null)) is { } given)
        {
            return given.DeepClone();
        }

        if ((schema.OneOf ?? schema.AnyOf)?.FirstOrDefault(one => one.Type is not JsonSchemaType.Null) is { } choice)
        {
            return Of(choice, name, depth, owner);
        }

        var type = schema.Type & ~JsonSchemaType.Null;
        if (Named(owner, name) is { } known && Fits(known, type))
        {
            return known.DeepClone();
        }

        return type switch
        {
            JsonSchemaType.Array when schema.Items is { } items => new JsonArray(Of(items, Singular(name), depth + 1, owner)),
            JsonSchemaType.Object when schema.Properties is { } members => new JsonObject(members.Select(member => KeyValuePair.Create(member.Key, Of(member.Value, member.Key, depth + 1, owner)))),
            JsonSchemaType.Object when schema.AdditionalProperties is { } values => new JsonObject { [$"{byName.GetValueOrDefault($"{name}.key") ?? "name"}"] = Of(values, Singular(name), depth + 1) },
            JsonSchemaType.Object => new JsonObject(),
            JsonSchemaType.Integer => 1,
            JsonSchemaType.Number => 0.5,
            JsonSchemaType.Boolean => true,
            JsonSchemaType.String => schema.Format switch
            {
                "uuid" => "019a3c5e-7b1d-7c2a-9f40-2d6c1e8a5b73",
                "date-time" => "2026-11-02T09:30:00+00:00",
                "date" => "2026-11-02",
                "uri" => "https://example.com/",
                _ => name ?? "text",
            },
            _ => null,
        };
    }

    // FeedItem.type before type: a word may mean something else in one place.
    private JsonNode? Named(string? owner, string? name) => name is null ? null : byName.GetValueOrDefault($"{owner}.{name}") ?? byName.GetValueOrDefault(name);

    private static bool Fits(JsonNode known, JsonSchemaType? type) => (known.GetValueKind(), type) switch
    {
        (_, null) => true,
        (JsonValueKind.String, JsonSchemaType.String) => true,
        (JsonValueKind.Number, JsonSchemaType.Integer or JsonSchemaType.Number) => true,
        (JsonValueKind.True or JsonValueKind.False, JsonSchemaType.Boolean) => true,
        (JsonValueKind.Array, JsonSchemaType.Array) => true,
        (JsonValueKind.Object, JsonSchemaType.Object) => true,
        _ => false,
    };

    private static string? Singular(string? name) => name is { Length: > 1 } && name.EndsWith('s') ? name[..^1] : name;
}
