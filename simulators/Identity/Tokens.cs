using System.Security.Claims;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Abstractions;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Identity;

/// <summary>What the tokens say about a person or a client.</summary>
internal static class Tokens
{
    /// <summary>The tenant the bearer belongs to.</summary>
    public const string Organization = "organization";

    private static readonly string[] ForPeople = [Scopes.OpenId, Scopes.Profile, Scopes.Email, Scopes.OfflineAccess];

    /// <summary>What is asked for, but of the APIs only what the person's role allows.</summary>
    public static ClaimsPrincipal Of(Person person, Settings settings, IEnumerable<string> asked)
    {
        var identity = NewIdentity(person.Id, person.Name);
        identity.SetClaim(Claims.Email, person.Email).SetClaim(Claims.Role, person.Role).SetClaim(Organization, person.Organization);
        return Finish(identity, settings, asked.Intersect([.. ForPeople, .. settings.Roles.GetValueOrDefault(person.Role, [])]));
    }

    /// <summary>What is asked for, or everything the client is allowed where it asks for nothing. The server has refused what it is not allowed.</summary>
    public static ClaimsPrincipal Of(Client client, Settings settings, IReadOnlyCollection<string> asked)
    {
        var identity = NewIdentity(client.Id, client.Name);
        identity.SetClaim(Organization, client.Organization);
        return Finish(identity, settings, asked.Count > 0 ? asked : client.Scopes);
    }

    private static ClaimsIdentity NewIdentity(string subject, string name) =>
        new ClaimsIdentity(TokenValidationParameters.DefaultAuthenticationType, Claims.Name, Claims.Role)
            .SetClaim(Claims.Subject, subject).SetClaim(Claims.Name, name);

    private static ClaimsPrincipal Finish(ClaimsIdentity identity, Settings settings, IEnumerable<string> scopes)
    {
        identity.SetScopes(scopes).SetResources(settings.Audience);
        identity.SetDestinations(claim => claim.Type switch
        {
            Claims.Email when identity.HasScope(Scopes.Email) => [Destinations.IdentityToken],
            Claims.Email => [],
            _ when identity.HasScope(Scopes.Profile) => [Destinations.AccessToken, Destinations.IdentityToken],
            _ => [Destinations.AccessToken],
        });
        return new(identity);
    }
}
