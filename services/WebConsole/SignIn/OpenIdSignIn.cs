using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace WebConsole.SignIn;

/// <summary>Where people sign in, and as which client the console asks. Bound from the section <c>Authentication</c>; any OpenID Connect provider will do.</summary>
public sealed class SignInOptions : IValidatableObject
{
    public const string Section = "Authentication";

    /// <summary>The provider's address, under which <c>/.well-known/openid-configuration</c> is served. Plain http only on this machine.</summary>
    [Required]
    public Uri? Authority { get; set; }

    [Required]
    public string ClientId { get; set; } = "";

    [Required]
    public string ClientSecret { get; set; } = "";

    /// <summary>The scopes asked for, separated by spaces. What the person's role does not allow, the provider leaves out of the token.</summary>
    [Required]
    public string Scopes { get; set; } = "openid profile offline_access campaigns.read campaigns.write contacts.read connections.read connections.write outreach.read outreach.send outreach.manage ops webhooks.read webhooks.manage";

    /// <summary>The claim of the identity token that names the person's role: Viewer, Manager or Admin.</summary>
    [Required]
    public string RoleClaim { get; set; } = "role";

    /// <summary>How long a session lasts without use.</summary>
    public TimeSpan SessionLength { get; set; } = TimeSpan.FromHours(8);

    /// <summary>How long before its end an access token is replaced.</summary>
    public TimeSpan RefreshMargin { get; set; } = TimeSpan.FromMinutes(1);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        var encrypted = Authority is { IsAbsoluteUri: true } && Authority.Scheme == Uri.UriSchemeHttps;
        if (!encrypted && Authority is not { IsAbsoluteUri: true, IsLoopback: true })
        {
            yield return new("Authentication:Authority must be an absolute https address; http is accepted only for this machine (loopback).", [nameof(Authority)]);
        }
    }
}

/// <summary>Sign-in by OpenID Connect: code flow with PKCE, a cookie that only names the session, and sign-out at the provider too.</summary>
public static class OpenIdSignIn
{
    public static void AddSignIn(this WebApplicationBuilder builder, DirectoryInfo? sessions)
    {
        var services = builder.Services;
        services.AddOptions<SignInOptions>().BindConfiguration(SignInOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<ISessionFiles>(sessions is null ? new SessionsInMemory() : new SessionsOnDisk(sessions));
        services.AddSingleton<Sessions>();
        services.AddSingleton<AccessTokens>();
        services.AddScoped<Caller>();
        services.AddAuthorization(Roles.Define);

        services.AddAuthentication(options =>
        {
            options.DefaultScheme = CookieAuthenticationDefaults.AuthenticationScheme;
            options.DefaultChallengeScheme = OpenIdConnectDefaults.AuthenticationScheme;
        }).AddCookie().AddOpenIdConnect();

        services.AddOptions<CookieAuthenticationOptions>(CookieAuthenticationDefaults.AuthenticationScheme)
            .Configure<Sessions, IOptions<SignInOptions>>((cookie, store, bound) =>
            {
                cookie.Cookie.Name = "creator-connections-session";
                cookie.Cookie.SameSite = SameSiteMode.Lax;
                cookie.SessionStore = store;
                cookie.ExpireTimeSpan = bound.Value.SessionLength;
                cookie.SlidingExpiration = true;
                cookie.AccessDeniedPath = "/not-allowed";
            });

        services.AddOptions<OpenIdConnectOptions>(OpenIdConnectDefaults.AuthenticationScheme)
            .Configure<IOptions<SignInOptions>>((oidc, bound) => Configure(oidc, bound.Value));
    }

    public static void MapSignOut(this WebApplication app) => app.MapPost("/sign-out", async (HttpContext http, IAntiforgery antiforgery) =>
    {
        if (!await antiforgery.IsRequestValidAsync(http))
        {
            return Results.LocalRedirect("/");
        }

        return Results.SignOut(new() { RedirectUri = "/signed-out" },
            [CookieAuthenticationDefaults.AuthenticationScheme, OpenIdConnectDefaults.AuthenticationScheme]);
    }).RequireAuthorization();

    private static void Configure(OpenIdConnectOptions oidc, SignInOptions options)
    {
        oidc.Authority = options.Authority!.ToString();
        oidc.RequireHttpsMetadata = options.Authority.Scheme == Uri.UriSchemeHttps;
        oidc.ClientId = options.ClientId;
        oidc.ClientSecret = options.ClientSecret;
        oidc.ResponseType = OpenIdConnectResponseType.Code;
        // The answer comes as a redirect, not as a form posted from another site: so lax cookies are enough, over plain http on this machine too.
        oidc.ResponseMode = OpenIdConnectResponseMode.Query;
        oidc.CorrelationCookie.SameSite = SameSiteMode.Lax;
        oidc.NonceCookie.SameSite = SameSiteMode.Lax;
        oidc.UsePkce = true;
        oidc.SaveTokens = true;
        oidc.MapInboundClaims = false;
        oidc.GetClaimsFromUserInfoEndpoint = true;
        oidc.ClaimActions.MapUniqueJsonKey("name", "name");
        oidc.ClaimActions.MapUniqueJsonKey(options.RoleClaim, options.RoleClaim);
        oidc.ClaimActions.MapUniqueJsonKey("organization", "organization");
        oidc.TokenValidationParameters.NameClaimType = "name";
        oidc.TokenValidationParameters.RoleClaimType = options.RoleClaim;
        oidc.DisableTelemetry = true;
        oidc.SignedOutRedirectUri = "/signed-out";
        oidc.Scope.Clear();
        foreach (var scope in options.Scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            oidc.Scope.Add(scope);
        }

        oidc.Events.OnRedirectToIdentityProvider = context =>
        {
            // Only a page can be sent to the sign-in; the page's own connection and other calls hear a plain no.
            if (!HttpMethods.IsGet(context.Request.Method) || context.Request.Path.StartsWithSegments("/_blazor"))
            {
                context.Response.StatusCode = StatusCodes.Status401Unauthorized;
                context.HttpContext.Features.Get<IStatusCodePagesFeature>()?.Enabled = false;
                context.HandleResponse();
            }

            return Task.CompletedTask;
        };
        oidc.Events.OnRemoteFailure = context =>
        {
            context.Response.Redirect("/sign-in-failed");
            context.HandleResponse();
            return Task.CompletedTask;
        };
    }
}
