using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Testing;

namespace Webhooks.Tests.Features;

/// <summary>What an organization does over HTTP.</summary>
public sealed class Desk(HttpClient http)
{
    public HttpClient Http => http;

    public async Task<(Guid Id, string Secret)> Register(string url, params string[] types)
    {
        var answer = await http.PostAsJsonAsync("/v1/webhook-endpoints", new { url, types });
        answer.StatusCode.ShouldBe(HttpStatusCode.Created, await answer.Content.ReadAsStringAsync());
        var body = await answer.Content.ReadFromJsonAsync<JsonElement>();
        return (body.GetProperty("id").GetGuid(), body.GetProperty("secret").GetString()!);
    }

    public async Task<JsonElement> Endpoint(Guid id) => await http.GetFromJsonAsync<JsonElement>($"/v1/webhook-endpoints/{id}");

    public async Task<string> Tag(Guid id) => (await http.GetAsync($"/v1/webhook-endpoints/{id}")).Headers.ETag!.Tag;

    public async Task<HttpResponseMessage> Change(Guid id, object settings, string? tag = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, $"/v1/webhook-endpoints/{id}") { Content = JsonContent.Create(settings) };
        request.Headers.TryAddWithoutValidation("If-Match", tag ?? await Tag(id));
        return await http.SendAsync(request);
    }

    public async Task<JsonElement[]> Log(Guid id, string query = "") =>
        [.. (await http.GetFromJsonAsync<JsonElement>($"/v1/webhook-endpoints/{id}/deliveries?limit=200{query}")).GetProperty("items").EnumerateArray()];

    /// <summary>The log once as many deliveries stand like this.</summary>
    public Task<JsonElement[]> Log(Guid id, string state, int count) =>
        Eventually.Get(() => Log(id, $"&state={state}"), log => log.Length == count, $"{count} deliveries are {state}");

    /// <summary>The attempts so far; none where the message has not been taken in yet.</summary>
    public async Task<JsonElement[]> Attempts(Guid id, Guid message)
    {
        var answer = await http.GetAsync($"/v1/webhook-endpoints/{id}/deliveries/{message}");
        return answer.StatusCode == HttpStatusCode.NotFound ? [] : [.. (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("attempts").EnumerateArray()];
    }

    public async Task<JsonElement> Replay(Guid id, object wish)
    {
        var answer = await http.PostAsJsonAsync($"/v1/webhook-endpoints/{id}/replay", wish);
        answer.StatusCode.ShouldBe(HttpStatusCode.Accepted, await answer.Content.ReadAsStringAsync());
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    public async Task<string> Rotate(Guid id)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/webhook-endpoints/{id}/secret/rotate");
        request.Headers.TryAddWithoutValidation("If-Match", await Tag(id));
        var answer = await http.SendAsync(request);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("secret").GetString()!;
    }

    public static async Task<string> Refusal(HttpResponseMessage answer, HttpStatusCode status)
    {
        var text = await answer.Content.ReadAsStringAsync();
        answer.StatusCode.ShouldBe(status, text);
        return JsonDocument.Parse(text).RootElement.GetProperty("code").GetString()!;
    }
}
