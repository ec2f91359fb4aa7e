using System.Security.Claims;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace ServiceDefaults;

/// <summary>A scope an endpoint asks for; in the endpoint's metadata, for the API description and the refusal's words.</summary>
public sealed record RequiredScope(string Scope);

/// <summary>What a token was issued for.</summary>
public static class Scopes
{
    /// <summary>Only tokens that carry <paramref name="scope"/>; on a group and on a route of it, both are needed.</summary>
    public static TBuilder RequireScope<TBuilder>(this TBuilder routes, string scope) where TBuilder : IEndpointConventionBuilder
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(scope);
        return routes
            .WithMetadata(new RequiredScope(scope))
            .RequireAuthorization(policy => policy.RequireAuthenticatedUser().RequireAssertion(context => context.User.HasScope(scope)));
    }

    /// <summary>Does the token carry this scope? RFC 9068 writes all scopes into one claim, separated by spaces; some providers write a claim each.</summary>
    public static bool HasScope(this ClaimsPrincipal principal, string scope) =>
        principal.FindAll("scope").Any(claim => claim.Value.Split(' ').Contains(scope, StringComparer.Ordinal));

    internal static IReadOnlyList<string> Missing(HttpContext http)
    {
        var required = http.GetEndpoint()?.Metadata.GetOrderedMetadata<RequiredScope>() ?? [];
        return [.. required.Select(one => one.Scope).Distinct().Where(scope => !http.User.HasScope(scope))];
    }
}
