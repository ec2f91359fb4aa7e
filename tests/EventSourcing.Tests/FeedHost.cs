using System.Net.ServerSentEvents;
using System.Text.Json;
using EventSourcing.Tests.Wire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Testing;

namespace EventSourcing.Tests;

/// <summary>A workshop that answers HTTP: who calls is told by a header, as a token would.</summary>
public sealed class FeedHost : IAsyncDisposable
{
    private readonly WebApplication app;

    private FeedHost(WebApplication app, Uri broker) => (this.app, Broker, Workshop, Client) = (app, broker, new(app), new() { BaseAddress = new(app.Urls.Single()) });

    public Uri Broker { get; }

    public Service Workshop { get; }

    public HttpClient Client { get; }

    public static async Task<FeedHost> Start()
    {
        var broker = await BackingServices.CreateVirtualHost();
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:workshop"] = await BackingServices.CreateDatabase("workshop"),
            ["ConnectionStrings:rabbitmq"] = broker.ToString(),
        });
        builder.AddEventStore("workshop", store => store.Events(typeof(Broken)));
        builder.AddIntegration("workshop", map => map
            .Publish<Made, LampMade>(e => e.Data.Colour == "secret"
                ? null
                : new LampMade { OrganizationId = e.TenantId, LampId = e.StreamId, Colour = e.Data.Colour, Sequence = e.Version })
            .Publish<Lit, LampLit>(e => new LampLit { OrganizationId = e.TenantId, LampId = e.StreamId, Sequence = e.Version }));
        builder.Services.AddProblemDetails();
        var app = builder.Build();
        app.Use(async (http, next) =>
        {
            http.RequestServices.GetRequiredService<OrganizationScope>().Bind(http.Request.Headers["Caller"].ToString());
            await next(http);
        });
        app.MapEventFeed();
        await app.StartAsync();
        return new(app, broker);
    }

    public async Task<HttpResponseMessage> Ask(string query = "", string organization = "aurora", params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/events{query}") { Headers = { { "Caller", organization } } };
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    public async Task<FeedPage> Page(string query = "", string organization = "aurora")
    {
        using var response = await Ask(query, organization);
        return (await JsonSerializer.DeserializeAsync<FeedPage>(await response.EnsureSuccessStatusCode().Content.ReadAsStreamAsync(), JsonSerializerOptions.Web))!;
    }

    /// <summary>Everything behind a cursor, page by page.</summary>
    public async Task<(List<FeedItem> Items, string Cursor)> Everything(string? after = null, int limit = 100, string types = "", string organization = "aurora")
    {
        var items = new List<FeedItem>();
        while (true)
        {
            var page = await Page($"?after={after}&limit={limit}&types={types}", organization);
            items.AddRange(page.Items);
            after = page.Cursor;
            if (!page.More)
            {
                return (items, after);
            }
        }
    }

    /// <summary>What a stream says, item after item.</summary>
    public async IAsyncEnumerable<SseItem<JsonElement>> Stream(string query = "", string? lastEventId = null)
    {
        using var response = await Ask(query, "aurora", [("Accept", "text/event-stream"), .. lastEventId is null ? [] : new[] { ("Last-Event-ID", lastEventId) }]);
        await using var body = await response.EnsureSuccessStatusCode().Content.ReadAsStreamAsync();
        await foreach (var item in SseParser.Create(body, (_, data) => JsonDocument.Parse(data.ToArray()).RootElement.Clone()).EnumerateAsync())
        {
            yield return item;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Workshop.DisposeAsync();
    }
}
