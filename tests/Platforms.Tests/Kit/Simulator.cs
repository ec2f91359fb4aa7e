using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Platforms.Tests.Kit;

[assembly: AssemblyFixture(typeof(SharedSimulator))]

namespace Platforms.Tests.Kit;

/// <summary>What came back: the status and the JSON, if it was JSON.</summary>
public sealed record Answer(HttpStatusCode Status, JsonElement Body, HttpResponseMessage Response)
{
    public string Text(string property) => Body.GetProperty(property).GetString()!;
}

/// <summary>The real application on a free port, with a hub behind it. Tests that move the clock or a switch start their own.</summary>
public sealed class Simulator : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly bool ownsHub;

    private Simulator(WebApplication app, Hub hub, bool ownsHub)
    {
        (this.app, Hub, this.ownsHub) = (app, hub, ownsHub);
        Http = new(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = new(app.Urls.Single()) };
    }

    public Hub Hub { get; }

    public HttpClient Http { get; }

    public static async Task<Simulator> Start(string? stateDirectory = null, Hub? hub = null)
    {
        var behind = hub ?? await Hub.Start();
        var app = Wiring.Build(
        [
            "--urls=http://127.0.0.1:0",
            $"--Hub:PublicUrl={behind.Address}",
            $"--State:Directory={stateDirectory}",
            "--Webhooks:FirstWait=00:00:00.010",
            "--Logging:LogLevel:Default=Warning",
        ]);
        await app.StartAsync();
        return new(app, behind, ownsHub: hub is null);
    }

    public string Redirect(string platform) => $"{Hub.Address}/hub/callback/{platform}";

    public Task<Answer> Get(string path, string? bearer = null) => Send(new(HttpMethod.Get, path), bearer);

    public Task<Answer> PostForm(string path, params IEnumerable<(string Name, string Value)> fields) =>
        Send(new(HttpMethod.Post, path) { Content = new FormUrlEncodedContent(fields.Select(f => KeyValuePair.Create(f.Name, f.Value))) });

    public Task<Answer> Post(string path, object? body = null) => Send(new(HttpMethod.Post, path) { Content = body is null ? null : JsonContent.Create(body) });

    public Task<Answer> Put(string path, object body) => Send(new(HttpMethod.Put, path) { Content = JsonContent.Create(body) });

    public Task<Answer> Patch(string path, object body) => Send(new(HttpMethod.Patch, path) { Content = JsonContent.Create(body) });

    /// <summary>An account that has granted everything, or the scopes that are named, without a consent page: its handle, ids and tokens.</summary>
    public async Task<JsonElement> Granted(string platform, string prefix = "ana", long? followers = null, string[]? scopes = null)
    {
        var opened = await Post("/control/accounts/bulk", new { platform, prefix, count = 1, scopes });
        opened.Status.ShouldBe(HttpStatusCode.OK);
        var account = opened.Body.GetProperty("items")[0];
        if (followers is not null)
        {
            await Put($"/control/accounts/{platform}/{account.GetProperty("handle").GetString()}", new { followers });
        }

        return account;
    }

    /// <summary>A JSON post with a bearer token.</summary>
    public Task<Answer> PostJson(string path, string bearer, object body) => Send(new(HttpMethod.Post, path) { Content = JsonContent.Create(body) }, bearer);

    public async Task Switch(object switches) => (await Patch("/control/switches", switches)).Status.ShouldBe(HttpStatusCode.OK);

    public async Task MoveClock(TimeSpan ahead) =>
        (await Post("/control/clock", new { offsetSeconds = (long)ahead.TotalSeconds })).Status.ShouldBe(HttpStatusCode.OK);

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await app.StopAsync();
        await app.DisposeAsync();
        if (ownsHub)
        {
            await Hub.DisposeAsync();
        }
    }

    private async Task<Answer> Send(HttpRequestMessage request, string? bearer = null)
    {
        if (bearer is not null)
        {
            request.Headers.Authorization = new("Bearer", bearer);
        }

        var response = await Http.SendAsync(request);
        var isJson = response.Content.Headers.ContentType?.MediaType?.EndsWith("json", StringComparison.Ordinal) is true;
        return new(response.StatusCode, isJson ? await response.Content.ReadFromJsonAsync<JsonElement>() : default, response);
    }
}

/// <summary>One simulator for all tests that only use accounts of their own.</summary>
public sealed class SharedSimulator : IAsyncLifetime
{
    private static int handles;

    public Simulator Simulator { get; private set; } = null!;

    public static string NewHandle() => $"creator.{Interlocked.Increment(ref handles)}";

    public async ValueTask InitializeAsync() => Simulator = await Simulator.Start();

    public ValueTask DisposeAsync() => Simulator.DisposeAsync();
}

/// <summary>One simulator for the tests of a class, which come one after the other and begin with a reset: clock, switches and limits are theirs.</summary>
public sealed class ClassSimulator : IAsyncLifetime
{
    public Simulator Simulator { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Simulator = await Simulator.Start();

    /// <summary>As if it had just been started.</summary>
    public async Task Reset() => (await Simulator.Post("/control/reset")).Status.ShouldBe(HttpStatusCode.NoContent);

    public ValueTask DisposeAsync() => Simulator.DisposeAsync();
}
