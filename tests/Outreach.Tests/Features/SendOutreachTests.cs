using System.Net;
using System.Net.Http.Json;
using System.Text;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Outreach.Tests.Features;

[Collection(nameof(Service))]
public sealed class SendOutreachTests(Service service)
{
    [Fact]
    public async Task An_invitation_is_mailed_recorded_and_told_to_the_others()
    {
        var scene = await Scene.Of(service, creators: 1);
        var creator = scene.Creators[0];

        var response = await scene.Post(scene.Body(), "first");
        response.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        var id = (await Scene.Json(response)).GetProperty("id").GetGuid();
        response.Headers.Location.ShouldNotBeNull().OriginalString.ShouldBe($"/v1/outreach/{id}");

        var outreach = await scene.Finish(id);
        outreach.GetProperty("campaignId").GetGuid().ShouldBe(scene.Campaign);
        outreach.GetProperty("template").GetString().ShouldBe("creator-hub-invitation");
        outreach.GetProperty("counts").ToString().ShouldBe("""{"queued":0,"sent":1,"skipped":0,"failed":0,"opened":0,"clicked":0,"connected":0}""");
        outreach.GetProperty("createdAt").GetDateTimeOffset().ShouldBe(DateTimeOffset.UtcNow, TimeSpan.FromMinutes(1));
        (await scene.VerdictOf(id)).ShouldBe(("Sent", null));

        var recipient = Recipient.Of(id, scene.Campaign, creator, "creator-hub-invitation");
        var events = await scene.DeliveryEvents(creator);
        var accepted = events.ShouldHaveSingleItem().ShouldBeOfType<MessageAccepted>();
        accepted.ShouldBe(new MessageAccepted(recipient, 1, recipient.DeliveryId, "YetToOptIn", accepted.At));
        accepted.At.ShouldNotBeNull().ShouldBe(DateTimeOffset.UtcNow, TimeSpan.FromMinutes(1));
        (await scene.Events(id)).Select(fact => fact.GetType()).ShouldBe([typeof(OutreachRequested), typeof(OutreachCompleted)]);

        var message = scene.Postbox.For(scene.AddressOf(creator)).ShouldHaveSingleItem();
        message.Subject.ShouldBe("Ana0, connect your accounts for Summer");
        message.From.ToString().ShouldBe("\"Aurora Collective\" <outreach@mail.example>");
        message.MessageId.ShouldBe($"{recipient.DeliveryId:N}.1@mail.example");
        message.HtmlBody.ShouldNotBeNull().ShouldContain("Open the Creator Hub");
        var link = message.TextBody.ShouldNotBeNull().Split('\n').Single(line => line.StartsWith("http://localhost:5101/hub/i/", StringComparison.Ordinal)).Trim();
        var token = new JsonWebTokenHandler().ReadJsonWebToken(link[(link.LastIndexOf('/') + 1)..]);
        token.Id.ShouldBe(recipient.DeliveryId.ToString());
        token.Subject.ShouldBe(creator.ToString());
        token.GetClaim("org").Value.ShouldBe(scene.Organization);

        var sent = (await scene.Published(id, 1)).ShouldHaveSingleItem();
        sent.GetProperty("organizationId").GetString().ShouldBe(scene.Organization);
        sent.GetProperty("deliveryId").GetGuid().ShouldBe(recipient.DeliveryId);
        sent.GetProperty("creatorId").GetGuid().ShouldBe(creator);
        sent.GetProperty("campaignId").GetGuid().ShouldBe(scene.Campaign);
        sent.GetProperty("invitationId").GetGuid().ShouldBe(recipient.DeliveryId);
        sent.GetProperty("template").GetString().ShouldBe("creator-hub-invitation");
        sent.GetProperty("sequence").GetInt64().ShouldBe(1);
    }

    [Fact]
    public async Task The_same_request_under_the_same_key_is_the_same_outreach_and_one_mail()
    {
        var scene = await Scene.Of(service, creators: 1);
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => scene.Post(scene.Body(), "same")));
        answers.Select(answer => answer.StatusCode).ShouldBe(Enumerable.Repeat(HttpStatusCode.Accepted, 4));
        var ids = await Task.WhenAll(answers.Select(async answer => (await Scene.Json(answer)).GetProperty("id").GetGuid()));
        ids.Distinct().ShouldHaveSingleItem();

        await scene.Finish(ids[0]);
        var later = await scene.Post(scene.Body(), "same");
        later.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        (await Scene.Json(later)).GetProperty("id").GetGuid().ShouldBe(ids[0]);
        (await scene.Finish(ids[0])).GetProperty("counts").GetProperty("sent").GetInt32().ShouldBe(1);
        scene.Postbox.For(scene.AddressOf(scene.Creators[0])).Count.ShouldBe(1);
    }

    [Fact]
    public async Task The_same_key_in_another_organization_is_another_outreach()
    {
        var one = await Scene.Of(service, creators: 1);
        var other = await Scene.Of(service, creators: 1);
        var first = await Scene.Json(await one.Post(one.Body(), "shared"));
        var second = await Scene.Json(await other.Post(other.Body(), "shared"));
        second.GetProperty("id").GetGuid().ShouldNotBe(first.GetProperty("id").GetGuid());
    }

    [Fact]
    public async Task Another_request_under_the_same_key_is_refused_and_changes_nothing()
    {
        var scene = await Scene.Of(service, creators: 2);
        var id = (await Scene.Json(await scene.Post(scene.Body([scene.Creators[0]]), "reused"))).GetProperty("id").GetGuid();
        await ShouldBe(await scene.Post(scene.Body(), "reused"), 422, "idempotency.key-reused", "Idempotency-Key");
        await scene.Finish(id);
        (await scene.Verdicts(id)).Keys.ShouldBe([scene.Creators[0]]);
    }

    [Fact]
    public async Task A_request_without_a_key_is_refused()
    {
        var scene = await Scene.Of(service, creators: 1);
        await ShouldBe(await scene.Post(scene.Body(), null), 400, "idempotency.key-missing");
        await ShouldBe(await scene.Post(scene.Body(), new string('k', 201)), 400, "idempotency.key-missing");
    }

    [Fact]
    public async Task What_cannot_be_sent_at_all_is_refused_with_its_reason()
    {
        var scene = await Scene.Of(service, creators: 1);
        foreach (var path in (string[])["/v1/outreach", "/v1/outreach/preview"])
        {
            await ShouldBe(await Post(scene.Body(template: "invoice")), 422, "template.unknown", "template");
            await ShouldBe(await Post(scene.Body([])), 422, "recipients.none", "creatorIds");
            await ShouldBe(await Post(scene.Body(Enumerable.Range(0, OutreachRequest.MaxRecipients + 1).Select(_ => Guid.NewGuid()))), 422, "recipients.too-many", "creatorIds");
            await ShouldBe(await Post(new { campaignId = Guid.NewGuid(), template = "creator-hub-invitation", creatorIds = scene.Creators }), 404, "campaign.unknown");
            await ShouldBe(await Post(Filtered("status=Purple")), 422, "filter.invalid", "filter");
            await ShouldBe(await Post(Filtered("search=Nobody")), 422, "recipients.none", "filter");
            await ShouldBe(await Post(new { campaignId = scene.Campaign, template = "creator-hub-invitation", creatorIds = scene.Creators, filter = "" }), 422, "recipients.ambiguous", "filter");
            await ShouldBe(await Post(new { campaignId = scene.Campaign, template = "creator-hub-invitation", filter = "", sendAt = DateTimeOffset.UtcNow.AddYears(2) }), 422, "send-at.too-far", "sendAt");
            await ShouldBe(await Post(new { campaignId = scene.Campaign, template = "creator-hub-invitation", filter = "", followUp = new { afterDays = 0, times = 1 } }), 422, "follow-up.invalid", "followUp");

            object Filtered(string filter) => new { campaignId = scene.Campaign, template = "creator-hub-invitation", filter };

            Task<HttpResponseMessage> Post(object body) => scene.Post(path, JsonContent.Create(body), Guid.NewGuid().ToString());
        }
    }

    [Fact]
    public async Task Another_organizations_campaign_is_as_unknown_as_one_that_does_not_exist()
    {
        var theirs = await Scene.Of(service, creators: 1);
        var ours = await Scene.Of(service, creators: 1);
        await ShouldBe(await ours.Post(theirs.Body(ours.Creators), "foreign"), 404, "campaign.unknown");
    }

    [Fact]
    public async Task Another_organizations_creators_are_skipped_as_unknown()
    {
        var theirs = await Scene.Of(service, creators: 1);
        var ours = await Scene.Of(service, creators: 1);
        (await ours.VerdictOf(await ours.SendAndFinish(theirs.Creators))).ShouldBe(("Skipped", "unknown-creator"));
        theirs.Postbox.For(theirs.AddressOf(theirs.Creators[0])).ShouldBeEmpty();
    }

    [Fact]
    public async Task Another_organizations_outreach_cannot_be_seen()
    {
        var theirs = await Scene.Of(service, creators: 1);
        var ours = await Scene.Of(service, creators: 1);
        var id = await theirs.SendAndFinish();
        var none = Guid.NewGuid();
        foreach (var path in (string[])[$"/v1/outreach/{id}", $"/v1/outreach/{id}/recipients", $"/v1/outreach/{none}", $"/v1/outreach/{none}/recipients"])
        {
            await ShouldBe(await ours.Http.GetAsync(path), 404, "outreach.unknown");
        }
    }

    [Fact]
    public async Task A_message_can_be_edited_for_one_send_and_the_template_stays_as_it_is()
    {
        var scene = await Scene.Of(service, creators: 2);
        var edited = await scene.SendAs(new
        {
            campaignId = scene.Campaign,
            template = "creator-hub-invitation",
            creatorIds = scene.Creators[..1],
            message = new { subject = "One word, {{ creator.firstName }}" },
        });
        await scene.Finish(edited);
        await scene.SendAndFinish(scene.Creators[1..]);
        scene.Postbox.For(scene.AddressOf(scene.Creators[0])).ShouldHaveSingleItem().Subject.ShouldBe("One word, Ana0");
        scene.Postbox.For(scene.AddressOf(scene.Creators[1])).ShouldHaveSingleItem().Subject.ShouldBe("Ana1, connect your accounts for Summer");

        foreach (var path in (string[])["/v1/outreach", "/v1/outreach/preview"])
        {
            var body = new { campaignId = scene.Campaign, template = "creator-hub-invitation", creatorIds = scene.Creators, message = new { text = "No link, {{ creator.firstName }}" } };
            var response = await scene.Post(path, JsonContent.Create(body), Guid.NewGuid().ToString());
            ((int)response.StatusCode).ShouldBe(422);
            (await Scene.Json(response)).GetProperty("flaws").EnumerateArray().Select(flaw => flaw.GetProperty("code").GetString())
                .ShouldBe(["template.link-missing"]);
        }
    }

    [Fact]
    public async Task A_body_that_cannot_be_read_is_refused()
    {
        var scene = await Scene.Of(service, creators: 1);
        await ShouldBe(await PostText("{"), 400, "request.malformed");
        await ShouldBe(await PostText("{}"), 422, "request.invalid", "campaignId");
        await ShouldBe(await PostText($$"""{"campaignId":"no","template":"creator-hub-invitation","creatorIds":[]}"""), 422, "request.invalid", "campaignId");
        var noCreators = $$"""{"campaignId":"{{scene.Campaign}}","template":"creator-hub-invitation","creatorIds":null}""";
        await ShouldBe(await PostText(noCreators), 422, "recipients.none", "creatorIds");
        var tooLarge = $$"""{"campaignId":"{{scene.Campaign}}","template":"{{new string('t', OutreachRequest.MaxBody)}}","creatorIds":[]}""";
        using (var large = new HttpRequestMessage(HttpMethod.Post, "/v1/outreach") { Content = new StringContent(tooLarge, Encoding.UTF8, "application/json") })
        {
            // Asks before it sends, as clients with large bodies do; otherwise the refusal may cut the sending short.
            large.Headers.ExpectContinue = true;
            await ShouldBe(await scene.Http.SendAsync(large, TestContext.Current.CancellationToken), 413, "request.too-large");
        }

        Task<HttpResponseMessage> PostText(string text) =>
            scene.Post("/v1/outreach", new StringContent(text, Encoding.UTF8, "application/json"), "malformed");
        await ShouldBe(await scene.Post("/v1/outreach", new StringContent("hello", Encoding.UTF8, "text/plain"), "malformed"), 415, "media-type.unsupported");
    }

    [Fact]
    public async Task Each_route_asks_for_a_token_with_its_scope()
    {
        var scene = await Scene.Of(service, creators: 1);
        var none = service.Replica.CreateClient();
        var reader = scene.Client("outreach.read");
        var sender = scene.Client("outreach.send");

        await ShouldBe(await none.GetAsync("/v1/templates"), 401, "token.missing");
        await ShouldBe(await sender.GetAsync("/v1/templates"), 403, "scope.missing");
        await ShouldBe(await sender.GetAsync($"/v1/outreach/{Guid.NewGuid()}"), 403, "scope.missing");
        await ShouldBe(await sender.GetAsync($"/v1/outreach/{Guid.NewGuid()}/recipients"), 403, "scope.missing");
        await ShouldBe(await scene.Post("/v1/outreach/preview", JsonContent.Create(scene.Body()), http: sender), 403, "scope.missing");
        await ShouldBe(await scene.Post(scene.Body(), "scope", reader), 403, "scope.missing");
        await ShouldBe(await scene.Post(scene.Body(), "token", none), 401, "token.missing");
    }

    [Fact]
    public async Task Recipients_are_listed_in_the_order_they_were_named_page_by_page()
    {
        var scene = await Scene.Of(service, creators: 5);
        Guid[] order = [.. scene.Creators.OrderByDescending(creator => creator)];
        var id = await scene.SendAndFinish(order);

        var seen = new List<Guid>();
        string? cursor = null;
        do
        {
            var page = await scene.Get($"/v1/outreach/{id}/recipients?limit=2{(cursor is null ? "" : $"&cursor={cursor}")}");
            page.GetProperty("items").GetArrayLength().ShouldBeInRange(1, 2);
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("creatorId").GetGuid()));
            cursor = page.GetProperty("next").GetString();
        }
        while (cursor is not null);

        seen.ShouldBe(order);
    }

    [Theory]
    [InlineData("limit=0", "limit.invalid", "limit")]
    [InlineData("limit=501", "limit.invalid", "limit")]
    [InlineData("cursor=-1", "cursor.invalid", "cursor")]
    [InlineData("cursor=x", "cursor.invalid", "cursor")]
    public async Task A_page_that_cannot_be_is_refused(string query, string code, string field)
    {
        var scene = await Scene.Of(service, creators: 1);
        await ShouldBe(await scene.Http.GetAsync($"/v1/outreach/{Guid.NewGuid()}/recipients?{query}"), 422, code, field);
    }

    [Fact]
    public async Task The_templates_are_listed()
    {
        var scene = await Scene.Of(service, creators: 0);
        var items = (await scene.Get("/v1/templates")).GetProperty("items").EnumerateArray().ToArray();
        items.Select(item => item.GetProperty("key").GetString()).ShouldBe(["creator-hub-invitation", "ttcm-invite-link", "reconnect-request"]);
        items[0].GetProperty("name").GetString().ShouldBe("Creator Hub invitation");
        items[0].GetProperty("subject").GetString().ShouldBe("{{ creator.firstName }}, connect your accounts for {{ campaign.name }}");
    }

    internal static async Task ShouldBe(HttpResponseMessage response, int status, string code, string? field = null)
    {
        var text = await response.Content.ReadAsStringAsync();
        ((int)response.StatusCode).ShouldBe(status, text);
        response.Content.Headers.ContentType.ShouldNotBeNull().MediaType.ShouldBe("application/problem+json");
        var problem = await Scene.Json(response);
        problem.GetProperty("code").GetString().ShouldBe(code);
        problem.GetProperty("detail").GetString().ShouldNotBeNull().ShouldEndWith(".");
        if (field is not null)
        {
            problem.GetProperty("errors").GetProperty(field).GetArrayLength().ShouldBe(1);
        }
    }
}
