using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;

namespace Platforms.Tests.Kit;

/// <summary>Our application at Google.</summary>
public sealed class GoogleApp(Simulator simulator)
{
    public const string ClientId = "demo.apps.googleusercontent.com";
    public const string YouTube = "https://www.googleapis.com/auth/youtube.readonly";
    public const string Analytics = "https://www.googleapis.com/auth/yt-analytics.readonly";
    public const string Email = "https://www.googleapis.com/auth/userinfo.email";

    // The pair of RFC 7636, appendix B.
    public const string Verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    public const string Challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    public string Consent(
        string? redirectUri = null,
        string scope = $"{YouTube} {Analytics} openid email",
        string? prompt = "consent",
        string? accessType = "offline",
        bool incremental = false) =>
        QueryHelpers.AddQueryString("/google/accounts/o/oauth2/v2/auth", new Dictionary<string, string?>
        {
            ["client_id"] = ClientId,
            ["redirect_uri"] = redirectUri ?? simulator.Redirect("youtube"),
            ["response_type"] = "code",
            ["scope"] = scope,
            ["state"] = "s/1+2",
            ["access_type"] = accessType,
            ["prompt"] = prompt,
            ["include_granted_scopes"] = incremental ? "true" : null,
            ["code_challenge"] = Challenge,
            ["code_challenge_method"] = "S256",
        });

    public Task<ConsentForm> Open(string? prompt = "consent", string? accessType = "offline") =>
        ConsentForm.Open(simulator, Consent(prompt: prompt, accessType: accessType));

    public async Task<string> Code(string handle, string? prompt = "consent", string? accessType = "offline") =>
        (await (await Open(prompt, accessType)).Allow(handle)).Code;

    public Task<Answer> Exchange(string code, string? secret = null, string? redirectUri = null, string? verifier = Verifier, string? clientId = null) =>
        simulator.PostForm(
            "/google/oauth2/token",
            [
                ("client_id", clientId ?? ClientId),
                ("client_secret", secret ?? "google-secret"),
                ("grant_type", "authorization_code"),
                ("redirect_uri", redirectUri ?? simulator.Redirect("youtube")),
                ("code", code),
                .. verifier is null ? Array.Empty<(string, string)>() : [("code_verifier", verifier)],
            ]);

    public Task<Answer> Refresh(string token) => simulator.PostForm(
        "/google/oauth2/token", ("client_id", ClientId), ("client_secret", "google-secret"), ("grant_type", "refresh_token"), ("refresh_token", token));

    public Task<Answer> Revoke(string token) => simulator.PostForm("/google/oauth2/revoke", ("token", token));

    public Task<Answer> Channels(string token, string part = "id,snippet,contentDetails,statistics") =>
        simulator.Get($"/google/www/youtube/v3/channels?part={part}&mine=true", token);

    public async Task<Answer> Tokens(string handle)
    {
        var answer = await Exchange(await Code(handle));
        answer.Status.ShouldBe(HttpStatusCode.OK);
        return answer;
    }

    /// <summary>Checks a JWT against the published keys, as our service does, and gives its claims.</summary>
    public async Task<(bool Valid, JsonElement Claims)> Verify(string token)
    {
        var parts = token.Split('.');
        var header = JsonSerializer.Deserialize<JsonElement>(WebEncoders.Base64UrlDecode(parts[0]));
        var keys = (await simulator.Get("/google/www/oauth2/v3/certs")).Body.GetProperty("keys").EnumerateArray();
        var key = keys.Single(k => k.GetProperty("kid").GetString() == header.GetProperty("kid").GetString());
        using var rsa = RSA.Create(new RSAParameters
        {
            Modulus = WebEncoders.Base64UrlDecode(key.GetProperty("n").GetString()!),
            Exponent = WebEncoders.Base64UrlDecode(key.GetProperty("e").GetString()!),
        });
        var (signed, signature) = (Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), WebEncoders.Base64UrlDecode(parts[2]));
        var valid = rsa.VerifyData(signed, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return (valid && header.GetProperty("alg").GetString() == "RS256", JsonSerializer.Deserialize<JsonElement>(WebEncoders.Base64UrlDecode(parts[1])));
    }
}
