using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ServiceDefaults;

/// <summary>
/// Whatever goes wrong before or around a handler is answered as a problem document (RFC 9457) with a stable <c>code</c>, a sentence the caller
/// can act on, and the <c>traceId</c> to quote.
/// </summary>
public static partial class RequestProblems
{
    /// <summary>Seconds after which it is worth trying again, where nobody knows when.</summary>
    private const string RetryAfter = "5";

    /// <summary>Problem documents and the JSON rules, without authentication: part of <see cref="HostDefaults.AddServiceDefaults"/>.</summary>
    public static void AddRequestProblems(this IHostApplicationBuilder builder)
    {
        builder.Services.ConfigureHttpJsonOptions(options => Json.Rules(options.SerializerOptions));
        // Thrown, the reason reaches the exception handler below; by default it is dropped and the caller sees an empty 400.
        builder.Services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        // Before AddProblemDetails: the first writer that can, writes. The stock one stays silent for callers that accept no JSON.
        builder.Services.AddSingleton<IProblemDetailsWriter, Writer>();
        builder.Services.AddProblemDetails();
        builder.Services.AddExceptionHandler<UnreadableRequests>();
    }

    /// <summary>First in the pipeline: part of <see cref="HostDefaults.MapServiceDefaults"/>.</summary>
    public static void UseRequestProblems(this IApplicationBuilder app)
    {
        app.UseStatusCodePages(context => Answer(context.HttpContext, Describe(context.HttpContext)));
        app.UseExceptionHandler();
    }

    private static Task Answer(HttpContext http, ProblemDetails problem)
    {
        http.Response.StatusCode = problem.Status ?? http.Response.StatusCode;
        return http.RequestServices.GetRequiredService<IProblemDetailsService>()
            .WriteAsync(new() { HttpContext = http, ProblemDetails = problem }).AsTask();
    }

    private static ProblemDetails Describe(HttpContext http) => http.Response.StatusCode switch
    {
        400 => Problem(400, "request.malformed", "The request could not be read. Check its syntax against the API description."),
        401 when http.Items.ContainsKey(BearerTokens.TokenRefused) => Problem(401, "token.invalid",
            "The access token is not valid here: it has expired, is not meant for this API, or was not issued by its authority. Fetch a new one."),
        401 => Problem(401, "token.missing", "Send an access token in the Authorization header: Bearer <token>."),
        403 when Scopes.Missing(http) is { Count: > 0 } missing => Problem(403, "scope.missing",
            $"The access token lacks {string.Join(" and ", missing)}. Ask for it when you fetch the token."),
        403 => Problem(403, "access.denied", "The access token is valid, but what it stands for may not do this."),
        404 when http.GetEndpoint() is not RouteEndpoint => Problem(404, "route.unknown",
            "There is nothing at this address. Check the path against the API description."),
        404 => Problem(404, "resource.unknown", "There is nothing with this id."),
        405 => Problem(405, "method.not-allowed", $"This address does not answer {http.Request.Method}. It answers: {http.Response.Headers.Allow}."),
        413 => Problem(413, "request.too-large", $"The request body is larger than {Limit(http)} bytes. Send less at a time."),
        415 => Problem(415, "media-type.unsupported", "The body's media type cannot be read here. Send JSON with Content-Type: application/json, or what the API description names instead."),
        429 => Problem(429, "request.too-many", "Too many requests. Wait for the time the Retry-After header gives, then try again."),
        503 when http.Items.ContainsKey(BearerTokens.AuthorityUnavailable) => Problem(503, "authority.unavailable",
            "The authority that issues access tokens cannot be reached, so yours could not be checked. Keep it and try again in a moment."),
        503 => Problem(503, "server.unavailable", "The service cannot answer right now. Try again in a moment."),
        >= 500 and var status => Problem(status, "server.fault",
            "Something went wrong on our side. Nothing you sent is at fault; quote the traceId when you report it."),
        var status => Problem(status, "request.refused", "The request was refused."),
    };

    private static ProblemDetails Problem(int status, string code, string detail) => new()
    {
        Status = status,
        Title = ReasonPhrases.GetReasonPhrase(status),
        Detail = detail,
        Extensions = { ["code"] = code },
    };

    private static long Limit(HttpContext http) =>
        http.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize ?? HostDefaults.MaxRequestBody;

    private sealed class Writer : IProblemDetailsWriter
    {
        public bool CanWrite(ProblemDetailsContext context) => true;

        public ValueTask WriteAsync(ProblemDetailsContext context)
        {
            var (http, problem) = (context.HttpContext, context.ProblemDetails);
            if (!problem.Extensions.ContainsKey("code"))
            {
                // From the framework, without a code of ours: its words may quote an exception, so they are replaced.
                var described = Describe(http);
                (problem.Title, problem.Detail, problem.Extensions["code"]) = (described.Title, described.Detail, described.Extensions["code"]);
            }

            problem.Status ??= http.Response.StatusCode;
            problem.Title ??= ReasonPhrases.GetReasonPhrase(problem.Status.Value);
            if (problem.Status is 429 or 503 && http.Response.Headers.RetryAfter.Count == 0)
            {
                // Whoever knows better has said so.
                http.Response.Headers.RetryAfter = RetryAfter;
            }

            problem.Extensions["traceId"] = Activity.Current?.TraceId.ToString() ?? http.TraceIdentifier;
            return new(http.Response.WriteAsJsonAsync(problem, problem.GetType(), options: null, contentType: "application/problem+json"));
        }
    }

    /// <summary>A body, path or query that cannot be turned into what the handler takes. Any other exception is a fault of ours and goes to the log.</summary>
    private sealed class UnreadableRequests : IExceptionHandler
    {
        public async ValueTask<bool> TryHandleAsync(HttpContext http, Exception exception, CancellationToken cancellationToken)
        {
            if (exception is not BadHttpRequestException unreadable)
            {
                return false;
            }

            http.Response.StatusCode = unreadable.StatusCode;
            await Answer(http, unreadable switch
            {
                { StatusCode: not 400 } => Describe(http),
                { InnerException: JsonException { InnerException: JsonException } syntax } => Problem(400, "request.malformed",
                    $"The body is not JSON. Reading stopped in line {syntax.LineNumber + 1}, byte {syntax.BytePositionInLine + 1}."),
                { InnerException: JsonException value } => Invalid(value),
                _ when Parameter().Match(unreadable.Message) is { Success: true } named => Problem(400, "request.malformed",
                    $"The value of {named.Groups["name"].Value} is missing or cannot be read."),
                _ => Describe(http),
            });
            return true;
        }

        // Well-formed JSON that does not fit: the caller gets the member's name, as with every other invalid value.
        private static HttpValidationProblemDetails Invalid(JsonException exception)
        {
            var missing = MissingMembers().Match(exception.Message);
            var path = exception.Path?.TrimStart('$').TrimStart('.') ?? "";
            var errors = missing.Success
                ? Quoted().Matches(missing.Value).ToDictionary(
                    match => path.Length == 0 ? match.Groups[1].Value : $"{path}.{match.Groups[1].Value}", _ => new[] { "This member is required." })
                : new() { [path.Length == 0 ? "body" : path] = ["The value is missing or not of the expected type."] };
            return new(errors)
            {
                Status = 422,
                Title = ReasonPhrases.GetReasonPhrase(422),
                Detail = $"The body is JSON, but {string.Join(", ", errors.Keys)} cannot be used. See errors.",
                Extensions = { ["code"] = "request.invalid" },
            };
        }
    }

    // The binder tells the parameter only in its message: Failed to bind parameter "int limit" from "many".
    [GeneratedRegex("parameter \"[^\"]*?(?<name>[A-Za-z0-9_]+)\"")]
    private static partial Regex Parameter();

    [GeneratedRegex("missing required properties[^:]*:.*", RegexOptions.Singleline)]
    private static partial Regex MissingMembers();

    [GeneratedRegex("'([^']+)'")]
    private static partial Regex Quoted();
}
