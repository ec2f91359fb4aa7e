using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.OpenApi;

namespace ServiceDefaults;

/// <summary>On an endpoint: the codes with which it refuses.</summary>
public record ProblemCodes(int Status, IReadOnlyList<string> Codes);

/// <summary>Those of every endpoint of a kind.</summary>
internal sealed record UsualCodes(int Status, IReadOnlyList<string> Codes) : ProblemCodes(Status, Codes);

/// <summary>The refusals of an API in its description.</summary>
public static class ApiProblems
{
    /// <summary>Says with which codes a route refuses, beyond those every route of its kind has.</summary>
    public static TBuilder Refuses<TBuilder>(this TBuilder routes, int status, params IReadOnlyList<string> codes)
        where TBuilder : IEndpointConventionBuilder
        => routes.WithMetadata(new ProblemCodes(status, codes));

    internal static void AddTo(OpenApiOperation operation, OpenApiDocument document, IEnumerable<ProblemCodes> own, bool isOpen)
    {
        var all = own.Concat(Usual(operation, isOpen)).GroupBy(codes => codes.Status).OrderBy(status => status.Key);
        document.Components ??= new();
        document.Components.Responses ??= new Dictionary<string, IOpenApiResponse>();
        document.Components.Examples ??= new Dictionary<string, IOpenApiExample>();
        operation.Responses ??= [];
        foreach (var status in all)
        {
            // What every route of a kind refuses with is described once.
            var (name, response) = (status.Any(codes => codes is not UsualCodes) ? null : $"{status.Key}", Response(document, status.Key, [.. status.SelectMany(codes => codes.Codes).Distinct()], isOpen));
            if (name is not null)
            {
                document.Components.Responses[name] = response;
            }

            operation.Responses[$"{status.Key}"] = name is null ? response : new OpenApiResponseReference(name, document);
        }
    }

    internal static OpenApiSchema Schema() => new()
    {
        Type = JsonSchemaType.Object,
        Description = "Why a request was refused (RFC 9457).",
        Required = new HashSet<string> { "status", "code", "title" },
        Properties = new Dictionary<string, IOpenApiSchema>
        {
            ["type"] = Text("A link to the status in RFC 9110.", "https://tools.ietf.org/html/rfc9110#section-15.5.5"),
            ["title"] = Text("The status in words.", "Not Found"),
            ["status"] = new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int32", Description = "The HTTP status.", Examples = [404] },
            ["detail"] = Text("What is wrong and what to do, for a person.", "There is nothing with this id."),
            ["code"] = Text("What is wrong, for a program. Stable.", "resource.unknown"),
            ["traceId"] = Text("Quote it when you report the problem.", "4bf92f3577b34da6a3ce929d0e0e4736"),
            ["errors"] = new OpenApiSchema
            {
                Type = JsonSchemaType.Object,
                Description = "What is wrong with which member.",
                AdditionalProperties = new OpenApiSchema { Type = JsonSchemaType.Array, Items = new OpenApiSchema { Type = JsonSchemaType.String } },
            },
        },
    };

    private static IEnumerable<UsualCodes> Usual(OpenApiOperation operation, bool isOpen)
    {
        if (operation.Parameters is { Count: > 0 } || operation.RequestBody is not null)
        {
            yield return new(400, ["request.malformed"]);
        }

        if (!isOpen)
        {
            yield return new(401, ["token.missing", "token.invalid"]);
            yield return new(403, ["scope.missing", "organization.missing", "organization.not-yours"]);
            yield return new(429, ["request.too-many"]);
            yield return new(503, ["authority.unavailable"]);
        }

        if (operation.RequestBody is not null)
        {
            yield return new(413, ["request.too-large"]);
            yield return new(415, ["media-type.unsupported"]);
            yield return new(422, ["request.invalid"]);
        }

        yield return new(500, ["server.fault"]);
    }

    private static IReadOnlyList<string> HeadersOf(int status, bool isOpen) => status switch
    {
        429 when !isOpen => [ApiHeaders.RetryAfter, RequestQuota.PolicyHeader, RequestQuota.Header],
        429 or 503 => [ApiHeaders.RetryAfter],
        _ => [],
    };

    private static OpenApiResponse Response(OpenApiDocument document, int status, IReadOnlyList<string> codes, bool isOpen) => new()
    {
        Description = $"{ReasonPhrases.GetReasonPhrase(status)}: {string.Join(", ", codes.Select(code => $"`{code}`"))}.",
        Headers = HeadersOf(status, isOpen) is { Count: > 0 } headers ? headers.ToDictionary(name => name, name => ApiHeaders.Reference(name, document)) : null,
        Content = new Dictionary<string, OpenApiMediaType>
        {
            ["application/problem+json"] = new()
            {
                Schema = new OpenApiSchemaReference(ApiDocument.Problem, document),
                Examples = codes.ToDictionary(code => code, code => Example(document, status, code)),
            },
        },
        Extensions = new Dictionary<string, IOpenApiExtension> { ["x-problem-codes"] = new JsonNodeExtension(new JsonArray([.. codes.Select(code => (JsonNode)code)])) },
    };

    private static IOpenApiExample Example(OpenApiDocument document, int status, string code)
    {
        var name = $"{status}-{code}";
        document.Components!.Examples![name] = new OpenApiExample
        {
            Summary = code,
            Value = new JsonObject { ["title"] = ReasonPhrases.GetReasonPhrase(status), ["status"] = status, ["code"] = code, ["traceId"] = "4bf92f3577b34da6a3ce929d0e0e4736" },
        };
        return new OpenApiExampleReference(name, document);
    }

    private static OpenApiSchema Text(string description, string example) => new() { Type = JsonSchemaType.String, Description = description, Examples = [example] };
}
