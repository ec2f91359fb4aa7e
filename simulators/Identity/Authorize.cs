using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.Extensions.Options;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Identity;

/// <summary>A client sends somebody here to sign in: whoever already is gets a code, everybody else sees the sign-in page first.</summary>
internal static class Authorize
{
    public const string Path = "/connect/authorize";

    public static void Map(IEndpointRouteBuilder routes) => routes.MapMethods(Path, [HttpMethods.Get, HttpMethods.Post], Handle);

    private static async Task<IResult> Handle(HttpContext http, IOptions<Settings> settings)
    {
        var request = http.GetOpenIddictServerRequest()!;
        var session = await http.AuthenticateAsync(CookieAuthenticationDefaults.AuthenticationScheme);
        var person = settings.Value.People.Find(one => one.Id == session.Principal?.Identity?.Name);
        if (person is not null && !request.HasPromptValue(PromptValues.Login) && !request.HasPromptValue(PromptValues.SelectAccount))
        {
            return TypedResults.SignIn(Tokens.Of(person, settings.Value, request.GetScopes()),
                authenticationScheme: OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);
        }

        if (request.HasPromptValue(PromptValues.None))
        {
            return TypedResults.Forbid(new(new Dictionary<string, string?>
            {
                [OpenIddictServerAspNetCoreConstants.Properties.Error] = Errors.LoginRequired,
                [OpenIddictServerAspNetCoreConstants.Properties.ErrorDescription] = "Nobody is signed in.",
            }), [OpenIddictServerAspNetCoreDefaults.AuthenticationScheme]);
        }

        // The same request again, but without the wish for a sign-in, which is fulfilled by then.
        var again = request.GetParameters().Where(parameter => parameter.Key is not Parameters.Prompt)
            .Select(parameter => KeyValuePair.Create(parameter.Key, (string?)parameter.Value));
        return TypedResults.Redirect(SignIn.Path + QueryString.Create("returnUrl", Path + QueryString.Create(again)));
    }
}
