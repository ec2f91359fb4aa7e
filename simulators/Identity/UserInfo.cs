using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Identity;

/// <summary>Who the bearer of an access token is.</summary>
internal static class UserInfo
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapMethods("/connect/userinfo", [HttpMethods.Get, HttpMethods.Post], Handle);

    private static async Task<IResult> Handle(HttpContext http, IOptions<Settings> settings)
    {
        var bearer = (await http.AuthenticateAsync(OpenIddictServerAspNetCoreDefaults.AuthenticationScheme)).Principal!;
        if (settings.Value.People.Find(one => one.Id == bearer.GetClaim(Claims.Subject)) is not { } person)
        {
            return TypedResults.Challenge(authenticationSchemes: [OpenIddictServerAspNetCoreDefaults.AuthenticationScheme]);
        }

        var claims = new Dictionary<string, string> { [Claims.Subject] = person.Id };
        if (bearer.HasScope(Scopes.Profile))
        {
            (claims[Claims.Name], claims[Claims.Role], claims[Tokens.Organization]) = (person.Name, person.Role, person.Organization);
        }

        if (bearer.HasScope(Scopes.Email))
        {
            claims[Claims.Email] = person.Email;
        }

        return TypedResults.Json(claims);
    }
}
