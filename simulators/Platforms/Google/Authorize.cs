using Platforms.Accounts;
using Platforms.Consent;

namespace Platforms.Google;

/// <summary>Where a person allows or denies at Google: scopes may be unticked one by one, PKCE is honoured when sent.</summary>
public sealed class Authorize(GooglePlatform platform, Registrations registrations, SwitchBoard switches) : IConsentDialogue
{
    public ISimulatedPlatform Platform => platform;

    public TimeSpan CodeLifetime => TimeSpan.FromMinutes(10);

    public ConsentReading Read(IQueryCollection query)
    {
        if (query["client_id"] != registrations.YouTube.Id)
        {
            return ConsentReading.Refuse("invalid_client", "Access blocked: the OAuth client was not found.");
        }

        var redirectUri = query["redirect_uri"].ToString();
        if (!registrations.Owns(platform.Key, redirectUri))
        {
            return ConsentReading.Refuse("redirect_uri_mismatch", "Access blocked: redirect_uri does not match one registered for the OAuth client.");
        }

        if (query["response_type"] != "code")
        {
            return ConsentReading.Refuse("unsupported_response_type", "Access blocked: response_type must be code.");
        }

        string[] scopes = [.. query["scope"].ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Spelled).Distinct()];
        if (scopes.Length is 0 || scopes.Any(s => platform.Scopes.All(o => o.Name != s)))
        {
            return ConsentReading.Refuse("invalid_scope", "Access blocked: some requested scopes were missing or invalid.");
        }

        string? challenge = query["code_challenge"];
        string? method = query["code_challenge_method"];
        if (challenge is not null && !Pkce.IsWellFormed(challenge, method))
        {
            return ConsentReading.Refuse("invalid_request", "Access blocked: code_challenge or code_challenge_method is invalid.");
        }

        return ConsentReading.Of(new(redirectUri, scopes, query["state"])
        {
            Challenge = challenge,
            ChallengeMethod = method,
            Hint = query["login_hint"],
            Offline = query["access_type"] == "offline",
            ForceConsent = query["prompt"].ToString().Split(' ').Contains("consent"),
            Incremental = query["include_granted_scopes"] == "true",
            Nonce = query["nonce"],
        });
    }

    public string NewCode() => Wire.Secret("4/0A");

    public string? Refuses(Account account) => null;

    public IssuedCode Promise(ConsentRequest request, Account account, IReadOnlyList<string> granted, DateTimeOffset now)
    {
        var earlier = request.Incremental && account.IsGranted ? account.Grant!.Scopes : [];
        return new(account.Key, request.RedirectUri, [.. earlier.Union(granted)], now + CodeLifetime)
        {
            Challenge = request.Challenge,
            ChallengeMethod = request.ChallengeMethod,
            // A second consent brings no refresh token unless the application asks for one: the first is still good.
            WantsRefreshToken = request.Offline && (request.ForceConsent || !account.IsGranted),
            Nonce = request.Nonce,
        };
    }

    public string Granted(ConsentRequest request, string code, IssuedCode promise) => Wire.With(
        request.RedirectUri,
        ("state", request.State),
        ("iss", switches.Current.YouTube.Issuer ? GooglePlatform.Issuer : null),
        ("code", code),
        ("scope", string.Join(' ', promise.Scopes)));

    public string Denied(ConsentRequest request) => Wire.With(
        request.RedirectUri, ("error", "access_denied"), ("state", request.State), ("iss", switches.Current.YouTube.Issuer ? GooglePlatform.Issuer : null));

    // Short names are accepted and the long ones answered, so an application that compares strings finds a difference.
    private static string Spelled(string scope) => scope is "email" ? GooglePlatform.EmailScope : scope;
}
