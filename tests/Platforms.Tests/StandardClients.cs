using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authentication.OAuth;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenIddict.Abstractions;
using OpenIddict.Client;
using OpenIddict.Client.AspNetCore;
using Platforms.Tests.Kit;

namespace Platforms.Tests;

/// <summary>
/// OAuth clients that know nothing of the simulator, unmodified: OpenIddict's Google provider by discovery, and the handler that comes with ASP.NET Core.
/// Each stands where our hub stands, and a browser goes to and fro.
/// </summary>
public sealed class StandardClients : IAsyncLifetime
{
    private const string Handle = "ana.cooks";
    private const string Start = "/connect";

    private Simulator simulator = null!;
    private WebApplication? client;

    public async ValueTask InitializeAsync() => simulator = await Simulator.Start();

    public async ValueTask DisposeAsync()
    {
        await (client?.DisposeAsync() ?? ValueTask.CompletedTask);
        await simulator.DisposeAsync();
    }

    [Fact]
    public async Task OpenIddict_discovers_Google_checks_the_id_token_refreshes_and_revokes()
    {
        var answer = await Run("/google", OpenIddictApp);
        var service = client!.Services.GetRequiredService<OpenIddictClientService>();
        var refreshed = await service.AuthenticateWithRefreshTokenAsync(new() { RefreshToken = answer.GetProperty("refresh").GetString()!, ProviderName = "Google" });
        var channels = await new GoogleApp(simulator).Channels(refreshed.AccessToken);
        await service.RevokeTokenAsync(new() { Token = answer.GetProperty("refresh").GetString()!, ProviderName = "Google" });
        var refused = await Should.ThrowAsync<OpenIddictExceptions.ProtocolException>(
            async () => await service.AuthenticateWithRefreshTokenAsync(new() { RefreshToken = answer.GetProperty("refresh").GetString()!, ProviderName = "Google" }));

        answer.GetProperty("email").GetString().ShouldBe($"{Handle}@gmail.example");
        answer.GetProperty("issuer").GetString().ShouldStartWith("https://accounts.google.com");
        channels.Status.ShouldBe(HttpStatusCode.OK);
        refused.Error.ShouldBe("invalid_grant");
    }

    [Fact]
    public async Task AspNetCores_OAuth_handler_trades_Instagrams_code_when_it_is_answered_flat()
    {
        await simulator.Switch(new { instagram = new { token = "Flat" } });
        var token = (await Run("/instagram", InstagramHandlerApp)).GetProperty("token").GetString()!;

        (await new InstagramApp(simulator).Me(token)).Text("username").ShouldBe(Handle);
        (await new InstagramApp(simulator).Lengthen(token)).Text("token_type").ShouldBe("bearer");
    }

    [Fact]
    public async Task AspNetCores_OAuth_handler_finds_no_token_in_Instagrams_documented_answer()
    {
        // By its documentation Instagram wraps the token in an array "data", which no standard client looks into: the same happens with the real one.
        var failure = await Run("/instagram", InstagramHandlerApp);

        failure.GetProperty("failure").GetString()!.ShouldContain("access token", Case.Insensitive);
    }

    [Fact]
    public async Task TikTok_turns_away_a_client_that_calls_its_key_client_id()
    {
        // TikTok says client_key where RFC 6749 says client_id, so a standard client does not get past the consent page.
        var page = await simulator.Get($"/tiktok/www/v2/auth/authorize/?client_id=tt-client-key&redirect_uri={simulator.Redirect("tiktok")}&response_type=code&scope=user.info.basic");
        var answer = await simulator.PostForm(
            "/tiktok/open/v2/oauth/token/",
            ("client_id", "tt-client-key"),
            ("client_secret", TikTokApp.Secret),
            ("grant_type", "authorization_code"),
            ("redirect_uri", simulator.Redirect("tiktok")),
            ("code", await new TikTokApp(simulator).Code(Handle)));

        page.Status.ShouldBe(HttpStatusCode.BadRequest);
        answer.Text("error").ShouldBe("invalid_client");
    }

    private void OpenIddictApp(WebApplicationBuilder builder)
    {
        builder.Services.AddOpenIddict().AddClient(options =>
        {
            options.AllowAuthorizationCodeFlow().AllowRefreshTokenFlow();
            options.DisableTokenStorage().AddEphemeralEncryptionKey().AddEphemeralSigningKey();
            options.UseAspNetCore().EnableRedirectionEndpointPassthrough().DisableTransportSecurityRequirement();
            options.UseSystemNetHttp();
            options.UseWebProviders().AddGoogle(google => google
                .SetClientId(GoogleApp.ClientId)
                .SetClientSecret("google-secret")
                .SetRedirectUri("hub/callback/youtube")
                .SetAccessType("offline")
                .SetPrompt("consent")
                .AddScopes(GoogleApp.YouTube, GoogleApp.Analytics, "openid", "email"));
        });
        builder.Services.Configure<OpenIddictClientOptions>(options =>
            options.Registrations.Single().ConfigurationEndpoint = new($"{simulator.Http.BaseAddress}google/accounts/.well-known/openid-configuration"));
        // Without TLS on this machine a browser would drop a cookie that is marked Secure.
        builder.Services.Configure<OpenIddictClientAspNetCoreOptions>(options => options.CookieBuilder.SecurePolicy = CookieSecurePolicy.SameAsRequest);
        builder.Services.AddAuthentication();
    }

    private void InstagramHandlerApp(WebApplicationBuilder builder) => builder.Services
        .AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme)
        .AddCookie()
        .AddOAuth("Instagram", options =>
        {
            options.ClientId = "1234567890";
            options.ClientSecret = InstagramApp.Secret;
            options.AuthorizationEndpoint = $"{simulator.Http.BaseAddress}instagram/www/oauth/authorize";
            options.TokenEndpoint = $"{simulator.Http.BaseAddress}instagram/api/oauth/access_token";
            options.CallbackPath = "/hub/callback/instagram";
            options.Scope.Add(InstagramApp.Basic);
            options.CorrelationCookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            options.CorrelationCookie.SameSite = SameSiteMode.Lax;
            options.Events = new OAuthEvents
            {
                OnCreatingTicket = context => context.Response.WriteAsJsonAsync(new { token = context.AccessToken }),
                OnRemoteFailure = context =>
                {
                    context.HandleResponse();
                    return context.Response.WriteAsJsonAsync(new { failure = context.Failure!.Message });
                },
                OnTicketReceived = context =>
                {
                    context.HandleResponse();
                    return Task.CompletedTask;
                },
            };
        });

    // Starts the client, tells the platforms that it is our hub, and sends a browser through.
    private async Task<JsonElement> Run(string consent, Action<WebApplicationBuilder> configure)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        configure(builder);
        client = builder.Build();
        client.UseAuthentication();
        client.MapGet(Start, () => Results.Challenge(new() { RedirectUri = "/" }, [consent is "/google" ? OpenIddictClientAspNetCoreDefaults.AuthenticationScheme : "Instagram"]));
        client.MapGet("/hub/callback/youtube", (Delegate)GoogleCallback);
        await client.StartAsync();
        await simulator.Switch(new { hubPublicUrl = client.Urls.Single() });

        using var browser = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = true, CookieContainer = new() }) { BaseAddress = new(client.Urls.Single()) };
        var challenge = await browser.GetAsync(Start);
        challenge.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        challenge.Headers.Location!.AbsolutePath.ShouldStartWith(consent);
        var callback = await (await ConsentForm.Open(simulator, challenge.Headers.Location.PathAndQuery)).Allow(Handle);
        var answer = await browser.GetAsync(new Uri(callback.Address).PathAndQuery);
        var body = await answer.Content.ReadAsStringAsync();
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, body);
        return JsonSerializer.Deserialize<JsonElement>(body);
    }

    private static async Task<IResult> GoogleCallback(HttpContext http)
    {
        var result = await http.AuthenticateAsync(OpenIddictClientAspNetCoreDefaults.AuthenticationScheme);
        return Results.Json(new
        {
            refresh = result.Properties?.GetTokenValue(OpenIddictClientAspNetCoreConstants.Tokens.RefreshToken),
            issuer = result.Principal?.FindFirst("iss")?.Value,
            email = result.Principal?.FindFirst("email")?.Value,
        });
    }
}
