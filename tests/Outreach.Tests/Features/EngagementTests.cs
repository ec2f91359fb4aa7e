using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using CreatorConnections.Contracts.Connections;

namespace Outreach.Tests.Features;

[Collection(nameof(Service))]
public sealed partial class EngagementTests(Service service)
{
    private const string ByInvitation = "outreach-connection-granted-by-invitation";
    private static readonly DateTimeOffset At = new(2026, 5, 4, 10, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task The_image_in_a_message_tells_of_its_first_opening_and_never_more()
    {
        var scene = await Scene.Of(service, creators: 1);
        var id = await scene.SendAndFinish();
        var image = ImageIn(scene);
        using var stranger = scene.Anonymous();

        foreach (var _ in Enumerable.Range(0, 3))
        {
            await ShouldBeTheImage(await stranger.GetAsync(image.PathAndQuery));
        }

        var recipient = Recipient.Of(id, scene.Campaign, scene.Creators[0], "creator-hub-invitation");
        (await scene.Events(recipient.DeliveryId)).ShouldHaveSingleItem().ShouldBeOfType<MessageOpened>().Recipient.ShouldBe(recipient);
        var item = (await scene.Get($"/v1/outreach/{id}/recipients")).GetProperty("items")[0];
        item.GetProperty("deliveryId").GetGuid().ShouldBe(recipient.DeliveryId);
        item.GetProperty("openedAt").GetDateTimeOffset().ShouldBe(DateTimeOffset.UtcNow, TimeSpan.FromMinutes(1));
        (item.GetProperty("clickedAt").ValueKind, item.GetProperty("connectedAt").ValueKind).ShouldBe((JsonValueKind.Null, JsonValueKind.Null));
    }

    [Fact]
    public async Task Whatever_is_in_the_images_address_it_is_answered_with_the_image_and_only_our_own_counts()
    {
        var scene = await Scene.Of(service, creators: 1);
        var id = await scene.SendAndFinish();
        var token = ImageIn(scene).AbsolutePath["/o/".Length..^".gif".Length];
        var invitation = LinkIn(scene)["http://localhost:5101/hub/i/".Length..];
        var parts = token.Split('.');
        using var stranger = scene.Anonymous();

        foreach (var forged in (string[])["x", "a.b.c", invitation, $"{parts[0]}.{parts[1]}.{new string('A', parts[2].Length)}", $"{parts[0]}.{parts[1]}."])
        {
            await ShouldBeTheImage(await stranger.GetAsync($"/o/{forged}.gif"));
        }

        (await scene.Get($"/v1/outreach/{id}")).GetProperty("counts").GetProperty("opened").GetInt32().ShouldBe(0);
        await ShouldBeTheImage(await stranger.GetAsync($"/o/{token}.gif"));
        (await scene.Get($"/v1/outreach/{id}")).GetProperty("counts").GetProperty("opened").GetInt32().ShouldBe(1);
    }

    [Fact]
    public async Task An_opened_invitation_and_what_was_connected_through_it_are_recorded_once_and_told_to_the_others()
    {
        var scene = await Scene.Of(service, creators: 2);
        var id = await scene.SendAndFinish();
        var recipient = Recipient.Of(id, scene.Campaign, scene.Creators[0], "creator-hub-invitation");
        var youtube = Guid.CreateVersion7();

        // The connection first: messages come in any order, and more than once.
        Guid[] messages = [.. Enumerable.Range(0, 5).Select(_ => Guid.CreateVersion7())];
        await scene.Publish(Granted(scene, recipient, "youtube", youtube, At.AddMinutes(5)), messages[0]);
        await scene.Until(() => scene.TakenFrom(ByInvitation, messages[0]));
        await scene.Publish(Opened(recipient, scene.Organization, At), messages[1]);
        await scene.Until(() => scene.Taken(messages[1]));
        await scene.Publish(Opened(recipient, scene.Organization, At), messages[1]);
        await scene.Publish(Opened(recipient, scene.Organization, At.AddHours(1)), messages[2]);
        await scene.Publish(Granted(scene, recipient, "youtube", youtube, At.AddDays(1)), messages[3]);
        await scene.Publish(Granted(scene, recipient, "tiktok", Guid.CreateVersion7(), At.AddMinutes(9)), messages[4]);
        await scene.Until(() => scene.TakenFrom(ByInvitation, messages[0], messages[3], messages[4]));
        await scene.Until(() => scene.Taken(messages[1], messages[2]));

        var facts = await scene.Events(recipient.DeliveryId);
        facts.Take(2).ShouldBe([new CreatorConverted(recipient, "youtube", youtube, At.AddMinutes(5)), new InvitationClicked(recipient, At)]);
        facts.Skip(2).ShouldHaveSingleItem().ShouldBeOfType<CreatorConverted>().Platform.ShouldBe("tiktok");

        var published = (await scene.Published(id, 5)).Where(message => message.GetProperty("deliveryId").GetGuid() == recipient.DeliveryId).ToArray();
        var clicked = published.Single(message => !message.TryGetProperty("platform", out _) && message.GetProperty("occurredAt").GetDateTimeOffset() == At);
        (clicked.GetProperty("invitationId").GetGuid(), clicked.GetProperty("sequence").GetInt64()).ShouldBe((recipient.DeliveryId, 2));
        published.Where(message => message.TryGetProperty("platform", out _)).Select(message => message.GetProperty("platform").GetString()).ShouldBe(["youtube", "tiktok"]);

        var counts = (await scene.Get($"/v1/outreach/{id}")).GetProperty("counts");
        (counts.GetProperty("opened").GetInt32(), counts.GetProperty("clicked").GetInt32(), counts.GetProperty("connected").GetInt32()).ShouldBe((1, 1, 1));
        var item = (await scene.Get($"/v1/outreach/{id}/recipients")).GetProperty("items")[0];
        item.GetProperty("openedAt").GetDateTimeOffset().ShouldBe(At, "who clicked has opened, image or not");
        item.GetProperty("clickedAt").GetDateTimeOffset().ShouldBe(At);
        item.GetProperty("connectedAt").GetDateTimeOffset().ShouldBe(At.AddMinutes(5));
        (await scene.Query("select array_to_string(platforms, ' ') from outreach.engagement where delivery_id = $1", recipient.DeliveryId)).ShouldBe("youtube tiktok");
    }

    [Fact]
    public async Task News_of_invitations_that_are_not_the_organizations_or_not_the_creators_are_nobodys()
    {
        var scene = await Scene.Of(service, creators: 1);
        var id = await scene.SendAndFinish();
        var recipient = Recipient.Of(id, scene.Campaign, scene.Creators[0], "creator-hub-invitation");

        await scene.Publish(Opened(recipient, "another-organization", At));
        await scene.Publish(Opened(recipient, scene.Organization, At) with { CreatorId = Guid.CreateVersion7() });
        await scene.Publish(Opened(recipient, scene.Organization, At) with { InvitationId = Guid.CreateVersion7() });
        var last = Guid.CreateVersion7();
        await scene.Publish(Opened(recipient, scene.Organization, At.AddHours(2)), last);
        await scene.Until(() => scene.Taken(last));

        (await scene.Events(recipient.DeliveryId)).ShouldBe([new InvitationClicked(recipient, At.AddHours(2))]);
    }

    [Fact]
    public async Task An_invitation_is_taken_back_once_and_the_hub_is_told()
    {
        var scene = await Scene.Of(service, creators: 1);
        var id = await scene.SendAndFinish();
        var recipient = Recipient.Of(id, scene.Campaign, scene.Creators[0], "creator-hub-invitation");

        var answers = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Revoke(scene, recipient.DeliveryId)));

        answers.Select(answer => answer.StatusCode).ShouldBe(Enumerable.Repeat(HttpStatusCode.NoContent, 3));
        (await scene.Events(recipient.DeliveryId)).ShouldHaveSingleItem().ShouldBeOfType<InvitationWithdrawn>().WithdrawnBy.ShouldBe("maya");
        var told = (await Eventually.Get(() => service.Surroundings.Revoked(recipient.DeliveryId), told => told.Count > 0, "the revocation is published")).ShouldHaveSingleItem();
        (told.GetProperty("organizationId").GetString(), told.GetProperty("creatorId").GetGuid()).ShouldBe((scene.Organization, scene.Creators[0]));
    }

    [Fact]
    public async Task What_is_no_invitation_of_the_organization_cannot_be_taken_back()
    {
        var theirs = await Scene.Of(service, creators: 1);
        var ours = await Scene.Of(service, creators: 1);
        var id = await theirs.SendAndFinish();
        var delivery = Recipient.Of(id, theirs.Campaign, theirs.Creators[0], "creator-hub-invitation").DeliveryId;

        await SendOutreachTests.ShouldBe(await Revoke(ours, delivery), 404, "invitation.unknown");
        await SendOutreachTests.ShouldBe(await Revoke(ours, Guid.NewGuid()), 404, "invitation.unknown");
        await SendOutreachTests.ShouldBe(await theirs.Client("outreach.read").PostAsync($"/v1/invitations/{delivery}/revoke", null), 403, "scope.missing");
        (await theirs.Events(delivery)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_message_that_has_not_left_has_no_invitation_to_take_back()
    {
        var scene = await Scene.Of(service, creators: 1);
        scene.Neighbours.Fail(scene.Organization, times: int.MaxValue);
        var id = await scene.Send();
        var delivery = Recipient.Of(id, scene.Campaign, scene.Creators[0], "creator-hub-invitation").DeliveryId;

        await scene.Until(async () => (await scene.Verdicts(id)).Count == 1);
        await SendOutreachTests.ShouldBe(await Revoke(scene, delivery), 409, "invitation.not-sent");

        scene.Neighbours.Fail(scene.Organization, times: 0);
        await scene.Finish(id);
        (await Revoke(scene, delivery)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task Conversion_shows_per_template_who_was_written_to_and_how_far_they_got()
    {
        var scene = await Scene.Of(service, creators: 4);
        scene.Postbox.Treat(scene.AddressOf(scene.Creators[3]), Manner.HangUpAfterBody);
        var id = await scene.SendAndFinish();
        Recipient Of(int creator) => Recipient.Of(id, scene.Campaign, scene.Creators[creator], "creator-hub-invitation");
        Guid[] messages = [Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7()];
        await scene.Publish(Opened(Of(0), scene.Organization, At), messages[0]);
        await scene.Publish(Granted(scene, Of(0), "instagram", Guid.CreateVersion7(), At), messages[1]);

        // Nobody could tell whether this one arrived; now somebody can.
        await scene.Publish(Opened(Of(3), scene.Organization, At), messages[2]);
        await scene.Until(() => scene.TakenFrom(ByInvitation, messages[1]));
        await scene.Until(() => scene.Taken(messages[0], messages[2]));

        var item = (await scene.Get($"/v1/outreach/conversion?campaignId={scene.Campaign}")).GetProperty("items").EnumerateArray().ShouldHaveSingleItem();
        item.ToString().ShouldBe(
            $$"""{"campaignId":"{{scene.Campaign}}","template":"creator-hub-invitation","sent":4,"opened":2,"clicked":2,"connected":1,"openRate":0.5,"clickRate":0.5,"connectRate":0.25}""");

        var now = DateTimeOffset.UtcNow;
        (await Rows($"template=creator-hub-invitation&from={now.AddHours(-1):yyyy-MM-ddTHH:mm:ssZ}&to={now.AddHours(1):yyyy-MM-ddTHH:mm:ssZ}")).ShouldBe(1);
        (await Rows("template=reconnect-request")).ShouldBe(0);
        (await Rows($"to={now.AddHours(-1):yyyy-MM-ddTHH:mm:ssZ}")).ShouldBe(0);
        (await Rows($"from={now.AddHours(1):yyyy-MM-ddTHH:mm:ssZ}")).ShouldBe(0);

        var other = await Scene.Of(service, creators: 0);
        (await other.Get("/v1/outreach/conversion")).GetProperty("items").GetArrayLength().ShouldBe(0);
        await SendOutreachTests.ShouldBe(await other.Http.GetAsync($"/v1/outreach/conversion?campaignId={scene.Campaign}"), 404, "campaign.unknown");
        await SendOutreachTests.ShouldBe(await scene.Http.GetAsync("/v1/outreach/conversion?from=2026-05-02T00:00:00Z&to=2026-05-01T00:00:00Z"), 422, "range.invalid", "from");

        async Task<int> Rows(string query) => (await scene.Get($"/v1/outreach/conversion?{query}")).GetProperty("items").GetArrayLength();
    }

    private static InvitationOpened Opened(Recipient recipient, string organization, DateTimeOffset at) => new()
    {
        OrganizationId = organization,
        InvitationId = recipient.DeliveryId,
        CreatorId = recipient.CreatorId,
        CampaignId = recipient.CampaignId,
        Sequence = 1,
        OccurredAt = at,
    };

    private static ConnectionGranted Granted(Scene scene, Recipient recipient, string platform, Guid connection, DateTimeOffset at) => new()
    {
        OrganizationId = scene.Organization,
        ConnectionId = connection,
        CreatorId = recipient.CreatorId,
        Platform = platform,
        AccountId = "1",
        Scopes = [],
        InvitationId = recipient.DeliveryId,
        Sequence = 2,
        OccurredAt = at,
    };

    private static Task<HttpResponseMessage> Revoke(Scene scene, Guid id) => scene.Http.PostAsync($"/v1/invitations/{id}/revoke", null);

    private static async Task ShouldBeTheImage(HttpResponseMessage response)
    {
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Content.Headers.ContentType.ShouldNotBeNull().MediaType.ShouldBe("image/gif");
        response.Headers.CacheControl.ShouldNotBeNull().NoStore.ShouldBeTrue();
        (await response.Content.ReadAsByteArrayAsync()).Take(6).ShouldBe("GIF89a"u8.ToArray());
    }

    private static Uri ImageIn(Scene scene) =>
        new(ImageAddress().Match(scene.Postbox.For(scene.AddressOf(scene.Creators[0])).ShouldHaveSingleItem().HtmlBody.ShouldNotBeNull()).Groups[1].Value);

    private static string LinkIn(Scene scene) => scene.Postbox.For(scene.AddressOf(scene.Creators[0])).ShouldHaveSingleItem().TextBody.ShouldNotBeNull()
        .Split('\n').Single(line => line.StartsWith("http://localhost:5101/hub/i/", StringComparison.Ordinal)).Trim();

    [GeneratedRegex("<img src=\"(http://localhost:5102/o/[^\"]+\\.gif)\"[^>]*></body>")]
    private static partial Regex ImageAddress();
}
