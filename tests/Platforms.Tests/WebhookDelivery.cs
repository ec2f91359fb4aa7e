using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using Platforms.Tests.Kit;

namespace Platforms.Tests;

/// <summary>What reaches our service, checked with the secrets and keys our service has.</summary>
public sealed class WebhookDelivery : IAsyncLifetime
{
    private const string Handle = "ana.cooks";

    private Simulator simulator = null!;

    public async ValueTask InitializeAsync() => simulator = await Simulator.Start();

    public ValueTask DisposeAsync() => simulator.DisposeAsync();

    [Fact]
    public async Task Removing_the_app_on_Instagram_kills_the_token_and_sends_a_signed_request_about_the_app_scoped_id()
    {
        var app = new InstagramApp(simulator);
        var token = await app.LongToken(Handle);
        var id = (await app.Me(token)).Text("id");
        await simulator.Post($"/control/accounts/instagram/{Handle}/revoke");
        var webhook = await simulator.Hub.Next();
        var after = await app.Me(token);

        (webhook.Path, webhook.ContentType).ShouldBe(("/webhooks/instagram/deauthorize", "application/x-www-form-urlencoded"));
        var (valid, payload) = ReadSignedRequest(webhook.Body);
        valid.ShouldBeTrue();
        (payload.GetProperty("algorithm").GetString(), payload.GetProperty("user_id").GetString()).ShouldBe(("HMAC-SHA256", id));
        var error = after.Body.GetProperty("error");
        (error.GetProperty("code").GetInt32(), error.GetProperty("error_subcode").GetInt32()).ShouldBe((190, 458));
    }

    [Fact]
    public async Task A_data_deletion_request_goes_to_its_own_address()
    {
        await new InstagramApp(simulator).LongToken(Handle);
        await simulator.Post($"/control/accounts/instagram/{Handle}/data-deletion");
        var webhook = await simulator.Hub.Next();

        webhook.Path.ShouldBe("/webhooks/instagram/data-deletion");
        ReadSignedRequest(webhook.Body).Valid.ShouldBeTrue();
    }

    [Fact]
    public async Task Data_deletion_is_refused_where_the_platform_has_none_and_nothing_is_revoked()
    {
        await new TikTokApp(simulator).Tokens(Handle);
        var answer = await simulator.Post($"/control/accounts/tiktok/{Handle}/data-deletion");

        (answer.Status, answer.Text("code")).ShouldBe((HttpStatusCode.Conflict, "webhook.unsupported"));
        (await simulator.Get($"/control/accounts/tiktok/{Handle}")).Text("standing").ShouldBe("Granted");
    }

    [Fact]
    public async Task Removing_the_app_on_TikTok_sends_authorization_removed_with_a_signature_over_the_raw_body()
    {
        var app = new TikTokApp(simulator);
        var tokens = await app.Tokens(Handle);
        await simulator.Post($"/control/accounts/tiktok/{Handle}/revoke", new { reason = 4 });
        var webhook = await simulator.Hub.Next();

        webhook.Path.ShouldBe("/webhooks/tiktok");
        IsSignedByTikTok(webhook).ShouldBeTrue();
        var body = JsonSerializer.Deserialize<JsonElement>(webhook.Body);
        (body.GetProperty("event").GetString(), body.GetProperty("client_key").GetString()).ShouldBe(("authorization.removed", "tt-client-key"));
        body.GetProperty("user_openid").GetString().ShouldBe(tokens.Text("open_id"));
        JsonSerializer.Deserialize<JsonElement>(body.GetProperty("content").GetString()!).GetProperty("reason").GetInt32().ShouldBe(4);
        (await app.Refresh(tokens.Text("refresh_token"))).Text("error").ShouldBe("invalid_grant");
    }

    [Fact]
    public async Task Our_own_revoke_at_TikTok_comes_back_as_reason_five()
    {
        var app = new TikTokApp(simulator);
        var tokens = await app.Tokens(Handle);
        (await app.Revoke(tokens.Text("access_token"))).Status.ShouldBe(HttpStatusCode.OK);
        var body = JsonSerializer.Deserialize<JsonElement>((await simulator.Hub.Next()).Body);

        body.GetProperty("content").GetString().ShouldBe("""{"reason":5}""");
        (await app.User(tokens.Text("access_token"))).Status.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Removing_the_app_at_Google_posts_a_security_event_signed_with_the_published_key()
    {
        var app = new GoogleApp(simulator);
        var tokens = await app.Tokens(Handle);
        var sub = (await app.Verify(tokens.Text("id_token"))).Claims.GetProperty("sub").GetString();
        await simulator.Post($"/control/accounts/youtube/{Handle}/revoke");
        var webhook = await simulator.Hub.Next();
        var (valid, claims) = await app.Verify(webhook.Body);

        (webhook.Path, webhook.ContentType).ShouldBe(("/webhooks/youtube", "application/secevent+jwt"));
        valid.ShouldBeTrue();
        (claims.GetProperty("iss").GetString(), claims.GetProperty("aud").GetString()).ShouldBe(("https://accounts.google.com/", GoogleApp.ClientId));
        claims.GetProperty("jti").GetString().ShouldNotBeNullOrEmpty();
        var subject = claims.GetProperty("events").GetProperty("https://schemas.openid.net/secevent/oauth/event-type/tokens-revoked").GetProperty("subject");
        (subject.GetProperty("subject_type").GetString(), subject.GetProperty("sub").GetString()).ShouldBe(("iss-sub", sub));
        (await app.Refresh(tokens.Text("refresh_token"))).Text("error").ShouldBe("invalid_grant");
    }

    [Fact]
    public async Task A_webhook_is_sent_again_unchanged_until_somebody_takes_it()
    {
        await new TikTokApp(simulator).Tokens(Handle);
        simulator.Hub.AnswerWith(500, 302, 503);
        await simulator.Post($"/control/accounts/tiktok/{Handle}/revoke");
        Received[] attempts = [await simulator.Hub.Next(), await simulator.Hub.Next(), await simulator.Hub.Next(), await simulator.Hub.Next()];

        attempts.Select(a => a.Body).Distinct().Count().ShouldBe(1);
        attempts.Select(a => a.Headers["TikTok-Signature"]).Distinct().Count().ShouldBe(1);
    }

    [Fact]
    public async Task The_log_shows_each_attempt()
    {
        await new TikTokApp(simulator).Tokens(Handle);
        simulator.Hub.AnswerWith(500);
        await simulator.Post($"/control/accounts/tiktok/{Handle}/revoke");
        await simulator.Hub.Next();
        await simulator.Hub.Next();
        // The second answer may still be on its way to the log.
        var delivery = await LoggedAs("Delivered");

        delivery.GetProperty("attempts").EnumerateArray().Select(a => a.GetProperty("status").GetInt32()).ShouldBe([500, 200]);
        delivery.GetProperty("notice").GetProperty("kind").GetString().ShouldBe("authorization.removed");
    }

    [Theory]
    [InlineData("instagram")]
    [InlineData("youtube")]
    [InlineData("tiktok")]
    public async Task A_spoilt_signature_does_not_verify_and_the_one_after_it_does(string platform)
    {
        await simulator.Put($"/control/accounts/{platform}/one", new { });
        await simulator.Put($"/control/accounts/{platform}/two", new { });
        await simulator.Post("/control/webhooks/bad-signature", new { platform });
        await simulator.Post($"/control/accounts/{platform}/one/revoke");
        var spoilt = await Verifies(platform, await simulator.Hub.Next());
        await simulator.Post($"/control/accounts/{platform}/two/revoke");
        var good = await Verifies(platform, await simulator.Hub.Next());

        (spoilt, good).ShouldBe((false, true));
    }

    [Fact]
    public async Task The_last_webhook_can_be_sent_once_more_byte_for_byte()
    {
        await new GoogleApp(simulator).Tokens(Handle);
        await simulator.Post($"/control/accounts/youtube/{Handle}/revoke");
        var first = await simulator.Hub.Next();
        var resent = await simulator.Post("/control/webhooks/resend", new { platform = "youtube" });
        var second = await simulator.Hub.Next();

        resent.Status.ShouldBe(HttpStatusCode.OK);
        second.Body.ShouldBe(first.Body);
    }

    [Fact]
    public async Task There_is_nothing_to_resend_before_the_first()
    {
        var answer = await simulator.Post("/control/webhooks/resend");

        (answer.Status, answer.Text("code")).ShouldBe((HttpStatusCode.NotFound, "webhook.unknown"));
    }

    [Fact]
    public async Task A_removal_without_webhook_is_seen_by_the_next_call_only()
    {
        var app = new InstagramApp(simulator);
        var token = await app.LongToken(Handle);
        var answer = await simulator.Post($"/control/accounts/instagram/{Handle}/revoke", new { webhook = false });

        answer.Body.GetProperty("webhook").ValueKind.ShouldBe(JsonValueKind.Null);
        (await app.Me(token)).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await simulator.Get("/control/webhooks")).Body.GetProperty("items").GetArrayLength().ShouldBe(0);
    }

    private async Task<JsonElement> LoggedAs(string state)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (true)
        {
            patience.Token.ThrowIfCancellationRequested();
            var delivery = (await simulator.Get("/control/webhooks")).Body.GetProperty("items")[0];
            if (delivery.GetProperty("state").GetString() == state)
            {
                return delivery;
            }
        }
    }

    private async Task<bool> Verifies(string platform, Received webhook) => platform switch
    {
        "instagram" => ReadSignedRequest(webhook.Body).Valid,
        "tiktok" => IsSignedByTikTok(webhook),
        _ => (await new GoogleApp(simulator).Verify(webhook.Body)).Valid,
    };

    private static (bool Valid, JsonElement Payload) ReadSignedRequest(string form)
    {
        var parts = QueryHelpers.ParseQuery(form)["signed_request"].ToString().Split('.');
        var expected = HMACSHA256.HashData(Encoding.UTF8.GetBytes(InstagramApp.Secret), Encoding.ASCII.GetBytes(parts[1]));
        var isSigned = expected.AsSpan().SequenceEqual(WebEncoders.Base64UrlDecode(parts[0]));
        return (isSigned, JsonSerializer.Deserialize<JsonElement>(WebEncoders.Base64UrlDecode(parts[1])));
    }

    private static bool IsSignedByTikTok(Received webhook)
    {
        var parts = webhook.Headers["TikTok-Signature"].Split(',').ToDictionary(p => p[..1], p => p[2..]);
        var expected = HMACSHA256.HashData(Encoding.UTF8.GetBytes(TikTokApp.Secret), Encoding.UTF8.GetBytes($"{parts["t"]}.{webhook.Body}"));
        return Convert.ToHexStringLower(expected) == parts["s"];
    }
}
