using System.Net;
using Microsoft.AspNetCore.WebUtilities;

namespace Platforms.Tests.Kit;

/// <summary>Our application at TikTok.</summary>
public sealed class TikTokApp(Simulator simulator)
{
    public const string AllScopes = "user.info.basic,user.info.profile,user.info.stats,video.list";
    public const string Secret = "tt-client-secret";
    public const string Verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    public const string Challenge = "13d31e961a1ad8ec2f16b10c4c982e0876a878ad6df144566ee1894acb70f9c3";

    public string Consent(string? clientKey = null, string? redirectUri = null, string scope = AllScopes, string? challenge = null) =>
        QueryHelpers.AddQueryString("/tiktok/www/v2/auth/authorize/", new Dictionary<string, string?>
        {
            ["client_key"] = clientKey ?? "tt-client-key",
            ["redirect_uri"] = redirectUri ?? simulator.Redirect("tiktok"),
            ["response_type"] = "code",
            ["scope"] = scope,
            ["state"] = "s/1+2",
            ["code_challenge"] = challenge,
        });

    public Task<ConsentForm> Open(string? challenge = null) => ConsentForm.Open(simulator, Consent(challenge: challenge));

    public async Task<string> Code(string handle, string? challenge = null) => (await (await Open(challenge)).Allow(handle)).Code;

    public Task<Answer> Exchange(string code, string? secret = null, string? redirectUri = null, string? verifier = null) => simulator.PostForm(
        "/tiktok/open/v2/oauth/token/",
        [
            ("client_key", "tt-client-key"),
            ("client_secret", secret ?? Secret),
            ("grant_type", "authorization_code"),
            ("redirect_uri", redirectUri ?? simulator.Redirect("tiktok")),
            ("code", code),
            .. verifier is null ? Array.Empty<(string, string)>() : [("code_verifier", verifier)],
        ]);

    public Task<Answer> Refresh(string token) => simulator.PostForm(
        "/tiktok/open/v2/oauth/token/", ("client_key", "tt-client-key"), ("client_secret", Secret), ("grant_type", "refresh_token"), ("refresh_token", token));

    public Task<Answer> Revoke(string token) => simulator.PostForm(
        "/tiktok/open/v2/oauth/revoke/", ("client_key", "tt-client-key"), ("client_secret", Secret), ("token", token));

    public Task<Answer> User(string token, string fields = "open_id,display_name") => simulator.Get($"/tiktok/open/v2/user/info/?fields={fields}", token);

    public async Task<Answer> Tokens(string handle)
    {
        var answer = await Exchange(await Code(handle));
        answer.Status.ShouldBe(HttpStatusCode.OK);
        return answer;
    }
}
