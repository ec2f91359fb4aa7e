using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Shouldly;
using Xunit;

namespace Connections.Tests.Features;

[Collection(nameof(MarketplaceFixture))]
public sealed class MarketplaceLinkTests(MarketplaceFixture fixture)
{
    private MarketplaceScene Scene => fixture.Scene;

    [Fact]
    public async Task A_campaigns_link_is_created_once_and_stays()
    {
        var campaign = await Scene.NewCampaign();
        var (ana, _) = await Scene.Creator();
        var (gone, goneHandle) = await Scene.Creator();
        await Scene.Control(goneHandle, new { exists = false });
        var nobody = await Scene.Host.Creator();

        var (first, created) = await Scene.Post($"/v1/campaigns/{campaign}/marketplace-link", new { creatorIds = new[] { ana, gone, nobody, ana } });
        var (second, again) = await Scene.Post($"/v1/campaigns/{campaign}/marketplace-link", new { creatorIds = new[] { nobody } });

        (first, second).ShouldBe((HttpStatusCode.Created, HttpStatusCode.OK));
        again.ToString().ShouldBe(created.ToString());
        created.GetProperty("inviteLink").GetString().ShouldStartWith("https://");
        (Ids(created, "creatorIds"), Ids(created, "failedCreatorIds"), Ids(created, "unnamedCreatorIds")).ShouldBe(($"{ana}", $"{gone}", $"{nobody}"));
        using var client = Scene.Client();
        (await client.GetFromJsonAsync<JsonElement>($"/v1/campaigns/{campaign}/marketplace-link")).ToString().ShouldBe(created.ToString());
        (await Campaigns(campaign)).ShouldBe(1);
    }

    [Fact]
    public async Task Of_many_requests_at_once_one_creates()
    {
        var campaign = await Scene.NewCampaign();
        var (ana, _) = await Scene.Creator();

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Scene.Post($"/v1/campaigns/{campaign}/marketplace-link", new { creatorIds = new[] { ana } })));

        answers.Count(answer => answer.Status is HttpStatusCode.Created).ShouldBe(1);
        answers.Where(answer => answer.Status is HttpStatusCode.Conflict).ShouldAllBe(answer => answer.Body.GetProperty("code").GetString() == "marketplace-link.under-way");
        answers.ShouldAllBe(answer => answer.Status == HttpStatusCode.Created || answer.Status == HttpStatusCode.OK || answer.Status == HttpStatusCode.Conflict);
        (await Campaigns(campaign)).ShouldBe(1);
    }

    [Fact]
    public async Task An_attempt_that_failed_may_be_repeated()
    {
        var campaign = await Scene.NewCampaign();
        var (ana, _) = await Scene.Creator();
        await Scene.Fail(1, 50000, "/campaign/create/");

        var (failed, problem) = await Scene.Post($"/v1/campaigns/{campaign}/marketplace-link", new { creatorIds = new[] { ana } });
        var (repeated, _) = await Scene.Post($"/v1/campaigns/{campaign}/marketplace-link", new { creatorIds = new[] { ana } });

        (failed, problem.GetProperty("code").GetString(), repeated).ShouldBe((HttpStatusCode.ServiceUnavailable, "marketplace.unreachable", HttpStatusCode.Created));
        (await Campaigns(campaign)).ShouldBe(1);
    }

    [Fact]
    public async Task A_campaign_that_was_made_before_its_answer_was_lost_is_found_and_not_made_again()
    {
        var campaign = await Scene.NewCampaign();
        var (ana, handle) = await Scene.Creator();
        await Scene.Fail(1, 50000, "/campaign/create/");
        await Scene.Post($"/v1/campaigns/{campaign}/marketplace-link", new { creatorIds = new[] { ana } });
        using var request = new HttpRequestMessage(HttpMethod.Post, "/tiktok/business/open_api/v1.3/tto/tcm/campaign/create/")
        {
            Headers = { { "Access-Token", "tt-brand-token" } },
            Content = JsonContent.Create(new { tto_tcm_account_id = "7300000000000000001", campaign_name = $"Spring [{campaign.ToString("N")[^12..]}]", handle_names = new[] { handle } }),
        };
        var made = await (await Scene.Host.Simulator.SendAsync(request)).Content.ReadFromJsonAsync<JsonElement>();

        var (_, found) = await Scene.Post($"/v1/campaigns/{campaign}/marketplace-link", new { creatorIds = new[] { ana } });

        found.GetProperty("platformCampaignId").GetString().ShouldBe(made.GetProperty("data").GetProperty("campaign_id").GetString());
        (await Campaigns(campaign)).ShouldBe(1);
    }

    [Fact]
    public async Task Requests_that_mean_nothing_are_refused_with_the_field()
    {
        var campaign = await Scene.NewCampaign();
        var nobody = await Scene.Host.Creator();

        await Refused(new { creatorIds = Array.Empty<Guid>() }, HttpStatusCode.UnprocessableEntity, "creators.missing");
        await Refused(new { creatorIds = Enumerable.Range(0, 1001).Select(_ => Guid.NewGuid()) }, HttpStatusCode.UnprocessableEntity, "creators.too-many");
        await Refused(new { creatorIds = new[] { nobody }, type = "LINK" }, HttpStatusCode.UnprocessableEntity, "type.unknown");
        await Refused(new { creatorIds = new[] { nobody } }, HttpStatusCode.Conflict, "marketplace.no-handle");
        (await Scene.Post($"/v1/campaigns/{campaign}/marketplace-link", new { creatorIds = new[] { nobody } }, "borealis")).Status.ShouldBe(HttpStatusCode.NotFound);

        async Task Refused(object body, HttpStatusCode status, string code)
        {
            var answer = await Scene.Post($"/v1/campaigns/{campaign}/marketplace-link", body);
            (answer.Status, answer.Body.GetProperty("code").GetString()).ShouldBe((status, code));
        }
    }

    [Fact]
    public async Task A_member_who_is_connected_with_the_scope_and_lives_there_is_compatible()
    {
        var campaign = await Scene.NewCampaign();
        var (ana, handle) = await Scene.Creator(standing: new { membership = "Joined" }, until: "Joined");
        await Scene.Host.Connect(ana, "tiktok", handle);
        await Scene.Post($"/v1/campaigns/{campaign}/marketplace-link", new { creatorIds = new[] { ana } });

        var shown = await Compatibility(campaign, ana);

        (shown.GetProperty("verdict").GetString(), Unmet(shown)).ShouldBe(("Compatible", ""));
        shown.GetProperty("conditions").EnumerateArray().Select(each => each.GetProperty("explanation").GetString()).ShouldContain("The creator's country, ES, is one of the campaign's.");
    }

    [Fact]
    public async Task Whoever_left_a_box_unticked_is_told_to_be_asked_again()
    {
        var campaign = await Scene.NewCampaign();
        var (ana, handle) = await Scene.Creator(standing: new { membership = "Joined" }, until: "Joined");
        (await Scene.Host.Connect(ana, "tiktok", handle, "allow", "tto.campaign.link")).ShouldContain("outcome=connected");
        await Scene.Post($"/v1/campaigns/{campaign}/marketplace-link", new { creatorIds = new[] { ana } });

        var shown = await Compatibility(campaign, ana);

        (shown.GetProperty("verdict").GetString(), Unmet(shown)).ShouldBe(("NotCompatible", "campaign-link-scope=False country=unknown"));
    }

    [Fact]
    public async Task A_code_of_the_platform_about_the_creator_decides_against_them()
    {
        var campaign = await Scene.NewCampaign();
        var (ana, handle) = await Scene.Creator(standing: new { membership = "Joined" }, until: "Joined");
        await Scene.Host.Connect(ana, "tiktok", handle);
        await Scene.Post($"/v1/campaigns/{campaign}/marketplace-link", new { creatorIds = new[] { ana } });
        await Scene.Fail(1, 40122, "/tto/creator/authorized/");

        Unmet(await Compatibility(campaign, ana)).ShouldBe("country=unknown not-refused=False");
    }

    [Fact]
    public async Task Before_anything_is_known_every_condition_says_what_is_missing()
    {
        var campaign = await Scene.NewCampaign();
        var nobody = await Scene.Host.Creator();

        var shown = await Compatibility(campaign, nobody);

        (shown.GetProperty("verdict").GetString(), Unmet(shown)).ShouldBe(("NotCompatible", "marketplace-membership=unknown campaign-link-scope=False country=unknown handle-accepted=unknown"));
    }

    [Fact]
    public async Task A_post_that_appears_has_the_campaigns_creators_looked_at_at_once()
    {
        var campaign = await Scene.NewCampaign();
        var (ana, handle) = await Scene.Creator();
        var (_, link) = await Scene.Post($"/v1/campaigns/{campaign}/marketplace-link", new { creatorIds = new[] { ana } });
        await Scene.Control(handle, new { membership = "Joined" });

        await Published(handle, link.GetProperty("platformCampaignId").GetString());

        await Scene.Status(ana, "Joined");
    }

    [Fact]
    public async Task A_forged_or_malformed_notice_is_refused_and_one_about_a_campaign_of_somebody_else_is_taken_quietly()
    {
        using var client = Scene.Host.Browser();
        async Task<HttpStatusCode> Say(string body, string? signedWith)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/webhooks/tiktok-business") { Content = new StringContent(body, null, "application/json") };
            if (signedWith is not null)
            {
                request.Headers.Add("tiktok-signature", global::Platforms.TikTok.WebhookSignature.Of(body, DateTimeOffset.UtcNow, signedWith));
            }

            return (await client.SendAsync(request)).StatusCode;
        }

        (await Say("""{"campaign_id":"1"}""", null)).ShouldBe(HttpStatusCode.Unauthorized);
        (await Say("""{"campaign_id":"1"}""", "another secret")).ShouldBe(HttpStatusCode.Unauthorized);
        (await Say("campaign 1", "tt-business-secret")).ShouldBe(HttpStatusCode.BadRequest);
        (await Say("[]", "tt-business-secret")).ShouldBe(HttpStatusCode.BadRequest);
        (await Say("""{"campaign_id":"1"}""", "tt-business-secret")).ShouldBe(HttpStatusCode.OK);
    }

    private static string Ids(JsonElement link, string name) => string.Join(' ', link.GetProperty(name).EnumerateArray().Select(id => id.GetGuid()));

    private static string Unmet(JsonElement shown) => string.Join(' ', shown.GetProperty("conditions").EnumerateArray()
        .Select(each => (Name: each.GetProperty("name").GetString(), IsMet: each.GetProperty("isMet")))
        .Where(each => each.IsMet.ValueKind is not JsonValueKind.True)
        .Select(each => $"{each.Name}={(each.IsMet.ValueKind is JsonValueKind.Null ? "unknown" : each.IsMet.GetBoolean())}"));

    private async Task<JsonElement> Compatibility(Guid campaign, Guid creator)
    {
        using var client = Scene.Client();
        return await client.GetFromJsonAsync<JsonElement>($"/v1/campaigns/{campaign}/creators/{creator}/compatibility");
    }

    private async Task Published(string handle, string? campaignId) =>
        (await Scene.Host.Simulator.PostAsJsonAsync("/control/marketplace/video-events", new { handle, campaignId, videoId = "7301" })).EnsureSuccessStatusCode();

    private async Task<int> Campaigns(Guid campaign) => (await Scene.Host.Simulator.GetFromJsonAsync<JsonElement>("/control/marketplace")).GetProperty("campaigns").EnumerateArray()
        .Count(each => each.GetProperty("name").GetString()!.Contains(campaign.ToString("N")[^12..], StringComparison.Ordinal));
}
