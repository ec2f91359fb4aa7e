using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Platforms.Tests.Kit;

namespace Platforms.Tests;

/// <summary>Accounts that are suspended, checkpointed or deleted, and what the platforms tell of it.</summary>
public sealed class AccountStates(ClassSimulator own) : IClassFixture<ClassSimulator>, IAsyncLifetime
{
    private const string Handle = "ana.cooks";
    private const string Risc = "https://schemas.openid.net/secevent/risc/event-type/";

    private readonly Simulator simulator = own.Simulator;
    private readonly InstagramApp instagram = new(own.Simulator);
    private readonly GoogleApp google = new(own.Simulator);
    private readonly TikTokApp tiktok = new(own.Simulator);

    public async ValueTask InitializeAsync() => await own.Reset();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory]
    [InlineData("suspend", null, null, 190, 459)]
    [InlineData("suspend", 368, null, 368, null)]
    [InlineData("checkpoint", null, null, 190, 459)]
    [InlineData("checkpoint", 190, 464, 190, 464)]
    [InlineData("delete", null, null, 9009, null)]
    [InlineData("delete", 190, null, 190, null)]
    public async Task Instagram_answers_every_call_of_an_account_in_trouble_with_its_code(string what, int? code, int? subcode, int answered, int? answeredSub)
    {
        var token = await instagram.LongToken(Handle);
        await Set("instagram", what, new { code, subcode });
        foreach (var answer in (Answer[])[await instagram.Me(token), await instagram.Refresh(token)])
        {
            var error = answer.Body.GetProperty("error");
            error.GetProperty("code").GetInt32().ShouldBe(answered);
            (error.TryGetProperty("error_subcode", out var sub) ? sub.GetInt32() : (int?)null).ShouldBe(answeredSub);
        }

        await Set("instagram", "unsuspend");
        (await instagram.Me(token)).Text("username").ShouldBe(Handle);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_suspended_Google_account_is_403_at_the_api_and_refreshes_or_not_as_chosen(bool refreshes)
    {
        var tokens = await google.Tokens(Handle);
        await Set("youtube", "suspend", new { refreshes });
        var read = await google.Channels(tokens.Text("access_token"));
        var refreshed = await google.Refresh(tokens.Text("refresh_token"));

        (read.Status, Reason(read)).ShouldBe((HttpStatusCode.Forbidden, "authenticatedUserAccountSuspended"));
        refreshed.Status.ShouldBe(refreshes ? HttpStatusCode.OK : HttpStatusCode.BadRequest);
        await Set("youtube", "unsuspend");
        (await google.Refresh(tokens.Text("refresh_token"))).Status.ShouldBe(HttpStatusCode.OK);
        (await google.Channels(tokens.Text("access_token"))).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_deleted_Google_account_says_so_at_refresh_and_is_closed_at_the_api()
    {
        var tokens = await google.Tokens(Handle);
        await Set("youtube", "delete");
        var refreshed = await google.Refresh(tokens.Text("refresh_token"));

        (refreshed.Text("error"), refreshed.Text("error_description")).ShouldBe(("invalid_grant", "Account has been deleted"));
        Reason(await google.Channels(tokens.Text("access_token"))).ShouldBe("authenticatedUserAccountClosed");
    }

    [Theory]
    [InlineData("suspend", 4)]
    [InlineData("delete", 2)]
    public async Task TikTok_rejects_the_tokens_of_an_account_in_trouble_and_tells_the_reason_when_asked_to(string what, int reason)
    {
        var tokens = await tiktok.Tokens(Handle);
        await Set("tiktok", what, new { webhook = true });
        var told = JsonSerializer.Deserialize<JsonElement>((await simulator.Hub.Next()).Body);

        told.GetProperty("content").GetString().ShouldBe($$"""{"reason":{{reason}}}""");
        (await tiktok.User(tokens.Text("access_token"))).Body.GetProperty("error").GetProperty("code").GetString().ShouldBe("access_token_invalid");
        (await tiktok.Refresh(tokens.Text("refresh_token"))).Text("error").ShouldBe("invalid_grant");
        await Set("tiktok", "unsuspend");
        (await tiktok.User(tokens.Text("access_token"))).Status.ShouldBe(HttpStatusCode.OK);
        (await tiktok.Refresh(tokens.Text("refresh_token"))).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_token_that_is_dead_anyway_is_told_so_and_not_of_the_trouble()
    {
        var tokens = await google.Tokens(Handle);
        await simulator.Post($"/control/accounts/youtube/{Handle}/expire", new { what = "access" });
        await Set("youtube", "suspend");

        Reason(await google.Channels(tokens.Text("access_token"))).ShouldBe("authError");
    }

    [Fact]
    public async Task An_account_in_trouble_cannot_consent()
    {
        await simulator.Put($"/control/accounts/tiktok/{Handle}", new { });
        await Set("tiktok", "suspend");
        var (status, page) = await (await tiktok.Open()).Type("handle", Handle).Stay("allow");

        status.ShouldBe(HttpStatusCode.BadRequest);
        page.ShouldContain($"{Handle} is suspended and cannot be used.");
    }

    [Theory]
    [InlineData("youtube")]
    [InlineData("tiktok")]
    public async Task Only_Instagram_checkpoints(string platform)
    {
        await simulator.Put($"/control/accounts/{platform}/{Handle}", new { });
        var answer = await simulator.Post($"/control/accounts/{platform}/{Handle}/checkpoint");

        (answer.Status, answer.Text("code")).ShouldBe((HttpStatusCode.Conflict, "state.unsupported"));
    }

    [Fact]
    public async Task Google_tells_when_an_account_is_disabled_purged_and_enabled_again()
    {
        await google.Tokens(Handle);
        await Set("youtube", "suspend", new { webhook = true });
        var disabled = await NextEvent();
        await Set("youtube", "unsuspend", new { webhook = true });
        var enabled = await NextEvent();
        await Set("youtube", "delete", new { webhook = true });
        var purged = await NextEvent();

        (disabled.Name, disabled.Value.GetProperty("reason").GetString()).ShouldBe((Risc + "account-disabled", "hijacking"));
        (enabled.Name, purged.Name).ShouldBe((Risc + "account-enabled", Risc + "account-purged"));
    }

    [Theory]
    [InlineData("sessions-revoked", null)]
    [InlineData("account-credential-change-required", null)]
    [InlineData("account-disabled", "bulk-account")]
    public async Task Any_security_event_can_be_sent_about_an_account_that_is_well(string name, string? reason)
    {
        var tokens = await google.Tokens(Handle);
        var sub = (await google.Verify(tokens.Text("id_token"))).Claims.GetProperty("sub").GetString();
        await Notify("youtube", new { @event = name, reason });
        var told = await NextEvent();

        told.Name.ShouldBe(Risc + name);
        told.Value.GetProperty("subject").GetProperty("sub").GetString().ShouldBe(sub);
        (told.Value.TryGetProperty("reason", out var given) ? given.GetString() : null).ShouldBe(reason);
        (await google.Refresh(tokens.Text("refresh_token"))).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_verification_event_brings_its_state_and_no_subject()
    {
        await google.Tokens(Handle);
        await Notify("youtube", new { @event = "verification", state = "t1" });
        var told = await NextEvent();

        told.Name.ShouldBe(Risc + "verification");
        told.Value.ToString().ShouldBe("""{"state":"t1"}""");
    }

    [Fact]
    public async Task A_revoked_token_is_named_by_its_prefix_or_by_its_double_hash()
    {
        // The pair of vectors that Google's identifiers are described by.
        const string token = "1//0test-refresh-token-value";
        await google.Tokens(Handle);
        await Notify("youtube", new { @event = "token-revoked", token });
        var prefix = (await NextEvent()).Value.GetProperty("subject");
        await Notify("youtube", new { @event = "token-revoked", token, tokenIdentifierAlg = "hash_base64_sha512_sha512" });
        var hash = (await NextEvent()).Value.GetProperty("subject");

        prefix.ToString().ShouldBe(
            """{"subject_type":"oauth_token","token_type":"refresh_token","token_identifier_alg":"prefix","token":"1//0test-refresh"}""");
        hash.GetProperty("token").GetString().ShouldBe("yIyEm0vUnnUrRtLNtgciuK6EgbXjzJryj3Lvrn+V8TK8ZeUiYtmq+4VMabtJF8m1AotkOSazq13zX5SW7aitBQ==");
    }

    [Fact]
    public async Task A_revoked_token_is_the_latest_refresh_token_unless_another_is_named()
    {
        await google.Tokens(Handle);
        var latest = (await google.Tokens(Handle)).Text("refresh_token");
        await Notify("youtube", new { @event = "token-revoked" });

        (await NextEvent()).Value.GetProperty("subject").GetProperty("token").GetString().ShouldBe(latest[..16]);
    }

    [Fact]
    public async Task A_notice_can_be_dated_back()
    {
        await tiktok.Tokens(Handle);
        await Notify("tiktok", new { @event = "authorization.removed", reason = 3, ageSeconds = 86400 });
        var body = JsonSerializer.Deserialize<JsonElement>((await simulator.Hub.Next()).Body);

        body.GetProperty("content").GetString().ShouldBe("""{"reason":3}""");
        var age = DateTimeOffset.UtcNow.ToUnixTimeSeconds() - body.GetProperty("create_time").GetInt64();
        age.ShouldBeInRange(86400, 86400 + 60);
    }

    [Fact]
    public async Task Instagram_sends_a_field_event_signed_over_its_raw_body()
    {
        await instagram.LongToken(Handle);
        await Notify("instagram", new { @event = "comments" });
        var webhook = await simulator.Hub.Next();
        var signature = HMACSHA256.HashData(Encoding.UTF8.GetBytes(InstagramApp.Secret), Encoding.UTF8.GetBytes(webhook.Body));

        webhook.Path.ShouldBe("/webhooks/instagram");
        webhook.Headers["X-Hub-Signature-256"].ShouldBe($"sha256={Convert.ToHexStringLower(signature)}");
        JsonSerializer.Deserialize<JsonElement>(webhook.Body).GetProperty("entry")[0].GetProperty("changes")[0].GetProperty("field").GetString().ShouldBe("comments");
    }

    [Fact]
    public async Task Meta_verifies_a_callback_address_by_a_challenge_that_has_to_come_back()
    {
        var agreed = await simulator.Post("/control/webhooks/verify", new { verifyToken = "agreed" });
        var guessed = await simulator.Post("/control/webhooks/verify", new { verifyToken = "guessed" });

        agreed.Body.GetProperty("verified").GetBoolean().ShouldBeTrue();
        (guessed.Body.GetProperty("verified").GetBoolean(), guessed.Body.GetProperty("status").GetInt32()).ShouldBe((false, 403));
    }

    [Theory]
    [InlineData("youtube", "authorization.removed")]
    [InlineData("tiktok", "tokens-revoked")]
    [InlineData("instagram", "token-revoked")]
    public async Task A_platform_says_only_what_it_can_say(string platform, string @event)
    {
        await simulator.Put($"/control/accounts/{platform}/{Handle}", new { });
        var answer = await simulator.Post($"/control/accounts/{platform}/{Handle}/notify", new { @event });

        (answer.Status, answer.Text("code")).ShouldBe((HttpStatusCode.UnprocessableEntity, "value.invalid"));
    }

    private async Task Set(string platform, string what, object? body = null) =>
        (await simulator.Post($"/control/accounts/{platform}/{Handle}/{what}", body)).Status.ShouldBe(HttpStatusCode.OK);

    private async Task Notify(string platform, object news) =>
        (await simulator.Post($"/control/accounts/{platform}/{Handle}/notify", news)).Status.ShouldBe(HttpStatusCode.OK);

    private async Task<JsonProperty> NextEvent()
    {
        var (valid, claims) = await google.Verify((await simulator.Hub.Next()).Body);
        valid.ShouldBeTrue();
        return claims.GetProperty("events").EnumerateObject().Single();
    }

    private static string? Reason(Answer answer) => answer.Body.GetProperty("error").GetProperty("errors")[0].GetProperty("reason").GetString();
}
