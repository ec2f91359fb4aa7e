using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace EventSourcing;

/// <summary>
/// The organization (tenant) this request, message or work item belongs to. Everything that reads or writes a stream asks here, so
/// tenant isolation is decided in one place. It can be bound once; a second, different organization in one scope is a bug and throws.
/// </summary>
public sealed partial class OrganizationScope
{
    private string? organization;

    /// <summary>The organization; throws when nothing bound it, so that nothing is ever read or written for "no tenant".</summary>
    public string Organization => organization ?? throw new InvalidOperationException("No organization is bound to this scope.");

    /// <summary>Is an organization bound?</summary>
    public bool IsBound => organization is not null;

    /// <summary>Is this a well-formed organization id: 1 to 63 lower-case letters, digits and inner hyphens?</summary>
    public static bool IsWellFormed(string? organization) => organization is not null && Slug().IsMatch(organization);

    /// <summary>Binds the scope to an organization.</summary>
    public void Bind(string organization)
    {
        if (!IsWellFormed(organization))
        {
            throw new ArgumentException("An organization id is 1 to 63 lower-case letters, digits and inner hyphens.", nameof(organization));
        }

        if (this.organization is not null && this.organization != organization)
        {
            throw new InvalidOperationException("This scope is bound to another organization.");
        }

        this.organization = organization;
    }

    [GeneratedRegex("^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$", RegexOptions.CultureInvariant)]
    private static partial Regex Slug();
}

/// <summary>On an endpoint: what is sent tells the organization, so a caller who acts for all of them need not name one.</summary>
public sealed record FindsOrganization;

/// <summary>Binds the request's organization from its access token.</summary>
public static class OrganizationMiddleware
{
    /// <summary>The claim that names the organization a token was issued for.</summary>
    public const string OrganizationClaim = "organization";

    /// <summary>The scope of our own services, which act for every organization and name it per request.</summary>
    public const string AnyOrganizationScope = "organizations.any";

    /// <summary>The header in which they name it. From any other caller it must equal the token's organization.</summary>
    public const string OrganizationHeader = "X-Organization";

    /// <summary>Lets callers who act for every organization name none: the endpoint finds it in what they send, and opens a session of it itself.</summary>
    public static TBuilder FindsOrganizationItself<TBuilder>(this TBuilder routes)
        where TBuilder : IEndpointConventionBuilder
        => routes.WithMetadata(new FindsOrganization());

    /// <summary>Call after authentication. Anonymous requests pass unbound: what they may touch binds the organization itself.</summary>
    public static IApplicationBuilder UseOrganization(this IApplicationBuilder app) => app.Use(async (HttpContext http, RequestDelegate next) =>
    {
        if (http.User.Identity is not { IsAuthenticated: true })
        {
            await next(http);
            return;
        }

        var claimed = http.User.FindFirst(OrganizationClaim)?.Value;
        var asked = http.Request.Headers[OrganizationHeader].ToString() is { Length: > 0 } header ? header : null;
        var mayNameAny = http.User.FindAll("scope").SelectMany(claim => claim.Value.Split(' ')).Contains(AnyOrganizationScope);
        var organization = mayNameAny ? asked ?? claimed : claimed;

        if (asked is not null && asked != organization)
        {
            await Problems.Of(StatusCodes.Status403Forbidden, "organization.not-yours", "This access token belongs to another organization than the X-Organization header names.").ExecuteAsync(http);
        }
        else if (organization is null && mayNameAny && http.GetEndpoint()?.Metadata.GetMetadata<FindsOrganization>() is not null)
        {
            await next(http);
        }
        else if (!OrganizationScope.IsWellFormed(organization))
        {
            await Problems.Of(StatusCodes.Status403Forbidden, "organization.missing", "The access token names no organization. Ask for one with the claim \"organization\", or name it in X-Organization if your client acts for several.").ExecuteAsync(http);
        }
        else
        {
            http.RequestServices.GetRequiredService<OrganizationScope>().Bind(organization!);
            System.Diagnostics.Activity.Current?.SetTag("creator_connections.organization", organization);
            await next(http);
        }
    });
}
