using System.Net;
using System.Net.Http.Json;
using EventSourcing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Testing;

namespace Campaigns.Tests.Features;

/// <summary>Changes as they reach those who watch.</summary>
[Collection(nameof(CampaignHost))]
public sealed class WatchRosterTests(CampaignHost campaign)
{
    private readonly string organization = CampaignHost.NewOrganization();

    [Fact]
    public async Task A_change_reaches_an_open_client_with_the_row_of_the_list_and_the_figures()
    {
        var (client, spring, ana) = await Scene();
        await using var stream = await EventStream.Open(client, $"/v1/campaigns/{spring}/events");
        var ready = await stream.Next();
        (ready.Name, ready.Id).ShouldBe(("ready", ready.Data.GetProperty("seq").GetInt64()));
        ready.Data.GetProperty("shown").EnumerateArray().Select(type => type.GetString()).ShouldBe(["InstagramInsights"]);

        await campaign.Bus.Say(Conversation.Granted(organization, Guid.NewGuid(), ana, 1));

        var heard = await stream.Next("creator");
        (heard.Creator, heard.Status).ShouldBe((ana, "Connected"));
        heard.Id!.Value.ShouldBeGreaterThan(ready.Id!.Value);
        heard.Data.ToString().ShouldBe((await client.Json($"/v1/campaigns/{spring}/creators")).GetProperty("items")[0].ToString());
        var figures = await stream.Next("figures");
        (figures.Data.GetProperty("creators").GetInt64(), figures.Data.GetProperty("coverage").GetDouble()).ShouldBe((1, 1));
        figures.Data.GetProperty("types")[0].ToString().ShouldBe("""{"type":"InstagramInsights","connected":1,"expired":0,"invalidated":0,"notConnected":0}""");
    }

    [Fact]
    public async Task Whoever_joins_or_leaves_comes_and_goes()
    {
        var (client, spring, ana) = await Scene();
        await using var stream = await EventStream.Open(client, $"/v1/campaigns/{spring}/events");
        await stream.Next("ready");

        var bo = await client.Register("Bo");
        await client.Enlist(spring, bo);
        (await stream.Next("creator")).Creator.ShouldBe(bo);
        await client.DeleteAsync($"/v1/campaigns/{spring}/creators/{ana}");
        (await stream.Next("removed")).Data.ToString().ShouldBe($$"""{"creatorId":"{{ana}}"}""");
        (await stream.Next("figures", figures => figures.Data.GetProperty("creators").GetInt64() == 1)).Data.GetProperty("coverage").GetDouble().ShouldBe(0);
    }

    [Fact]
    public async Task The_organization_is_watched_as_a_campaign_is()
    {
        var (client, _, ana) = await Scene();
        await using var stream = await EventStream.Open(client, "/v1/organization/events");
        await stream.Next("ready");

        await campaign.Bus.Say(Conversation.Granted(organization, Guid.NewGuid(), ana, 1, "youtube"));

        (await stream.Next("creator")).Data.GetProperty("connections").Texts("status").ShouldBe(["NotConnected", "Connected", "NotConnected", "NotConnected"]);
    }

    [Fact]
    public async Task Whoever_comes_back_hears_once_of_each_creator_that_changed_since()
    {
        var (client, spring, ana) = await Scene();
        var (bo, cleo, dan) = (await client.Register("Bo"), await client.Register("Cleo"), await client.Register("Dan"));
        await client.Enlist(spring, bo, cleo, dan);
        long last;
        await using (var stream = await EventStream.Open(client, $"/v1/campaigns/{spring}/events"))
        {
            last = (await stream.Next("ready")).Id!.Value;
        }

        var connection = Guid.NewGuid();
        await campaign.Bus.Say(Conversation.Granted(organization, connection, ana, 1));
        await campaign.Bus.Say(Conversation.Expired(organization, connection, ana, 2));
        await Seen(client, spring, "expired", 1);
        await client.DeleteAsync($"/v1/campaigns/{spring}/creators/{cleo}");
        await Eventually.Get(() => client.Json($"/v1/campaigns/{spring}/dashboard"), shown => shown.GetProperty("creators").GetInt64() == 3);
        await campaign.Bus.Say(Conversation.Granted(organization, Guid.NewGuid(), bo, 1));
        await Seen(client, spring, "connected", 1);

        await using var again = await EventStream.Open(client, $"/v1/campaigns/{spring}/events", last);
        (await again.Next()).Name.ShouldBe("settings");
        var heard = new[] { await again.Next(), await again.Next(), await again.Next() };
        heard.Select(one => (one.Name, one.Creator)).ShouldBe([("creator", ana), ("removed", cleo), ("creator", bo)]);
        heard[0].Status.ShouldBe("Expired");
        heard.Select(one => one.Id!.Value).ShouldBeInOrder();
        var figures = await again.Next();
        (figures.Name, figures.Id).ShouldBe(("figures", heard[2].Id));

        // And from the middle only the rest.
        await using var middle = await EventStream.Open(client, $"/v1/campaigns/{spring}/events", heard[1].Id);
        (await middle.Next("creator")).Creator.ShouldBe(bo);
        (await middle.Next()).Name.ShouldBe("figures");
    }

    [Fact]
    public async Task Switching_a_type_off_reaches_open_clients_with_the_columns_that_are_left()
    {
        var client = campaign.As(organization);
        var spring = await client.Plan("Spring", "InstagramInsights", "YouTubeInsights");
        var ana = await client.Register("Ana");
        await client.Enlist(spring, ana);
        await using var stream = await EventStream.Open(client, $"/v1/campaigns/{spring}/events");
        await stream.Next("ready");

        await Switch(client, "/v1/organization/connections", "InstagramInsights", false);
        (await stream.Next("settings")).Data.ToString().ShouldBe("""{"shown":["YouTubeInsights"]}""");
        (await stream.Next("figures")).Data.GetProperty("types").Texts("type").ShouldBe(["YouTubeInsights"]);

        await Switch(client, $"/v1/campaigns/{spring}/connections", "InstagramInsights", true);
        (await stream.Next("settings")).Data.ToString().ShouldBe("""{"shown":["InstagramInsights","YouTubeInsights"]}""");
        await campaign.Bus.Say(Conversation.Granted(organization, Guid.NewGuid(), ana, 1));
        (await stream.Next("creator")).Data.GetProperty("connections").Texts("status").ShouldBe(["Connected", "NotConnected"]);
    }

    [Fact]
    public async Task A_rebuild_says_nothing_and_what_comes_after_it_is_heard()
    {
        var (client, spring, ana) = await Scene();
        await using var stream = await EventStream.Open(client, $"/v1/campaigns/{spring}/events");
        await stream.Next("ready");

        await campaign.Rebuild();
        await campaign.Bus.Say(Conversation.Granted(organization, Guid.NewGuid(), ana, 1));

        var first = await stream.Next();
        (first.Name, first.Creator, first.Status).ShouldBe(("creator", ana, "Connected"));
    }

    [Fact]
    public async Task Whoever_takes_nothing_is_cut_off_and_holds_nobody_up()
    {
        var (client, spring, ana) = await Scene();
        var services = campaign.Host.Services;
        var options = new LiveOptions { Buffer = 2, LookEvery = TimeSpan.Zero, FiguresEvery = TimeSpan.Zero };
        await using var live = new LiveRosters(
            services.GetRequiredService<RosterNotices>(), services.GetRequiredService<StreamSessions>(), options, TimeProvider.System, NullLogger<LiveRosters>.Instance);
        using var slow = await live.Watch(organization, spring, TestContext.Current.CancellationToken);
        using var quick = await live.Watch(organization, spring, TestContext.Current.CancellationToken);
        var (connection, last) = (Guid.NewGuid(), 0L);
        for (var change = 1; change <= 4; change++)
        {
            await campaign.Bus.Say(Conversation.Granted(organization, connection, ana, change));
            var batch = await quick.Batches.ReadAsync(TestContext.Current.CancellationToken);
            batch.Seq.ShouldBeGreaterThan(last);
            last = batch.Seq;
        }

        var taken = new List<long>();
        await foreach (var batch in slow.Batches.ReadAllAsync(TestContext.Current.CancellationToken))
        {
            taken.Add(batch.Seq);
        }

        // It ends with what fitted, and coming back with the last of those brings the rest.
        taken.Count.ShouldBe(2);
        taken[1].ShouldBeLessThan(last);
        await using var again = await EventStream.Open(client, $"/v1/campaigns/{spring}/events", taken[1]);
        (await again.Next("creator")).Id.ShouldBe(last);
    }

    [Fact]
    public async Task Another_organizations_campaign_cannot_be_watched()
    {
        var (_, spring, _) = await Scene();
        await (await campaign.As(CampaignHost.NewOrganization()).GetAsync($"/v1/campaigns/{spring}/events")).ShouldBeProblem(HttpStatusCode.NotFound, "campaign.unknown");
    }

    [Theory]
    [InlineData("yesterday")]
    [InlineData("-1")]
    public async Task An_id_that_no_event_had_is_refused(string id)
    {
        var (client, spring, _) = await Scene();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/campaigns/{spring}/events") { Headers = { { "Last-Event-ID", id } } };
        await (await client.SendAsync(request)).ShouldBeInvalid("last-event-id.invalid", "Last-Event-ID");
    }

    [Fact]
    public async Task An_id_from_before_the_views_were_begun_anew_has_the_page_loaded_again()
    {
        var (client, spring, _) = await Scene();
        await using var stream = await EventStream.Open(client, $"/v1/campaigns/{spring}/events", long.MaxValue);
        var told = await stream.Next();
        (told.Name, told.Id).ShouldBe(("reload", told.Data.GetProperty("seq").GetInt64()));
    }

    private static async Task Switch(HttpClient client, string address, string type, bool on)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, address) { Content = JsonContent.Create(new { types = new Dictionary<string, bool> { [type] = on } }), Headers = { { "If-Match", "*" } } };
        (await client.SendAsync(request)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    private static Task Seen(HttpClient client, Guid id, string status, long creators) => Eventually.Get(
        () => client.Json($"/v1/campaigns/{id}/dashboard"), shown => shown.GetProperty("connectionTypes")[0].GetProperty(status).GetInt64() == creators);

    private async Task<(HttpClient Client, Guid Campaign, Guid Ana)> Scene()
    {
        var client = campaign.As(organization);
        var spring = await client.Plan("Spring", "InstagramInsights");
        var ana = await client.Register("Ana", handles: new { instagram = "@ana" });
        await client.Enlist(spring, ana);
        return (client, spring, ana);
    }
}
