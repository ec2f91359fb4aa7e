using System.Net;
using Platforms.Instagram;
using Platforms.Tests.Kit;

namespace Platforms.Tests;

public sealed class InstagramLogin(SharedSimulator shared)
{
    private readonly InstagramApp app = new(shared.Simulator);
    private readonly string handle = SharedSimulator.NewHandle();

    [Fact]
    public async Task A_creator_who_allows_comes_back_with_a_code_the_state_and_a_trailing_marker()
    {
        var callback = await (await app.Open()).Allow(handle);

        callback.Address.ShouldStartWith(shared.Simulator.Redirect("instagram") + "?code=AQB");
        callback.Address.ShouldEndWith("#_");
        callback["state"].ShouldBe("s/1+2");
    }

    [Fact]
    public async Task A_creator_who_denies_comes_back_with_the_reason_and_without_a_code()
    {
        var callback = await (await app.Open()).Deny();

        callback.Names.ShouldBe(["error", "error_reason", "error_description", "state"]);
        (callback["error"], callback["error_reason"], callback["error_description"]).ShouldBe(("access_denied", "user_denied", "The user denied your request"));
    }

    [Fact]
    public async Task A_code_becomes_a_short_token_a_long_token_and_a_profile_of_one_and_the_same_account()
    {
        var exchanged = (await app.Exchange(await app.Code(handle))).Body.GetProperty("data")[0];
        var lengthened = await app.Lengthen(exchanged.GetProperty("access_token").GetString()!);
        var me = await app.Me(lengthened.Text("access_token"), "id,user_id,username,name,account_type,profile_picture_url,followers_count,follows_count,media_count");

        exchanged.GetProperty("permissions").GetString().ShouldBe("instagram_business_basic,instagram_business_manage_insights");
        lengthened.Text("token_type").ShouldBe("bearer");
        lengthened.Body.GetProperty("expires_in").GetInt64().ShouldBe(60 * 24 * 3600);
        me.Text("id").ShouldBe(exchanged.GetProperty("user_id").GetString());
        me.Text("user_id").ShouldStartWith("17841");
        me.Text("username").ShouldBe(handle);
        me.Text("account_type").ShouldBe("Media_Creator");
        me.Body.GetProperty("followers_count").GetInt64().ShouldBeGreaterThan(0);
        var picture = await shared.Simulator.Get(new Uri(me.Text("profile_picture_url")).PathAndQuery);
        picture.Response.Content.Headers.ContentType!.MediaType.ShouldBe("image/svg+xml");
    }

    [Fact]
    public async Task An_unticked_scope_is_neither_answered_nor_allowed_and_the_basic_one_cannot_be_unticked()
    {
        var form = (await app.Open()).Untick("scope-instagram-business-manage-insights").Untick("scope-instagram-business-basic");
        var exchanged = await app.Exchange((await form.Allow(handle)).Code);

        exchanged.Body.GetProperty("data")[0].GetProperty("permissions").GetString().ShouldBe(InstagramApp.Basic);
    }

    [Fact]
    public async Task A_code_is_good_for_one_exchange_however_many_try_at_once()
    {
        var code = await app.Code(handle);
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => app.Exchange(code)));

        answers.Count(a => a.Status is HttpStatusCode.OK).ShouldBe(1);
        var refused = answers.First(a => a.Status is HttpStatusCode.BadRequest);
        refused.Text("error_type").ShouldBe("OAuthException");
        refused.Body.GetProperty("code").GetInt32().ShouldBe(400);
        refused.Text("error_message").ShouldBe("Matching code was not found or was already used");
    }

    [Fact]
    public async Task A_wrong_secret_is_refused_and_does_not_use_up_the_code()
    {
        var code = await app.Code(handle);

        (await app.Exchange(code, secret: "guess")).Text("error_message").ShouldBe("Error validating client secret.");
        (await app.Exchange(code, clientId: "other")).Text("error_message").ShouldBe("Invalid platform app");
        (await app.Exchange(code)).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_code_cannot_be_traded_with_another_redirect_uri_than_it_was_asked_with()
    {
        var answer = await app.Exchange(await app.Code(handle), redirectUri: shared.Simulator.Redirect("instagram") + "/");

        answer.Status.ShouldBe(HttpStatusCode.BadRequest);
        answer.Text("error_message").ShouldContain("redirect_uri");
    }

    [Fact]
    public async Task A_code_of_another_platform_is_worth_nothing_here()
    {
        var answer = await app.Exchange(await new TikTokApp(shared.Simulator).Code(handle));

        answer.Status.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("?x=1")]
    [InlineData("X")]
    public async Task A_redirect_uri_that_differs_by_a_character_is_refused_on_the_platforms_own_page(string suffix)
    {
        var response = await shared.Simulator.Get(app.Consent(redirectUri: shared.Simulator.Redirect("instagram") + suffix));

        response.Status.ShouldBe(HttpStatusCode.BadRequest);
        response.Response.Headers.Location.ShouldBeNull();
        (await response.Response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain("invalid_redirect_uri");
    }

    [Fact]
    public async Task A_request_with_an_unknown_client_scope_or_response_type_never_shows_the_form()
    {
        string[] wrong = [app.Consent(clientId: "1"), app.Consent(scope: "instagram_basic"), app.Consent(scope: ""), app.Consent(responseType: "token")];
        foreach (var address in wrong)
        {
            var response = await shared.Simulator.Get(address);
            response.Status.ShouldBe(HttpStatusCode.BadRequest);
            (await response.Response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain("id=\"refusal\"");
        }
    }

    [Fact]
    public async Task A_personal_account_is_sent_to_its_settings_instead_of_back_with_a_code()
    {
        var form = (await app.Open()).Type("handle", handle).Choose("account-type-personal");
        var (status, page) = await form.Stay("allow");

        status.ShouldBe(HttpStatusCode.BadRequest);
        page.ShouldContain("is a personal account");
    }

    [Fact]
    public async Task A_handle_that_cannot_be_one_is_refused_with_words()
    {
        var (status, page) = await (await app.Open()).Type("handle", "not a handle").Stay("allow");

        status.ShouldBe(HttpStatusCode.BadRequest);
        page.ShouldContain("A handle has letters");
    }

    [Fact]
    public async Task A_hint_fills_in_the_handle()
    {
        var form = await ConsentForm.Open(shared.Simulator, app.Consent(hint: handle));

        form.Value("handle").ShouldBe(handle);
    }

    [Fact]
    public async Task A_short_token_lengthens_with_the_secret_only_and_a_long_one_not_at_all()
    {
        var token = await app.ShortToken(handle);
        var longToken = (await app.Lengthen(token)).Text("access_token");

        (await app.Lengthen(token, secret: "guess")).Body.GetProperty("error").GetProperty("message").GetString().ShouldBe("Error validating client secret.");
        (await app.Lengthen(longToken)).Body.GetProperty("error").GetProperty("code").GetInt32().ShouldBe(100);
    }

    [Fact]
    public async Task A_token_nobody_issued_is_error_190_in_the_graph_shape()
    {
        var answer = await app.Me("IGAAnever");
        var error = answer.Body.GetProperty("error");

        answer.Status.ShouldBe(HttpStatusCode.BadRequest);
        (error.GetProperty("code").GetInt32(), error.GetProperty("type").GetString()).ShouldBe((190, "OAuthException"));
        error.GetProperty("fbtrace_id").GetString().ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public async Task A_token_works_as_a_parameter_as_well_as_in_the_header()
    {
        var answer = await shared.Simulator.Get($"/instagram/graph/v25.0/me?fields=username&access_token={await app.LongToken(handle)}");

        answer.Text("username").ShouldBe(handle);
    }

    [Fact]
    public async Task A_field_that_does_not_exist_is_error_100()
    {
        var answer = await app.Me(await app.LongToken(handle), "id,impressions");

        answer.Body.GetProperty("error").GetProperty("code").GetInt32().ShouldBe(100);
    }

    [Fact]
    public void The_signed_request_matches_the_published_vector()
    {
        var signed = SignedRequest.Sign("9876543210", DateTimeOffset.FromUnixTimeSeconds(1767225600), "test_app_secret");

        signed.ShouldBe("Bf5BFwonnKP5DTtwqnC3gHm7GSmsJg0ilaEQTM3ZsjA.eyJhbGdvcml0aG0iOiJITUFDLVNIQTI1NiIsImlzc3VlZF9hdCI6MTc2NzIyNTYwMCwidXNlcl9pZCI6Ijk4NzY1NDMyMTAifQ");
    }
}
