using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Npgsql;
using Shouldly;
using Testing;
using Xunit;

namespace Connections.Tests.Features;

public sealed class OperationsFixture : IAsyncLifetime
{
    public HubHost Host { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Host = await HubHost.Start();

    public ValueTask DisposeAsync() => Host.DisposeAsync();
}

public sealed class OperationsTests(OperationsFixture fixture) : IClassFixture<OperationsFixture>
{
    private HubHost Host => fixture.Host;

    [Fact]
    public async Task Pausing_and_resuming_a_platform_are_in_the_audit_with_who_did_it()
    {
        using var operators = Host.As("aurora", "ops");

        (await operators.PostAsync("/v1/platforms/youtube/pause", null)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await operators.PostAsync("/v1/platforms/youtube/resume", null)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await operators.PostAsync("/v1/platforms/nowhere/pause", null)).StatusCode.ShouldBe(HttpStatusCode.NotFound);

        var newest = (await operators.GetFromJsonAsync<JsonElement>("/v1/operations/audit?limit=2")).GetProperty("items").EnumerateArray().ToList();
        newest.Select(entry => (entry.GetProperty("command").GetString(), entry.GetProperty("on").GetString(), entry.GetProperty("state").GetString()))
            .ShouldBe([("platform.resume", "youtube", "Done"), ("platform.pause", "youtube", "Done")]);
        newest.ShouldAllBe(entry => entry.GetProperty("by").GetString() == newest[0].GetProperty("by").GetString() && entry.GetProperty("by").GetString() != "unknown");
    }

    [Fact]
    public async Task The_refresh_queue_counts_what_waits_and_what_failed_is_tried_again_at_an_operators_word()
    {
        var handle = $"ops.{Guid.NewGuid():N}"[..20];
        (await Host.Connect(await Host.Creator(), "tiktok", handle)).ShouldContain("outcome=connected");
        using var operators = Host.As("aurora", "ops");
        (await Queue(operators)).GetProperty("connections").GetInt64().ShouldBe(1);

        // As after failures that made it wait for long.
        await Execute("update connections.connection_upkeep set failures = 6, due_at = now() + interval '20 hours' where platform = 'tiktok'");
        var waiting = await Queue(operators);
        waiting.GetProperty("failing").GetInt64().ShouldBe(1);
        waiting.GetProperty("nextHour").GetInt64().ShouldBe(0);
        waiting.GetProperty("nextDay").GetInt64().ShouldBe(1);

        using var answer = await operators.PostAsync("/v1/platforms/tiktok/refresh", null);

        (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("affected").GetInt64().ShouldBe(1);
        await Host.Wait(TimeSpan.FromMinutes(2));
        await Eventually.Get(() => Queue(operators), queue => queue.GetProperty("failing").GetInt64() == 0);
    }

    [Fact]
    public async Task An_operators_refresh_of_one_connection_happens_at_the_next_look_and_is_in_the_audit()
    {
        var handle = $"one.{Guid.NewGuid():N}"[..20];
        var creator = await Host.Creator();
        (await Host.Connect(creator, "youtube", handle)).ShouldContain("outcome=connected");
        var id = (await Host.ConnectionOf(creator, "youtube")).GetProperty("connectionId").GetGuid();
        (await Host.Calls("youtube", handle, "refresh")).ShouldBe(0);
        using var operators = Host.As(null, "ops", "organizations.any");
        operators.DefaultRequestHeaders.Add("X-Organization", "aurora");
        operators.DefaultRequestHeaders.Add("Idempotency-Key", $"{id}");

        (await Affected()).ShouldBe(1);
        await Host.Wait(TimeSpan.FromMinutes(2));
        await Eventually.Get(() => Host.Calls("youtube", handle, "refresh"), count => count == 1);

        // The same key is the same command: nothing happens again.
        (await Affected()).ShouldBe(1);
        var audit = (await operators.GetFromJsonAsync<JsonElement>("/v1/operations/audit?limit=50")).GetProperty("items").EnumerateArray();
        audit.Where(entry => entry.GetProperty("on").GetString() == $"aurora {id}").Select(entry => (entry.GetProperty("command").GetString(), entry.GetProperty("state").GetString(), entry.GetProperty("affected").GetInt64()))
            .ShouldBe([("connection.refresh", "Done", 1)]);

        using var elsewhere = Host.As("borealis", "ops");
        using var refused = await elsewhere.PostAsync($"/v1/operations/connections/{id}/refresh", null);
        refused.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await refused.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString().ShouldBe("connection.unknown");

        async Task<long> Affected()
        {
            using var answer = await operators.PostAsync($"/v1/operations/connections/{id}/refresh", null);
            answer.StatusCode.ShouldBe(HttpStatusCode.OK);
            return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("affected").GetInt64();
        }
    }

    [Fact]
    public async Task What_is_left_of_every_platforms_allowance_is_a_gauge() =>
        (await Eventually.Get(() => Gauges.Of("insights.budget.headroom"), found => found.Count > 0))["youtube data"].ShouldBe(1);

    [Theory]
    [InlineData("GET", "/v1/operations/refresh-queue")]
    [InlineData("GET", "/v1/operations/dead-letters")]
    [InlineData("GET", "/v1/operations/relay")]
    [InlineData("GET", "/v1/operations/audit")]
    [InlineData("POST", "/v1/operations/relay/redrive")]
    [InlineData("POST", "/v1/platforms/tiktok/refresh")]
    [InlineData("POST", "/v1/operations/connections/019a3c5e-7b1d-7c2a-9f40-2d6c1e8a5b73/refresh")]
    public async Task What_operators_do_needs_their_scope(string method, string path)
    {
        using var others = Host.As("aurora", "connections.read", "connections.write");

        using var refused = await others.SendAsync(new(new(method), path));

        refused.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await refused.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString().ShouldBe("scope.missing");
    }

    [Fact]
    public async Task An_operators_client_that_acts_for_all_organizations_need_name_none()
    {
        using var operators = Host.As(null, "ops", "organizations.any");

        foreach (var path in (string[])["dead-letters", "relay", "audit"])
        {
            (await operators.GetAsync($"/v1/operations/{path}")).StatusCode.ShouldBe(HttpStatusCode.OK, path);
        }
    }

    [Fact]
    public async Task Health_says_in_words_what_helps_about_a_platform_that_is_paused_and_names_nobody()
    {
        using var operators = Host.As("aurora", "ops");
        await operators.PostAsync("/v1/platforms/instagram/pause", null);

        var health = await operators.GetFromJsonAsync<JsonElement>("/health");

        health.GetProperty("checks").GetProperty("platforms").GetString().ShouldBe("Degraded");
        health.GetProperty("help").GetProperty("platforms").GetString().ShouldBe("Instagram: paused by an operator (GET /v1/platforms says who). POST /v1/platforms/instagram/resume goes on.");
        await operators.PostAsync("/v1/platforms/instagram/resume", null);
    }

    private static async Task<JsonElement> Queue(HttpClient operators) =>
        (await operators.GetFromJsonAsync<JsonElement>("/v1/operations/refresh-queue")).GetProperty("items").EnumerateArray().Single(queue => queue.GetProperty("platform").GetString() == "tiktok");

    private async Task Execute(string sql)
    {
        await using var connection = new NpgsqlConnection(Host.Database);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
