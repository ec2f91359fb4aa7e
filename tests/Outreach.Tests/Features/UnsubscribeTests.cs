using System.Net;
using MimeKit;

namespace Outreach.Tests.Features;

[Collection(nameof(Service))]
public sealed class UnsubscribeTests(Service service)
{
    private static readonly Dictionary<string, string> OneClick = new() { ["List-Unsubscribe"] = "One-Click" };

    [Fact]
    public async Task A_message_offers_to_unsubscribe_with_one_press()
    {
        var scene = await Scene.Of(service, creators: 1);
        var message = await Mail(scene);
        message.Headers[HeaderId.ListUnsubscribePost].ShouldBe("List-Unsubscribe=One-Click");
        message.Headers[HeaderId.ListId].ShouldBe($"<{scene.Organization}.outreach.mail.example>");
        Link(message).AbsoluteUri.ShouldStartWith("http://localhost:5102/u/");
    }

    [Fact]
    public async Task One_press_stops_everything_of_the_organization_at_once_and_pressing_again_changes_nothing()
    {
        var scene = await Scene.Of(service, creators: 1);
        var path = Link(await Mail(scene)).AbsolutePath;
        using var anybody = service.Replica.CreateClient();
        for (var press = 0; press < 2; press++)
        {
            using var answer = await anybody.PostAsync(path, new FormUrlEncodedContent(OneClick));
            answer.StatusCode.ShouldBe(HttpStatusCode.OK);
            (await answer.Content.ReadAsStringAsync()).ShouldContain("You are unsubscribed");
        }

        var creator = scene.Creators[0];
        var outreach = (await scene.DeliveryEvents(creator)).OfType<MessageAccepted>().Single().Recipient.OutreachId;
        (await scene.Get($"/v1/outreach/{outreach}/recipients")).GetProperty("items")[0].GetProperty("unsubscribedAt").GetDateTimeOffset()
            .ShouldBe(DateTimeOffset.UtcNow, TimeSpan.FromMinutes(1));
        var suppression = Suppression.IdOf(scene.Organization, creator);
        (await scene.Events(suppression)).ShouldHaveSingleItem().ShouldBeOfType<CreatorSuppressed>().DeliveryId
            .ShouldBe((await scene.DeliveryEvents(creator)).OfType<MessageAccepted>().Single().Recipient.DeliveryId);
        (await scene.VerdictOf(await scene.SendAndFinish())).ShouldBe(("Skipped", "suppressed"));
        (await scene.Published("SuppressionAdded", creator, 1)).ShouldHaveSingleItem().GetProperty("reason").GetString().ShouldBe("Unsubscribed");
    }

    [Fact]
    public async Task One_press_works_in_the_other_form_that_mail_programs_send()
    {
        var scene = await Scene.Of(service, creators: 1);
        using var anybody = service.Replica.CreateClient();
        using var form = new MultipartFormDataContent { { new StringContent("One-Click"), "List-Unsubscribe" } };
        (await anybody.PostAsync(Link(await Mail(scene)).AbsolutePath, form)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await scene.Load<Suppression>(Suppression.IdOf(scene.Organization, scene.Creators[0]))).ShouldNotBeNull().Has(null, SuppressionReason.Unsubscribed).ShouldBeTrue();
    }

    [Fact]
    public async Task Opening_the_link_shows_who_wrote_and_stops_nothing()
    {
        var scene = await Scene.Of(service, creators: 1);
        using var anybody = service.Replica.CreateClient();
        using var answer = await anybody.GetAsync(Link(await Mail(scene)).AbsolutePath);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("text/html");
        answer.Headers.GetValues("Content-Security-Policy").Single().ShouldStartWith("default-src 'none'");
        answer.Headers.GetValues("Referrer-Policy").Single().ShouldBe("no-referrer");
        var page = await answer.Content.ReadAsStringAsync();
        page.ShouldContain("Stop mail about Summer");
        page.ShouldContain("Stop everything from Aurora Collective");
        page.Contains("<script", StringComparison.OrdinalIgnoreCase).ShouldBeFalse();
        (await scene.Load<Suppression>(Suppression.IdOf(scene.Organization, scene.Creators[0]))).ShouldBeNull();
    }

    [Fact]
    public async Task A_creator_may_leave_one_campaign_and_change_their_mind()
    {
        var scene = await Scene.Of(service, creators: 1);
        var path = Link(await Mail(scene)).AbsolutePath;
        using var anybody = service.Replica.CreateClient();
        (await Press("campaign")).ShouldContain("You get no more mail about <strong>Summer</strong>");
        var suppression = Suppression.IdOf(scene.Organization, scene.Creators[0]);
        (await scene.Load<Suppression>(suppression)).ShouldNotBeNull().Obstructions.ShouldBe([new(scene.Campaign, "Unsubscribed")]);

        (await Press("undo")).ShouldContain("Welcome back");
        (await scene.Load<Suppression>(suppression)).ShouldNotBeNull().Obstructions.ShouldBeEmpty();
        (await scene.Get("/v1/suppressions")).GetProperty("items").GetArrayLength().ShouldBe(0);

        async Task<string> Press(string choice) =>
            await (await anybody.PostAsync(path, new FormUrlEncodedContent(new Dictionary<string, string> { ["choice"] = choice }))).Content.ReadAsStringAsync();
    }

    [Fact]
    public async Task A_link_that_is_none_and_a_press_without_a_choice_change_nothing()
    {
        var scene = await Scene.Of(service, creators: 1);
        var path = Link(await Mail(scene)).AbsolutePath;
        using var anybody = service.Replica.CreateClient();
        (await anybody.GetAsync(path[..^5] + "AAAAA")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await anybody.PostAsync(path[..^5] + "AAAAA", new FormUrlEncodedContent(OneClick))).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await anybody.PostAsync(path, null)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await anybody.PostAsync(path, new FormUrlEncodedContent(new Dictionary<string, string> { ["choice"] = "all" }))).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await scene.Load<Suppression>(Suppression.IdOf(scene.Organization, scene.Creators[0]))).ShouldBeNull();
    }

    [Fact]
    public async Task One_link_cannot_be_used_in_a_loop()
    {
        var scene = await Scene.Of(service, creators: 2);
        await scene.SendAndFinish();
        var paths = scene.Creators.Select(creator => Link(scene.Postbox.For(scene.AddressOf(creator)).Single()).AbsolutePath).ToArray();
        using var anybody = service.Replica.CreateClient();
        var answers = new List<HttpStatusCode>();
        for (var look = 0; look < 62; look++)
        {
            answers.Add((await anybody.GetAsync(paths[0])).StatusCode);
        }

        // The window may have turned once in between.
        answers.ShouldContain(HttpStatusCode.TooManyRequests);
        (await anybody.GetAsync(paths[1])).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    private static async Task<MimeMessage> Mail(Scene scene)
    {
        await scene.SendAndFinish();
        return scene.Postbox.For(scene.AddressOf(scene.Creators[0])).ShouldHaveSingleItem();
    }

    private static Uri Link(MimeMessage message) => new(message.Headers[HeaderId.ListUnsubscribe].ShouldNotBeNull().Trim('<', '>'));
}
