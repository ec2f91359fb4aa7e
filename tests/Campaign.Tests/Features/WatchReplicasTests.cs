using System.Net;
using Shouldly;
using Testing;

namespace Campaigns.Tests.Features;

/// <summary>Watchers of a service that has several replicas, ends, and comes back.</summary>
public sealed class WatchReplicasTests
{
    [Fact]
    public async Task Watchers_of_either_replica_hear_everything_and_miss_nothing_while_all_are_down()
    {
        var database = await BackingServices.CreateDatabase("campaign");
        var broker = await BackingServices.CreateVirtualHost("campaign");
        await using var bus = await PlainAmqp.Connect(broker);
        var first = await Start();
        var second = await Start();
        var client = first.As("aurora", CampaignHost.Everything);
        var spring = await client.Plan("Spring", "InstagramInsights");
        var (ana, bo) = (await client.Register("Ana"), await client.Register("Bo"));
        await client.Enlist(spring, ana, bo);
        var connection = Guid.NewGuid();
        long last;
        await using (var one = await EventStream.Open(client, $"/v1/campaigns/{spring}/events"))
        await using (var other = await EventStream.Open(second.As("aurora", CampaignHost.Everything), $"/v1/campaigns/{spring}/events"))
        {
            await one.Next("ready");
            await other.Next("ready");
            await bus.Say(Conversation.Granted("aurora", connection, ana, 1));
            (await one.Next("creator")).Status.ShouldBe("Connected");
            last = (await other.Next("creator", heard => heard.Status == "Connected")).Id!.Value;

            // A replica that stops ends its streams; the other goes on.
            await first.DisposeAsync();
            await one.Ended();
            await bus.Say(Conversation.Granted("aurora", Guid.NewGuid(), bo, 1));
            var heard = await other.Next("creator", one => one.Status == "Connected" && one.Creator == bo);
            heard.Id!.Value.ShouldBeGreaterThan(last);
            last = heard.Id!.Value;
            await second.DisposeAsync();
            await other.Ended();
        }

        await bus.Say(Conversation.Expired("aurora", connection, ana, 2));
        await using var third = await Start();
        await using var back = await EventStream.Open(third.As("aurora", CampaignHost.Everything), $"/v1/campaigns/{spring}/events", last);
        (await back.Next("creator")).ShouldSatisfyAllConditions(row => row.Creator.ShouldBe(ana), row => row.Status.ShouldBe("Expired"));

        async Task<ServiceHost<Program>> Start()
        {
            var host = new ServiceHost<Program>("campaign", database, broker, ("Live:HeartbeatEvery", "00:00:00.200"));
            await Eventually.Get(async () => (await host.CreateClient().GetAsync("/health")).StatusCode, status => status is HttpStatusCode.OK);
            return host;
        }
    }

    [Fact]
    public async Task Where_nothing_happens_a_comment_keeps_the_connection_and_too_much_at_once_has_the_page_loaded_again()
    {
        var database = await BackingServices.CreateDatabase("campaign");
        var broker = await BackingServices.CreateVirtualHost("campaign");
        await using var host = new ServiceHost<Program>("campaign", database, broker, ("Live:HeartbeatEvery", "00:00:00.200"), ("Live:MostCreators", "2"));
        await Eventually.Get(async () => (await host.CreateClient().GetAsync("/health")).StatusCode, status => status is HttpStatusCode.OK);
        var client = host.As("aurora", CampaignHost.Everything);
        var spring = await client.Plan("Spring", "InstagramInsights");
        await using var stream = await EventStream.Open(client, $"/v1/campaigns/{spring}/events");
        var ready = await stream.Next("ready");
        (await stream.Next()).Name.ShouldBeNull();
        (await stream.Next()).Name.ShouldBeNull();

        await client.Enlist(spring, await client.Register("Ana"), await client.Register("Bo"), await client.Register("Cleo"));

        var told = await stream.Next("reload");
        told.Id!.Value.ShouldBeGreaterThan(ready.Id!.Value);
        (await stream.Next("figures")).Data.GetProperty("creators").GetInt64().ShouldBe(3);
        await using var again = await EventStream.Open(client, $"/v1/campaigns/{spring}/events", ready.Id);
        (await again.Next()).Name.ShouldBe("reload");
    }
}
