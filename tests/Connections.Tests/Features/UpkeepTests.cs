using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Connections.Upkeep;
using CreatorConnections.Contracts.Connections;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Testing;
using Xunit;

namespace Connections.Tests.Features;

public sealed class UpkeepFixture : IAsyncLifetime
{
    public HubHost Host { get; private set; } = null!;

    // Tests of one host follow each other, and each moves the clock on: what an earlier one left behind is looked after meanwhile, as in life.
    public async ValueTask InitializeAsync() => Host = await HubHost.StartWith(
        [("Upkeep:RecoveryEvery", "06:00:00")],
        typeof(ConnectionGranted), typeof(ConnectionInvalidated), typeof(ConnectionExpired), typeof(ConnectionExpiring), typeof(ConnectionRecovered), typeof(ConnectionRenewed));

    public ValueTask DisposeAsync() => Host.DisposeAsync();
}

public sealed class UpkeepTests(UpkeepFixture fixture) : IClassFixture<UpkeepFixture>
{
    private HubHost Host => fixture.Host;

    [Theory]
    [InlineData("instagram", 8 * 24)]
    [InlineData("youtube", 31 * 24)]
    [InlineData("tiktok", 1.7)]
    public async Task Tokens_are_renewed_each_platforms_own_way_when_they_are_due_and_the_connection_stays_green(string platform, double hours)
    {
        var (creator, handle) = await Connected(platform, "ava");
        (await Host.Calls(platform, handle, "refresh")).ShouldBe(0);

        await Host.Wait(TimeSpan.FromHours(hours));

        await Eventually.Get(() => Host.Calls(platform, handle, "refresh"), count => count >= 1);
        await Eventually.Get(() => Host.ConnectionOf(creator, platform), connection => RenewedAt(connection) > Host.Clock.GetUtcNow().AddMinutes(-10));
        (await Host.StatusOf(creator, platform)).ShouldBe("Connected");
    }

    [Fact]
    public async Task A_moved_end_of_life_is_told_to_others()
    {
        var (creator, _) = await Connected("instagram", "bea");

        await Host.Wait(TimeSpan.FromDays(8));

        var told = await Eventually.Get(() => Host.Bus.Heard<ConnectionRenewed>().FirstOrDefault(message => Creator(message) == creator), message => message is not null);
        told!.Body.GetProperty("expiresAt").GetDateTimeOffset().ShouldBeGreaterThan(Host.Clock.GetUtcNow().AddDays(59));
    }

    [Fact]
    public async Task A_platform_that_is_away_for_a_while_costs_nobody_the_connection()
    {
        var (creator, handle) = await Connected("tiktok", "cal");
        await Fail("tiktok", handle, new { calls = 4, status = 503, where = "Token" });

        await Host.Wait(TimeSpan.FromHours(1.7));

        await Eventually.Get(() => Host.Calls("tiktok", handle, "refresh"), count => count >= 1);
        (await Host.StatusOf(creator, "tiktok")).ShouldBe("Connected");
        (await Events(creator, "tiktok")).ShouldNotContain("AccessInvalidated");
    }

    [Fact]
    public async Task A_permission_that_was_taken_away_untold_is_found_by_a_probe()
    {
        var (creator, handle) = await Connected("instagram", "dan");
        (await Host.Simulator.PostAsJsonAsync($"/control/accounts/instagram/{handle}/remove-scope", new { scope = "instagram_business_manage_insights" })).EnsureSuccessStatusCode();

        await Host.Wait(TimeSpan.FromHours(25));

        var lost = await Eventually.Get(() => Host.ConnectionOf(creator, "instagram"), connection => connection.GetProperty("status").GetString() == "Invalidated");
        lost.GetProperty("reason").GetString().ShouldBe("PermissionRemoved");
        lost.GetProperty("nextAction").GetString().ShouldBe("Ask the creator to reconnect Instagram and to leave every permission on");
        (await Last(creator, "instagram")).GetProperty("rule").GetString().ShouldBe("ig/permission");
    }

    [Fact]
    public async Task An_app_removed_untold_is_found_by_the_next_refresh_and_only_inferred_where_the_platform_gives_no_reason()
    {
        var (creator, handle) = await Connected("youtube", "eve");
        (await Host.Simulator.PostAsJsonAsync($"/control/accounts/youtube/{handle}/revoke", new { webhook = false })).EnsureSuccessStatusCode();

        await Host.Wait(TimeSpan.FromDays(31));

        await Eventually.Get(() => Host.StatusOf(creator, "youtube"), status => status == "Invalidated");
        var entry = await Last(creator, "youtube");
        (entry.GetProperty("reason").GetString(), entry.GetProperty("source").GetString(), entry.GetProperty("code").GetString(), entry.GetProperty("rule").GetString(), entry.GetProperty("confidence").GetString())
            .ShouldBe(("Revoked", "refresh", "invalid_grant", "yt/revoked", "inferred"));
    }

    [Fact]
    public async Task A_locked_account_turns_red_and_green_again_by_itself_once_it_is_unlocked()
    {
        var (creator, handle) = await Connected("instagram", "fin");
        (await Host.Simulator.PostAsJsonAsync($"/control/accounts/instagram/{handle}/suspend", new { })).EnsureSuccessStatusCode();
        await Host.Wait(TimeSpan.FromHours(25));
        var red = await Eventually.Get(() => Host.ConnectionOf(creator, "instagram"), connection => connection.GetProperty("status").GetString() == "Invalidated");
        red.GetProperty("reason").GetString().ShouldBe("AccountSuspended");

        (await Host.Simulator.PostAsJsonAsync($"/control/accounts/instagram/{handle}/unsuspend", new { })).EnsureSuccessStatusCode();
        await Host.Wait(TimeSpan.FromHours(7));

        await Eventually.Get(() => Host.StatusOf(creator, "instagram"), status => status == "Connected");
        await Eventually.Get(() => Host.Bus.Heard<ConnectionRecovered>().Count(message => Creator(message) == creator), count => count == 1);
    }

    [Fact]
    public async Task A_refresh_whose_answer_was_lost_is_recognized_when_the_platform_refuses_the_old_token()
    {
        var (creator, handle) = await Connected("tiktok", "gus");
        (await Host.Simulator.PostAsJsonAsync($"/control/accounts/tiktok/{handle}/answer", new { calls = 1, hangUp = "After", endpoint = "refresh" })).EnsureSuccessStatusCode();

        await Host.Wait(TimeSpan.FromHours(1.7));

        await Eventually.Get(() => Host.StatusOf(creator, "tiktok"), status => status == "Invalidated");
        var entry = await Last(creator, "tiktok");
        (entry.GetProperty("rule").GetString(), entry.GetProperty("confidence").GetString()).ShouldBe(("tt/lost-rotation", "inferred"));
    }

    [Fact]
    public async Task What_cannot_be_renewed_is_announced_once_at_each_threshold_and_then_expires()
    {
        var creator = await Host.Creator();
        var handle = $"hat.{creator:N}"[..30];
        (await Host.Simulator.PostAsJsonAsync($"/control/accounts/youtube/{handle}/lifetimes", new { refreshSeconds = 20 * 24 * 3600 })).EnsureSuccessStatusCode();
        await Host.Connect(creator, "youtube", handle);

        foreach (var (days, left) in ((double, int)[])[(6.5, 14), (7, 7), (4, 3), (2, 1)])
        {
            await Host.Wait(TimeSpan.FromDays(days));
            await Eventually.Get(() => Host.Bus.Heard<ConnectionExpiring>().Where(message => Creator(message) == creator).Select(message => message.Body.GetProperty("days").GetInt32()), told => told.Contains(left));
        }

        await Host.Wait(TimeSpan.FromDays(1));
        await Eventually.Get(() => Host.StatusOf(creator, "youtube"), status => status == "Expired");
        Host.Bus.Heard<ConnectionExpiring>().Where(message => Creator(message) == creator).Select(message => message.Body.GetProperty("days").GetInt32()).ShouldBe([14, 7, 3, 1]);
    }

    [Fact]
    public async Task Whoever_asks_for_a_token_at_once_gets_one_and_it_is_renewed_once()
    {
        var (creator, handle) = await Connected("youtube", "ian");
        await Host.Wait(TimeSpan.FromHours(2));
        var tokens = Host.Services.GetRequiredService<AccessTokens>();
        var connection = Connection.IdOf("aurora", creator, "youtube");

        var handed = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => tokens.For("aurora", connection, default)));

        handed.ShouldAllBe(token => token != null);
        handed.Select(token => token!.Value).Distinct().Count().ShouldBe(1);
        (await Host.Calls("youtube", handle, "refresh")).ShouldBe(1);
    }

    [Fact]
    public async Task A_notice_that_asks_for_a_look_leads_to_a_refresh_and_a_probe_and_changes_nothing_where_all_is_well()
    {
        var (creator, handle) = await Connected("youtube", "joy");

        (await Host.Simulator.PostAsJsonAsync($"/control/accounts/youtube/{handle}/notify", new { @event = "sessions-revoked" })).EnsureSuccessStatusCode();

        await Eventually.Get(() => Host.Calls("youtube", handle, "refresh"), count => count == 1);
        (await Host.StatusOf(creator, "youtube")).ShouldBe("Connected");
    }

    [Fact]
    public async Task A_refresh_can_be_asked_for_and_only_by_those_who_may()
    {
        var (creator, handle) = await Connected("tiktok", "kim");
        var id = (await Host.ConnectionOf(creator, "tiktok")).GetProperty("connectionId").GetGuid();
        using var may = Host.As("aurora", "connections.write");
        using var reads = Host.As("aurora", "connections.read");
        using var other = Host.As("borealis", "connections.write");

        (await reads.PostAsync($"/v1/connections/{id}/refresh", null)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await other.PostAsync($"/v1/connections/{id}/refresh", null)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await may.PostAsync($"/v1/connections/{id}/refresh", null)).StatusCode.ShouldBe(HttpStatusCode.Accepted);

        await Eventually.Get(() => Host.Calls("tiktok", handle, "refresh"), count => count == 1);
        (await may.PostAsync($"/v1/connections/{id}/disconnect", null)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        var gone = await may.PostAsync($"/v1/connections/{id}/refresh", null);
        (gone.StatusCode, (await gone.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString()).ShouldBe((HttpStatusCode.Conflict, "connection.not-kept-alive"));
    }

    [Fact]
    public async Task Operators_see_the_platforms_and_can_pause_one_and_go_on()
    {
        var (_, handle) = await Connected("tiktok", "lea");
        using var ops = Host.As("aurora", "ops");
        using var reads = Host.As("aurora", "connections.read");
        (await reads.GetAsync("/v1/platforms")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await ops.PostAsync("/v1/platforms/myspace/pause", null)).StatusCode.ShouldBe(HttpStatusCode.NotFound);

        (await ops.PostAsync("/v1/platforms/tiktok/pause", null)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await State(ops, "tiktok")).ShouldBe("Paused");
        await Host.Wait(TimeSpan.FromHours(1.7));
        await Eventually.Get(() => Overdue(ops, "tiktok"), overdue => overdue > 0);
        (await Host.Calls("tiktok", handle, "refresh")).ShouldBe(0);

        (await ops.PostAsync("/v1/platforms/tiktok/resume", null)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        await Eventually.Get(() => Host.Calls("tiktok", handle, "refresh"), count => count == 1);
        (await State(ops, "tiktok")).ShouldBe("Running");
    }

    private static DateTimeOffset RenewedAt(JsonElement connection) => connection.GetProperty("upkeep").GetProperty("renewedAt").GetDateTimeOffset();

    private static Guid Creator(Delivery message) => message.Body.GetProperty("creatorId").GetGuid();

    private static async Task<string?> State(HttpClient ops, string platform) => (await Platform(ops, platform)).GetProperty("state").GetString();

    private static async Task<long> Overdue(HttpClient ops, string platform) => (await Platform(ops, platform)).GetProperty("overdue").GetInt64();

    private static async Task<JsonElement> Platform(HttpClient ops, string platform) =>
        (await ops.GetFromJsonAsync<JsonElement>("/v1/platforms")).GetProperty("items").EnumerateArray().Single(item => item.GetProperty("platform").GetString() == platform);

    private async Task<(Guid Creator, string Handle)> Connected(string platform, string name)
    {
        var creator = await Host.Creator();
        var handle = $"{name}.{creator:N}"[..30];
        (await Host.Connect(creator, platform, handle)).ShouldContain("outcome=connected");
        return (creator, handle);
    }

    private async Task Fail(string platform, string handle, object fault) =>
        (await Host.Simulator.PostAsJsonAsync($"/control/accounts/{platform}/{handle}/fail", fault)).EnsureSuccessStatusCode();

    private async Task<IReadOnlyList<JsonElement>> History(Guid creator, string platform)
    {
        using var client = Host.As("aurora", "connections.read");
        var id = (await Host.ConnectionOf(creator, platform)).GetProperty("connectionId").GetGuid();
        return [.. (await client.GetFromJsonAsync<JsonElement>($"/v1/connections/{id}/history")).GetProperty("items").EnumerateArray()];
    }

    private async Task<IReadOnlyList<string?>> Events(Guid creator, string platform) => [.. (await History(creator, platform)).Select(entry => entry.GetProperty("event").GetString())];

    private async Task<JsonElement> Last(Guid creator, string platform) => (await History(creator, platform))[^1];
}
