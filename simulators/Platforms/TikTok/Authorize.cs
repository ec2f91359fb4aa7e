using System.Security.Cryptography;
using Platforms.Accounts;
using Platforms.Consent;

namespace Platforms.TikTok;

/// <summary>Where a person allows or denies on TikTok. Comma-separated scopes; PKCE, if an application sends it, in hexadecimal.</summary>
public sealed class Authorize(TikTokPlatform platform, Registrations registrations) : IConsentDialogue
{
    private const int HexDigest = 64;

    public ISimulatedPlatform Platform => platform;

    public TimeSpan CodeLifetime => TimeSpan.FromMinutes(5);

    public ConsentReading Read(IQueryCollection query)
    {
        if (query["client_key"] != registrations.TikTok.Id)
        {
            return ConsentReading.Refuse("client_key", "Something went wrong: client_key names no application.");
        }

        var redirectUri = query["redirect_uri"].ToString();
        if (!registrations.Owns(platform.Key, redirectUri))
        {
            return ConsentReading.Refuse("redirect_uri", "Something went wrong: redirect_uri is not one of the application's registered addresses.");
        }

        if (query["response_type"] != "code")
        {
            return Redirect(redirectUri, query["state"], "unsupported_response_type", "response_type must be code");
        }

        string[] scopes = [.. query["scope"].ToString().Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct()];
        if (scopes.Length is 0 || scopes.Any(s => platform.Scopes.All(o => o.Name != s)))
        {
            return Redirect(redirectUri, query["state"], "invalid_scope", "The application may not ask for one of the scopes");
        }

        string? challenge = query["code_challenge"];
        if (challenge is not null && (challenge.Length != HexDigest || !challenge.All(char.IsAsciiHexDigit)))
        {
            return Redirect(redirectUri, query["state"], "invalid_request", "code_challenge must be the hexadecimal SHA-256 of the verifier");
        }

        return ConsentReading.Of(new(redirectUri, scopes, query["state"]) { Challenge = challenge, Hint = query["login_hint"] });
    }

    // Real codes hold characters that must be percent-encoded on the way back; an application that forgets to decode, fails here too.
    public string NewCode() => $"{Wire.Secret("")}*{RandomNumberGenerator.GetInt32(10)}!{RandomNumberGenerator.GetInt32(1000, 9999)}.e1";

    public string? Refuses(Account account) => null;

    public IssuedCode Promise(ConsentRequest request, Account account, IReadOnlyList<string> granted, DateTimeOffset now) =>
        new(account.Key, request.RedirectUri, granted, now + CodeLifetime) { Challenge = request.Challenge };

    public string Granted(ConsentRequest request, string code, IssuedCode promise) =>
        Wire.With(request.RedirectUri, ("code", code), ("scopes", string.Join(',', promise.Scopes)), ("state", request.State));

    public string Denied(ConsentRequest request) =>
        Wire.With(request.RedirectUri, ("error", "access_denied"), ("error_description", "User cancelled the authorization"), ("state", request.State));

    private static ConsentReading Redirect(string address, string? state, string error, string description) =>
        ConsentReading.Redirect(Wire.With(address, ("error", error), ("error_description", description), ("state", state)));
}
