using System.Net;
using CreatorConnections.Contracts.Campaigns;
using Shouldly;
using Testing;

namespace Campaigns.Tests.Features;

/// <summary>Two replicas of Campaign on one database and one virtual host.</summary>
public sealed class ReplicaTests
{
    [Fact]
    public async Task Two_replicas_do_everything_once_and_either_can_go()
    {
        var database = await BackingServices.CreateDatabase("campaign");
        var broker = await BackingServices.CreateVirtualHost("campaign");
        await using var bus = await PlainAmqp.Connect(broker);
        await bus.Listen(
            ["connections", "outreach"],
            typeof(OrganizationNamed), typeof(CreatorRegistered), typeof(CampaignCreated), typeof(CreatorAddedToCampaign), typeof(CreatorRemovedFromCampaign));
        var first = await Start();
        await using var second = await Start();
        var (one, other) = (first.As("aurora", CampaignHost.Everything), second.As("aurora", CampaignHost.Everything));
        var spring = await one.Plan("Spring", "InstagramInsights");
        var creators = new List<Guid>();
        for (var i = 0; i < 20; i++)
        {
            creators.Add(await (i % 2 == 0 ? one : other).Register($"Creator {i}"));
        }

        await other.Enlist(spring, [.. creators]);
        var connections = creators.ToDictionary(creator => creator, _ => Guid.NewGuid());
        foreach (var (creator, connection) in connections)
        {
            var message = Guid.NewGuid();
            await bus.Say(Conversation.Granted("aurora", connection, creator, 1), message);
            await bus.Say(Conversation.Granted("aurora", connection, creator, 1), message);
        }

        await Eventually.Get(() => Connected(one), connected => connected == 20);
        (await Connected(other)).ShouldBe(20);
        await Eventually.Get(() => bus.Heard<CreatorAddedToCampaign>().Count, count => count == 20);
        bus.Heard<CreatorRegistered>().Select(message => message.MessageId).Distinct().Count().ShouldBe(20);

        await first.DisposeAsync();
        foreach (var (creator, connection) in connections.Take(5))
        {
            await bus.Say(Conversation.Expired("aurora", connection, creator, 2));
        }

        await Eventually.Get(() => Connected(other), connected => connected == 15);
        await other.Register("Late");
        await Eventually.Get(() => bus.Heard<CreatorRegistered>().Select(message => message.MessageId).Distinct().Count(), count => count == 21);

        // A replica counts when it starts, and every minute from then on.
        await using var third = await Start();
        await Eventually.Get(() => Gauges.Of("connections"), found => found.GetValueOrDefault("InstagramInsights Expired") >= 5 && found.GetValueOrDefault("InstagramInsights Connected") >= 15);

        async Task<ServiceHost<Program>> Start()
        {
            var host = new ServiceHost<Program>("campaign", database, broker);
            await Eventually.Get(async () => (await host.CreateClient().GetAsync("/health")).StatusCode, status => status is HttpStatusCode.OK);
            return host;
        }

        async Task<long> Connected(HttpClient client) =>
            (await client.Json($"/v1/campaigns/{spring}/dashboard")).GetProperty("connectionTypes")[0].GetProperty("connected").GetInt64();
    }
}
