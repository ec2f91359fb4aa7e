using System.Net;
using Platforms.Tests.Kit;
using Platforms.TikTok;

namespace Platforms.Tests;

/// <summary>TikTok API for Business as a brand meets it. Each test has a simulator of its own: settings and faults are the whole marketplace's.</summary>
public sealed class TikTokMarketplace : IAsyncLifetime
{
    private Simulator simulator = null!;
    private BusinessApp app = null!;

    public async ValueTask InitializeAsync() => app = new(simulator = await Simulator.Start());

    public ValueTask DisposeAsync() => simulator.DisposeAsync();

    [Fact]
    public async Task The_applications_marketplace_accounts_are_listed()
    {
        (await app.Get("/tto/oauth2/tcm/?app_id=tt-business-app&secret=tt-business-secret")).Data().Words("tto_tcm_account_ids").ShouldBe([BusinessApp.Account]);
        (await app.Get("/tto/oauth2/tcm/?app_id=tt-business-app&secret=wrong")).Code().ShouldBe(40101);
    }

    [Fact]
    public async Task A_status_is_IN_NOT_IN_or_INVALID_and_keeps_the_order_of_the_question()
    {
        await app.Control("inside", new { membership = "Joined" });
        await app.Control("gone", new { exists = false });

        var statuses = (await app.Status("outside", "inside", "gone", "no handle!")).Data().GetProperty("onboarding_status").EnumerateArray();

        statuses.Select(item => (item.GetProperty("handle_name").GetString(), item.GetProperty("status").GetString()))
            .ShouldBe([("outside", "NOT_IN"), ("inside", "IN"), ("gone", "INVALID"), ("no handle!", "INVALID")]);
    }

    [Fact]
    public async Task An_open_invitation_shows_only_where_the_older_word_is_switched_on_and_runs_out_by_the_clock()
    {
        await app.Control("ana", new { membership = "Invited" });
        (await app.WordFor("ana")).ShouldBe("NOT_IN");

        await simulator.Patch("/control/marketplace", new { legacyInvited = true });
        (await app.WordFor("ana")).ShouldBe("INVITED");

        await simulator.MoveClock(TimeSpan.FromDays(31));
        (await app.WordFor("ana")).ShouldBe("NOT_IN");
        (await simulator.Get("/control/marketplace/creators/ana")).Text("membership").ShouldBe("InviteExpired");
    }

    [Fact]
    public async Task The_older_status_call_spells_the_handle_its_own_way()
    {
        var answer = await app.Get($"/tcm/creator/status/get/?tcm_account_id={BusinessApp.Account}&handle_names=%5B%22ana%22%5D");

        answer.Data().GetProperty("onboarding_status")[0].GetProperty("handler_name").GetString().ShouldBe("ana");
    }

    [Theory]
    [InlineData("ana,bo")]
    [InlineData("[]")]
    [InlineData("[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\",\"10\",\"11\",\"12\",\"13\",\"14\",\"15\",\"16\",\"17\",\"18\",\"19\",\"20\",\"21\"]")]
    public async Task Handles_are_a_json_array_of_at_most_twenty(string handles) =>
        (await app.Get($"/tto/tcm/creator/status/get/?tto_tcm_account_id={BusinessApp.Account}&handle_names={Uri.EscapeDataString(handles)}")).Code().ShouldBe(40002);

    [Fact]
    public async Task Without_a_token_with_a_wrong_one_and_with_anothers_account_nothing_is_told()
    {
        var path = $"/tto/tcm/creator/status/get/?tto_tcm_account_id={BusinessApp.Account}&handle_names=%5B%22ana%22%5D";

        (await app.Get(path, token: null)).Code().ShouldBe(40104);
        (await app.Get(path, token: "somebody-elses")).Code().ShouldBe(40105);
        (await app.Get(path.Replace(BusinessApp.Account, "1", StringComparison.Ordinal))).Code().ShouldBe(40001);
    }

    [Fact]
    public async Task A_path_without_its_trailing_slash_does_not_exist() =>
        (await app.Get("/tto/tcm/campaign?tto_tcm_account_id=1")).Status.ShouldBe(HttpStatusCode.NotFound);

    [Fact]
    public async Task A_code_of_the_portal_becomes_a_brand_token_once()
    {
        var code = (await simulator.Post("/control/marketplace/auth-codes")).Text("authCode");
        object trading = new { app_id = "tt-business-app", secret = BusinessApp.Secret, auth_code = code };

        (await app.Post("/oauth2/access_token/", new { app_id = "tt-business-app", secret = "wrong", auth_code = code }, token: null)).Code().ShouldBe(40101);
        var token = (await app.Post("/oauth2/access_token/", trading, token: null)).Data().GetProperty("access_token").GetString();

        (await app.Post("/oauth2/access_token/", trading, token: null)).Code().ShouldBe(40110);
        (await app.Get($"/tto/tcm/campaign/?tto_tcm_account_id={BusinessApp.Account}", token)).Data().GetProperty("campaigns").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task An_invitation_sorts_creators_into_members_invited_and_rejected_with_the_reason()
    {
        await app.Control("member", new { membership = "Joined" });
        await app.Control("fit", new { followers = 20_000, country = "ES" });
        await app.Control("small", new { followers = 9_999, country = "ES" });
        await app.Control("young", new { followers = 20_000, country = "ES", isAdult = false });
        await app.Control("far", new { followers = 20_000, country = "AQ" });

        var data = (await app.Invite("member", "fit", "small", "young", "far")).Data();

        data.Words("in_tcm").ShouldBe(["member"]);
        data.Words("invited").ShouldBe(["fit"]);
        data.GetProperty("reject_reasons").ToString().ShouldBe("""{"small":"INSUFFICIENT_FOLLOWERS","young":"UNDERAGE","far":"COUNTRY_NOT_SUPPORTED"}""");
        (await simulator.Get("/control/marketplace/creators/fit")).Text("membership").ShouldBe("Invited");
    }

    [Fact]
    public async Task An_open_invitation_is_not_renewed_and_one_that_was_declined_is()
    {
        var longAgo = DateTimeOffset.UtcNow.AddDays(-29);
        await app.Control("ana", new { followers = 20_000, country = "ES", membership = "Invited", invitedAt = longAgo });
        await app.Invite("ana");
        (await simulator.Get("/control/marketplace/creators/ana")).Body.GetProperty("invitedAt").GetDateTimeOffset().ShouldBe(longAgo);

        await app.Control("ana", new { membership = "Declined" });
        await app.Invite("ana");

        var renewed = await simulator.Get("/control/marketplace/creators/ana");
        (renewed.Text("membership"), renewed.Body.GetProperty("invitedAt").GetDateTimeOffset() > longAgo).ShouldBe(("Invited", true));
    }

    [Fact]
    public async Task A_campaign_has_a_link_and_names_the_handles_it_could_not_take()
    {
        await app.Control("ana", new { country = "ES" });
        await app.Control("gone", new { exists = false });

        var created = (await app.Create("Spring", "ana", "gone")).Data();

        created.GetProperty("invite_link").GetString().ShouldStartWith("https://");
        created.Words("handle_names").ShouldBe(["ana"]);
        created.Words("failed_handle_names").ShouldBe(["gone"]);
        created.Words("country_codes").ShouldContain("ES");
        var listed = (await app.Get($"/tto/tcm/campaign/?tto_tcm_account_id={BusinessApp.Account}")).Data().GetProperty("campaigns").EnumerateArray().ShouldHaveSingleItem();
        listed.GetProperty("invite_link").GetString().ShouldBe(created.GetProperty("invite_link").GetString());
    }

    [Fact]
    public async Task A_post_is_linked_reviewed_and_revoked()
    {
        var campaign = (await app.Create("Spring", "ana")).Data().GetProperty("campaign_id").GetString();
        object Request(string action) => new { tto_tcm_account_id = BusinessApp.Account, campaign_id = campaign, video_id = "7301", action };
        async Task<string> Shown() => (await app.Get($"/tto/tcm/campaign/link/status/?tto_tcm_account_id={BusinessApp.Account}&campaign_ids=%5B%22{campaign}%22%5D"))
            .Data().GetProperty("video_infos").EnumerateArray().ShouldHaveSingleItem().GetProperty("status").GetString()!;

        (await app.Post("/tto/tcm/campaign/link/", Request("LINK"))).Data().GetProperty("status").GetString().ShouldBe("IN_REVIEW");
        (await Shown()).ShouldBe("IN_REVIEW");
        await app.Post("/tto/tcm/campaign/link/", Request("REVOKE"));
        (await Shown()).ShouldBe("REVOKE");
        (await app.Post("/tto/tcm/campaign/link/", Request("FORGET"))).Code().ShouldBe(40002);
    }

    [Fact]
    public async Task A_creators_own_token_opens_their_numbers_and_joins_a_campaign_by_its_link()
    {
        await app.Control("ana.joins", new { membership = "Joined", country = "ES", followers = 15_200 });
        var (token, id) = await CreatorToken("ana.joins", $"{TikTokApp.AllScopes},tto.campaign.link");

        var numbers = (await app.Get($"/tto/creator/authorized/?creator_id={id}&fields=%5B%22country_code%22%2C%22followers_count%22%5D", token)).Data();
        numbers.ToString().ShouldBe("""{"country_code":"ES","followers_count":15200}""");
        var link = (await app.Create("Spring", "ana.joins")).Data().GetProperty("invite_link").GetString();
        (await app.Post("/tto/creator/campaign/join/", new { creator_id = id, tto_invite_link = link }, token)).Code().ShouldBe(0);
        (await app.Post("/tto/creator/campaign/join/", new { creator_id = id, tto_invite_link = link + "x" }, token)).Code().ShouldBe(40002);
        (await simulator.Get("/control/marketplace")).Body.GetProperty("campaigns")[0].GetProperty("joined")[0].GetString().ShouldBe("ana.joins");
    }

    [Theory]
    [InlineData("NotIn", "ES", "tto.campaign.link", 40121)]
    [InlineData("Joined", "AQ", "tto.campaign.link", 40122)]
    [InlineData("Joined", "ES", "video.list", 40001)]
    public async Task Who_is_no_member_lives_elsewhere_or_kept_the_scope_is_told_so_by_a_code_of_its_own(string membership, string country, string scope, int code)
    {
        await app.Control("bo", new { membership, country });
        var (token, id) = await CreatorToken("bo", $"user.info.basic,{scope}");

        (await app.Get($"/tto/creator/authorized/?creator_id={id}", token)).Code().ShouldBe(code);
    }

    [Fact]
    public async Task Expired_and_revoked_tokens_have_codes_of_their_own()
    {
        var (token, id) = await CreatorToken("cy", "user.info.basic,tto.campaign.link");
        await app.Control("cy", new { membership = "Joined", country = "ES" });

        await simulator.MoveClock(TimeSpan.FromHours(25));
        (await app.Get($"/tto/creator/authorized/?creator_id={id}", token)).Code().ShouldBe(40102);
        await simulator.MoveClock(TimeSpan.Zero);
        await simulator.Post("/control/accounts/tiktok/cy/revoke", new { webhook = false });
        (await app.Get($"/tto/creator/authorized/?creator_id={id}", token)).Code().ShouldBe(40105);
    }

    [Fact]
    public async Task This_apis_own_token_endpoints_issue_refresh_describe_and_revoke()
    {
        var form = await ConsentForm.Open(simulator, new TikTokApp(simulator).Consent(scope: "user.info.basic,tto.campaign.link"));
        var client = new { client_id = "tt-client-key", client_secret = TikTokApp.Secret };
        var code = (await form.Allow("dora")).Code;
        var tokens = (await app.Post(
            "/tt_user/oauth2/token/", new { client.client_id, client.client_secret, grant_type = "authorization_code", auth_code = code, redirect_uri = simulator.Redirect("tiktok") }, null)).Data();
        var (access, refresh) = (tokens.GetProperty("access_token").GetString(), tokens.GetProperty("refresh_token").GetString());

        (tokens.GetProperty("expires_in").GetInt32(), tokens.GetProperty("refresh_token_expires_in").GetInt32()).ShouldBe((86400, 31536000));
        var info = (await app.Post("/tt_user/token_info/get/", new { app_id = "tt-client-key", access_token = access }, null)).Data();
        (info.GetProperty("scope").GetString(), info.GetProperty("creator_id").GetString()).ShouldBe(("user.info.basic,tto.campaign.link", tokens.GetProperty("open_id").GetString()));
        (await app.Post("/tt_user/oauth2/refresh_token/", new { client.client_id, client.client_secret, grant_type = "refresh_token", refresh_token = refresh }, null))
            .Data().GetProperty("access_token").GetString().ShouldNotBe(access);
        (await app.Post("/tt_user/oauth2/revoke/", new { client.client_id, client.client_secret, access_token = access }, null)).Code().ShouldBe(0);
        (await app.Post("/tt_user/oauth2/refresh_token/", new { client.client_id, client.client_secret, grant_type = "refresh_token", refresh_token = refresh }, null)).Code().ShouldBe(40107);
    }

    [Fact]
    public async Task What_everybody_may_see_of_a_creator_needs_membership()
    {
        await app.Control("ana", new { membership = "Joined", country = "ES", followers = 15_200 });

        (await app.Get($"/tto/tcm/creator/public/?tto_tcm_account_id={BusinessApp.Account}&handle_name=ana")).Data().GetProperty("followers_count").GetInt64().ShouldBe(15_200);
        (await app.Get($"/tto/tcm/creator/public/?tto_tcm_account_id={BusinessApp.Account}&handle_name=bo")).Code().ShouldBe(40121);
    }

    [Theory]
    [InlineData(40100)]
    [InlineData(40016)]
    [InlineData(50000)]
    public async Task The_next_calls_fail_with_the_code_that_was_ordered_and_the_one_after_them_works(int code)
    {
        await simulator.Post("/control/marketplace/fail", new { calls = 2, code, path = "/status/get/" });

        (await app.Create("Spring", "ana")).Code().ShouldBe(0);
        (await app.Status("ana")).Code().ShouldBe(code);
        (await app.Status("ana")).Code().ShouldBe(code);
        (await app.Status("ana")).Code().ShouldBe(0);
        (await simulator.Get("/control/marketplace/calls")).Body.GetProperty("items").GetArrayLength().ShouldBe(4);
    }

    [Fact]
    public async Task A_published_video_is_told_by_a_signed_webhook()
    {
        var campaign = (await app.Create("Spring", "ana")).Data().GetProperty("campaign_id").GetString();

        await simulator.Post("/control/marketplace/video-events", new { handle = "ana", campaignId = campaign, videoId = "7301" });

        var told = await simulator.Hub.Next();
        told.Path.ShouldBe("/webhooks/tiktok-business");
        told.Body.ShouldContain($"\"campaign_id\":\"{campaign}\"");
        var signature = told.Headers["tiktok-signature"];
        var time = DateTimeOffset.FromUnixTimeSeconds(long.Parse(signature.Split(',')[0][2..], null));
        signature.ShouldBe(WebhookSignature.Of(told.Body, time, BusinessApp.Secret));
    }

    [Fact]
    public async Task A_reset_empties_the_marketplace()
    {
        await app.Control("ana", new { membership = "Joined" });
        await app.Create("Spring", "ana");
        await simulator.Post("/control/reset");

        (await app.WordFor("ana")).ShouldBe("NOT_IN");
        (await simulator.Get("/control/marketplace")).Body.GetProperty("campaigns").GetArrayLength().ShouldBe(0);
    }

    private async Task<(string Token, string Id)> CreatorToken(string handle, string scope)
    {
        var form = await ConsentForm.Open(simulator, new TikTokApp(simulator).Consent(scope: scope));
        var tokens = await new TikTokApp(simulator).Exchange((await form.Allow(handle)).Code);
        return (tokens.Text("access_token"), tokens.Text("open_id"));
    }
}
