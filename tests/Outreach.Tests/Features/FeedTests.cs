using System.Net;
using System.Net.Http.Json;

namespace Outreach.Tests.Features;

[Collection(nameof(Service))]
public sealed class FeedTests(Service service)
{
    [Fact]
    public async Task What_was_published_is_read_from_the_feed_by_its_own_scope()
    {
        var scene = await Scene.Of(service, creators: 1);
        (await scene.Http.PutAsJsonAsync($"/v1/suppressions/{scene.Creators[0]}", new { })).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        var published = (await scene.Published("SuppressionAdded", scene.Creators[0], 1)).ShouldHaveSingleItem();

        var page = await Scene.Json(await scene.Client("events.read").GetAsync("/v1/events?types=SuppressionAdded&wait=20", TestContext.Current.CancellationToken));

        var item = page.GetProperty("items").EnumerateArray().ShouldHaveSingleItem();
        item.GetProperty("routingKey").GetString().ShouldBe($"{scene.Organization}.outreach.SuppressionAdded");
        System.Text.Json.JsonElement.DeepEquals(item.GetProperty("body"), published).ShouldBeTrue();
        (await scene.Http.GetAsync("/v1/events", TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }
}
