using Platforms.Accounts;

namespace Platforms.TikTok;

/// <summary>Finds out who calls the Display API, by the bearer token. Expired and revoked look the same.</summary>
public sealed class ApiCaller(Ledger ledger, PlatformClock clock)
{
    public IResult Admit(HttpRequest request, Func<Activity, IResult> goOn)
    {
        var now = clock.GetUtcNow();
        return ledger.FindToken(Wire.Bearer(request)) is var (account, token)
            && account.Platform == TikTokPlatform.PlatformKey
            && token.Kind is TokenKind.Access
            && token.IsLive(now)
            ? goOn(new(account, now))
            : ApiAnswer.InvalidToken();
    }
}
