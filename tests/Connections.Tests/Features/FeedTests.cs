using System.Net;
using System.Text.Json;
using CreatorConnections.Contracts.Connections;
using Shouldly;
using Testing;
using Xunit;

namespace Connections.Tests.Features;

[Collection(nameof(HubFixture))]
public sealed class FeedTests(HubFixture fixture)
{
    private HubHost Host => fixture.Host;

    [Fact]
    public async Task A_connection_that_turned_green_is_read_from_the_feed_as_it_was_published()
    {
        var creator = await Host.Creator();
        await Host.Connect(creator, "youtube", $"fay.{creator:N}"[..30]);
        var published = await Eventually.Get(
            () => Host.Bus.Heard<ConnectionGranted>().SingleOrDefault(message => message.Body.GetProperty("creatorId").GetGuid() == creator), message => message is not null);

        var items = new List<JsonElement>();
        var cursor = "";
        while (!items.Exists(IsAboutHer))
        {
            var answer = await Host.As("aurora", "events.read").GetAsync($"/v1/events?types=ConnectionGranted&wait=20&after={cursor}", TestContext.Current.CancellationToken);
            answer.StatusCode.ShouldBe(HttpStatusCode.OK);
            var page = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement;
            page.GetProperty("items").GetArrayLength().ShouldBePositive();
            items.AddRange(page.GetProperty("items").EnumerateArray());
            cursor = page.GetProperty("cursor").GetString();
        }

        var item = items.Single(IsAboutHer);
        item.GetProperty("messageId").GetString().ShouldBe(published!.MessageId);
        item.GetProperty("headers").GetProperty("subject").GetString().ShouldBe(published.Body.GetProperty("connectionId").GetString());
        JsonElement.DeepEquals(item.GetProperty("body"), published.Body).ShouldBeTrue();

        bool IsAboutHer(JsonElement one) => one.GetProperty("body").GetProperty("creatorId").GetGuid() == creator;
    }

    [Fact]
    public async Task Another_scope_does_not_open_the_feed() =>
        (await Host.As("aurora", "connections.read").GetAsync("/v1/events", TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
}
