using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using CreatorConnections.Contracts.Connections;
using Shouldly;
using Testing;
using Xunit;

namespace Connections.Tests.Features;

public sealed class HubFixture : IAsyncLifetime
{
    public HubHost Host { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Host = await HubHost.Start(typeof(ConnectionGranted), typeof(ConnectionInvalidated), typeof(ConnectionExpired));

    public ValueTask DisposeAsync() => Host.DisposeAsync();
}

[CollectionDefinition(nameof(HubFixture))]
public sealed class HubCollection : ICollectionFixture<HubFixture>;

[Collection(nameof(HubFixture))]
public sealed class ConnectingTests(HubFixture fixture)
{
    private HubHost Host => fixture.Host;

    [Theory]
    [InlineData("instagram", "InstagramInsights")]
    [InlineData("youtube", "YouTubeInsights")]
    [InlineData("tiktok", "TikTokInsights")]
    public async Task A_creator_who_allows_is_green_and_the_others_are_told(string platform, string type)
    {
        var creator = await Host.Creator();

        (await Host.Connect(creator, platform, $"ana.{platform}.{creator:N}"[..40])).ShouldBe($"/hub?platform={platform}&outcome=connected");

        var connection = await Host.ConnectionOf(creator, platform);
        connection.GetProperty("status").GetString().ShouldBe("Connected");
        connection.GetProperty("colour").GetString().ShouldBe("green");
        connection.GetProperty("type").GetString().ShouldBe(type);
        connection.GetProperty("account").GetProperty("handle").GetString().ShouldStartWith($"ana.{platform}");
        connection.GetProperty("nextAction").ValueKind.ShouldBe(JsonValueKind.Null);
        var told = await Eventually.Get(() => Host.Bus.Heard<ConnectionGranted>().SingleOrDefault(message => Creator(message) == creator), message => message is not null);
        told!.Body.GetProperty("connectionId").GetGuid().ShouldBe(connection.GetProperty("connectionId").GetGuid());
        told.Body.GetProperty("organizationId").GetString().ShouldBe("aurora");
        told.Body.GetProperty("sequence").GetInt64().ShouldBe(2);
    }

    [Theory]
    [InlineData("instagram")]
    [InlineData("youtube")]
    [InlineData("tiktok")]
    public async Task Removing_the_app_at_the_platform_turns_it_red_and_reconnecting_repairs_the_same_connection(string platform)
    {
        var creator = await Host.Creator();
        var handle = $"bo.{creator:N}"[..30];
        await Host.Connect(creator, platform, handle);
        var before = await Host.ConnectionOf(creator, platform);

        (await Host.Simulator.PostAsJsonAsync($"/control/accounts/{platform}/{handle}/revoke", new { })).EnsureSuccessStatusCode();

        await Eventually.Get(() => Host.StatusOf(creator, platform), status => status == "Invalidated");
        var red = await Host.ConnectionOf(creator, platform);
        (red.GetProperty("colour").GetString(), red.GetProperty("reason").GetString(), red.GetProperty("confidence").GetString()).ShouldBe(("red", "Revoked", "confirmed"));
        await Eventually.Get(() => Host.Bus.Heard<ConnectionInvalidated>().Count(message => Creator(message) == creator), count => count == 1);

        (await Host.Connect(creator, platform, handle)).ShouldContain("outcome=connected");
        var after = await Host.ConnectionOf(creator, platform);
        after.GetProperty("status").GetString().ShouldBe("Connected");
        after.GetProperty("connectionId").GetGuid().ShouldBe(before.GetProperty("connectionId").GetGuid());
    }

    [Fact]
    public async Task Grants_are_counted_by_how_the_connection_stood_before()
    {
        var counted = new ConcurrentQueue<string>();
        using var listener = new MeterListener { InstrumentPublished = (instrument, own) => { if (instrument.Name == "connection.grants") { own.EnableMeasurementEvents(instrument); } } };
        listener.SetMeasurementEventCallback<long>((_, count, tags, _) => counted.Enqueue($"{count} {string.Join(' ', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"))}"));
        listener.Start();
        var creator = await Host.Creator();
        var handle = $"gil.{creator:N}"[..30];

        (await Host.Connect(creator, "tiktok", handle)).ShouldContain("outcome=connected");
        (await Host.Simulator.PostAsJsonAsync($"/control/accounts/tiktok/{handle}/revoke", new { })).EnsureSuccessStatusCode();
        await Eventually.Get(() => Host.StatusOf(creator, "tiktok"), status => status == "Invalidated");
        (await Host.Connect(creator, "tiktok", handle)).ShouldContain("outcome=connected");
        (await Host.Connect(creator, "tiktok", handle)).ShouldContain("outcome=connected");

        // Other hosts of this process count too.
        counted.Where(one => one is "1 platform=tiktok was=NotConnected" or "1 platform=tiktok was=Invalidated" or "1 platform=tiktok was=Connected").Distinct()
            .ShouldBe(["1 platform=tiktok was=NotConnected", "1 platform=tiktok was=Invalidated", "1 platform=tiktok was=Connected"], ignoreOrder: true);
        counted.ShouldAllBe(one => one.Split('=').Length == 3);
    }

    [Fact]
    public async Task An_authorization_given_for_a_limited_time_turns_red_as_expired_when_that_is_over()
    {
        var creator = await Host.Creator();
        var handle = $"cy.{creator:N}"[..30];
        (await Host.Simulator.PostAsJsonAsync($"/control/accounts/youtube/{handle}/lifetimes", new { refreshSeconds = 2 })).EnsureSuccessStatusCode();

        await Host.Connect(creator, "youtube", handle);

        await Eventually.Get(() => Host.StatusOf(creator, "youtube"), status => status == "Expired");
        (await Host.ConnectionOf(creator, "youtube")).GetProperty("nextAction").GetString().ShouldBe("Ask the creator to reconnect YouTube");
        await Eventually.Get(() => Host.Bus.Heard<ConnectionExpired>().Count(message => Creator(message) == creator), count => count == 1);
    }

    [Fact]
    public async Task A_creator_who_never_connected_is_grey_on_every_platform()
    {
        var creator = await Host.Creator();

        foreach (var platform in (string[])["instagram", "youtube", "tiktok"])
        {
            var connection = await Host.ConnectionOf(creator, platform);
            (connection.GetProperty("status").GetString(), connection.GetProperty("colour").GetString()).ShouldBe(("NotConnected", "grey"));
        }
    }

    [Fact]
    public async Task A_creator_who_cancels_stays_grey_and_may_try_again()
    {
        var creator = await Host.Creator();

        (await Host.Connect(creator, "youtube", "dora.films", decision: "deny")).ShouldBe("/hub?platform=youtube&outcome=denied");

        (await Host.StatusOf(creator, "youtube")).ShouldBe("NotConnected");
        (await Host.Connect(creator, "youtube", $"dora.{creator:N}"[..30])).ShouldContain("outcome=connected");
    }

    [Fact]
    public async Task A_creator_who_unticks_a_needed_scope_is_told_and_stays_grey()
    {
        var creator = await Host.Creator();

        (await Host.Connect(creator, "instagram", $"edi.{creator:N}"[..30], "allow", "instagram_business_manage_insights")).ShouldBe("/hub?platform=instagram&outcome=scope-missing");

        (await Host.StatusOf(creator, "instagram")).ShouldBe("NotConnected");
    }

    [Fact]
    public async Task An_account_connected_by_one_creator_cannot_be_connected_by_another()
    {
        var (one, two) = (await Host.Creator(), await Host.Creator());
        var handle = $"fay.{one:N}"[..30];
        await Host.Connect(one, "tiktok", handle);

        (await Host.Connect(two, "tiktok", handle)).ShouldBe("/hub?platform=tiktok&outcome=account-taken");

        (await Host.StatusOf(two, "tiktok")).ShouldBe("NotConnected");
    }

    [Fact]
    public async Task A_reconnection_with_another_account_is_refused_and_leaves_the_first_one_connected()
    {
        var creator = await Host.Creator();
        await Host.Connect(creator, "youtube", $"gil.{creator:N}"[..30]);

        (await Host.Connect(creator, "youtube", $"other.{creator:N}"[..30])).ShouldBe("/hub?platform=youtube&outcome=other-account");

        (await Host.StatusOf(creator, "youtube")).ShouldBe("Connected");
    }

    [Fact]
    public async Task A_creator_can_disconnect_and_the_platform_forgets_the_app()
    {
        var creator = await Host.Creator();
        var handle = $"hal.{creator:N}"[..30];
        await Host.Connect(creator, "youtube", handle);
        using var browser = await Host.Visit(creator);
        var page = await browser.GetStringAsync("/hub");

        (await browser.PostAsync("/hub/disconnect/youtube", new FormUrlEncodedContent([new("form_mark", HubHost.FormMark(page))]))).StatusCode.ShouldBe(HttpStatusCode.SeeOther);

        (await Host.ConnectionOf(creator, "youtube")).GetProperty("reason").GetString().ShouldBe("DisconnectedByCreator");
        var account = await Host.Simulator.GetFromJsonAsync<JsonElement>($"/control/accounts/youtube/{handle}");
        account.GetProperty("standing").GetString().ShouldBe("Revoked");
    }

    [Fact]
    public async Task A_data_deletion_takes_the_account_and_its_tokens_away_and_can_be_looked_up()
    {
        var creator = await Host.Creator();
        var handle = $"ida.{creator:N}"[..30];
        await Host.Connect(creator, "instagram", handle);

        (await Host.Simulator.PostAsync($"/control/accounts/instagram/{handle}/data-deletion", null)).EnsureSuccessStatusCode();

        await Eventually.Get(() => Host.StatusOf(creator, "instagram"), status => status == "Invalidated");
        var gone = await Host.ConnectionOf(creator, "instagram");
        gone.GetProperty("reason").GetString().ShouldBe("DataDeletionRequested");
        gone.GetProperty("account").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Fact]
    public async Task The_history_says_what_happened_and_whose_doing_it_was()
    {
        var creator = await Host.Creator();
        var handle = $"jo.{creator:N}"[..30];
        await Host.Connect(creator, "tiktok", handle);
        await Host.Simulator.PostAsJsonAsync($"/control/accounts/tiktok/{handle}/revoke", new { reason = 4 });
        await Eventually.Get(() => Host.StatusOf(creator, "tiktok"), status => status == "Invalidated");

        using var client = Host.As("aurora", "connections.read");
        var id = (await Host.ConnectionOf(creator, "tiktok")).GetProperty("connectionId").GetGuid();
        var history = await client.GetFromJsonAsync<JsonElement>($"/v1/connections/{id}/history");

        history.GetProperty("items").EnumerateArray().Select(item => (item.GetProperty("event").GetString(), item.GetProperty("reason").GetString(), item.GetProperty("code").GetString(), item.GetProperty("by").GetString()))
            .ShouldBe([("AuthorizationStarted", null, null, "creator"), ("AccessGranted", null, null, "creator"), ("AccessInvalidated", "AccountSuspended", "authorization.removed/4", "platform")]);
    }

    private static Guid Creator(Delivery message) => message.Body.GetProperty("creatorId").GetGuid();
}
