using Microsoft.AspNetCore.Builder;
using Microsoft.OpenApi;

namespace ServiceDefaults;

/// <summary>On an endpoint: its good answers carry an ETag.</summary>
public sealed record AnswersWithETag;

/// <summary>The headers of an API in its description: which a request takes and which an answer has. Each is described once.</summary>
public static class ApiHeaders
{
    internal const string RetryAfter = "Retry-After";
    private const string ETag = "ETag";
    private const string Location = "Location";

    /// <summary>Says that a route's good answers carry an ETag, for the If-Match of the next edit.</summary>
    public static TBuilder GivesETag<TBuilder>(this TBuilder routes)
        where TBuilder : IEndpointConventionBuilder
        => routes.WithMetadata(new AnswersWithETag());

    /// <summary>Call when the operation has all its answers.</summary>
    internal static void AddTo(OpenApiOperation operation, OpenApiDocument document, IReadOnlyCollection<object> metadata, bool isOpen)
    {
        var refused = metadata.OfType<ProblemCodes>().SelectMany(codes => codes.Codes).ToHashSet();
        foreach (var parameter in (operation.Parameters ?? []).OfType<OpenApiParameter>().Where(parameter => parameter.In is ParameterLocation.Header))
        {
            (parameter.Description, parameter.Required) = parameter.Name switch
            {
                "If-Match" => (parameter.Description ?? "The ETag of what you have seen; `*` for whatever there is.", refused.Contains("if-match.missing")),
                "Idempotency-Key" => (parameter.Description ?? "A name of yours for this request. Sent again with the same name and body, it does not happen again.", refused.Contains("idempotency.key-missing")),
                _ => (parameter.Description, parameter.Required),
            };
        }

        foreach (var (status, response) in operation.Responses ?? [])
        {
            if (response is not OpenApiResponse own || status[0] != '2')
            {
                continue;
            }

            if (metadata.OfType<AnswersWithETag>().Any())
            {
                Add(own, ETag, document);
            }

            // A platform whose notice was accepted has nothing to read.
            if (status is "201" or "202" && !isOpen)
            {
                Add(own, Location, document);
            }

            if (!isOpen)
            {
                Add(own, RequestQuota.PolicyHeader, document);
                Add(own, RequestQuota.Header, document);
            }
        }
    }

    /// <summary>A reference to the header's description, which is put into the document with the first.</summary>
    internal static IOpenApiHeader Reference(string name, OpenApiDocument document)
    {
        document.Components ??= new();
        document.Components.Headers ??= new Dictionary<string, IOpenApiHeader>();
        document.Components.Headers.TryAdd(name, Described(name));
        return new OpenApiHeaderReference(name, document);
    }

    private static void Add(OpenApiResponse response, string name, OpenApiDocument document)
    {
        response.Headers ??= new Dictionary<string, IOpenApiHeader>();
        response.Headers[name] = Reference(name, document);
    }

    private static OpenApiHeader Described(string name) => name switch
    {
        ETag => Text("Which revision this is. Send it as If-Match when you change it.", "\"3\""),
        Location => Text("Where what was begun or made is to be read.", "/v1/..."),
        RetryAfter => new() { Description = "In how many seconds to try again.", Schema = new OpenApiSchema { Type = JsonSchemaType.Integer, Examples = [5] } },
        RequestQuota.PolicyHeader => Text(
            "Your quota at this replica: `q` requests, filled again within `w` seconds (draft-ietf-httpapi-ratelimit-headers).", $"\"{RequestQuota.Policy}\";q=60000;w=60"),
        RequestQuota.Header => Text("What is left of it: `r` requests, and more in `t` seconds.", $"\"{RequestQuota.Policy}\";r=59990;t=1"),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "A header nobody has described."),
    };

    private static OpenApiHeader Text(string description, string example) => new() { Description = description, Schema = new OpenApiSchema { Type = JsonSchemaType.String, Examples = [example] } };
}
