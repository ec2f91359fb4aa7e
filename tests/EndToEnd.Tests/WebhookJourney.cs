using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Shouldly;
using Testing;
using Xunit;

namespace EndToEnd.Tests;

/// <summary>What one service publishes arrives at somebody's server, signed and in the words of the feed.</summary>
[Collection(nameof(RunningSystem))]
public sealed class WebhookJourney(RunningSystem system)
{
    [Fact]
    public async Task What_the_feed_tells_arrives_as_a_signed_webhook_word_for_word()
    {
        using var campaigns = await system.Client("campaign");
        using var webhooks = await system.Client("webhooks");
        using var server = new Server();
        var registered = await (await webhooks.PostAsJsonAsync("/v1/webhook-endpoints", new { url = server.Url, types = new[] { "CreatorRegistered" } })).EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>();
        var run = Guid.NewGuid().ToString("N")[..8];
        var created = await campaigns.PostAsJsonAsync("/v1/creators", new { name = "Ida Berg", email = $"ida.{run}@creators.example", locale = "sv-SE", handles = new { } });
        var creator = (await created.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!;

        var (headers, body) = await Eventually.Get(() => server.Received.FirstOrDefault(one => one.Body.Contains(creator, StringComparison.Ordinal)), one => one.Body is not null, "the webhook arrives");

        var key = Convert.FromBase64String(registered.GetProperty("secret").GetString()!["whsec_".Length..]);
        var signature = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{headers["webhook-id"]}.{headers["webhook-timestamp"]}.{body}"));
        headers["webhook-signature"].ShouldBe($"v1,{Convert.ToBase64String(signature)}");

        var told = await Eventually.Get(
            async () => JsonNode.Parse(await campaigns.GetStringAsync("/v1/events?types=CreatorRegistered&limit=500"))!["items"]!.AsArray().SingleOrDefault(item => item!["body"]!["creatorId"]!.ToString() == creator),
            item => item is not null);
        var (feed, webhook) = (told!.AsObject(), JsonNode.Parse(body)!.AsObject());
        feed.Remove("cursor");

        // Each names the span of its own that led there; the trace is the same.
        var traces = new[] { feed, webhook }.Select(one => one["headers"]!["traceparent"]!.ToString().Split('-')[1]).Append(headers["traceparent"]!.Split('-')[1]).Distinct();
        traces.Count().ShouldBe(1);
        feed["headers"]!.AsObject().Remove("traceparent");
        webhook["headers"]!.AsObject().Remove("traceparent");
        JsonNode.DeepEquals(feed, webhook).ShouldBeTrue($"{feed}\n{webhook}");
    }

    /// <summary>Somebody's server: takes what comes and says 200.</summary>
    private sealed class Server : IDisposable
    {
        private readonly HttpListener listener = new();

        public Server()
        {
            using (var free = new TcpListener(IPAddress.Loopback, 0))
            {
                free.Start();
                Url = $"http://localhost:{((IPEndPoint)free.LocalEndpoint).Port}/";
            }

            listener.Prefixes.Add(Url);
            listener.Start();
            _ = Task.Run(Serve);
        }

        public string Url { get; }

        public ConcurrentQueue<(System.Collections.Specialized.NameValueCollection Headers, string Body)> Received { get; } = [];

        public void Dispose() => listener.Close();

        private async Task Serve()
        {
            try
            {
                while (true)
                {
                    var context = await listener.GetContextAsync();
                    using var reader = new StreamReader(context.Request.InputStream, Encoding.UTF8);
                    Received.Enqueue((context.Request.Headers, await reader.ReadToEndAsync()));
                    context.Response.Close();
                }
            }
            catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
            {
                // Closed.
            }
        }
    }
}
