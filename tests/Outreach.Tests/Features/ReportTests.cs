using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;

namespace Outreach.Tests.Features;

[Collection(nameof(Service))]
public sealed class ReportTests(Service service)
{
    [Fact]
    public async Task A_hard_bounce_changes_the_verdict_tells_the_others_and_stops_further_messages_however_often_it_comes()
    {
        var (scene, id, recipient) = await Sent();
        var bounce = Report.Bounce($"{recipient.DeliveryId:N}.1", null, (scene.AddressOf(recipient.CreatorId), "failed", "5.1.1"));
        for (var time = 0; time < 2; time++)
        {
            (await Post(scene, bounce)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        }

        (await scene.VerdictOf(id)).ShouldBe(("Bounced", "mailbox-unknown"));
        (await scene.Get($"/v1/outreach/{id}")).GetProperty("counts").ToString().ShouldBe("""{"queued":0,"sent":0,"skipped":0,"failed":1,"opened":0,"clicked":0,"connected":0}""");
        (await scene.DeliveryEvents(recipient.CreatorId)).Skip(1).ShouldBe([new MessageBounced(recipient, "5.1.1", true)]);
        (await scene.Events(Suppression.IdOf(scene.Organization, recipient.CreatorId))).ShouldHaveSingleItem().ShouldBe(
            new CreatorSuppressed(Suppression.IdOf(scene.Organization, recipient.CreatorId), recipient.CreatorId, null, "HardBounce", "mail-server", recipient.DeliveryId));
        var told = (await scene.Published("OutreachBounced", recipient.CreatorId, 1)).ShouldHaveSingleItem();
        told.GetProperty("code").GetString().ShouldBe("5.1.1");
        told.GetProperty("permanent").GetBoolean().ShouldBeTrue();
        told.GetProperty("sequence").GetInt64().ShouldBe(2);
        (await scene.VerdictOf(await scene.SendAndFinish())).ShouldBe(("Skipped", "suppressed"));
    }

    [Fact]
    public async Task A_mailbox_that_was_full_may_be_written_to_again()
    {
        var (scene, id, recipient) = await Sent();
        await Post(scene, Report.Bounce(null, $"X-Delivery-Id: {recipient.DeliveryId}", (scene.AddressOf(recipient.CreatorId), "failed", "4.2.2")));
        (await scene.VerdictOf(id)).ShouldBe(("Bounced", "mailbox-full"));
        (await scene.Load<Suppression>(Suppression.IdOf(scene.Organization, recipient.CreatorId))).ShouldBeNull();
        (await scene.VerdictOf(await scene.SendAndFinish())).ShouldBe(("Sent", null));
    }

    [Fact]
    public async Task A_complaint_stops_further_messages_and_leaves_the_verdict()
    {
        var (scene, id, recipient) = await Sent();
        var answer = await Post(scene, Report.Complaint($"Message-ID: <{recipient.DeliveryId:N}.1@mail.example>", scene.AddressOf(recipient.CreatorId)));
        answer.StatusCode.ShouldBe(HttpStatusCode.NoContent, await answer.Content.ReadAsStringAsync());
        (await scene.VerdictOf(id)).ShouldBe(("Sent", null));
        (await scene.Published("SuppressionAdded", recipient.CreatorId, 1)).ShouldHaveSingleItem().GetProperty("reason").GetString().ShouldBe("Complaint");
    }

    [Fact]
    public async Task News_of_a_delay_and_of_the_copy_change_nothing()
    {
        var scene = await Scene.Of(service, creators: 1);
        using var settings = new HttpRequestMessage(HttpMethod.Put, "/v1/settings/sender") { Content = JsonContent.Create(new { copyTo = "talent@aurora.example" }) };
        settings.Headers.TryAddWithoutValidation("If-Match", "*");
        (await scene.Http.SendAsync(settings)).StatusCode.ShouldBe(HttpStatusCode.OK);
        var (_, id, recipient) = await Sent(scene);

        var delay = Report.Bounce($"{recipient.DeliveryId:N}.1", null, (scene.AddressOf(recipient.CreatorId), "delayed", "4.4.1"));
        var copy = Report.Bounce($"{recipient.DeliveryId:N}.1", null, ("Talent@aurora.example", "failed", "5.1.1"));
        foreach (var report in (string[])[delay, copy])
        {
            (await Post(scene, report)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        }

        (await scene.VerdictOf(id)).ShouldBe(("Sent", null));
        (await scene.Load<Suppression>(Suppression.IdOf(scene.Organization, recipient.CreatorId))).ShouldBeNull();
        (await scene.DeliveryEvents(recipient.CreatorId)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task What_cannot_be_read_or_is_not_ours_is_refused()
    {
        var (scene, _, _) = await Sent();
        await SendOutreachTests.ShouldBe(await Post(scene, "Subject: On holiday\r\n\r\nBack in May."), 422, "bounce.unreadable");
        await SendOutreachTests.ShouldBe(await Post(scene, Report.Bounce("abc", null, ("a@b.example", "failed", "5.1.1"))), 404, "bounce.unknown-delivery");
        await SendOutreachTests.ShouldBe(await Post(scene, Report.Bounce($"{Guid.NewGuid():N}.1", null, ("a@b.example", "failed", "5.1.1"))), 404, "bounce.unknown-delivery");
        await SendOutreachTests.ShouldBe(await Post(scene, new string('x', 1024 * 1024 + 1)), 413, "request.too-large");
        await SendOutreachTests.ShouldBe(await scene.Client("outreach.bounces").PostAsync("/v1/bounces", new StringContent("{}", Encoding.UTF8, "application/json")), 415, "media-type.unsupported");
    }

    [Fact]
    public async Task Another_organizations_messages_are_out_of_reach_and_the_scope_is_asked_for()
    {
        var (scene, id, recipient) = await Sent();
        var theirs = await Scene.Of(service, creators: 0);
        var bounce = Report.Bounce($"{recipient.DeliveryId:N}.1", null, (scene.AddressOf(recipient.CreatorId), "failed", "5.1.1"));
        await SendOutreachTests.ShouldBe(await Post(theirs, bounce, theirs.Client("outreach.bounces")), 404, "bounce.unknown-delivery");
        await SendOutreachTests.ShouldBe(await Post(scene, bounce, scene.Client(Scene.Everything)), 403, "scope.missing");
        (await scene.VerdictOf(id)).ShouldBe(("Sent", null));
        (await Post(scene, bounce, scene.Client("outreach.bounces"))).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await scene.VerdictOf(id)).ShouldBe(("Bounced", "mailbox-unknown"));
    }

    private async Task<(Scene, Guid, Recipient)> Sent(Scene? known = null)
    {
        var scene = known ?? await Scene.Of(service, creators: 1);
        var id = await scene.SendAndFinish();
        return (scene, id, Recipient.Of(id, scene.Campaign, scene.Creators[0], "creator-hub-invitation"));
    }

    // The mail system serves every organization and names none.
    private HttpClient MailSystem(Scene scene)
    {
        var client = service.Replica.CreateClient();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", scene.Neighbours.Token(null, "outreach.bounces organizations.any"));
        return client;
    }

    private async Task<HttpResponseMessage> Post(Scene scene, string report, HttpClient? http = null)
    {
        using var content = new StringContent(report, Encoding.UTF8, new MediaTypeHeaderValue("message/rfc822"));
        return await (http ?? MailSystem(scene)).PostAsync("/v1/bounces", content);
    }
}
