using System.Net;
using Connections.Hub;
using CreatorConnections.Contracts.Connections;
using CreatorConnections.Contracts.Outreach;
using EventSourcing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.JsonWebTokens;
using Shouldly;
using Testing;
using Xunit;

namespace Connections.Tests.Features;

[Collection(nameof(HubFixture))]
public sealed class InvitationTests(HubFixture fixture)
{
    private HubHost Host => fixture.Host;

    [Fact]
    public async Task The_first_opening_is_told_to_the_others_and_the_next_ones_write_nothing()
    {
        var creator = await Host.Creator();
        var (link, id) = Invitation(creator);

        foreach (var _ in Enumerable.Range(0, 3))
        {
            (await Open(link)).StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        }

        var told = await Eventually.Get(() => Host.Bus.Heard<InvitationOpened>().Where(message => IdIn(message) == id).ToArray(), told => told.Length > 0);
        var body = told.ShouldHaveSingleItem().Body;
        (body.GetProperty("organizationId").GetString(), body.GetProperty("creatorId").GetGuid(), body.GetProperty("sequence").GetInt64()).ShouldBe(("aurora", creator, 1));
        (await Facts(id)).ShouldHaveSingleItem().ShouldBeOfType<InvitationFirstOpened>().CreatorId.ShouldBe(creator);
    }

    [Fact]
    public async Task An_invitation_that_is_opened_many_times_at_once_is_noted_once_and_everybody_gets_in()
    {
        var (link, id) = Invitation(await Host.Creator());

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Open(link)));

        answers.Select(answer => answer.StatusCode).ShouldBe(Enumerable.Repeat(HttpStatusCode.SeeOther, 8));
        (await Facts(id)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_link_that_was_taken_back_opens_nothing_and_ends_the_visit_it_began()
    {
        var creator = await Host.Creator();
        var (link, id) = Invitation(creator);
        using var browser = Host.Browser();
        await browser.GetAsync(link);
        var page = await browser.GetStringAsync("/hub");

        await Revoke(id, creator);

        await Eventually.Get(async () => (await browser.GetAsync("/hub")).StatusCode, status => status == HttpStatusCode.Unauthorized);
        (await browser.PostAsync("/hub/connect/youtube", new FormUrlEncodedContent([new("form_mark", HubHost.FormMark(page))]))).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        var again = await Open(link);
        again.StatusCode.ShouldBe(HttpStatusCode.Gone);
        (await again.Content.ReadAsStringAsync()).ShouldContain("This invitation was taken back");
    }

    [Fact]
    public async Task Whoever_was_at_the_platform_when_the_invitation_was_taken_back_is_not_connected()
    {
        var creator = await Host.Creator();
        var (link, id) = Invitation(creator);
        using var browser = Host.Browser();
        await browser.GetAsync(link);
        var back = await HubHost.Answer(browser, await HubHost.PressConnect(browser, "tiktok"), $"inv.{creator:N}"[..30]);

        await Revoke(id, creator);
        await Eventually.Get(async () => (await Facts(id)).Count, count => count == 2);

        (await browser.GetAsync(back)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await Host.StatusOf(creator, "tiktok")).ShouldBe("NotConnected");
    }

    [Fact]
    public async Task A_revocation_that_comes_before_the_opening_and_twice_holds()
    {
        var creator = await Host.Creator();
        var (link, id) = Invitation(creator);

        await Revoke(id, creator);
        await Revoke(id, creator);
        await Eventually.Get(async () => (await Facts(id)).Count, count => count == 1);

        (await Open(link)).StatusCode.ShouldBe(HttpStatusCode.Gone);
        (await Facts(id)).ShouldHaveSingleItem().ShouldBeOfType<InvitationWithdrawn>();
    }

    [Fact]
    public async Task Taking_back_one_invitation_leaves_the_creators_other_one_and_the_same_id_elsewhere_alone()
    {
        var creator = await Host.Creator();
        var (link, id) = Invitation(creator);
        var (other, _) = Invitation(creator);

        await Revoke(id, creator, organization: "borealis");
        await Eventually.Get(async () => (await Facts(id, "borealis")).Count, count => count == 1);
        (await Open(link)).StatusCode.ShouldBe(HttpStatusCode.SeeOther);

        await Revoke(id, creator);
        await Eventually.Get(async () => (await Open(link)).StatusCode, status => status == HttpStatusCode.Gone);
        (await Open(other)).StatusCode.ShouldBe(HttpStatusCode.SeeOther);
    }

    private static Guid IdIn(Delivery message) => message.Body.GetProperty("invitationId").GetGuid();

    private (string Link, Guid Id) Invitation(Guid creator)
    {
        var token = Host.InvitationFor(creator);
        return ($"/hub/i/{token}", Guid.Parse(new JsonWebToken(token).Id));
    }

    private async Task<HttpResponseMessage> Open(string link)
    {
        using var browser = Host.Browser();
        return await browser.GetAsync(link);
    }

    private Task Revoke(Guid id, Guid creator, string organization = "aurora") => Host.Bus.Say(new InvitationRevoked
    {
        OrganizationId = organization,
        InvitationId = id,
        CreatorId = creator,
        CampaignId = Guid.NewGuid(),
        Sequence = 1,
        OccurredAt = DateTimeOffset.UtcNow,
    });

    private async Task<IReadOnlyList<object>> Facts(Guid id, string organization = "aurora")
    {
        await using var session = Host.Services.GetRequiredService<StreamSessions>().For(organization);
        return [.. (await session.Query.Events.FetchStreamAsync(id)).Select(stored => stored.Data)];
    }
}
