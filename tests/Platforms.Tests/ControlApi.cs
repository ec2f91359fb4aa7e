using System.Net;
using Platforms.Tests.Kit;

namespace Platforms.Tests;

public sealed class ControlApi(ClassSimulator own) : IClassFixture<ClassSimulator>, IAsyncLifetime
{
    private const string Handle = "ana.cooks";

    private readonly Simulator simulator = own.Simulator;

    public async ValueTask InitializeAsync() => await own.Reset();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task The_next_calls_fail_in_each_platforms_own_shape_and_the_one_after_them_works()
    {
        var (instagram, google, tiktok) = (new InstagramApp(simulator), new GoogleApp(simulator), new TikTokApp(simulator));
        var igToken = await instagram.LongToken(Handle);
        var ytToken = (await google.Tokens(Handle)).Text("access_token");
        var ttToken = (await tiktok.Tokens(Handle)).Text("access_token");
        foreach (var platform in (string[])["instagram", "youtube", "tiktok"])
        {
            await simulator.Post($"/control/accounts/{platform}/{Handle}/fail", new { calls = 1, status = 429, retryAfterSeconds = 7 });
        }

        var (ig, yt, tt) = (await instagram.Me(igToken), await google.Channels(ytToken), await tiktok.User(ttToken));

        new[] { ig, yt, tt }.ShouldAllBe(a => a.Status == HttpStatusCode.TooManyRequests && a.Response.Headers.RetryAfter!.Delta == TimeSpan.FromSeconds(7));
        ig.Body.GetProperty("error").GetProperty("code").GetInt32().ShouldBe(4);
        yt.Body.GetProperty("error").GetProperty("errors")[0].GetProperty("reason").GetString().ShouldBe("rateLimitExceeded");
        tt.Body.GetProperty("error").GetProperty("code").GetString().ShouldBe("rate_limit_exceeded");
        (await instagram.Me(igToken)).Status.ShouldBe(HttpStatusCode.OK);
        (await google.Channels(ytToken)).Status.ShouldBe(HttpStatusCode.OK);
        (await tiktok.User(ttToken)).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_fault_at_the_token_endpoint_leaves_the_code_and_the_api_alone()
    {
        var app = new TikTokApp(simulator);
        var token = (await app.Tokens(Handle)).Text("access_token");
        var code = await app.Code(Handle);
        await simulator.Post($"/control/accounts/tiktok/{Handle}/fail", new { calls = 2, status = 503, where = "Token" });

        (await app.User(token)).Status.ShouldBe(HttpStatusCode.OK);
        (await app.Exchange(code)).Text("error").ShouldBe("temporarily_unavailable");
        (await app.Exchange(code)).Status.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await app.Exchange(code)).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_withdrawn_scope_is_missing_from_then_on_while_the_token_lives()
    {
        var app = new TikTokApp(simulator);
        var token = (await app.Tokens(Handle)).Text("access_token");
        await simulator.Post($"/control/accounts/tiktok/{Handle}/remove-scope", new { scope = "user.info.stats" });

        (await app.User(token, "follower_count")).Body.GetProperty("error").GetProperty("code").GetString().ShouldBe("scope_not_authorized");
        (await app.User(token, "open_id")).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task An_account_can_be_prepared_before_anybody_consents()
    {
        await simulator.Put($"/control/accounts/instagram/{Handle}", new { name = "Ana Lindgren", followers = 15234, accountType = "Business" });
        var app = new InstagramApp(simulator);
        // The form offers what the account already is, once its handle is known.
        var form = await ConsentForm.Open(simulator, app.Consent(hint: Handle));
        var shortToken = (await app.Exchange((await form.Allow(Handle)).Code)).Body.GetProperty("data")[0].GetProperty("access_token").GetString()!;
        var me = await app.Me(shortToken, "name,followers_count,account_type");

        (me.Text("name"), me.Body.GetProperty("followers_count").GetInt32(), me.Text("account_type")).ShouldBe(("Ana Lindgren", 15234, "Business"));
    }

    [Fact]
    public async Task Accounts_are_listed_by_platform_and_search_without_their_tokens()
    {
        await new InstagramApp(simulator).LongToken(Handle);
        await new TikTokApp(simulator).Tokens(Handle);
        await new TikTokApp(simulator).Tokens("bo.travels");
        var all = await simulator.Get("/control/accounts");
        var found = await simulator.Get("/control/accounts?platform=tiktok&search=cook");

        all.Body.GetProperty("total").GetInt32().ShouldBe(3);
        found.Body.GetProperty("items").EnumerateArray().Single().GetProperty("handle").GetString().ShouldBe(Handle);
        found.Body.ToString().ShouldNotContain("act.");
    }

    [Fact]
    public async Task Instagram_answers_flat_or_wrapped_as_the_switch_says()
    {
        var app = new InstagramApp(simulator);
        await simulator.Patch("/control/switches", new { instagram = new { token = "Flat", profile = "Wrapped", subcodes = false } });
        var exchanged = await app.Exchange(await app.Code(Handle));
        var token = exchanged.Text("access_token");
        var me = await app.Me(token);
        await simulator.Post($"/control/accounts/instagram/{Handle}/expire");
        var error = (await app.Me(token)).Body.GetProperty("error");

        exchanged.Body.GetProperty("user_id").GetInt64().ToString().ShouldBe(me.Body.GetProperty("data")[0].GetProperty("id").GetString());
        exchanged.Body.GetProperty("permissions").GetArrayLength().ShouldBe(2);
        error.GetProperty("code").GetInt32().ShouldBe(190);
        error.TryGetProperty("error_subcode", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task Instagram_serves_personal_accounts_when_switched_to()
    {
        await simulator.Patch("/control/switches", new { instagram = new { personalAccounts = "Served" } });
        var app = new InstagramApp(simulator);
        var form = (await app.Open()).Choose("account-type-personal");
        var token = (await app.Exchange((await form.Allow(Handle)).Code)).Body.GetProperty("data")[0].GetProperty("access_token").GetString()!;

        (await app.Me(token, "account_type")).Text("account_type").ShouldBe("PERSONAL");
    }

    [Fact]
    public async Task Google_leaves_out_the_issuer_and_insists_on_a_channel_when_switched_to()
    {
        await simulator.Patch("/control/switches", new { youtube = new { issuer = false, channelLess = "SignupRequired" } });
        var app = new GoogleApp(simulator);
        var callback = await (await app.Open()).Choose("account-type-nochannel").Allow(Handle);
        var channels = await app.Channels((await app.Exchange(callback.Code)).Text("access_token"));

        callback["iss"].ShouldBeNull();
        channels.Status.ShouldBe(HttpStatusCode.Unauthorized);
        channels.Body.GetProperty("error").GetProperty("errors")[0].GetProperty("reason").GetString().ShouldBe("youtubeSignupRequired");
    }

    [Fact]
    public async Task TikTok_keeps_the_refresh_token_and_answers_errors_with_200_by_the_legacy_switches()
    {
        await simulator.Patch("/control/switches", new { tiktok = new { terms = "Legacy", oauthErrorStatus = 200 } });
        var app = new TikTokApp(simulator);
        var tokens = await app.Tokens(Handle);
        var refreshed = await app.Refresh(tokens.Text("refresh_token"));
        var refused = await app.Refresh("rft.never");

        (tokens.Body.GetProperty("expires_in").GetInt32(), tokens.Body.GetProperty("refresh_expires_in").GetInt32()).ShouldBe((86400, 31536000));
        refreshed.Text("refresh_token").ShouldBe(tokens.Text("refresh_token"));
        refreshed.Text("access_token").ShouldNotBe(tokens.Text("access_token"));
        (refused.Status, refused.Text("error")).ShouldBe((HttpStatusCode.OK, "invalid_grant"));
    }

    [Fact]
    public async Task A_switch_that_does_not_exist_changes_nothing()
    {
        var answer = await simulator.Patch("/control/switches", new { instagram = new { token = "Flat", tokens = "Flat" } });

        (answer.Status, answer.Text("code")).ShouldBe((HttpStatusCode.UnprocessableEntity, "value.invalid"));
        (await simulator.Get("/control/switches")).Body.GetProperty("instagram").GetProperty("token").GetString().ShouldBe("Wrapped");
    }

    [Fact]
    public async Task What_cannot_be_is_refused_with_a_code()
    {
        await simulator.Put($"/control/accounts/tiktok/{Handle}", new { });

        (await simulator.Post("/control/accounts/tiktok/nobody/revoke")).Text("code").ShouldBe("account.unknown");
        (await simulator.Put("/control/accounts/myspace/tom", new { })).Text("code").ShouldBe("platform.unknown");
        (await simulator.Put("/control/accounts/tiktok/no%20body", new { })).Text("code").ShouldBe("value.invalid");
        (await simulator.Put($"/control/accounts/tiktok/{Handle}", new { accountType = "Business" })).Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await simulator.Post($"/control/accounts/tiktok/{Handle}/lifetimes", new { accessSeconds = 0 })).Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await simulator.Post($"/control/accounts/tiktok/{Handle}/fail", new { calls = 1, status = 200 })).Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await simulator.Post($"/control/accounts/tiktok/{Handle}/expire", new { what = "soon" })).Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await simulator.Post($"/control/accounts/tiktok/{Handle}/remove-scope", new { scope = "video.list" })).Text("code").ShouldBe("value.invalid");
        (await simulator.Post("/control/clock", new { })).Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await simulator.Post("/control/webhooks/bad-signature", new { platform = "myspace" })).Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    [Fact]
    public async Task A_reset_forgets_accounts_tokens_switches_and_clock()
    {
        var app = new InstagramApp(simulator);
        var token = await app.LongToken(Handle);
        await simulator.MoveClock(TimeSpan.FromHours(1));
        await simulator.Post("/control/reset");

        (await simulator.Get("/control/accounts")).Body.GetProperty("total").GetInt32().ShouldBe(0);
        (await simulator.Get("/control/clock")).Body.GetProperty("clockOffsetSeconds").GetInt64().ShouldBe(0);
        (await app.Me(token)).Status.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task The_page_lists_an_account_and_its_button_removes_the_app()
    {
        var token = await new InstagramApp(simulator).LongToken(Handle);
        var before = await simulator.Http.GetStringAsync("/?platform=instagram", TestContext.Current.CancellationToken);
        var pressed = await simulator.PostForm($"/page/accounts/instagram/{Handle}/revoke", ("search", ""));
        var webhook = await simulator.Hub.Next();
        var after = await simulator.Http.GetStringAsync("/?platform=instagram", TestContext.Current.CancellationToken);

        before.ShouldContain($"id=\"account-{Handle}\"");
        before.ShouldContain("standing granted");
        (pressed.Status, pressed.Response.Headers.Location!.OriginalString).ShouldBe((HttpStatusCode.SeeOther, "/?platform=instagram"));
        webhook.Path.ShouldBe("/webhooks/instagram/deauthorize");
        after.ShouldContain("standing revoked");
        (await new InstagramApp(simulator).Me(token)).Status.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task The_pages_buttons_suspend_delay_and_cut_off_an_account_fail_a_platform_and_show_it_all()
    {
        var app = new TikTokApp(simulator);
        var token = (await app.Tokens(Handle)).Text("access_token");
        await simulator.PostForm($"/page/accounts/tiktok/{Handle}/suspend", ("webhook", "true"));
        await simulator.PostForm($"/page/accounts/tiktok/{Handle}/delay", ("milliseconds", "20"));
        await simulator.PostForm($"/page/accounts/tiktok/{Handle}/fail", ("calls", "1"), ("status", "503"), ("hangUp", "After"));
        await simulator.PostForm("/page/platforms/tiktok/fail", ("calls", "5"), ("status", "500"), ("code", "server_error"));
        var page = await simulator.Http.GetStringAsync("/?platform=tiktok", TestContext.Current.CancellationToken);
        var told = await simulator.Hub.Next();
        await simulator.PostForm($"/page/accounts/tiktok/{Handle}/unsuspend");
        await simulator.PostForm($"/page/accounts/tiktok/{Handle}/fail");
        await simulator.PostForm("/page/platforms/tiktok/fail");

        told.Body.ShouldContain("authorization.removed");
        page.ShouldContain("the next 5 calls: server_error");
        page.ShouldContain("the next call: cut off after the work is done");
        page.ShouldContain("each call 20 ms later");
        page.ShouldContain("<span class=\"standing revoked\">Suspended</span>");
        page.ShouldContain("exchange 1");
        (await app.User(token)).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task What_a_person_types_is_shown_as_text()
    {
        var form = await ConsentForm.Open(simulator, new InstagramApp(simulator).Consent(hint: "\"><script>alert(1)</script>"));

        form.Value("handle").ShouldBe("\"><script>alert(1)</script>");
        form.Page.ShouldNotContain("<script");
    }

    [Theory]
    [InlineData("/health")]
    [InlineData("/alive")]
    public async Task It_says_that_it_is_well(string path) => (await simulator.Get(path)).Status.ShouldBe(HttpStatusCode.OK);
}
