using System.Net;
using Platforms.Tests.Kit;

namespace Platforms.Tests;

public sealed class GoogleLogin(SharedSimulator shared)
{
    private readonly GoogleApp app = new(shared.Simulator);
    private readonly string handle = SharedSimulator.NewHandle();

    [Fact]
    public async Task A_creator_who_allows_comes_back_with_the_issuer_and_the_scopes_spelled_out()
    {
        var callback = await (await app.Open()).Allow(handle);

        callback["iss"].ShouldBe("https://accounts.google.com");
        callback["scope"].ShouldBe($"{GoogleApp.YouTube} {GoogleApp.Analytics} openid {GoogleApp.Email}");
        callback["state"].ShouldBe("s/1+2");
        callback.Code.ShouldStartWith("4/0A");
    }

    [Fact]
    public async Task A_creator_who_denies_comes_back_with_access_denied()
    {
        var callback = await (await app.Open()).Deny();

        (callback["error"], callback["state"]).ShouldBe(("access_denied", "s/1+2"));
        callback.Names.ShouldNotContain("code");
    }

    [Fact]
    public async Task A_code_becomes_tokens_and_a_channel_with_counts_as_strings()
    {
        var tokens = await app.Tokens(handle);
        var channel = (await app.Channels(tokens.Text("access_token"))).Body.GetProperty("items")[0];

        tokens.Body.GetProperty("expires_in").GetInt32().ShouldBe(3599);
        tokens.Text("token_type").ShouldBe("Bearer");
        tokens.Text("refresh_token").ShouldStartWith("1//0");
        tokens.Body.TryGetProperty("refresh_token_expires_in", out _).ShouldBeFalse();
        channel.GetProperty("id").GetString().ShouldStartWith("UC");
        var uploads = channel.GetProperty("contentDetails").GetProperty("relatedPlaylists").GetProperty("uploads");
        uploads.GetString().ShouldBe("UU" + channel.GetProperty("id").GetString()![2..]);
        channel.GetProperty("snippet").GetProperty("customUrl").GetString().ShouldBe($"@{handle}");
        long.Parse(channel.GetProperty("statistics").GetProperty("subscriberCount").GetString()!).ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Only_the_parts_asked_for_are_answered()
    {
        var channel = (await app.Channels((await app.Tokens(handle)).Text("access_token"), "snippet")).Body.GetProperty("items")[0];

        channel.EnumerateObject().Select(p => p.Name).ShouldBe(["kind", "etag", "id", "snippet"]);
    }

    [Fact]
    public async Task The_id_token_is_signed_with_a_published_key_and_names_the_account()
    {
        var (valid, claims) = await app.Verify((await app.Tokens(handle)).Text("id_token"));

        valid.ShouldBeTrue();
        (claims.GetProperty("iss").GetString(), claims.GetProperty("aud").GetString()).ShouldBe(("https://accounts.google.com", GoogleApp.ClientId));
        claims.GetProperty("sub").GetString()!.Length.ShouldBe(21);
    }

    [Fact]
    public async Task An_unticked_scope_is_missing_from_the_callback_the_token_and_the_api()
    {
        var callback = await (await app.Open()).Untick("scope-youtube-readonly").Allow(handle);
        var tokens = await app.Exchange(callback.Code);
        var channels = await app.Channels(tokens.Text("access_token"));

        callback["scope"].ShouldBe($"{GoogleApp.Analytics} openid {GoogleApp.Email}");
        tokens.Text("scope").ShouldBe(callback["scope"]);
        channels.Status.ShouldBe(HttpStatusCode.Forbidden);
        var error = channels.Body.GetProperty("error");
        error.GetProperty("errors")[0].GetProperty("reason").GetString().ShouldBe("insufficientPermissions");
        error.GetProperty("details")[0].GetProperty("reason").GetString().ShouldBe("ACCESS_TOKEN_SCOPE_INSUFFICIENT");
    }

    [Fact]
    public async Task A_refresh_token_comes_with_the_first_offline_consent_and_then_only_when_consent_is_forced()
    {
        var online = await app.Exchange(await app.Code(SharedSimulator.NewHandle(), prompt: null, accessType: null));
        var first = await app.Exchange(await app.Code(handle, prompt: null));
        var second = await app.Exchange(await app.Code(handle, prompt: null));
        var forced = await app.Exchange(await app.Code(handle));

        online.Body.TryGetProperty("refresh_token", out _).ShouldBeFalse();
        first.Body.TryGetProperty("refresh_token", out _).ShouldBeTrue();
        second.Body.TryGetProperty("refresh_token", out _).ShouldBeFalse();
        forced.Text("refresh_token").ShouldNotBe(first.Text("refresh_token"));
        (await app.Refresh(first.Text("refresh_token"))).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Incremental_consent_adds_to_what_was_granted_before()
    {
        await app.Exchange((await (await ConsentForm.Open(shared.Simulator, app.Consent(scope: $"openid {GoogleApp.YouTube}"))).Allow(handle)).Code);
        var form = await ConsentForm.Open(shared.Simulator, app.Consent(scope: GoogleApp.Analytics, incremental: true));

        (await app.Exchange((await form.Allow(handle)).Code)).Text("scope").ShouldBe($"openid {GoogleApp.YouTube} {GoogleApp.Analytics}");
    }

    [Fact]
    public async Task A_refresh_gives_a_new_access_token_and_no_new_refresh_token()
    {
        var tokens = await app.Tokens(handle);
        var refreshed = await app.Refresh(tokens.Text("refresh_token"));

        refreshed.Text("access_token").ShouldNotBe(tokens.Text("access_token"));
        refreshed.Body.TryGetProperty("refresh_token", out _).ShouldBeFalse();
        (await app.Channels(refreshed.Text("access_token"))).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_code_is_good_for_one_exchange()
    {
        var code = await app.Code(handle);
        await app.Exchange(code);
        var again = await app.Exchange(code);

        (again.Status, again.Text("error")).ShouldBe((HttpStatusCode.BadRequest, "invalid_grant"));
    }

    [Theory]
    [InlineData("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXl", "Invalid code verifier.")]
    [InlineData(null, "Missing code verifier.")]
    public async Task A_code_with_a_challenge_needs_the_verifier_it_was_made_from(string? verifier, string words)
    {
        var answer = await app.Exchange(await app.Code(handle), verifier: verifier);

        (answer.Status, answer.Text("error"), answer.Text("error_description")).ShouldBe((HttpStatusCode.BadRequest, "invalid_grant", words));
    }

    [Fact]
    public async Task A_wrong_client_is_401_invalid_client_and_does_not_use_up_the_code()
    {
        var code = await app.Code(handle);
        var wrongSecret = await app.Exchange(code, secret: "guess");
        var wrongClient = await app.Exchange(code, clientId: "other");

        (wrongSecret.Status, wrongSecret.Text("error")).ShouldBe((HttpStatusCode.Unauthorized, "invalid_client"));
        (wrongClient.Status, wrongClient.Text("error")).ShouldBe((HttpStatusCode.Unauthorized, "invalid_client"));
        (await app.Exchange(code)).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_wrong_redirect_uri_is_refused_at_consent_and_at_exchange()
    {
        var page = await shared.Simulator.Get(app.Consent(redirectUri: shared.Simulator.Redirect("youtube") + "/"));
        var answer = await app.Exchange(await app.Code(handle), redirectUri: shared.Simulator.Redirect("instagram"));

        page.Status.ShouldBe(HttpStatusCode.BadRequest);
        (await page.Response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain("redirect_uri_mismatch");
        (answer.Status, answer.Text("error")).ShouldBe((HttpStatusCode.BadRequest, "redirect_uri_mismatch"));
    }

    [Fact]
    public async Task Revoking_any_token_ends_the_whole_grant()
    {
        var tokens = await app.Tokens(handle);
        var revoked = await app.Revoke(tokens.Text("access_token"));
        var refreshed = await app.Refresh(tokens.Text("refresh_token"));

        revoked.Status.ShouldBe(HttpStatusCode.OK);
        (refreshed.Status, refreshed.Text("error")).ShouldBe((HttpStatusCode.BadRequest, "invalid_grant"));
        refreshed.Text("error_description").ShouldBe("Token has been expired or revoked.");
        var read = (await app.Channels(tokens.Text("access_token"))).Body.GetProperty("error");
        read.GetProperty("errors")[0].GetProperty("reason").GetString().ShouldBe("authError");
        (await app.Revoke(tokens.Text("refresh_token"))).Text("error").ShouldBe("invalid_token");
    }

    [Fact]
    public async Task An_account_without_a_channel_has_no_items()
    {
        var form = (await app.Open()).Choose("account-type-nochannel");
        var tokens = await app.Exchange((await form.Allow(handle)).Code);
        var channels = await app.Channels(tokens.Text("access_token"));

        channels.Status.ShouldBe(HttpStatusCode.OK);
        channels.Body.TryGetProperty("items", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task Discovery_points_at_the_keys()
    {
        var discovery = await shared.Simulator.Get("/google/accounts/.well-known/risc-configuration");
        var keys = await shared.Simulator.Get(new Uri(discovery.Text("jwks_uri")).PathAndQuery);

        discovery.Text("issuer").ShouldBe("https://accounts.google.com/");
        keys.Body.GetProperty("keys").GetArrayLength().ShouldBe(1);
        keys.Body.GetProperty("keys")[0].TryGetProperty("d", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task Over_a_hundred_refresh_tokens_the_oldest_stops_working()
    {
        var first = (await app.Tokens(handle)).Text("refresh_token");
        var second = (await app.Tokens(handle)).Text("refresh_token");
        for (var i = 0; i < 99; i++)
        {
            await app.Tokens(handle);
        }

        (await app.Refresh(first)).Text("error").ShouldBe("invalid_grant");
        (await app.Refresh(second)).Status.ShouldBe(HttpStatusCode.OK);
    }
}
