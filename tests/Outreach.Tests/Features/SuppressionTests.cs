using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Outreach.Tests.Features;

[Collection(nameof(Service))]
public sealed class SuppressionTests(Service service)
{
    [Fact]
    public async Task A_suppressed_creator_is_skipped_and_the_others_are_told()
    {
        var scene = await Scene.Of(service, creators: 2);
        var (gone, fine) = (scene.Creators[0], scene.Creators[1]);
        (await Put(scene, gone, new { })).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        var preview = await Scene.Json(await scene.Post("/v1/outreach/preview", JsonContent.Create(scene.Body())));
        preview.GetProperty("items").EnumerateArray().Single(item => item.GetProperty("creatorId").GetGuid() == gone).GetProperty("reason").GetString()
            .ShouldBe("suppressed");
        (await scene.Verdicts(await scene.SendAndFinish())).ShouldBe(
            new Dictionary<Guid, (string, string?)> { [gone] = ("Skipped", "suppressed"), [fine] = ("Sent", null) }, ignoreOrder: true);

        (await scene.Events(Suppression.IdOf(scene.Organization, gone)))
            .ShouldBe([new CreatorSuppressed(Suppression.IdOf(scene.Organization, gone), gone, null, "Manual", "maya", null)]);
        var added = (await scene.Published("SuppressionAdded", gone, 1)).ShouldHaveSingleItem();
        added.GetProperty("organizationId").GetString().ShouldBe(scene.Organization);
        added.GetProperty("reason").GetString().ShouldBe("Manual");
        added.GetProperty("campaignId").ValueKind.ShouldBe(JsonValueKind.Null);
        added.GetProperty("sequence").GetInt64().ShouldBe(1);
    }

    [Fact]
    public async Task A_suppression_of_one_campaign_does_not_reach_another_and_ends_when_it_is_lifted()
    {
        var scene = await Scene.Of(service, creators: 1);
        var creator = scene.Creators[0];
        await Put(scene, creator, new { campaignId = scene.Campaign, reason = "Complaint" });
        (await scene.VerdictOf(await scene.SendAndFinish())).ShouldBe(("Skipped", "suppressed"));

        (await scene.Http.DeleteAsync($"/v1/suppressions/{creator}")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await scene.Get("/v1/suppressions")).GetProperty("items").GetArrayLength().ShouldBe(1);
        (await scene.Http.DeleteAsync($"/v1/suppressions/{creator}?campaignId={scene.Campaign}")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await scene.Get("/v1/suppressions")).GetProperty("items").GetArrayLength().ShouldBe(0);
        (await scene.Published("SuppressionLifted", creator, 1)).ShouldHaveSingleItem().GetProperty("campaignId").GetGuid().ShouldBe(scene.Campaign);
        (await scene.VerdictOf(await scene.SendAndFinish())).ShouldBe(("Sent", null));
    }

    [Fact]
    public async Task Suppressions_are_listed_page_by_page_and_by_what_is_asked_for()
    {
        var scene = await Scene.Of(service, creators: 3);
        foreach (var creator in scene.Creators)
        {
            await Put(scene, creator, new { });
        }

        await Put(scene, scene.Creators[0], new { campaignId = scene.Campaign, reason = "Unsubscribed" });
        var seen = new List<(Guid, string)>();
        string? cursor = null;
        do
        {
            var page = await scene.Get($"/v1/suppressions?limit=2{(cursor is null ? "" : $"&cursor={cursor}")}");
            page.GetProperty("items").GetArrayLength().ShouldBeInRange(1, 2);
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(item => (item.GetProperty("creatorId").GetGuid(), item.GetProperty("reason").GetString()!)));
            cursor = page.GetProperty("next").GetString();
        }
        while (cursor is not null);

        seen.ShouldBe([.. scene.Creators.Select(creator => (creator, "Manual")), (scene.Creators[0], "Unsubscribed")], ignoreOrder: true);
        (await Count($"creatorId={scene.Creators[0]}")).ShouldBe(2);
        (await Count($"campaignId={scene.Campaign}")).ShouldBe(1);
        (await Count("reason=Manual")).ShouldBe(3);
        (await Count("reason=HardBounce")).ShouldBe(0);
        await SendOutreachTests.ShouldBe(await scene.Http.GetAsync("/v1/suppressions?cursor=x"), 422, "cursor.invalid", "cursor");
        await SendOutreachTests.ShouldBe(await scene.Http.GetAsync("/v1/suppressions?limit=0"), 422, "limit.invalid", "limit");

        async Task<int> Count(string query) => (await scene.Get($"/v1/suppressions?{query}")).GetProperty("items").GetArrayLength();
    }

    [Fact]
    public async Task Another_organizations_creators_and_suppressions_are_unknown()
    {
        var theirs = await Scene.Of(service, creators: 1);
        var ours = await Scene.Of(service, creators: 1);
        await Put(theirs, theirs.Creators[0], new { });
        await SendOutreachTests.ShouldBe(await Put(ours, theirs.Creators[0], new { }), 404, "creator.unknown");
        await SendOutreachTests.ShouldBe(await ours.Http.DeleteAsync($"/v1/suppressions/{theirs.Creators[0]}"), 404, "creator.unknown");
        await SendOutreachTests.ShouldBe(await Put(ours, ours.Creators[0], new { campaignId = theirs.Campaign }), 404, "campaign.unknown");
        (await ours.Get("/v1/suppressions")).GetProperty("items").GetArrayLength().ShouldBe(0);
        (await theirs.Get("/v1/suppressions")).GetProperty("items").GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public async Task Changing_suppressions_asks_for_its_scope()
    {
        var scene = await Scene.Of(service, creators: 1);
        var sender = scene.Client("outreach.send");
        await SendOutreachTests.ShouldBe(await sender.PutAsJsonAsync($"/v1/suppressions/{scene.Creators[0]}", new { }), 403, "scope.missing");
        await SendOutreachTests.ShouldBe(await sender.DeleteAsync($"/v1/suppressions/{scene.Creators[0]}"), 403, "scope.missing");
        await SendOutreachTests.ShouldBe(await sender.GetAsync("/v1/suppressions"), 403, "scope.missing");
    }

    private static Task<HttpResponseMessage> Put(Scene scene, Guid creator, object body) => scene.Http.PutAsJsonAsync($"/v1/suppressions/{creator}", body);
}
