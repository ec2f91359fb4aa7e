using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;

namespace ServiceDefaults;

/// <summary>Whose access tokens count here. Bound from the section <c>Authentication</c>; any OpenID Connect provider will do.</summary>
public sealed class TokenAuthority : IValidatableObject
{
    public const string Section = "Authentication";

    /// <summary>The issuer's address, under which <c>/.well-known/openid-configuration</c> is served. Plain http only on this machine.</summary>
    [Required]
    public Uri? Authority { get; set; }

    /// <summary>The <c>aud</c> our APIs answer to.</summary>
    [Required]
    public string Audience { get; set; } = "";

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!IsAcceptable(Authority))
        {
            yield return new(Unacceptable, [nameof(Authority)]);
        }
    }

    internal const string Unacceptable = "Authentication:Authority must be an absolute https address; plain http only for this machine (loopback).";

    internal static bool IsAcceptable(Uri? authority) =>
        authority is { IsAbsoluteUri: true } && (authority.Scheme == Uri.UriSchemeHttps || (authority.Scheme == Uri.UriSchemeHttp && authority.IsLoopback));
}

/// <summary>Every endpoint takes a bearer token of the configured authority, unless it says AllowAnonymous.</summary>
internal static class BearerTokens
{
    /// <summary>Set on a request whose token could not be checked because the authority's keys were never to be had.</summary>
    public static readonly object AuthorityUnavailable = new();

    /// <summary>Set on a request that carried a token which is not valid here.</summary>
    public static readonly object TokenRefused = new();

    public static void AddBearerTokens(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<TokenAuthority>().BindConfiguration(TokenAuthority.Section).ValidateDataAnnotations().ValidateOnStart();

        builder.Services.AddAuthentication(JwtBearerDefaults.AuthenticationScheme).AddJwtBearer();
        builder.Services.AddOptions<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme).Configure<IOptions<TokenAuthority>>((bearer, bound) =>
        {
            var authority = bound.Value;
            bearer.Authority = authority.Authority!.ToString();
            bearer.Audience = authority.Audience;
            bearer.RequireHttpsMetadata = authority.Authority.Scheme == Uri.UriSchemeHttps;
            bearer.MapInboundClaims = false;
            bearer.BackchannelTimeout = TimeSpan.FromSeconds(5);
            bearer.TokenValidationParameters.ValidTypes = ["at+jwt", "JWT"];
            bearer.TokenValidationParameters.ValidAlgorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"];
            bearer.TokenValidationParameters.NameClaimType = "name";
            bearer.TokenValidationParameters.RoleClaimType = "role";
            bearer.TokenValidationParameters.ClockSkew = TimeSpan.FromSeconds(30);
            bearer.Events = new()
            {
                OnAuthenticationFailed = NoticeMissingKeys,
                OnChallenge = TellWhy,
                OnForbidden = NameTheScopes,
            };
        });

        builder.Services.AddAuthorizationBuilder().SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAssertion(SignedIn).Build());
    }

    // Where no route of ours matched, nothing is protected: the caller deserves to hear 404 or 405 rather than 401.
    private static bool SignedIn(AuthorizationHandlerContext context) =>
        context.User.Identity is { IsAuthenticated: true } || (context.Resource is HttpContext http && http.GetEndpoint() is not RouteEndpoint);

    // A good token must not look bad only because the authority is down: callers would throw it away and fetch another, from the same authority.
    private static async Task NoticeMissingKeys(AuthenticationFailedContext context)
    {
        if (context.Options.ConfigurationManager is not { } authority || context.Exception is SecurityTokenExpiredException or SecurityTokenMalformedException)
        {
            return;
        }

        try
        {
            await authority.GetConfigurationAsync(context.HttpContext.RequestAborted);
        }
        catch (Exception exception) when (exception is InvalidOperationException or HttpRequestException or IOException)
        {
            context.HttpContext.Items[AuthorityUnavailable] = true;
        }
    }

    private static Task TellWhy(JwtBearerChallengeContext context)
    {
        if (context.HttpContext.Items.ContainsKey(AuthorityUnavailable))
        {
            context.HandleResponse();
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            context.Response.Headers.RetryAfter = "5";
        }
        else if (context.AuthenticateFailure is not null)
        {
            context.HttpContext.Items[TokenRefused] = true;
        }

        return Task.CompletedTask;
    }

    // RFC 6750, section 3.1.
    private static Task NameTheScopes(ForbiddenContext context)
    {
        if (Scopes.Missing(context.HttpContext) is { Count: > 0 } missing)
        {
            context.Response.Headers.WWWAuthenticate = $"Bearer error=\"insufficient_scope\", scope=\"{string.Join(' ', missing)}\"";
        }

        return Task.CompletedTask;
    }
}
