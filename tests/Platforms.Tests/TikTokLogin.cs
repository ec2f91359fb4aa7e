using System.Net;
using Platforms.Tests.Kit;
using Platforms.TikTok;

namespace Platforms.Tests;

public sealed class TikTokLogin(SharedSimulator shared)
{
    private readonly TikTokApp app = new(shared.Simulator);
    private readonly string handle = SharedSimulator.NewHandle();

    [Fact]
    public async Task A_creator_who_allows_comes_back_with_a_code_and_the_granted_scopes()
    {
        var callback = await (await app.Open()).Untick("scope-video-list").Allow(handle);

        callback["scopes"].ShouldBe("user.info.basic,user.info.profile,user.info.stats");
        callback["state"].ShouldBe("s/1+2");
        callback.Code.ShouldMatch(@"\*\d!\d{4}\.e1$");
    }

    [Fact]
    public async Task A_creator_who_denies_comes_back_with_access_denied()
    {
        var callback = await (await app.Open()).Deny();

        (callback["error"], callback["state"]).ShouldBe(("access_denied", "s/1+2"));
        callback.Names.ShouldNotContain("code");
    }

    [Fact]
    public async Task A_code_becomes_tokens_by_the_current_terms_and_a_profile()
    {
        var tokens = await app.Tokens(handle);
        var user = await app.User(tokens.Text("access_token"), "open_id,union_id,display_name,username,follower_count,video_count");

        (tokens.Body.GetProperty("expires_in").GetInt32(), tokens.Body.GetProperty("refresh_expires_in").GetInt32()).ShouldBe((7200, 15552000));
        tokens.Text("scope").ShouldBe("user.info.basic,user.info.profile,user.info.stats,video.list");
        var profile = user.Body.GetProperty("data").GetProperty("user");
        profile.GetProperty("open_id").GetString().ShouldBe(tokens.Text("open_id"));
        profile.GetProperty("username").GetString().ShouldBe(handle);
        user.Body.GetProperty("error").GetProperty("code").GetString().ShouldBe("ok");
    }

    [Fact]
    public async Task A_field_outside_the_granted_scopes_fails_the_whole_call()
    {
        var callback = await (await app.Open()).Untick("scope-user-info-stats").Allow(handle);
        var token = (await app.Exchange(callback.Code)).Text("access_token");
        var refused = await app.User(token, "open_id,follower_count");

        (refused.Status, refused.Body.GetProperty("error").GetProperty("code").GetString()).ShouldBe((HttpStatusCode.Unauthorized, "scope_not_authorized"));
        (await app.User(token, "open_id,username")).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_field_that_does_not_exist_is_invalid_params()
    {
        var answer = await app.User((await app.Tokens(handle)).Text("access_token"), "open_id,reach");

        (answer.Status, answer.Body.GetProperty("error").GetProperty("code").GetString()).ShouldBe((HttpStatusCode.BadRequest, "invalid_params"));
    }

    [Fact]
    public async Task Every_refresh_replaces_the_refresh_token_and_the_one_before_stops_working()
    {
        var tokens = await app.Tokens(handle);
        var refreshed = await app.Refresh(tokens.Text("refresh_token"));
        var replayed = await app.Refresh(tokens.Text("refresh_token"));

        refreshed.Text("refresh_token").ShouldNotBe(tokens.Text("refresh_token"));
        refreshed.Text("open_id").ShouldBe(tokens.Text("open_id"));
        (replayed.Status, replayed.Text("error")).ShouldBe((HttpStatusCode.BadRequest, "invalid_grant"));
        (await app.Refresh(refreshed.Text("refresh_token"))).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Of_many_refreshes_at_once_one_wins()
    {
        var token = (await app.Tokens(handle)).Text("refresh_token");
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => app.Refresh(token)));

        answers.Count(a => a.Status is HttpStatusCode.OK).ShouldBe(1);
    }

    [Fact]
    public async Task An_access_token_cannot_refresh_and_a_refresh_token_cannot_read()
    {
        var tokens = await app.Tokens(handle);

        (await app.Refresh(tokens.Text("access_token"))).Text("error").ShouldBe("invalid_grant");
        (await app.User(tokens.Text("refresh_token"))).Body.GetProperty("error").GetProperty("code").GetString().ShouldBe("access_token_invalid");
    }

    [Fact]
    public async Task A_code_is_good_for_one_exchange_with_its_own_redirect_uri()
    {
        var code = await app.Code(handle);
        var first = await app.Exchange(code);
        var again = await app.Exchange(code);
        var elsewhere = await app.Exchange(await app.Code(handle), redirectUri: shared.Simulator.Redirect("youtube"));

        first.Status.ShouldBe(HttpStatusCode.OK);
        (again.Status, again.Text("error")).ShouldBe((HttpStatusCode.BadRequest, "invalid_grant"));
        again.Text("log_id").ShouldNotBeEmpty();
        (elsewhere.Status, elsewhere.Text("error")).ShouldBe((HttpStatusCode.BadRequest, "invalid_grant"));
    }

    [Fact]
    public async Task A_wrong_secret_is_invalid_client_and_does_not_use_up_the_code()
    {
        var code = await app.Code(handle);

        (await app.Exchange(code, secret: "guess")).Text("error").ShouldBe("invalid_client");
        (await app.Exchange(code)).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_challenge_in_hexadecimal_is_honoured_when_sent()
    {
        var wrong = await app.Exchange(await app.Code(handle, TikTokApp.Challenge), verifier: TikTokApp.Verifier + "x");
        var missing = await app.Exchange(await app.Code(handle, TikTokApp.Challenge));
        var right = await app.Exchange(await app.Code(handle, TikTokApp.Challenge), verifier: TikTokApp.Verifier);

        (wrong.Text("error"), missing.Text("error")).ShouldBe(("invalid_grant", "invalid_grant"));
        right.Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_challenge_in_base64url_is_refused_before_consent()
    {
        var response = await shared.Simulator.Get(app.Consent(challenge: GoogleApp.Challenge));

        new Callback(response.Response.Headers.Location!.OriginalString)["error"].ShouldBe("invalid_request");
    }

    [Fact]
    public async Task A_scope_the_application_is_not_approved_for_fails_the_whole_authorization()
    {
        var response = await shared.Simulator.Get(app.Consent(scope: "user.info.basic,video.publish"));

        response.Status.ShouldBe(HttpStatusCode.Redirect);
        new Callback(response.Response.Headers.Location!.OriginalString)["error"].ShouldBe("invalid_scope");
    }

    [Fact]
    public async Task Nobody_is_sent_to_an_address_that_is_not_registered()
    {
        string[] wrong = [app.Consent(redirectUri: "http://evil.example/hub/callback/tiktok"), app.Consent(clientKey: "other")];
        foreach (var address in wrong)
        {
            var response = await shared.Simulator.Get(address);
            response.Status.ShouldBe(HttpStatusCode.BadRequest);
            response.Response.Headers.Location.ShouldBeNull();
        }
    }

    [Fact]
    public void The_webhook_signature_matches_the_published_vector()
    {
        const string Body = """{"client_key":"ck_test","event":"authorization.removed","create_time":1767225600,"user_openid":"oid_1","content":"{\"reason\":1}"}""";

        WebhookSignature.Of(Body, DateTimeOffset.FromUnixTimeSeconds(1767225600), "test_client_secret")
            .ShouldBe("t=1767225600,s=83652ab5a82a64395dc02b2f46b645aed89094c0ec9ec3f87c523ed231f500cd");
    }
}
