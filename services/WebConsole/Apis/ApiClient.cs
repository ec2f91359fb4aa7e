using System.Net;
using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Polly;
using WebConsole.SignIn;

namespace WebConsole.Apis;

/// <summary>A value, and the tag that an edit of it has to carry so that nobody overwrites what they have not seen.</summary>
public sealed record Versioned<T>(T Value, string Tag);

/// <summary>One service, asked over HTTP in the name of the signed-in person. The organization is in their token and nowhere else.</summary>
public abstract class ApiClient(HttpClient http, Caller caller, string name)
{
    private const string EventStream = "text/event-stream";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    protected async Task<T> Get<T>(string path, CancellationToken ct)
    {
        using var response = await Send(() => new(HttpMethod.Get, path), ct);
        return await Read<T>(response, ct);
    }

    protected async Task<Versioned<T>> GetVersioned<T>(string path, CancellationToken ct)
    {
        using var response = await Send(() => new(HttpMethod.Get, path), ct);
        return new(await Read<T>(response, ct), response.Headers.ETag?.ToString() ?? "");
    }

    protected async Task<T> Post<T>(string path, object body, CancellationToken ct, string? idempotencyKey = null)
    {
        using var response = await Send(() => Compose(HttpMethod.Post, path, body, ("Idempotency-Key", idempotencyKey)), ct);
        return await Read<T>(response, ct);
    }

    protected async Task<Versioned<T>> Save<T>(HttpMethod method, string path, object? body, string? tag, CancellationToken ct)
    {
        using var response = await Send(() => Compose(method, path, body, ("If-Match", tag)), ct);
        return new(await Read<T>(response, ct), response.Headers.ETag?.ToString() ?? "");
    }

    /// <summary>Asks for something whose answer is only that it was done.</summary>
    protected async Task Do(HttpMethod method, string path, object? body, CancellationToken ct)
    {
        using var response = await Send(() => Compose(method, path, body), ct);
    }

    protected static T Parse<T>(string json) => JsonSerializer.Deserialize<T>(json, Json)!;

    /// <summary>An answer that is read while it comes; whoever asks disposes of it.</summary>
    protected Task<HttpResponseMessage> Open(string path, string mediaType, CancellationToken ct) => Send(() => new(HttpMethod.Get, path), ct, mediaType);

    /// <summary>Server-sent events with their kind and id, from the one after <paramref name="last"/> on.</summary>
    protected async IAsyncEnumerable<(string Kind, string Data, string Id)> Listen(string path, string? last, [EnumeratorCancellation] CancellationToken ct)
    {
        using var response = await Send(() => Compose(HttpMethod.Get, path, null, ("Last-Event-ID", last)), ct, EventStream);
        var parser = SseParser.Create(await response.Content.ReadAsStreamAsync(ct));
        await using var events = parser.EnumerateAsync(ct).GetAsyncEnumerator(ct);
        while (await Guarded(async () => await events.MoveNextAsync(), ct))
        {
            yield return (events.Current.EventType, events.Current.Data, parser.LastEventId);
        }
    }

    /// <summary>Server-sent events, as they come. Ends when the service ends it; a broken line is a problem like any other.</summary>
    protected async IAsyncEnumerable<T> Watch<T>(string path, [EnumeratorCancellation] CancellationToken ct)
    {
        using var response = await Send(() => new(HttpMethod.Get, path), ct, EventStream);
        await using var events = SseParser.Create(await response.Content.ReadAsStreamAsync(ct), (_, data) => JsonSerializer.Deserialize<T>(data, Json)!)
            .EnumerateAsync(ct).GetAsyncEnumerator(ct);
        while (await Guarded(async () => await events.MoveNextAsync(), ct))
        {
            yield return events.Current.Data;
        }
    }

    private static HttpRequestMessage Compose(HttpMethod method, string path, object? body, params ReadOnlySpan<(string Name, string? Value)> headers)
    {
        var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body, options: Json) };
        foreach (var (header, value) in headers)
        {
            if (value is { Length: > 0 })
            {
                request.Headers.TryAddWithoutValidation(header, value);
            }
        }

        return request;
    }

    private Task<HttpResponseMessage> Send(Func<HttpRequestMessage> compose, CancellationToken ct, string? streamed = null) => Guarded(async () =>
    {
        using var request = compose();
        request.Headers.Authorization = new("Bearer", await caller.Token(ct));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(streamed ?? "application/json"));
        var response = await http.SendAsync(request, streamed is null ? HttpCompletionOption.ResponseContentRead : HttpCompletionOption.ResponseHeadersRead, ct);
        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            throw await Problem(response, ct);
        }
    }, ct);

    private Task<T> Read<T>(HttpResponseMessage response, CancellationToken ct) =>
        Guarded(async () => (await response.Content.ReadFromJsonAsync<T>(Json, ct))!, ct);

    private async Task<T> Guarded<T>(Func<Task<T>> ask, CancellationToken ct)
    {
        try
        {
            return await ask();
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
            // Flaws are shown each at its place, so that the sentence above stays one sentence.
            var detail = problem.Flaws is { Count: > 0 } ? problem.Detail : string.Join(' ', fields.Prepend(problem.Detail ?? problem.Title).Where(sentence => sentence is { Length: > 0 }).Distinct());
            return new(problem.Code ?? $"http.{(int)response.StatusCode}", detail ?? "", problem.TraceId)
            {
                Flaws = problem.Flaws ?? [],
                Members = problem.Errors?.ToDictionary(field => field.Key, field => string.Join(' ', field.Value)) ?? [],
            };
        }

        return response.StatusCode >= HttpStatusCode.InternalServerError
            ? Away()
            : new($"http.{(int)response.StatusCode}", $"The {name} service refused the request ({(int)response.StatusCode}).");
    }

    private ApiProblem Away() => new($"{name}.away", $"The {name} service does not answer right now. Nothing is lost: try again in a moment.");

    private sealed record ProblemDocument(string? Title, string? Detail, string? Code, string? TraceId, Dictionary<string, string[]>? Errors, IReadOnlyList<Flaw>? Flaws);
}
