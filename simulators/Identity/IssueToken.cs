using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Identity;

/// <summary>Tokens for a client that acts for itself, for a code, or for a refresh token. Who asks, and for what, OpenIddict has checked before.</summary>
internal static class IssueToken
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/connect/token", Handle);

    private static async Task<IResult> Handle(HttpContext http, IOptions<Settings> options)
    {
        var (request, settings) = (http.GetOpenIddictServerRequest()!, options.Value);
        if (request.IsClientCredentialsGrantType())
        {
            return settings.Clients.Find(one => one.Id == request.ClientId) is { } client
                ? SignIn(Tokens.Of(client, settings, request.GetScopes()))
                : Refuse(Errors.InvalidClient, "The client is no longer known.");
        }

        // A code or a refresh token: looked up anew, so that a changed role counts from the next refresh on.
        var earlier = (await http.AuthenticateAsync(OpenIddictServerAspNetCoreDefaults.AuthenticationScheme)).Principal;
        return settings.People.Find(one => one.Id == earlier?.GetClaim(Claims.Subject)) is { } person
            ? SignIn(Tokens.Of(person, settings, earlier!.GetScopes()))
            : Refuse(Errors.InvalidGrant, "The person is no longer known.");
    }

    private static IResult SignIn(System.Security.Claims.ClaimsPrincipal principal) =>
        TypedResults.SignIn(principal, authenticationScheme: OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);

    private static IResult Refuse(string error, string description) => TypedResults.Forbid(new(new Dictionary<string, string?>
    {
        [OpenIddictServerAspNetCoreConstants.Properties.Error] = error,
        [OpenIddictServerAspNetCoreConstants.Properties.ErrorDescription] = description,
    }), [OpenIddictServerAspNetCoreDefaults.AuthenticationScheme]);
}
