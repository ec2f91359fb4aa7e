using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Testing;

/// <summary>The description of a service's API: is it the published one, complete, and to a public linter's liking?</summary>
public static partial class ApiDocumentCheck
{
    /// <summary>What is wrong with it; empty where nothing is.</summary>
    /// <param name="client">Of the running service.</param>
    /// <param name="service">Its folder.</param>
    /// <param name="notOfTheApi">Codes that only a page knows.</param>
    public static async Task<IReadOnlyList<string>> Flaws(HttpClient client, string service, params IReadOnlyCollection<string> notOfTheApi)
    {
        var file = $"openapi/{service.ToLowerInvariant()}.json";
        var document = JsonNode.Parse(await client.GetStringAsync("/openapi/v1.json"))!;
        var flaws = new List<string>();
        if (document["openapi"]?.ToString().StartsWith("3.1", StringComparison.Ordinal) != true)
        {
            flaws.Add($"It is OpenAPI {document["openapi"]}, not 3.1.");
        }

        var operations = Operations(document).ToList();
        flaws.AddRange(operations.SelectMany(operation => Incomplete(operation.Name, operation.Operation, document)));
        flaws.AddRange(operations.SelectMany(operation => WithoutHeaders(operation.Name, operation.Operation, document)));
        var described = operations.SelectMany(operation => Responses(operation.Operation, document)).SelectMany(response => response["x-problem-codes"] as JsonArray ?? [])
            .Select(code => code!.ToString()).ToHashSet();
        flaws.AddRange(CodesIn(Path.Combine(PublishedDocument.Root(), "services", service)).Except(described).Except(notOfTheApi).Select(code => $"The code {code} is refused with somewhere and described nowhere."));
        if (PublishedDocument.Flaw(file, document, ApiChanges.Breaking) is { } flaw)
        {
            flaws.Add(flaw);
        }
        else if (await Spectral.Objections(file) is { Length: > 0 } objections)
        {
            flaws.Add(objections);
        }

        return flaws;
    }

    private static IEnumerable<(string Name, JsonNode Operation)> Operations(JsonNode document) =>
        from path in (JsonObject)document["paths"]!
        from operation in (JsonObject)path.Value!
        select ($"{operation.Key.ToUpperInvariant()} {path.Key}", operation.Value!);

    private static IEnumerable<JsonNode> Responses(JsonNode operation, JsonNode document) => ((JsonObject)operation["responses"]!).Select(response => ApiChanges.Response(response.Value, document)!);

    private static IEnumerable<string> Incomplete(string name, JsonNode operation, JsonNode document)
    {
        foreach (var member in (string[])["operationId", "summary", "description"])
        {
            if (string.IsNullOrWhiteSpace(operation[member]?.ToString()))
            {
                yield return $"{name} has no {member}.";
            }
        }

        foreach (var parameter in (operation["parameters"] as JsonArray ?? []).Where(parameter => parameter!["example"] is null))
        {
            yield return $"{name}: {parameter!["name"]} has no example.";
        }

        foreach (var media in Responses(operation, document).Select(response => response["content"]).Append(operation["requestBody"]?["content"])
                     .SelectMany(content => content as JsonObject ?? []).Where(media => media.Key.EndsWith("json", StringComparison.Ordinal)))
        {
            if (media.Value!["example"] is null && media.Value["examples"] is null)
            {
                yield return $"{name} has a body without an example.";
            }
        }
    }

    // What an answer of a kind has to tell in its headers; DescribedAnswers holds the answers against it.
    private static IEnumerable<string> WithoutHeaders(string name, JsonNode operation, JsonNode document)
    {
        var responses = (JsonObject)operation["responses"]!;
        var ifMatch = (operation["parameters"] as JsonArray ?? []).FirstOrDefault(parameter => parameter!["name"]!.ToString() == "If-Match");
        if (responses.ContainsKey("428") != (ifMatch?["required"]?.GetValue<bool>() == true))
        {
            yield return $"{name}: If-Match is required exactly where 428 is answered.";
        }

        foreach (var (status, reference) in responses)
        {
            var isGuarded = operation["security"] is JsonArray { Count: > 0 };
            var described = (ApiChanges.Response(reference, document)!["headers"] as JsonObject)?.Select(header => header.Key).ToArray() ?? [];
            string[] wanted =
            [
                .. status is "201" or "202" && isGuarded ? ["Location"] : Array.Empty<string>(),
                .. status is "429" or "503" ? ["Retry-After"] : Array.Empty<string>(),
                .. status is "200" or "201" && ifMatch is not null ? ["ETag"] : Array.Empty<string>(),
                .. (status[0] == '2' || status == "429") && isGuarded ? ["RateLimit", "RateLimit-Policy"] : Array.Empty<string>(),
            ];
            foreach (var header in wanted.Except(described))
            {
                yield return $"{name}: {status} is described without {header}.";
            }
        }
    }

    // Whatever a service refuses with in its code, its description names.
    private static IEnumerable<string> CodesIn(string folder) => Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
        .Where(file => !file.Contains("/obj/", StringComparison.Ordinal))
        .SelectMany(file => Code().Matches(File.ReadAllText(file)).Select(match => match.Groups["code"].Value)).Distinct();

    [GeneratedRegex("""(?:Problems\.Of\([^"]{0,60}|Decision\.(?:Refuse|Unknown)\(|Decision\.Invalid\("[^"]*", |RefusalKind\.\w+, )"(?<code>[a-z-]+\.[a-z-]+)["]""")]
    private static partial Regex Code();
}
