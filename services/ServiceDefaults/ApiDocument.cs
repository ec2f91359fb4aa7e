using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Scalar.AspNetCore;

namespace ServiceDefaults;

/// <summary>What a service says of its API as a whole.</summary>
/// <param name="Title">The service.</param>
/// <param name="Description">What it is for.</param>
/// <param name="Local">Where it listens on a developer's machine.</param>
/// <param name="Tags">Its groups of routes, and what each is about.</param>
/// <param name="Examples">Values for members and parameters of these names; the others get one by their type.</param>
public sealed record ApiDescription(string Title, string Description, Uri Local, IReadOnlyDictionary<string, string> Tags, IReadOnlyDictionary<string, JsonNode> Examples);

/// <summary>
/// The OpenAPI 3.1 document of a service at <c>/openapi/v1.json</c> and a page to read and try it at <c>/scalar</c>. What all services have in common
/// is written here once: who may call, what can go wrong, and examples.
/// </summary>
/// <remarks>
/// <c>AddOpenApi</c> itself is called in the service: the compiler puts the XML documentation of the project that calls it into the document.
/// </remarks>
public static class ApiDocument
{
    internal const string Scheme = "client";
    internal const string Problem = "Problem";

    private static readonly Uri LocalTokens = new("http://localhost:5203/connect/token");

    private const string Conventions = """

        - **Who calls**: a bearer token of the organization's client (client credentials) with the scopes an operation names. The organization is the token's; another organization's ids are 404.
        - **Errors**: RFC 9457, `application/problem+json`, always with a stable `code`; `x-problem-codes` of a response lists those to expect. `errors` names the members at fault.
        - **Lists**: `limit` and `cursor`, and `next` in the answer until the last page.
        - **Repeating**: a POST that opens something takes an `Idempotency-Key`; the same key and body again is the same answer.
        - **Edits**: an `ETag` comes with what can be edited; send it as `If-Match`. 412 if somebody was quicker.
        - **Limits**: bodies of 1 MiB at most. Requests are counted per organization, client and person; `RateLimit` in every answer says how many are left. 429 and 503 come with `Retry-After` in seconds.
        - **Changes**: members, operations and codes may be added; ignore what you do not know. Nothing is taken away under `/v1`.
        """;

    /// <summary>For <c>AddOpenApi</c>.</summary>
    public static Action<OpenApiOptions> Of(ApiDescription about) => options =>
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;

        // Nested types are told apart by a number otherwise, which changes with the next route.
        options.CreateSchemaReferenceId = type => OpenApiOptions.CreateDefaultSchemaReferenceId(type) is { } id && type.Type.DeclaringType is { IsGenericType: false } outer ? outer.Name + id : OpenApiOptions.CreateDefaultSchemaReferenceId(type);
        options.AddOperationTransformer((operation, context, _) =>
        {
            var metadata = context.Description.ActionDescriptor.EndpointMetadata;
            foreach (var parameter in (operation.Parameters ?? []).OfType<OpenApiParameter>().Where(parameter => parameter is { In: ParameterLocation.Query, Name: not null }))
            {
                // Names of a query are read in any case; a record's members would be described in theirs.
                parameter.Name = JsonNamingPolicy.CamelCase.ConvertName(parameter.Name!);
            }

            var isOpen = metadata.OfType<IAllowAnonymous>().Any();
            operation.Security = isOpen ? [] : [new() { [new(Scheme, context.Document)] = [.. metadata.OfType<RequiredScope>().Select(scope => scope.Scope).Distinct()] }];
            ApiProblems.AddTo(operation, context.Document!, metadata.OfType<ProblemCodes>(), isOpen);
            ApiHeaders.AddTo(operation, context.Document!, [.. metadata], isOpen);
            operation.Tags ??= new HashSet<OpenApiTagReference>();
            return Task.CompletedTask;
        });
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new()
            {
                Title = $"Creator Connections: {about.Title}",
                Version = "1",
                Description = about.Description + "\n" + Conventions,
                Contact = new() { Name = "Whoever runs it" },
            };
            document.Servers = [new() { Url = about.Local.ToString().TrimEnd('/'), Description = "A developer's machine" }];
            document.Tags = about.Tags.Select(tag => new OpenApiTag { Name = tag.Key, Description = tag.Value }).ToHashSet();
            document.Components ??= new();
            document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
            {
                [Scheme] = new OpenApiSecurityScheme
                {
                    Type = SecuritySchemeType.OAuth2,
                    Description = "A bearer token of the organization's client. The address is a developer's machine's; elsewhere it is the token endpoint of the configured authority.",
                    Flows = new() { ClientCredentials = new() { TokenUrl = LocalTokens, Scopes = Scopes(document) } },
                },
            };
            document.Components.Schemas ??= new Dictionary<string, IOpenApiSchema>();
            document.Components.Schemas.Remove("ProblemDetails");
            document.Components.Schemas[Problem] = ApiProblems.Schema();
            new ApiExamples(document, about.Examples).Fill();
            return Task.CompletedTask;
        });
    };

    // Each with the operations that ask for it.
    private static Dictionary<string, string> Scopes(OpenApiDocument document) => (
        from path in document.Paths.Values
        from operation in path.Operations?.Values.AsEnumerable() ?? []
        from requirement in operation.Security ?? []
        from scope in requirement.Values.SelectMany(scopes => scopes)
        group operation.OperationId by scope into asking
        orderby asking.Key
        select asking).ToDictionary(asking => asking.Key, asking => $"For {string.Join(", ", asking.Order(StringComparer.Ordinal))}.");

    /// <summary>The document, and the page that shows it.</summary>
    public static void MapApiDocument(this WebApplication app)
    {
        app.MapOpenApi().AllowAnonymous();
        app.MapScalarApiReference(page => page.DisableDefaultFonts().DisableTelemetry().DisableAgent()).AllowAnonymous();
    }
}
