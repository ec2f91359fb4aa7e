using System.Net.Http.Json;
using System.Text.Json;
using EventSourcing;
using Microsoft.Extensions.DependencyInjection;
using static Outreach.Tests.Features.SendOutreachTests;

namespace Outreach.Tests.Features;

[Collection(nameof(Service))]
public sealed class TryTemplateTests(Service service)
{
    private const string Link = "{{ invitation.url }}";

    [Fact]
    public async Task Merge_fields_are_listed_with_examples()
    {
        var scene = await Scene.Of(service, creators: 0);
        var fields = (await scene.Get("/v1/templates/merge-fields")).GetProperty("items").EnumerateArray().ToDictionary(item => item.GetProperty("name").GetString()!);
        fields["creator.firstName"].GetProperty("example").GetString().ShouldBe("Ana");
        Strings(fields["creator.firstName"], "audiences").ShouldBe(["YetToOptIn", "HasLostAccess", "MarketplaceInvitee"]);
        Strings(fields["invitation.url"], "requiredFor").ShouldBe(["YetToOptIn", "HasLostAccess"]);
        Strings(fields["marketplace.inviteUrl"], "requiredFor").ShouldBe(["MarketplaceInvitee"]);
    }

    [Fact]
    public async Task The_routes_are_described()
    {
        var description = await Scene.Json(await service.Replica.CreateClient().GetAsync("/openapi/v1.json"));
        description.GetProperty("paths").EnumerateObject().Select(path => path.Name).Where(path => path.StartsWith("/v1/templates", StringComparison.Ordinal)).ShouldBe(
            [
                "/v1/templates", "/v1/templates/merge-fields", "/v1/templates/check", "/v1/templates/render", "/v1/templates/{key}", "/v1/templates/{key}/versions",
                "/v1/templates/{key}/versions/{version}", "/v1/templates/{key}/archive", "/v1/templates/{key}/restore", "/v1/templates/{key}/test-send",
            ],
            ignoreOrder: true);
    }

    [Fact]
    public async Task A_draft_is_checked_and_not_saved()
    {
        var scene = await Scene.Of(service, creators: 0);
        var good = await Check(new { audience = "YetToOptIn", subject = "Hi", text = $"{{{{ creator.name }}}} {Link}", html = $"<p>{Link}</p><script>1</script>" });
        good.GetProperty("isValid").GetBoolean().ShouldBeTrue();
        good.GetProperty("flaws").GetArrayLength().ShouldBe(0);
        Strings(good, "fields").ShouldBe(["creator.name", "invitation.url"]);
        Strings(good, "removed").ShouldBe(["<script>"]);

        var bad = await Check(new { audience = "YetToOptIn", subject = "Hi", text = $"{Link}\n {{{{ creator.name" });
        bad.GetProperty("isValid").GetBoolean().ShouldBeFalse();
        var flaw = bad.GetProperty("flaws").EnumerateArray().ShouldHaveSingleItem();
        (flaw.GetProperty("code").GetString(), flaw.GetProperty("line").GetInt32(), flaw.GetProperty("column").GetInt32()).ShouldBe(("template.syntax", 2, 2));
        (await scene.Get("/v1/templates?includeArchived=true")).GetProperty("items").GetArrayLength().ShouldBe(3);

        async Task<JsonElement> Check(object draft) => await Scene.Json(await scene.Http.PostAsJsonAsync("/v1/templates/check", draft));
    }

    [Fact]
    public async Task A_draft_is_shown_with_examples_or_for_a_creator()
    {
        var scene = await Scene.Of(service, creators: 1);
        var sample = await Scene.Json(await scene.Http.PostAsJsonAsync("/v1/templates/render", new { key = "creator-hub-invitation" }));
        sample.GetProperty("subject").GetString().ShouldBe("Ana, connect your accounts for Summer Glow");
        sample.GetProperty("text").GetString()!.ShouldContain("http://localhost:5101/hub/i/preview");
        sample.GetProperty("text").GetString()!.ShouldEndWith("Aurora Collective\n");

        var own = await Scene.Json(await scene.Http.PostAsJsonAsync("/v1/templates/render", new
        {
            key = "creator-hub-invitation",
            text = $"{{{{ creator.name }}}} & you: {Link}",
            campaignId = scene.Campaign,
            creatorId = scene.Creators[0],
        }));
        own.GetProperty("subject").GetString().ShouldBe("Ana0, connect your accounts for Summer");
        own.GetProperty("text").GetString().ShouldBe("Ana0 Lima & you: http://localhost:5101/hub/i/preview");
        own.GetProperty("html").GetString()!.ShouldContain("Ana0 Lima &amp; you: <a href=\"http://localhost:5101/hub/i/preview\"");
        own.GetProperty("missing").GetArrayLength().ShouldBe(0);

        scene.Neighbours.Know(scene.Organization, new(scene.Creators[0], null, "ana@example.com", null));
        var nameless = await Scene.Json(await scene.Http.PostAsJsonAsync("/v1/templates/render", new { key = "creator-hub-invitation", creatorId = scene.Creators[0] }));
        Strings(nameless, "missing").ShouldBe(["creator.firstName"]);
    }

    [Fact]
    public async Task What_cannot_be_shown_is_refused()
    {
        var scene = await Scene.Of(service, creators: 1);
        await ShouldBe(await Render(new { key = "invoice" }), 404, "template.unknown");
        await ShouldBe(await Render(new { key = "reconnect-request", campaignId = Guid.NewGuid() }), 404, "campaign.unknown");
        await ShouldBe(await Render(new { key = "reconnect-request", creatorId = Guid.NewGuid() }), 404, "creator.unknown");
        await ShouldBe(await Render(new { key = "reconnect-request", text = "{{ creator.age }}" }), 422, "template.field-unknown", "text");
        await ShouldBe(await Render(new { audience = "YetToOptIn" }), 422, "template.empty", "text");
        scene.Neighbours.Fail(scene.Organization, times: 1);
        await ShouldBe(await Render(new { key = "reconnect-request", creatorId = scene.Creators[0] }), 503, "contacts.unavailable");

        Task<HttpResponseMessage> Render(object body) => scene.Http.PostAsJsonAsync("/v1/templates/render", body);
    }

    [Fact]
    public async Task A_test_message_arrives_and_opens_nothing()
    {
        var scene = await Scene.Of(service, creators: 0);
        var address = $"maya@{scene.Organization}.example";
        var sent = await scene.Manager.PostAsJsonAsync("/v1/templates/creator-hub-invitation/test-send", new { address, text = $"Draft: {Link}" });
        ((int)sent.StatusCode).ShouldBe(204, await sent.Content.ReadAsStringAsync());
        var mail = scene.Postbox.For(address).ShouldHaveSingleItem();
        mail.Subject.ShouldBe("[Test] Ana, connect your accounts for Summer Glow");
        mail.From.Mailboxes.Single().Name.ShouldBe("Aurora Collective");
        mail.TextBody.ShouldNotBeNull().TrimEnd().ShouldBe("Draft: http://localhost:5101/hub/i/preview");
    }

    [Fact]
    public async Task A_test_message_that_cannot_be_sent_is_told()
    {
        var scene = await Scene.Of(service, creators: 0);
        var address = $"nobody@{scene.Organization}.example";
        scene.Postbox.Treat(address, Manner.NoSuchMailbox);
        await ShouldBe(await Send(new { address = "maya" }), 422, "address.invalid", "address");
        await ShouldBe(await Send(new { address, text = "Go" }), 422, "template.link-missing", "text");
        await ShouldBe(await Send(new { address }), 422, "test-send.refused", "address");
        scene.Postbox.Treat(address, Manner.BusyOnce);
        await ShouldBe(await Send(new { address }), 503, "test-send.try-later");
        scene.Postbox.Treat(address, Manner.HangUpAfterBody);
        await ShouldBe(await Send(new { address }), 503, "test-send.in-doubt");

        Task<HttpResponseMessage> Send(object body) => scene.Manager.PostAsJsonAsync("/v1/templates/creator-hub-invitation/test-send", body);
    }

    [Fact]
    public async Task Too_many_test_messages_are_refused_until_a_while_has_passed()
    {
        var scene = await Scene.Of(service, creators: 0);
        var address = $"maya@{scene.Organization}.example";
        for (var i = 0; i < TestSendLimit.PerWindow; i++)
        {
            ((int)(await Send()).StatusCode).ShouldBe(204);
        }

        var refused = await Send();
        await ShouldBe(refused, 429, "test-send.too-many");
        refused.Headers.RetryAfter!.Delta!.Value.ShouldBeInRange(TimeSpan.FromSeconds(1), TestSendLimit.Window);
        scene.Postbox.For(address).Count.ShouldBe(TestSendLimit.PerWindow);

        Task<HttpResponseMessage> Send() => scene.Manager.PostAsJsonAsync("/v1/templates/reconnect-request/test-send", new { address });
    }

    [Fact]
    public async Task A_version_can_be_found_as_long_as_something_refers_to_it()
    {
        var scene = await Scene.Of(service, creators: 0);
        var ct = TestContext.Current.CancellationToken;
        var shelf = service.Replica.Services.GetRequiredService<TemplateShelf>();
        var current = (await shelf.Current(scene.Organization, "reconnect-request", ct)).ShouldNotBeNull();
        (current.Version, current.IsArchived).ShouldBe((1, false));

        var (flawed, flaws) = await shelf.Edited(current, new(null, "Come back", null));
        flawed.ShouldBeNull();
        flaws.ShouldHaveSingleItem().Code.ShouldBe("template.link-missing");

        var (edited, none) = await shelf.Edited(current, new(null, $"Come back: {Link}", null));
        none.ShouldBeEmpty();
        edited.ShouldNotBeNull().Template.Key.ShouldBe("reconnect-request");
        edited.Template.Words.Html.ShouldBeNull();
        (await shelf.Of(scene.Organization, edited.VersionId, ct)).ShouldBeNull();

        await using (var session = service.Replica.Services.GetRequiredService<StreamSessions>().For(scene.Organization))
        {
            for (var twice = 0; twice < 2; twice++)
            {
                await session.DecideAndSave<OutreachBatch>(Guid.CreateVersion7(), _ => Decision.Of(new OutreachCompleted(0, 0, 0)), ct, alongside: operations =>
                {
                    shelf.Pin(operations, current);
                    shelf.Pin(operations, edited);
                });
            }
        }

        using var elsewhere = new TemplateShelf(service.Replica.Services.GetRequiredService<Npgsql.NpgsqlDataSource>(), TimeProvider.System);
        (await elsewhere.Of(scene.Organization, edited.VersionId, ct)).ShouldNotBeNull().Words.ShouldBe(edited.Template.Words);
        (await elsewhere.Of(scene.Organization, current.VersionId, ct)).ShouldNotBeNull().Words.ShouldBe(current.Template.Words);
        (await elsewhere.Of("borealis", edited.VersionId, ct)).ShouldBeNull();
        (await shelf.Current(scene.Organization, "reconnect-request", ct)).ShouldNotBeNull().VersionId.ShouldBe(current.VersionId);
    }

    private static IReadOnlyList<string?> Strings(JsonElement element, string member) =>
        [.. element.GetProperty(member).EnumerateArray().Select(item => item.GetString())];
}
