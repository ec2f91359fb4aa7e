using Platforms.Accounts;
using Platforms.Consent;

namespace Platforms.Instagram;

/// <summary>Where a person allows or denies on Instagram. No PKCE here; the address people return to ends in #_.</summary>
public sealed class Authorize(InstagramPlatform platform, Registrations registrations, SwitchBoard switches) : IConsentDialogue
{
    public ISimulatedPlatform Platform => platform;

    public TimeSpan CodeLifetime => TimeSpan.FromHours(1);

    public ConsentReading Read(IQueryCollection query)
    {
        if (query["client_id"] != registrations.Instagram.Id)
        {
            return ConsentReading.Refuse("invalid_client_id", "Invalid request: the parameter client_id names no application.");
        }

        var redirectUri = query["redirect_uri"].ToString();
        if (!registrations.Owns(platform.Key, redirectUri))
        {
            return ConsentReading.Refuse("invalid_redirect_uri", "Invalid request: redirect_uri is not one of the application's registered addresses.");
        }

        if (query["response_type"] != "code")
        {
            return ConsentReading.Refuse("invalid_response_type", "Invalid request: response_type must be code.");
        }

        string[] scopes = [.. query["scope"].ToString().Split([',', ' '], StringSplitOptions.RemoveEmptyEntries).Distinct()];
        if (scopes.Length is 0 || scopes.FirstOrDefault(s => platform.Scopes.All(o => o.Name != s)) is not null)
        {
            return ConsentReading.Refuse("invalid_scope", "Invalid request: scope is missing or holds one the application may not ask for.");
        }

        return ConsentReading.Of(new(redirectUri, scopes, query["state"]) { Hint = query["login_hint"] });
    }

    public string NewCode() => Wire.Secret("AQB", 120);

    public string? Refuses(Account account) =>
        account.Type is InstagramPlatform.PersonalType && switches.Current.Instagram.PersonalAccounts is PersonalAccounts.Refused
            ? $"{account.Handle} is a personal account. Switch to a professional account (Creator or Business) in Instagram's settings, then try again."
            : null;

    public IssuedCode Promise(ConsentRequest request, Account account, IReadOnlyList<string> granted, DateTimeOffset now) =>
        new(account.Key, request.RedirectUri, granted, now + CodeLifetime);

    public string Granted(ConsentRequest request, string code, IssuedCode promise) =>
        Wire.With(request.RedirectUri, ("code", code), ("state", request.State)) + "#_";

    public string Denied(ConsentRequest request) => Wire.With(
        $"{request.RedirectUri}?error=access_denied&error_reason=user_denied&error_description=The+user+denied+your+request", ("state", request.State));
}
