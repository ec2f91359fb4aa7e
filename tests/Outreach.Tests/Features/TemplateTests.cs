using System.Net.Http.Json;
using System.Text.Json;
using Npgsql;
using static Outreach.Tests.Features.SendOutreachTests;

namespace Outreach.Tests.Features;

[Collection(nameof(Service))]
public sealed class TemplateTests(Service service)
{
    private const string Link = "{{ invitation.url }}";

    [Fact]
    public async Task A_template_is_written_listed_and_read()
    {
        var scene = await Scene.Of(service, creators: 0);
        var created = await scene.Manager.PostAsJsonAsync("/v1/templates", Draft("Spring nudge") with { Html = $"<p onclick=\"x()\">Go to <a href=\"{Link}\">the Hub</a></p>" });
        var text = await created.Content.ReadAsStringAsync();
        ((int)created.StatusCode).ShouldBe(201, text);
        created.Headers.Location!.OriginalString.ShouldBe("/v1/templates/spring-nudge");
        created.Headers.ETag!.Tag.ShouldBe("\"1\"");
        var saved = await Scene.Json(created);
        saved.GetProperty("removed").EnumerateArray().Select(removed => removed.GetString()).ShouldBe(["onclick of <p>"]);

        var read = await scene.Manager.GetAsync("/v1/templates/spring-nudge");
        read.Headers.ETag!.Tag.ShouldBe("\"1\"");
        var detail = await Scene.Json(read);
        detail.GetProperty("name").GetString().ShouldBe("Spring nudge");
        detail.GetProperty("audience").GetString().ShouldBe("YetToOptIn");
        detail.GetProperty("version").GetInt32().ShouldBe(1);
        detail.GetProperty("versionId").GetGuid().ShouldBe(saved.GetProperty("versionId").GetGuid());
        detail.GetProperty("html").GetString().ShouldBe($"<p>Go to <a href=\"{Link}\">the Hub</a></p>");
        (detail.GetProperty("isBuiltIn").GetBoolean(), detail.GetProperty("isCustomised").GetBoolean(), detail.GetProperty("isArchived").GetBoolean())
            .ShouldBe((false, true, false));

        var items = (await scene.Get("/v1/templates")).GetProperty("items").EnumerateArray().ToArray();
        items.Select(item => item.GetProperty("key").GetString())
            .ShouldBe(["creator-hub-invitation", "ttcm-invite-link", "reconnect-request", "spring-nudge"]);
        items[3].GetProperty("updatedAt").GetDateTimeOffset().ShouldBe(detail.GetProperty("updatedAt").GetDateTimeOffset());
        items[0].GetProperty("updatedAt").ValueKind.ShouldBe(JsonValueKind.Null);
        items[0].GetProperty("version").GetInt32().ShouldBe(1);
    }

    [Fact]
    public async Task What_a_template_says_is_in_no_event()
    {
        var scene = await Scene.Of(service, creators: 0);
        await scene.Manager.PostAsJsonAsync("/v1/templates", Draft("Nudge") with { Subject = "Zanzibar", Text = $"Zanzibar {Link}", Html = $"<p>Zanzibar {Link}</p>" });
        var saved = (await scene.Events(MessageTemplate.IdOf(scene.Organization, "nudge"))).ShouldHaveSingleItem().ShouldBeOfType<TemplateSaved>();
        (saved.Edition.Name, saved.By).ShouldBe(("Nudge", "maya"));
        (await Count("select count(*) from outreach.template_version where tenant_id = $1 and text like 'Zanzibar%'", scene)).ShouldBe(1);
        (await Count("select count(*) from outreach.mt_events where tenant_id = $1 and data::text like '%Zanzibar%'", scene)).ShouldBe(0);
    }

    [Fact]
    public async Task An_edit_of_a_built_in_template_is_the_organizations_own_and_what_is_mailed_until_the_built_in_one_is_restored()
    {
        var scene = await Scene.Of(service, creators: 2);
        var edited = await scene.Edit("creator-hub-invitation", "0", new("Come in, {{ creator.firstName }}", $"Hello & welcome\n\n{Link}"));
        ((int)edited.StatusCode).ShouldBe(200, await edited.Content.ReadAsStringAsync());
        edited.Headers.ETag!.Tag.ShouldBe("\"1\"");
        var detail = await Scene.Json(edited);
        (detail.GetProperty("version").GetInt32(), detail.GetProperty("isBuiltIn").GetBoolean(), detail.GetProperty("isCustomised").GetBoolean())
            .ShouldBe((2, true, true));
        detail.GetProperty("name").GetString().ShouldBe("Creator Hub invitation");

        var preview = await Scene.Json(await scene.Post("/v1/outreach/preview", JsonContent.Create(scene.Body([scene.Creators[0]]))));
        preview.GetProperty("items")[0].GetProperty("subject").GetString().ShouldBe("Come in, Ana0");
        await scene.SendAndFinish([scene.Creators[0]]);
        var mail = scene.Postbox.For(scene.AddressOf(scene.Creators[0])).ShouldHaveSingleItem();
        mail.Subject.ShouldBe("Come in, Ana0");
        mail.TextBody.ShouldNotBeNull().ShouldStartWith("Hello & welcome");
        mail.HtmlBody.ShouldNotBeNull().ShouldContain("Hello &amp; welcome</p>");
        mail.HtmlBody.ShouldContain("<!doctype html>");

        var restored = await Scene.Json(await scene.Manager.PostAsync("/v1/templates/creator-hub-invitation/restore", null));
        (restored.GetProperty("version").GetInt32(), restored.GetProperty("isCustomised").GetBoolean()).ShouldBe((3, false));
        await scene.SendAndFinish([scene.Creators[1]]);
        scene.Postbox.For(scene.AddressOf(scene.Creators[1])).ShouldHaveSingleItem().Subject.ShouldBe("Ana1, connect your accounts for Summer");

        var versions = (await scene.Get("/v1/templates/creator-hub-invitation/versions")).GetProperty("items").EnumerateArray().ToArray();
        versions.Select(item => (item.GetProperty("version").GetInt32(), item.GetProperty("isBuiltIn").GetBoolean(), item.GetProperty("savedBy").GetString()))
            .ShouldBe([(3, true, "maya"), (2, false, "maya"), (1, true, null)]);
        (await scene.Get("/v1/templates/creator-hub-invitation/versions/2")).GetProperty("subject").GetString().ShouldBe("Come in, {{ creator.firstName }}");
        (await scene.Get("/v1/templates/creator-hub-invitation/versions/1")).GetProperty("text").GetString().ShouldStartWith("Hi {{ creator.firstName }},");
        restored.GetProperty("versionId").GetGuid().ShouldBe(versions[0].GetProperty("versionId").GetGuid());
    }

    [Fact]
    public async Task What_is_accepted_goes_out_in_the_words_of_that_moment()
    {
        var scene = await Scene.Of(service, creators: 1);
        await scene.Manager.PostAsJsonAsync("/v1/templates", Draft("Nudge"));
        scene.Neighbours.Fail(scene.Organization, times: 3);
        var outreach = await scene.Send(template: "nudge");
        await scene.Edit("nudge", "1", new("Too late", Link));
        await scene.Manager.PostAsync("/v1/templates/nudge/archive", null);
        await scene.Finish(outreach);
        scene.Postbox.For(scene.AddressOf(scene.Creators[0])).ShouldHaveSingleItem().Subject.ShouldBe("Hi Ana0");
    }

    [Fact]
    public async Task An_edit_names_what_it_has_seen()
    {
        var scene = await Scene.Of(service, creators: 0);
        await scene.Manager.PostAsJsonAsync("/v1/templates", Draft("Nudge"));
        await ShouldBe(await scene.Edit("nudge", null, new("A", Link)), 428, "if-match.missing");
        await ShouldBe(await scene.Edit("nudge", "0", new("A", Link)), 412, "version.stale");
        await ShouldBe(await scene.Edit("nudge", "something", new("A", Link)), 412, "version.stale");
        ((int)(await scene.Edit("nudge", "1", new("A", Link))).StatusCode).ShouldBe(200);
        await ShouldBe(await scene.Edit("nudge", "1", new("B", Link)), 412, "version.stale");
        (await scene.Get("/v1/templates/nudge")).GetProperty("subject").GetString().ShouldBe("A");
    }

    [Fact]
    public async Task Of_edits_at_the_same_moment_one_is_saved()
    {
        var scene = await Scene.Of(service, creators: 0);
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => scene.Edit("reconnect-request", "0", new($"Edit {i}", Link))));
        answers.Count(answer => (int)answer.StatusCode == 200).ShouldBe(1);
        answers.Count(answer => (int)answer.StatusCode == 412).ShouldBe(7);
        (await Count("select count(*) from outreach.template_version where tenant_id = $1", scene)).ShouldBe(1);
        (await scene.Get("/v1/templates/reconnect-request")).GetProperty("version").GetInt32().ShouldBe(2);
    }

    [Fact]
    public async Task An_archived_template_is_neither_listed_nor_sent_until_it_is_restored()
    {
        var scene = await Scene.Of(service, creators: 1);
        var archived = await scene.Manager.PostAsync("/v1/templates/creator-hub-invitation/archive", null);
        (await Scene.Json(archived)).GetProperty("isArchived").GetBoolean().ShouldBeTrue();
        archived.Headers.ETag!.Tag.ShouldBe("\"1\"");
        (await scene.Manager.PostAsync("/v1/templates/creator-hub-invitation/archive", null)).Headers.ETag!.Tag.ShouldBe("\"1\"");

        (await Keys(scene, "")).ShouldBe(["ttcm-invite-link", "reconnect-request"]);
        (await Keys(scene, "?includeArchived=true")).ShouldBe(["creator-hub-invitation", "ttcm-invite-link", "reconnect-request"]);
        await ShouldBe(await scene.Post(scene.Body(), "archived"), 409, "template.archived");
        await ShouldBe(await scene.Post("/v1/outreach/preview", JsonContent.Create(scene.Body())), 409, "template.archived");
        await ShouldBe(await scene.Edit("creator-hub-invitation", "1", new("A", Link)), 409, "template.archived");

        ((int)(await scene.Manager.PostAsync("/v1/templates/creator-hub-invitation/restore", null)).StatusCode).ShouldBe(200);
        await scene.SendAndFinish();
        scene.Postbox.For(scene.AddressOf(scene.Creators[0])).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Templates_of_another_organization_are_not_there()
    {
        var owner = await Scene.Of(service, creators: 0);
        await owner.Manager.PostAsJsonAsync("/v1/templates", Draft("Nudge"));
        var other = await Scene.Of(service, creators: 1);
        await ShouldBe(await other.Manager.GetAsync("/v1/templates/nudge"), 404, "template.unknown");
        await ShouldBe(await other.Manager.GetAsync("/v1/templates/nudge/versions"), 404, "template.unknown");
        await ShouldBe(await other.Manager.GetAsync("/v1/templates/nudge/versions/1"), 404, "template.unknown");
        await ShouldBe(await other.Edit("nudge", "1", new("A", Link)), 404, "template.unknown");
        await ShouldBe(await other.Manager.PostAsync("/v1/templates/nudge/archive", null), 404, "template.unknown");
        await ShouldBe(await other.Manager.PostAsync("/v1/templates/nudge/restore", null), 404, "template.unknown");
        await ShouldBe(await other.Manager.PostAsJsonAsync("/v1/templates/render", new { key = "nudge" }), 404, "template.unknown");
        await ShouldBe(await other.Manager.PostAsJsonAsync("/v1/templates/nudge/test-send", new { address = "maya@example.com" }), 404, "template.unknown");
        await ShouldBe(await other.Post(other.Body(template: "nudge"), "other"), 422, "template.unknown", "template");

        ((int)(await other.Manager.PostAsJsonAsync("/v1/templates", Draft("Nudge") with { Subject = "Theirs" })).StatusCode).ShouldBe(201);
        (await owner.Get("/v1/templates/nudge")).GetProperty("subject").GetString().ShouldBe("Hi {{ creator.firstName }}");
    }

    [Fact]
    public async Task A_template_that_cannot_be_is_refused_and_not_saved()
    {
        var scene = await Scene.Of(service, creators: 0);
        var refused = await scene.Manager.PostAsJsonAsync("/v1/templates", Draft("Nudge") with { Text = $"Hi,\n{{{{ creator.shoeSize }}}} {Link}" });
        await ShouldBe(refused, 422, "template.field-unknown", "text");
        var flaw = (await Scene.Json(refused)).GetProperty("flaws")[0];
        (flaw.GetProperty("member").GetString(), flaw.GetProperty("line").GetInt32(), flaw.GetProperty("column").GetInt32()).ShouldBe(("text", 2, 4));
        await ShouldBe(await scene.Manager.GetAsync("/v1/templates/nudge"), 404, "template.unknown");

        await ShouldBe(await Create(Draft("Nudge") with { Text = "Go" }), 422, "template.link-missing", "text");
        await ShouldBe(await Create(Draft("")), 422, "template.name-invalid", "name");
        await ShouldBe(await Create(Draft("Nudge") with { Key = "A b" }), 422, "template.key-invalid", "key");
        await ShouldBe(await Create(Draft("Check")), 422, "template.key-invalid", "key");
        await ShouldBe(await Create(Draft("Creator Hub: invitation!")), 409, "template.key-taken");
        await ShouldBe(await Create(new { name = "Nudge", audience = "Anybody", subject = "Hi", text = Link }), 422, "request.invalid", "audience");
        await ShouldBe(await scene.Edit("reconnect-request", "0", new("Hi", Link) { Audience = "YetToOptIn" }), 422, "template.audience-fixed", "audience");

        Task<HttpResponseMessage> Create(object draft) => scene.Manager.PostAsJsonAsync("/v1/templates", draft);
    }

    [Fact]
    public async Task Each_route_asks_for_a_token_with_its_scope()
    {
        var scene = await Scene.Of(service, creators: 0);
        var reader = scene.Client("outreach.read outreach.send");
        var manager = scene.Client("outreach.manage");
        foreach (var path in (string[])["", "/creator-hub-invitation", "/creator-hub-invitation/versions", "/creator-hub-invitation/versions/1", "/merge-fields"])
        {
            await ShouldBe(await service.Replica.CreateClient().GetAsync($"/v1/templates{path}"), 401, "token.missing");
            await ShouldBe(await manager.GetAsync($"/v1/templates{path}"), 403, "scope.missing");
        }

        foreach (var path in (string[])["/check", "/render"])
        {
            await ShouldBe(await manager.PostAsJsonAsync($"/v1/templates{path}", Draft("x")), 403, "scope.missing");
        }

        foreach (var path in (string[])["", "/reconnect-request/archive", "/reconnect-request/restore", "/reconnect-request/test-send"])
        {
            await ShouldBe(await reader.PostAsJsonAsync($"/v1/templates{path}", Draft("x")), 403, "scope.missing");
        }

        await ShouldBe(await reader.PutAsJsonAsync("/v1/templates/reconnect-request", Draft("x")), 403, "scope.missing");
    }

    private static NewTemplate Draft(string name) => new(name, "YetToOptIn", "Hi {{ creator.firstName }}", $"Go to {Link}", null, null);

    private static async Task<IReadOnlyList<string?>> Keys(Scene scene, string query) =>
        [.. (await scene.Get($"/v1/templates{query}")).GetProperty("items").EnumerateArray().Select(item => item.GetProperty("key").GetString())];

    private async Task<long> Count(string sql, Scene scene)
    {
        await using var source = NpgsqlDataSource.Create(service.Surroundings.Database);
        await using var command = source.CreateCommand(sql);
        command.Parameters.Add(new() { Value = scene.Organization });
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private sealed record NewTemplate(string Name, string Audience, string Subject, string Text, string? Html, string? Key);
}
