using Platforms.Accounts;
using Platforms.Calls;

namespace Platforms.Instagram;

/// <summary>A short token becomes one for 60 days, and that one a new one, once it is a day old and as long as it lives.</summary>
public static class LongLivedTokens
{
    private const int BadParameter = 100;

    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(60);
    private static readonly TimeSpan YoungestToRefresh = TimeSpan.FromHours(24);

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/instagram/graph/access_token", Exchange).PassingTurnstile(InstagramPlatform.PlatformKey, FaultPlace.Token, "lengthen");
        routes.MapGet("/instagram/graph/refresh_access_token", Refresh).PassingTurnstile(InstagramPlatform.PlatformKey, FaultPlace.Token, "refresh");
    }

    private static IResult Exchange(HttpRequest request, GraphCaller caller, Registrations registrations, Ledger ledger, PlatformClock clock)
    {
        if (request.Query["grant_type"] != "ig_exchange_token")
        {
            return GraphError.Of(BadParameter, "Invalid parameter: grant_type must be ig_exchange_token");
        }

        if (request.Query["client_secret"] != registrations.Instagram.Secret)
        {
            return GraphError.Of(BadParameter, "Error validating client secret.");
        }

        return caller.Admit(request, InstagramPlatform.BasicScope, (account, token) => token.Kind is TokenKind.Short
            ? Issue(account, ledger, clock.GetUtcNow())
            : GraphError.Of(BadParameter, "Invalid parameter: access_token is not a short-lived token"));
    }

    private static IResult Refresh(HttpRequest request, GraphCaller caller, Ledger ledger, PlatformClock clock)
    {
        if (request.Query["grant_type"] != "ig_refresh_token")
        {
            return GraphError.Of(BadParameter, "Invalid parameter: grant_type must be ig_refresh_token");
        }

        return caller.Admit(request, InstagramPlatform.BasicScope, (account, token) =>
        {
            var now = clock.GetUtcNow();
            return token.Kind is TokenKind.Access && now - token.IssuedAt >= YoungestToRefresh
                ? Issue(account, ledger, now)
                : GraphError.Of(BadParameter, "Invalid parameter: access_token must be long-lived and at least 24 hours old");
        });
    }

    public static IssuedToken New(Account account, DateTimeOffset now)
    {
        var life = account.Lifetimes.AccessSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : Lifetime;
        return new(Wire.Secret("IGAAL", 96), TokenKind.Access, now, now + life);
    }

    // The token before this one lives on until its own end: Meta documents no revocation on refresh.
    private static IResult Issue(Account caller, Ledger ledger, DateTimeOffset now)
    {
        var issued = ledger.Change<IssuedToken?>(caller.Key, a =>
        {
            if (!a.IsGranted)
            {
                return (a, null);
            }

            var token = New(a, now);
            return (a.Issuing(now, token), token);
        });

        return issued is null
            ? GraphError.Of(190, "Error validating access token: The user has not authorized application.", 458)
            : Wire.Json(new { access_token = issued.Value, token_type = "bearer", expires_in = (long)(issued.ExpiresAt!.Value - now).TotalSeconds });
    }
}
