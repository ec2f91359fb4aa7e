using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CreatorConnections.Contracts.Campaigns;
using Microsoft.AspNetCore.WebUtilities;
using Shouldly;
using Testing;
using Xunit;

namespace Connections.Tests.Features;

[Collection(nameof(HubFixture))]
public sealed class BadInputTests(HubFixture fixture)
{
    private HubHost Host => fixture.Host;

    [Fact]
    public async Task A_state_nobody_gave_out_is_refused()
    {
        using var browser = await Host.Visit(await Host.Creator());

        (await browser.GetAsync("/hub/callback/youtube?code=abc&state=made-up")).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_state_is_good_for_one_answer()
    {
        var creator = await Host.Creator();
        using var browser = await Host.Visit(creator);
        var back = await HubHost.Answer(browser, await HubHost.PressConnect(browser, "tiktok"), $"one.{creator:N}"[..30]);

        (await browser.GetAsync(back)).StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        (await browser.GetAsync(back)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await Host.StatusOf(creator, "tiktok")).ShouldBe("Connected");
    }

    [Fact]
    public async Task A_state_of_another_visit_is_refused_and_stays_good_for_its_own()
    {
        var (owner, thief) = (await Host.Creator(), await Host.Creator());
        using var own = await Host.Visit(owner);
        using var other = await Host.Visit(thief);
        var back = await HubHost.Answer(own, await HubHost.PressConnect(own, "tiktok"), $"two.{owner:N}"[..30]);

        (await other.GetAsync(back)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await own.GetAsync(back)).StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        (await Host.StatusOf(thief, "tiktok")).ShouldBe("NotConnected");
    }

    [Fact]
    public async Task A_state_of_one_platform_is_refused_at_the_address_of_another()
    {
        using var browser = await Host.Visit(await Host.Creator());
        var page = await HubHost.PressConnect(browser, "tiktok");
        var state = QueryHelpers.ParseQuery(page.Query)["state"];

        (await browser.GetAsync($"/hub/callback/instagram?code=abc&state={state}")).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Theory]
    [InlineData("code=a&code=b&state={0}")]
    [InlineData("code=a&error=access_denied&state={0}")]
    [InlineData("state={0}")]
    [InlineData("code=a&state={0}&iss=https%3A%2F%2Fevil.example")]
    public async Task An_answer_that_contradicts_itself_is_refused(string query)
    {
        using var browser = await Host.Visit(await Host.Creator());
        var state = QueryHelpers.ParseQuery((await HubHost.PressConnect(browser, "youtube")).Query)["state"].ToString();

        (await browser.GetAsync("/hub/callback/youtube?" + string.Format(System.Globalization.CultureInfo.InvariantCulture, query, state))).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Without_a_visit_there_is_no_hub_and_a_form_of_another_visit_is_not_taken()
    {
        using var stranger = Host.Browser();
        (await stranger.GetAsync("/hub")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);

        using var one = await Host.Visit(await Host.Creator());
        using var two = await Host.Visit(await Host.Creator());
        var mark = HubHost.FormMark(await one.GetStringAsync("/hub"));
        (await two.PostAsync("/hub/connect/tiktok", new FormUrlEncodedContent([new("form_mark", mark)]))).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task An_invitation_that_is_over_or_forged_opens_nothing()
    {
        using var browser = Host.Browser();
        var creator = Guid.CreateVersion7();

        (await browser.GetAsync($"/hub/i/{Host.InvitationFor(creator, lifetime: TimeSpan.FromMinutes(-1))}")).StatusCode.ShouldBe(HttpStatusCode.Gone);
        (await browser.GetAsync($"/hub/i/{Host.InvitationFor(creator, key: RandomNumberGenerator.GetBytes(32))}")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await browser.GetAsync("/hub/i/not-a-token")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await browser.GetAsync("/hub")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Hub_pages_are_not_cached_framed_or_leaked()
    {
        using var browser = await Host.Visit(await Host.Creator());
        using var response = await browser.GetAsync("/hub");

        response.Headers.CacheControl!.NoStore.ShouldBeTrue();
        response.Headers.GetValues("Referrer-Policy").ShouldBe(["no-referrer"]);
        response.Headers.GetValues("Content-Security-Policy").Single().ShouldContain("frame-ancestors 'none'");
    }

    [Theory]
    [InlineData("/webhooks/instagram/deauthorize", "application/x-www-form-urlencoded", "signed_request=AAAA.e30", 401, "webhook.forged")]
    [InlineData("/webhooks/instagram/deauthorize", "application/x-www-form-urlencoded", "nothing=here", 400, "webhook.malformed")]
    [InlineData("/webhooks/tiktok", "application/json", "{\"event\":\"authorization.removed\"}", 401, "webhook.forged")]
    [InlineData("/webhooks/youtube", "application/secevent+jwt", "eyJhbGciOiJub25lIn0.e30.", 400, "webhook.forged")]
    [InlineData("/webhooks/myspace", "application/json", "{}", 404, "platform.unknown")]
    public async Task A_notice_that_no_platform_signed_is_refused(string path, string type, string body, int status, string code)
    {
        using var sender = Host.Browser();
        using var response = await sender.PostAsync(path, new StringContent(body, Encoding.UTF8, type));

        ((int)response.StatusCode).ShouldBe(status);
        (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString().ShouldBe(code);
    }

    [Fact]
    public async Task A_notice_delivered_twice_changes_the_connection_once()
    {
        var creator = await Host.Creator();
        var handle = $"rep.{creator:N}"[..30];
        await Host.Connect(creator, "tiktok", handle);
        await Host.Simulator.PostAsJsonAsync($"/control/accounts/tiktok/{handle}/revoke", new { });
        await Eventually.Get(() => Host.StatusOf(creator, "tiktok"), status => status == "Invalidated");

        (await Host.Simulator.PostAsync("/control/webhooks/resend", null)).EnsureSuccessStatusCode();
        await Host.Connect(creator, "tiktok", handle);
        (await Host.Simulator.PostAsync("/control/webhooks/resend", null)).EnsureSuccessStatusCode();
        await Eventually.Get(
            async () => (await Host.Simulator.GetFromJsonAsync<JsonElement>("/control/webhooks")).GetRawText(),
            log => !log.Contains("Pending", StringComparison.OrdinalIgnoreCase));

        (await Host.StatusOf(creator, "tiktok")).ShouldBe("Connected");
    }

    [Fact]
    public async Task Another_organizations_creators_and_connections_do_not_exist()
    {
        var creator = await Host.Creator();
        await Host.Connect(creator, "tiktok", $"ten.{creator:N}"[..30]);
        var id = (await Host.ConnectionOf(creator, "tiktok")).GetProperty("connectionId").GetGuid();
        using var other = Host.As("borealis", "connections.read", "connections.write");

        await Refused(await other.GetAsync($"/v1/creators/{creator}/connections"), 404, "creator.unknown");
        await Refused(await other.GetAsync($"/v1/connections/{id}"), 404, "connection.unknown");
        await Refused(await other.GetAsync($"/v1/connections/{id}/history"), 404, "connection.unknown");
        await Refused(await other.PostAsync($"/v1/connections/{id}/disconnect", null), 404, "connection.unknown");
        (await Host.StatusOf(creator, "tiktok")).ShouldBe("Connected");
    }

    [Fact]
    public async Task A_token_without_the_scope_or_without_an_organization_gets_nothing()
    {
        var creator = await Host.Creator();
        using var noScope = Host.As("aurora", "campaigns.read");
        using var noOrganization = Host.As(null!, "connections.read");
        using var nobody = Host.Browser();
        using var twoMinds = Host.As("aurora", "connections.read");
        twoMinds.DefaultRequestHeaders.Add("X-Organization", "borealis");

        await Refused(await noScope.GetAsync($"/v1/creators/{creator}/connections"), 403, "scope.missing");
        await Refused(await noOrganization.GetAsync($"/v1/creators/{creator}/connections"), 403, "organization.missing");
        await Refused(await nobody.GetAsync($"/v1/creators/{creator}/connections"), 401, "token.missing");
        await Refused(await twoMinds.GetAsync($"/v1/creators/{creator}/connections"), 403, "organization.not-yours");
    }

    [Fact]
    public async Task Messages_delivered_twice_and_out_of_order_leave_the_newest_name()
    {
        OrganizationNamed Named(string name, long sequence) => new() { OrganizationId = "order", Name = name, Sequence = sequence, OccurredAt = DateTimeOffset.UtcNow };
        var id = Guid.NewGuid();
        await Host.Bus.Say(Named("Newest", 3), id);
        await Host.Bus.Say(Named("Older", 2));
        await Host.Bus.Say(Named("Newest", 3), id);
        var creator = await Host.Creator("order");

        using var browser = await Host.Visit(creator, "order");
        await Eventually.Get(() => browser.GetStringAsync("/hub"), page => page.Contains("Newest asks", StringComparison.Ordinal));
    }

    private static async Task Refused(HttpResponseMessage response, int status, string code)
    {
        ((int)response.StatusCode).ShouldBe(status);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString().ShouldBe(code);
    }
}
