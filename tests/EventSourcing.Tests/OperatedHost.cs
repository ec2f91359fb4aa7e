using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Security.Claims;
using System.Text.Json;
using EventSourcing.Operations;
using EventSourcing.Tests.Wire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EventSourcing.Tests;

/// <summary>A service with its routes for operators, each of whom says who they are by a header, as a token would.</summary>
public sealed class OperatedHost : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly HttpClient client;

    private OperatedHost(WebApplication app) => (this.app, Service, client) = (app, new(app), new() { BaseAddress = new(app.Urls.Single()) });

    /// <summary>How often the workshop has translated a lamp's making for others.</summary>
    public static ConcurrentDictionary<Guid, int> Translated { get; } = new();

    public Service Service { get; }

    public static Task<OperatedHost> Shop(string database, Uri broker) => Start("shop", database, broker, map => map
        .Consume<LampMade, OnLampMade>()
        .Consume<LampLit, OnLampLit>());

    public static Task<OperatedHost> Workshop(string database, Uri broker) => Start("workshop", database, broker, map => map
        .Publish<Made, LampMade>(
            e =>
            {
                Translated.AddOrUpdate(e.StreamId, 1, (_, times) => times + 1);
                return new LampMade { OrganizationId = e.TenantId, LampId = e.StreamId, Colour = e.Data.Colour, Sequence = e.Version };
            },
            "shop")
        .Publish<Lit, LampLit>(e => new LampLit { OrganizationId = e.TenantId, LampId = e.StreamId, Sequence = e.Version }, "shop"));

    public async Task<T> Get<T>(string path)
    {
        using var response = await client.GetAsync($"/v1/operations{path}");
        return (await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<T>(JsonSerializerOptions.Web))!;
    }

    /// <summary>The organization's feed, as its route answers it.</summary>
    public async Task<FeedPage> Feed(string organization) => (await app.Services.GetRequiredService<EventFeed>().Read(organization, 0, [], 500, default))!;

    /// <summary>Carries out a command, and answers to how many things it did something.</summary>
    public async Task<CommandOutcome> Do(string path, object? body = null, string? key = null, string by = "olga")
    {
        using var response = await Post(path, body, key, by);
        return (await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<CommandOutcome>(JsonSerializerOptions.Web))!;
    }

    public async Task<Replay> Begin(object request)
    {
        using var response = await Post("/replays", request, null, "olga");
        return (await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<Replay>(JsonSerializerOptions.Web))!;
    }

    /// <summary>What a command is refused with.</summary>
    public async Task<(HttpStatusCode Status, string Code)> Refused(string path, object? body = null, string? key = null)
    {
        using var response = await Post(path, body, key, "olga");
        return (response.StatusCode, (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString()!);
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await Service.DisposeAsync();
    }

    private Task<HttpResponseMessage> Post(string path, object? body, string? key, string by)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/operations{path}") { Headers = { { "Caller", by } }, Content = body is null ? null : JsonContent.Create(body) };
        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        return client.SendAsync(request);
    }

    private static async Task<OperatedHost> Start(string name, string database, Uri broker, Action<IntegrationMap> map)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        if (Environment.GetEnvironmentVariable("TEST_LOG") is not null)
        {
            builder.Logging.AddSimpleConsole(console => console.TimestampFormat = "HH:mm:ss.fff ");
        }

        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { [$"ConnectionStrings:{name}"] = database, ["ConnectionStrings:rabbitmq"] = broker.ToString() });
        builder.AddEventStore(name, store => store.Events(typeof(Made), typeof(Lit), typeof(Broken), typeof(Shown)));
        builder.AddIntegration(name, map);
        var app = builder.Build();
        app.Use((http, next) =>
        {
            http.User = new(new ClaimsIdentity([new("sub", http.Request.Headers["Caller"].ToString())], "header"));
            return next(http);
        });
        app.MapOperations((_, _, _) => { });
        await app.StartAsync();
        return new(app);
    }
}
