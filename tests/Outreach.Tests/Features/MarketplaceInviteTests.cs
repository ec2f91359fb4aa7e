using System.Net.Http.Json;
using CreatorConnections.Contracts.Connections;

namespace Outreach.Tests.Features;

[Collection(nameof(Service))]
public sealed class MarketplaceInviteTests(Service service)
{
    private const string Template = "ttcm-invite-link";

    [Fact]
    public async Task The_campaigns_link_is_made_for_the_first_batch_and_goes_into_every_message()
    {
        var scene = await Scene.Of(service, creators: 3);
        var first = await scene.SendAndFinish(scene.Creators.Take(2), Template);
        var second = await scene.SendAndFinish([scene.Creators[2]], Template);

        scene.Neighbours.Links.NamedFor(scene.Campaign).ShouldBe(scene.Creators.Take(2));
        foreach (var creator in scene.Creators)
        {
            var message = scene.Postbox.For(scene.AddressOf(creator)).ShouldHaveSingleItem();
            message.TextBody.ShouldNotBeNull().ShouldContain(MarketplaceStandIn.AddressOf(scene.Campaign));
            message.HtmlBody.ShouldNotBeNull().ShouldContain(MarketplaceStandIn.AddressOf(scene.Campaign));
        }

        (await scene.VerdictOf(second)).ShouldBe(("Sent", null));
        var sent = (await scene.Published(first, 2))[0];
        sent.GetProperty("audience").GetString().ShouldBe("MarketplaceInvitee");
        sent.TryGetProperty("invitationId", out var invitation).ShouldBe(invitation.ValueKind is System.Text.Json.JsonValueKind.Null, "it carries no invitation to the Hub");
    }

    [Fact]
    public async Task Who_is_in_the_marketplace_or_cannot_be_taken_is_skipped_by_the_newest_news()
    {
        var scene = await Scene.Of(service, creators: 3);
        var (joined, notEligible, left) = (scene.Creators[0], scene.Creators[1], scene.Creators[2]);
        Guid[] messages = [.. Enumerable.Range(0, 4).Select(_ => Guid.CreateVersion7())];
        await scene.Publish(Changed(scene, joined, "Joined", 3), messages[0]);
        await scene.Publish(Changed(scene, notEligible, "NotEligible", 1), messages[1]);
        await scene.Publish(Changed(scene, left, "NotInvited", 5), messages[2]);
        await scene.Until(() => scene.Taken(messages[..3]));
        await scene.Publish(Changed(scene, left, "Joined", 4), messages[3]);
        await scene.Until(() => scene.Taken(messages));
        var expected = new Dictionary<Guid, (string, string?)>
        {
            [joined] = ("Skipped", "marketplace-joined"),
            [notEligible] = ("Skipped", "marketplace-not-eligible"),
            [left] = ("Sent", null),
        };

        var preview = (await Scene.Json(await scene.Post("/v1/outreach/preview", JsonContent.Create(scene.Body(template: Template))))).GetProperty("items").EnumerateArray().ToArray();
        preview.ToDictionary(item => item.GetProperty("creatorId").GetGuid(), item => item.GetProperty("reason").GetString())
            .ShouldBe(expected.ToDictionary(one => one.Key, one => one.Value.Item2), ignoreOrder: true);
        scene.Neighbours.Links.NamedFor(scene.Campaign).ShouldBeNull("looking makes no link");

        (await scene.Verdicts(await scene.SendAndFinish(template: Template))).ShouldBe(expected, ignoreOrder: true);
    }

    [Theory]
    [InlineData("marketplace.not-configured")]
    [InlineData("marketplace.no-handle")]
    public async Task Where_no_link_can_be_had_for_good_the_outreach_is_refused(string code)
    {
        var scene = await Scene.Of(service, creators: 1);
        scene.Neighbours.Links.Answer(scene.Campaign, 409, code, times: 1);
        await SendOutreachTests.ShouldBe(await scene.Post(scene.Body(template: Template), "refused"), 409, code);

        // Nothing of it was kept: the same key is good once the cause is gone.
        (await scene.Post(scene.Body(template: Template), "refused")).StatusCode.ShouldBe(System.Net.HttpStatusCode.Accepted);
    }

    [Theory]
    [InlineData(503, "marketplace.unreachable")]
    [InlineData(409, "marketplace-link.under-way")]
    [InlineData(404, "campaign.unknown")]
    public async Task While_the_link_cannot_be_had_everybody_waits_for_it(int status, string code)
    {
        var scene = await Scene.Of(service, creators: 2);
        scene.Neighbours.Links.Answer(scene.Campaign, status, code, times: 3);

        var id = await scene.SendAndFinish(template: Template);

        scene.Neighbours.Links.FaultsLeft(scene.Campaign).ShouldBe(0);
        (await scene.Verdicts(id)).Values.ShouldBe([("Sent", null), ("Sent", null)]);
        (await scene.DeliveryEvents(scene.Creators[0], Template)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_link_that_cannot_be_had_any_more_after_the_outreach_was_accepted_skips_its_recipients()
    {
        var scene = await Scene.Of(service, creators: 1);
        scene.Neighbours.Fail(scene.Organization, times: int.MaxValue);
        var id = await scene.Send(template: Template);
        scene.Neighbours.Links.Answer(scene.Campaign, 409, "marketplace.not-configured", times: int.MaxValue);
        scene.Neighbours.Fail(scene.Organization, times: 0);

        await scene.Finish(id);

        (await scene.VerdictOf(id)).ShouldBe(("Skipped", "no-marketplace-link"));
        scene.Postbox.For(scene.AddressOf(scene.Creators[0])).ShouldBeEmpty();
    }

    private static MarketplaceStatusChanged Changed(Scene scene, Guid creator, string status, long sequence) => new()
    {
        OrganizationId = scene.Organization,
        StandingId = Guid.NewGuid(),
        CreatorId = creator,
        Status = status,
        Reasons = [],
        Confidence = "confirmed",
        Sequence = sequence,
        OccurredAt = DateTimeOffset.UtcNow,
    };
}
