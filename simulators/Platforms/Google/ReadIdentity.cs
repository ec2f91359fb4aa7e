using Platforms.Accounts;
using Platforms.Calls;

namespace Platforms.Google;

/// <summary>OpenID Connect's userinfo: who the person behind the token is.</summary>
public static class ReadIdentity
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/google/openidconnect/v1/userinfo", Handle)
        .PassingTurnstile(GooglePlatform.PlatformKey, FaultPlace.Token, "userinfo");

    private static IResult Handle(HttpRequest request, ApiCaller caller) => caller.Admit(request, GooglePlatform.OpenIdScope, activity =>
    {
        var showsEmail = activity.Account.Allows(GooglePlatform.EmailScope);
        return Wire.Json(new
        {
            sub = activity.Account.Id,
            picture = Avatars.Of(request, activity.Account),
            email = showsEmail ? GooglePlatform.EmailOf(activity.Account) : null,
            email_verified = showsEmail ? true : (bool?)null,
        });
    });
}
