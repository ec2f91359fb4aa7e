using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Polly;
using WebConsole.SignIn;

namespace WebConsole.Apis;

/// <summary>Why a service did not do what was asked, in words for the person in front of the page.</summary>
/// <param name="code">The stable code of the problem, for whoever is asked for help.</param>
/// <param name="detail">A sentence the person can act on.</param>
/// <param name="traceId">Under which the telemetry knows the request, where the service said so.</param>
public sealed class ApiProblem(string code, string detail, string? traceId = null) : Exception(detail)
{
    public const string SessionEnded = "session.ended";

    public string Code => code;

    public string? TraceId => traceId;

    /// <summary>The service could not be asked at all: trying again may help.</summary>
    public bool IsAway => code.EndsWith(".away", StringComparison.Ordinal);
}

/// <summary>One service, asked over HTTP in the name of the signed-in person. The organization is in their token and nowhere else.</summary>
public abstract class ApiClient(HttpClient http, Caller caller, string name)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    protected Task<T> Get<T>(string path, CancellationToken ct) => Ask<T>(() => new(HttpMethod.Get, path), ct);

    protected Task<T> Post<T>(string path, object body, CancellationToken ct, string? idempotencyKey = null) => Ask<T>(() =>
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body, options: Json) };
        if (idempotencyKey is not null)
        {
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        }

        return request;
    }, ct);

    private async Task<T> Ask<T>(Func<HttpRequestMessage> compose, CancellationToken ct)
    {
        try
        {
            using var request = compose();
            request.Headers.Authorization = new("Bearer", await caller.Token(ct));
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
            using var response = await http.SendAsync(request, ct);
            return response.IsSuccessStatusCode
                ? (await response.Content.ReadFromJsonAsync<T>(Json, ct))!
                : throw await Problem(response, ct);
        }
        catch (SessionEnded ended)
        {
            throw new ApiProblem(ApiProblem.SessionEnded, ended.Message);
        }
        catch (SignInAway away)
        {
            throw new ApiProblem("sign-in.away", away.Message);
        }
        catch (Exception exception) when (!ct.IsCancellationRequested
            && exception is HttpRequestException or OperationCanceledException or ExecutionRejectedException or IOException)
        {
            throw Away();
        }
        catch (JsonException)
        {
            throw new ApiProblem($"{name}.unreadable", $"The {name} service gave an answer this console does not understand. It may be of another version.");
        }
    }

    private async Task<ApiProblem> Problem(HttpResponseMessage response, CancellationToken ct)
    {
        if (response.StatusCode is HttpStatusCode.Unauthorized)
        {
            return new(ApiProblem.SessionEnded, "Your session has ended. Sign in again to go on.");
        }

        if (response.Content.Headers.ContentType?.MediaType is "application/problem+json"
            && await response.Content.ReadFromJsonAsync<ProblemDocument>(Json, ct) is { } problem)
        {
            var fields = problem.Errors?.SelectMany(field => field.Value) ?? [];
            var detail = string.Join(' ', fields.Prepend(problem.Detail ?? problem.Title).Where(sentence => sentence is { Length: > 0 }).Distinct());
            return new(problem.Code ?? $"http.{(int)response.StatusCode}", detail, problem.TraceId);
        }

        return response.StatusCode >= HttpStatusCode.InternalServerError
            ? Away()
            : new($"http.{(int)response.StatusCode}", $"The {name} service refused the request ({(int)response.StatusCode}).");
    }

    private ApiProblem Away() => new($"{name}.away", $"The {name} service does not answer right now. Nothing is lost: try again in a moment.");

    private sealed record ProblemDocument(string? Title, string? Detail, string? Code, string? TraceId, Dictionary<string, string[]>? Errors);
}
