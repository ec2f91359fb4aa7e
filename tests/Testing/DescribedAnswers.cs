using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Testing;

/// <summary>
/// Holds each answer a service gives in a test against its published description: the headers clients work with are there where they are described, and described where
/// they are there. Whoever asked gets a fault instead of an answer that differs.
/// </summary>
public sealed class DescribedAnswers(string service) : IStartupFilter
{
    private static readonly string[] Headers = ["ETag", "Location", "Retry-After", "RateLimit-Policy", "RateLimit"];

    private readonly JsonNode? document = Published(service);
    private readonly Dictionary<string, JsonNode> operations = Operations(Published(service));

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use((HttpContext http, RequestDelegate answer) =>
        {
            // Before the answer goes out, so that whoever asked gets a fault in its place. The first to be registered is the last to be called: all headers are there.
            http.Response.OnStarting(() => Differences(http) is { Length: > 0 } differences ? Refuse(differences) : Task.CompletedTask);
            return answer(http);
        });
        next(app);
    };

    private static Task Refuse(string differences)
    {
        // On a real socket the exception ends in the log of the service, which tests leave out.
        Console.Error.WriteLine(differences);
        throw new InvalidOperationException(differences);
    }

    private static JsonNode? Published(string service) =>
        Path.Combine(PublishedDocument.Root(), "docs", "openapi", $"{service}.json") is var file && File.Exists(file) ? JsonNode.Parse(File.ReadAllText(file)) : null;

    private string Differences(HttpContext http)
    {
        var status = http.Response.StatusCode;
        if (status is not ((>= 200 and < 300) or 429 or 503) || http.GetEndpoint()?.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName is not { } name || !operations.TryGetValue(name, out var operation))
        {
            return "";
        }

        if (ApiChanges.Response(operation["responses"]?[$"{status}"], document!) is not { } response)
        {
            return $"{operation["operationId"]} answered {status}, which docs/openapi/{service}.json does not know of.";
        }

        var described = (response["headers"] as JsonObject)?.Select(header => header.Key).ToArray() ?? [];
        // The quota is in every answer; described it is where an answer is worth reading for it.
        var given = Headers.Where(header => status != 503 || header == "Retry-After").Where(header => http.Response.Headers.ContainsKey(header)).ToArray();
        return string.Join(' ', [
            .. given.Except(described).Select(header => $"{operation["operationId"]} answered {status} with {header}, which docs/openapi/{service}.json does not know of."),
            .. described.Except(given).Select(header => $"{operation["operationId"]} answered {status} without {header}, which docs/openapi/{service}.json promises."),
        ]);
    }

    private static Dictionary<string, JsonNode> Operations(JsonNode? document) => (
        from path in document?["paths"] as JsonObject ?? []
        from operation in path.Value as JsonObject ?? []
        select operation.Value).ToDictionary(operation => operation!["operationId"]!.ToString(), operation => operation!);
}
