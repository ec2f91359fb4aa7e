using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using OpenIddict.Server.AspNetCore;

namespace Identity;

/// <summary>Signs the person out here, then sends them back to the client they came from.</summary>
internal static class EndSession
{
    // The cast makes it a route handler: with only the context it would pass for a RequestDelegate, whose result nobody writes.
    public static void Map(IEndpointRouteBuilder routes) => routes.MapMethods("/connect/endsession", [HttpMethods.Get, HttpMethods.Post], (Delegate)Handle);

    private static async Task<IResult> Handle(HttpContext http)
    {
        await http.SignOutAsync(CookieAuthenticationDefaults.AuthenticationScheme);
        return TypedResults.SignOut(new() { RedirectUri = "/" }, [OpenIddictServerAspNetCoreDefaults.AuthenticationScheme]);
    }
}
