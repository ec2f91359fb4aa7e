using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Platforms.Accounts;

namespace Chaos.Tests.Kit;

/// <summary>The platforms in this process, on real sockets. Each replica comes in by a door of its own, so that it can be told who called.</summary>
public sealed class Simulation : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly Dictionary<int, int> doorOfPort = [];
    private readonly int[] refreshes;
    private readonly Action[] watchers;
    private readonly Action[] apiWatchers;

    private Simulation(int doors)
    {
        refreshes = new int[doors];
        watchers = [.. Enumerable.Repeat(() => { }, doors)];
        apiWatchers = [.. watchers];
        app = global::Platforms.Wiring.Build([$"--urls={string.Join(';', Enumerable.Repeat("http://127.0.0.1:0", doors))}", "--Logging:LogLevel:Default=Warning"]);
        app.Use(Pass);
    }

    /// <summary>An address per door.</summary>
    public IReadOnlyList<Uri> Doors { get; private set; } = [];

    /// <summary>The control API.</summary>
    public HttpClient Http { get; } = new();

    /// <summary>Calls when a refresh arrives at a door, and again when its answer has been written: the two moments at which a death hurts most.</summary>
    public void Watch(int door, Action seen) => watchers[door] = seen;

    /// <summary>Calls when any other call of a platform arrives at a door.</summary>
    public void WatchApi(int door, Action seen) => apiWatchers[door] = seen;

    public static async Task<Simulation> Start(int doors = 1)
    {
        var simulation = new Simulation(doors);
        await simulation.app.StartAsync();
        simulation.Doors = [.. simulation.app.Urls.Select(url => new Uri(url))];
        foreach (var (door, address) in simulation.Doors.Index())
        {
            simulation.doorOfPort[address.Port] = door;
        }

        simulation.Http.BaseAddress = simulation.Doors[0];
        return simulation;
    }

    /// <summary>How many refreshes came in by a door.</summary>
    public int RefreshesBy(int door) => Volatile.Read(ref refreshes[door]);

    /// <summary>Accounts with tokens issued so long ago; as the control API answers them.</summary>
    public async Task<IReadOnlyList<SimulatedAccount>> Open(string platform, int count, TimeSpan age)
    {
        using var response = await Http.PostAsJsonAsync("/control/accounts/bulk", new { platform, count, prefix = "crowd", ageSeconds = (int)age.TotalSeconds });
        return (await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<Crowd>())!.Items;
    }

    public async Task Order(string path, object what)
    {
        using var response = await Http.PostAsJsonAsync($"/control/{path}", what);
        response.EnsureSuccessStatusCode();
    }

    public async Task Switch(object what)
    {
        using var response = await Http.PatchAsJsonAsync("/control/switches", what);
        response.EnsureSuccessStatusCode();
    }

    /// <summary>The refreshes of a platform, all accounts together.</summary>
    public async Task<RefreshCounts> Refreshes(string platform)
    {
        var answer = await Http.GetFromJsonAsync<JsonElement>($"/control/platforms/{platform}/calls");
        var strangers = answer.GetProperty("unattributed").EnumerateObject().Sum(endpoint => endpoint.Value.GetProperty("total").GetInt32());
        return answer.GetProperty("counts").TryGetProperty("refresh", out var counts)
            ? counts.Deserialize<RefreshCounts>(JsonSerializerOptions.Web)! with { Unattributed = strangers }
            : new() { Unattributed = strangers };
    }

    /// <summary>The refreshes of one account: how many were answered well, and how many callers were gone before they were answered.</summary>
    public async Task<(int Succeeded, int CallerGone)> RefreshesOf(string platform, string handle)
    {
        var answer = await Http.GetFromJsonAsync<JsonElement>($"/control/accounts/{platform}/{handle}/calls");
        var calls = answer.GetProperty("calls").EnumerateArray().Where(call => call.GetProperty("endpoint").GetString() == "refresh").ToList();
        return (calls.Count(call => call.GetProperty("status").ValueKind == JsonValueKind.Number && call.GetProperty("code").ValueKind == JsonValueKind.Null),
            calls.Count(call => call.GetProperty("code").ValueKind == JsonValueKind.String && call.GetProperty("code").GetString() == "caller-gone"));
    }

    /// <summary>What the account granted.</summary>
    public async Task<IReadOnlyList<string>> ScopesOf(string platform, string handle) =>
        (await Http.GetFromJsonAsync<JsonElement>($"/control/accounts/{platform}/{handle}")).GetProperty("scopes").Deserialize<string[]>()!;

    /// <summary>Would the platform still take this token?</summary>
    public bool IsLive(string? token) =>
        app.Services.GetRequiredService<Ledger>().FindToken(token) is var (_, found) && found.IsLive(app.Services.GetRequiredService<PlatformClock>().GetUtcNow());

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await app.StopAsync();
        await app.DisposeAsync();
    }

    private async Task Pass(HttpContext http, RequestDelegate next)
    {
        var path = http.Request.Path.Value!;
        if (!path.EndsWith("/oauth/token/", StringComparison.Ordinal) && !path.EndsWith("/oauth2/token", StringComparison.Ordinal) && !path.EndsWith("/refresh_access_token", StringComparison.Ordinal))
        {
            if (!path.StartsWith("/control/", StringComparison.Ordinal))
            {
                apiWatchers[doorOfPort[http.Connection.LocalPort]]();
            }

            await next(http);
            return;
        }

        var door = doorOfPort[http.Connection.LocalPort];
        Interlocked.Increment(ref refreshes[door]);
        watchers[door]();
        await next(http);
        watchers[door]();
    }

    private sealed record Crowd(IReadOnlyList<SimulatedAccount> Items);
}

/// <summary>A simulated account and its tokens.</summary>
public sealed record SimulatedAccount(
    string Handle, string Id, string AccessToken, DateTimeOffset? AccessExpiresAt, string? RefreshToken, DateTimeOffset? RefreshExpiresAt);

/// <summary>The refreshes of a platform by its own call log.</summary>
public sealed record RefreshCounts(
    int Total = 0, int Succeeded = 0, int Failed = 0, int Accounts = 0, int MostPerAccount = 0, int MostSucceededPerAccount = 0, int MostAtOncePerAccount = 0, int Unattributed = 0);
