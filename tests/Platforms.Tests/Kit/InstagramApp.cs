using System.Net;
using Microsoft.AspNetCore.WebUtilities;

namespace Platforms.Tests.Kit;

/// <summary>Our application at Instagram.</summary>
public sealed class InstagramApp(Simulator simulator)
{
    public const string Basic = "instagram_business_basic";
    public const string Insights = "instagram_business_manage_insights";
    public const string Secret = "ig-app-secret";

    public string Consent(
        string? clientId = null, string? redirectUri = null, string scope = $"{Basic},{Insights}", string responseType = "code", string? hint = null) =>
        QueryHelpers.AddQueryString("/instagram/www/oauth/authorize", new Dictionary<string, string?>
        {
            ["client_id"] = clientId ?? "1234567890",
            ["redirect_uri"] = redirectUri ?? simulator.Redirect("instagram"),
            ["response_type"] = responseType,
            ["scope"] = scope,
            ["state"] = "s/1+2",
            ["login_hint"] = hint,
        });

    public Task<ConsentForm> Open() => ConsentForm.Open(simulator, Consent());

    public async Task<string> Code(string handle) => (await (await Open()).Allow(handle)).Code;

    public Task<Answer> Exchange(string code, string? secret = null, string? redirectUri = null, string? clientId = null) => simulator.PostForm(
        "/instagram/api/oauth/access_token",
        ("client_id", clientId ?? "1234567890"),
        ("client_secret", secret ?? Secret),
        ("grant_type", "authorization_code"),
        ("redirect_uri", redirectUri ?? simulator.Redirect("instagram")),
        ("code", code));

    public Task<Answer> Lengthen(string token, string? secret = null) =>
        simulator.Get($"/instagram/graph/access_token?grant_type=ig_exchange_token&client_secret={secret ?? Secret}&access_token={token}");

    public Task<Answer> Refresh(string token) => simulator.Get($"/instagram/graph/refresh_access_token?grant_type=ig_refresh_token&access_token={token}");

    public Task<Answer> Me(string token, string fields = "id,username") => simulator.Get($"/instagram/graph/v25.0/me?fields={fields}", token);

    public async Task<string> ShortToken(string handle) =>
        (await Exchange(await Code(handle))).Body.GetProperty("data")[0].GetProperty("access_token").GetString()!;

    public async Task<string> LongToken(string handle)
    {
        var answer = await Lengthen(await ShortToken(handle));
        answer.Status.ShouldBe(HttpStatusCode.OK);
        return answer.Text("access_token");
    }
}
