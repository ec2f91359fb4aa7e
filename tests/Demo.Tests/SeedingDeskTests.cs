using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Testing;

namespace Demo.Tests;

/// <summary>The demo as an operator asks for it, with a stand-in for what it fills: how it fills is EndToEnd's.</summary>
public sealed class SeedingDeskTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("demo-").FullName;
    private Func<CancellationToken, Task<bool>> fill = _ => Task.FromResult(true);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Without_an_address_to_listen_at_it_fills_and_ends() => DemoHost.Build(["--urls="]).ShouldBeNull();

    [Fact]
    public async Task Only_an_operator_can_ask_for_it()
    {
        await using var app = await Start();
        using var stranger = new HttpClient { BaseAddress = new(app.Urls.Single()) };
        using var manager = Client(app, "campaigns.read");

        foreach (var path in (string[])["/v1/operations/demo/seed", "/v1/operations/audit"])
        {
            var method = path.EndsWith("seed", StringComparison.Ordinal) ? HttpMethod.Post : HttpMethod.Get;
            (await stranger.SendAsync(new(method, path), Cancelled)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
            (await manager.SendAsync(new(method, path), Cancelled)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        }

        (await Audit(Client(app, "ops"))).ShouldBeEmpty();
    }

    [Fact]
    public async Task Asked_again_it_finds_nothing_to_do_and_each_asking_is_in_the_audit_after_a_restart_too()
    {
        var runs = 0;
        fill = _ => Task.FromResult(Interlocked.Increment(ref runs) <= 2);
        await using (var app = await Start())
        {
            await Eventually.Get(() => Health(app), health => health == (HttpStatusCode.OK, "Healthy"));
            using var one = Client(app, "ops", "ada");
            (await Seed(one)).GetProperty("affected").GetInt64().ShouldBe(1);
            using var other = Client(app, "ops", "grace");
            (await Seed(other)).GetProperty("affected").GetInt64().ShouldBe(0);
            await app.StopAsync(Cancelled);
        }

        await using var again = await Start();
        var audit = await Audit(Client(again, "ops"));
        audit.Select(entry => (entry.GetProperty("by").GetString(), entry.GetProperty("command").GetString(), entry.GetProperty("state").GetString(), entry.GetProperty("affected").GetInt64()))
            .ShouldBe([("grace", "demo.seed", "Done", 0L), ("ada", "demo.seed", "Done", 1L)]);
        audit.ShouldAllBe(entry => entry.GetProperty("endedAt").GetDateTimeOffset() >= entry.GetProperty("at").GetDateTimeOffset());
    }

    [Fact]
    public async Task What_is_in_the_way_is_said_and_the_next_asking_goes_on()
    {
        var isMended = false;
        fill = _ => isMended ? Task.FromResult(true) : throw new DemoFailed("Campaign answered 503.");
        await using var app = await Start();
        await Eventually.Get(() => Health(app), health => health == (HttpStatusCode.OK, "Degraded"));
        using var ops = Client(app, "ops");

        using var refused = await ops.PostAsync("/v1/operations/demo/seed", null, Cancelled);
        refused.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        var problem = await refused.Content.ReadFromJsonAsync<JsonElement>(Cancelled);
        problem.GetProperty("code").GetString().ShouldBe("demo.incomplete");
        problem.GetProperty("detail").GetString()!.ShouldContain("Campaign answered 503.");

        isMended = true;
        (await Seed(ops)).GetProperty("affected").GetInt64().ShouldBe(1);
        (await Health(app)).ShouldBe((HttpStatusCode.OK, "Healthy"));
        (await Audit(ops)).Select(entry => entry.GetProperty("state").GetString()).ShouldBe(["Done", "Failed"]);
    }

    [Fact]
    public async Task Until_it_is_filled_it_is_not_ready_and_who_asks_meanwhile_waits_for_that()
    {
        var (release, runs, atOnce, most) = (new TaskCompletionSource(), 0, 0, 0);
        fill = async _ =>
        {
            most = Math.Max(most, Interlocked.Increment(ref atOnce));
            await release.Task;
            Interlocked.Decrement(ref atOnce);
            return Interlocked.Increment(ref runs) == 1;
        };
        await using var app = await Start();
        using var ops = Client(app, "ops");
        var asking = Seed(ops);
        await Eventually.Get(() => Audit(ops), audit => audit is [var one] && one.GetProperty("state").GetString() == "UnderWay");
        (await Health(app)).Status.ShouldBe(HttpStatusCode.ServiceUnavailable);

        release.SetResult();
        (await asking).GetProperty("affected").GetInt64().ShouldBe(0);
        (runs, most).ShouldBe((2, 1));
        await Eventually.Get(() => Health(app), health => health == (HttpStatusCode.OK, "Healthy"));
    }

    private static async Task<JsonElement> Seed(HttpClient ops)
    {
        using var answer = await ops.PostAsync("/v1/operations/demo/seed", null, Cancelled);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync(Cancelled));
        return await answer.Content.ReadFromJsonAsync<JsonElement>(Cancelled);
    }

    private static async Task<JsonElement[]> Audit(HttpClient ops) =>
        [.. (await ops.GetFromJsonAsync<JsonElement>("/v1/operations/audit", Cancelled)).GetProperty("items").EnumerateArray()];

    private static async Task<(HttpStatusCode Status, string? Says)> Health(WebApplication app)
    {
        using var http = new HttpClient { BaseAddress = new(app.Urls.Single()) };
        using var answer = await http.GetAsync("/health", Cancelled);
        return (answer.StatusCode, (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancelled)).GetProperty("status").GetString());
    }

    private static HttpClient Client(WebApplication app, string scope, string person = "somebody") => new()
    {
        BaseAddress = new(app.Urls.Single()),
        DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", TestTokens.OfPerson(person, null, scope)) },
    };

    private async Task<WebApplication> Start()
    {
        var app = DemoHost.Build(
            [
                "--urls=http://127.0.0.1:0", $"--State:Directory={folder}", $"--Authentication:Authority={TestTokens.Issuer}", $"--Authentication:Audience={TestTokens.Audience}",
                "--Authentication:ClientId=demo", "--Authentication:ClientSecret=demo-secret",
            ],
            services =>
            {
                TestTokens.Trust(services);
                services.AddSingleton<Seed>(ct => fill(ct));
            })!;
        await app.StartAsync(Cancelled);
        return app;
    }
}
