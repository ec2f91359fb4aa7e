using Platforms.Accounts;

namespace Platforms.Google;

/// <summary>Finds out who calls one of Google's APIs, by the bearer token.</summary>
public sealed class ApiCaller(Ledger ledger, PlatformClock clock)
{
    /// <summary>Runs <paramref name="goOn"/> for a caller whose access token lives and covers the scope; anybody else gets the API's error.</summary>
    public IResult Admit(HttpRequest request, string scope, Func<Activity, IResult> goOn)
    {
        var now = clock.GetUtcNow();
        if (ledger.FindToken(Wire.Bearer(request)) is not var (account, token)
            || account.Platform != GooglePlatform.PlatformKey
            || token.Kind is not TokenKind.Access
            || !token.IsLive(now))
        {
            return ApiError.InvalidCredentials();
        }

        return account.Allows(scope) ? goOn(new(account, now)) : ApiError.ScopeMissing();
    }
}
