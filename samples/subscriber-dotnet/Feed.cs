using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Subscriber;

/// <summary>What happened, read from a service page by page.</summary>
public sealed class Feed(HttpClient http, Tokens tokens)
{
    /// <summary>All that is behind the cursor, with the cursor each page ends at.</summary>
    public async IAsyncEnumerable<(IReadOnlyList<Item> Items, string Cursor)> Behind(Uri service, string cursor)
    {
        for (var more = true; more;)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(service, $"/v1/events?limit=500&after={cursor}"));
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await tokens.Get());
            using var answer = await http.SendAsync(request);
            if (!answer.IsSuccessStatusCode)
            {
                throw new InvalidOperationException($"{service} refused: {await answer.Content.ReadAsStringAsync()}");
            }

            var page = (await answer.Content.ReadFromJsonAsync<Page>())!;
            yield return (page.Items, page.Cursor);
            (cursor, more) = (page.Cursor, page.More);
        }
    }

    public sealed record Item(string MessageId, string Type, Dictionary<string, string> Headers, JsonElement Body);

    private sealed record Page(IReadOnlyList<Item> Items, string Cursor, bool More);
}

/// <summary>An access token for the scope events.read, fetched anew a minute before its end.</summary>
public sealed class Tokens(HttpClient http)
{
    private (string Token, DateTimeOffset Until) granted;

    public async Task<string> Get()
    {
        if (Environment.GetEnvironmentVariable("ACCESS_TOKEN") is { Length: > 0 } given)
        {
            return given;
        }

        if (granted.Until <= DateTimeOffset.UtcNow)
        {
            using var form = new FormUrlEncodedContent(new Dictionary<string, string>
            {
                ["grant_type"] = "client_credentials",
                ["client_id"] = Settings.Need("CLIENT_ID"),
                ["client_secret"] = Settings.Need("CLIENT_SECRET"),
                ["scope"] = "events.read",
            });
            using var answer = await http.PostAsync(new Uri(Settings.Need("TOKEN_URL")), form);
            var body = await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>();
            granted = (body.GetProperty("access_token").GetString()!, DateTimeOffset.UtcNow.AddSeconds(body.GetProperty("expires_in").GetInt32() - 60));
        }

        return granted.Token;
    }
}

public static class Settings
{
    public static string Need(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : throw new InvalidOperationException($"Set {name}. See README.md.");
}
