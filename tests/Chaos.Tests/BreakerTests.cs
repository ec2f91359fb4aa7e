using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Chaos.Tests.Kit;
using Connections;
using Connections.Upkeep;
using Testing;

namespace Chaos.Tests;

/// <summary>TikTok tells every caller that his grant is invalid, which for a while is nobody's doing but its own. Two replicas.</summary>
public sealed class BreakerTests
{
    private const int Crowd = 300;

    [Fact]
    public async Task While_everything_fails_nothing_changes_and_when_it_is_over_everything_is_refreshed()
    {
        await using var scene = await Build(("Upkeep:RetryLongest", "00:00:02"), ("Breaker:Calm", "00:00:04"));
        var crowd = await scene.Seed("tiktok", Crowd, TimeSpan.FromMinutes(100));
        await using var one = scene.ReplicaHere(0);
        await using var other = scene.ReplicaHere(1);
        using var operators = one.As(Scene.Organization, "ops");
        using var others = other.As(Scene.Organization, "ops");
        await EverythingFails(scene, operators);

        foreach (var client in (HttpClient[])[operators, others])
        {
            (await Status(client)).GetProperty("state").GetString().ShouldBe("Incident");
            var health = await client.GetFromJsonAsync<JsonElement>("/health");
            health.GetProperty("checks").GetProperty("platforms").GetString().ShouldBe("Degraded");
        }

        await scene.Platforms.Order("platforms/tiktok/fail", new { calls = 0 });
        await Eventually.Get(() => scene.AtVersion("tiktok", 1), left => left == 0);

        // Life goes on: there is always somebody who is due.
        await Eventually.Get(
            async () =>
            {
                await scene.MakeDue("tiktok", most: 5);
                return (await Status(operators)).GetProperty("state").GetString();
            },
            state => state == "Running");
        await NothingWasLost(scene, crowd);
        var incident = await TheIncident(operators);
        incident.GetProperty("closedBy").GetString().ShouldBe("itself");
        await Eventually.Get(() => others.GetFromJsonAsync<JsonElement>("/health"), health => health.GetProperty("checks").GetProperty("platforms").GetString() == "Healthy");
    }

    [Fact]
    public async Task An_operator_overrules_an_incident_and_what_was_held_is_asked_again()
    {
        // By themselves neither the incident would end nor the held ones be asked again before this test is over.
        await using var scene = await Build(("Upkeep:RetryLongest", "00:30:00"), ("Breaker:Calm", "01:00:00"));
        var crowd = await scene.Seed("tiktok", Crowd, TimeSpan.FromMinutes(100));
        await using var one = scene.ReplicaHere(0);
        await using var other = scene.ReplicaHere(1);
        using var operators = one.As(Scene.Organization, "ops");
        using var others = other.As(Scene.Organization, "ops");
        await EverythingFails(scene, operators);
        await scene.Platforms.Order("platforms/tiktok/fail", new { calls = 0 });

        using var resumed = await others.PostAsync("/v1/platforms/tiktok/resume", null);

        resumed.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        await Eventually.Get(() => scene.AtVersion("tiktok", 2), refreshed => refreshed == Crowd, within: TimeSpan.FromSeconds(90));
        await NothingWasLost(scene, crowd);
        (await Status(operators)).GetProperty("state").GetString().ShouldBe("Running");
        (await TheIncident(operators)).GetProperty("closedBy").GetString().ShouldBe("somebody");
    }

    private static Task<Scene> Build(params (string, string)[] settings) => Scene.Build(
        doors: 2,
        [
            ("Upkeep:Parallel", "4"),
            ("Upkeep:PageSize", "20"),
            ("Upkeep:Plain:Asks", "2"),
            ("Upkeep:Plain:Over", "00:00:02"),
            ("Breaker:Window", "00:01:00"),
            ("Breaker:LeastFailed", "20"),
            ("Breaker:Share", "0.3"),
            ("Breaker:CalmShare", "0.1"),
            ("Breaker:LookEvery", "00:00:00.100"),
            .. settings,
        ]);

    // Every connection has been refused twice over the time it takes to be believed: but for the incident all of them would be red.
    private static async Task EverythingFails(Scene scene, HttpClient operators)
    {
        await scene.Platforms.Order("platforms/tiktok/fail", new { status = 400, code = "invalid_grant", where = "Token" });
        (await scene.MakeDue("tiktok")).ShouldBe(Crowd);
        await Eventually.Get(() => Status(operators), status => status.GetProperty("held").GetInt64() == Crowd);
        (await TheIncident(operators)).GetProperty("closedAt").ValueKind.ShouldBe(JsonValueKind.Null);
        (await scene.Events<AccessInvalidated>()).ShouldBeEmpty();
        (await scene.AtVersion("tiktok", 1)).ShouldBe(Crowd);
    }

    private static async Task NothingWasLost(Scene scene, IReadOnlyList<Seeded> crowd)
    {
        await Eventually.Get(scene.Unsettled, rows => rows == 0);
        (await scene.Rows(crowd)).Count(each => each.Row is { State: UpkeepState.Green, IsHeld: false, Suspicion: null } && scene.Platforms.IsLive(scene.TokensOf(each.Row).RefreshToken)).ShouldBe(Crowd);
        (await scene.Events<AccessGranted>()).Count.ShouldBe(Crowd);
        (await scene.Count("select count(*) from connections.mt_events where tenant_id <> '_operations'")).ShouldBe(Crowd);
    }

    private static async Task<JsonElement> Status(HttpClient operators) =>
        (await operators.GetFromJsonAsync<JsonElement>("/v1/platforms")).GetProperty("items").EnumerateArray().Single(item => item.GetProperty("platform").GetString() == "tiktok");

    private static async Task<JsonElement> TheIncident(HttpClient operators) =>
        (await operators.GetFromJsonAsync<JsonElement>("/v1/platforms/tiktok/incidents")).GetProperty("items").EnumerateArray().ShouldHaveSingleItem();
}
