using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using ServiceDefaults;

namespace Demo;

/// <summary>Something answered otherwise than it should; the message says what to look at.</summary>
public sealed class DemoFailed(string message) : Exception(message);

/// <summary>One of the HTTP interfaces around us, used as any client would.</summary>
public sealed class Api(string name, HttpClient http)
{
    private const int Attempts = 6;

    public Task<T> Get<T>(string path, CancellationToken ct) => Send<T>(HttpMethod.Get, path, null, null, ct);

    public Task<T> Put<T>(string path, object body, CancellationToken ct) => Send<T>(HttpMethod.Put, path, body, null, ct);

    /// <summary>Every POST here may be repeated: it carries a key, or doing it twice is doing it once.</summary>
    public Task<T> Post<T>(string path, object body, CancellationToken ct, string? key = null) => Send<T>(HttpMethod.Post, path, body, key, ct);

    /// <summary>As <see cref="Post{T}"/>, or default where the thing asked about is not known yet (404).</summary>
    public async Task<T?> PostOrNotYet<T>(string path, object body, CancellationToken ct)
        where T : class
    {
        using var response = await Ask(HttpMethod.Post, path, body, null, ct);
        return response.StatusCode is HttpStatusCode.NotFound ? null : await Read<T>(response, path, ct);
    }

    private async Task<T> Send<T>(HttpMethod method, string path, object? body, string? key, CancellationToken ct)
    {
        using var response = await Ask(method, path, body, key, ct);
        return await Read<T>(response, path, ct);
    }

    private async Task<HttpResponseMessage> Ask(HttpMethod method, string path, object? body, string? key, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            using var request = new HttpRequestMessage(method, path);
            if (body is not null)
            {
                request.Content = JsonContent.Create(body);
            }

            if (key is not null)
            {
                request.Headers.Add("Idempotency-Key", key);
            }

            try
            {
                var response = await http.SendAsync(request, ct);
                if ((int)response.StatusCode < 500 || attempt == Attempts)
                {
                    return response;
                }

                response.Dispose();
            }
            catch (HttpRequestException e) when (attempt == Attempts)
            {
                throw new DemoFailed($"{name} cannot be reached at {http.BaseAddress}: {e.Message}");
            }
            catch (HttpRequestException)
            {
                // A service that is only just starting.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(250 * attempt), ct);
        }
    }

    private async Task<T> Read<T>(HttpResponseMessage response, string path, CancellationToken ct)
    {
        if (response.IsSuccessStatusCode)
        {
            return await response.Content.ReadFromJsonAsync<T>(Json.Options, ct) ?? throw new DemoFailed($"{name} answered {path} with nothing.");
        }

        string? problem = null;
        try
        {
            var answer = await response.Content.ReadFromJsonAsync<JsonElement>(ct);
            problem = $"{answer.GetProperty("code").GetString()}: {answer.GetProperty("detail").GetString()}";
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            // Not a problem document; the status has to do.
        }

        throw new DemoFailed($"{name} answered {path} with {(int)response.StatusCode} {problem}");
    }
}

public sealed record Created(Guid Id);

public sealed record Named(string Name);

public sealed record CampaignRow(Guid Id, string Name, int Creators);

public sealed record CampaignPage(IReadOnlyList<CampaignRow> Items, string? Next);

public sealed record Added(int AlreadyOn, IReadOnlyList<Guid> Unknown);

public sealed record TypeCount(string Type, int Connected, int Expired, int Invalidated, int NotConnected);

public sealed record Dashboard(string Name, int Creators, IReadOnlyList<TypeCount> ConnectionTypes);

public sealed record LastOutreach(string Template);

public sealed record CreatorStatus(string Type, string Status);

public sealed record CreatorRow(Guid CreatorId, IReadOnlyList<CreatorStatus> Connections, LastOutreach? LastOutreach);

public sealed record CreatorPage(IReadOnlyList<CreatorRow> Items, string? Next);

public sealed record PreviewItem(Guid CreatorId, bool WillSend, string? Reason);

public sealed record Preview(IReadOnlyList<PreviewItem> Items);

public sealed record OutreachCounts(int Queued, int Sent, int Skipped, int Failed);

public sealed record OutreachState(string Status, OutreachCounts Counts);

public sealed record Mail(string Subject, string? Text);

public sealed record MailPage(IReadOnlyList<Mail> Items);
