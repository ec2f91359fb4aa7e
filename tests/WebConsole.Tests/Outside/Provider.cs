using System.Collections.Concurrent;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace WebConsole.Tests.Outside;

public sealed record Person(string Key, string Name, string Role, string Organization);

/// <summary>A small OpenID Connect provider on loopback: code flow with PKCE, refresh tokens that are good once, user info, sign-out.</summary>
public sealed class Provider : IAsyncDisposable
{
    public static readonly Person Maya = new("maya", "Maya Lindqvist", "Manager", "aurora");
    public static readonly Person Victor = new("victor", "Victor Osei", "Viewer", "aurora");
    public static readonly Person Ada = new("ada", "Ada Moreau", "Admin", "aurora");

    private static readonly Person[] People = [Maya, Victor, Ada];

    private readonly RsaSecurityKey key = new(RSA.Create(2048)) { KeyId = "1" };
    private readonly ConcurrentDictionary<string, (Person Person, string Nonce, string Challenge, string Scope, string RedirectUri)> codes = new();
    private readonly ConcurrentDictionary<string, (Person Person, string Scope)> refreshTokens = new();
    private readonly WebApplication app;
    private int refreshes;

    private Provider(WebApplication app) => this.app = app;

    public string Address => app.Urls.First();

    /// <summary>How long the access token lives that somebody gets who signs in.</summary>
    public TimeSpan FirstLifetime { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How long an access token lives that is had for a refresh token.</summary>
    public TimeSpan RefreshedLifetime { get; set; } = TimeSpan.FromHours(1);

    public int Refreshes => refreshes;

    public static async Task<Provider> Start(int port = 0)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        var provider = new Provider(builder.Build());
        provider.Map();
        await provider.app.StartAsync();
        return provider;
    }

    /// <summary>From now on no refresh token is good any more, as after an administrator ended all sessions.</summary>
    public void EndAllSessions() => refreshTokens.Clear();

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private void Map()
    {
        app.MapGet("/.well-known/openid-configuration", () => new Dictionary<string, object>
        {
            ["issuer"] = Address,
            ["authorization_endpoint"] = $"{Address}/authorize",
            ["token_endpoint"] = $"{Address}/token",
            ["userinfo_endpoint"] = $"{Address}/userinfo",
            ["end_session_endpoint"] = $"{Address}/end-session",
            ["jwks_uri"] = $"{Address}/keys",
            ["response_types_supported"] = new[] { "code" },
            ["subject_types_supported"] = new[] { "public" },
            ["id_token_signing_alg_values_supported"] = new[] { "RS256" },
        });
        app.MapGet("/keys", () =>
        {
            var parameters = key.Rsa.ExportParameters(false);
            return new { keys = new[] { new { kty = "RSA", use = "sig", kid = key.KeyId, alg = "RS256", n = Base64UrlEncoder.Encode(parameters.Modulus), e = Base64UrlEncoder.Encode(parameters.Exponent) } } };
        });
        app.MapGet("/authorize", (HttpContext http) =>
        {
            var query = http.Request.Query;
            if (People.FirstOrDefault(person => person.Key == query["person"]) is not { } chosen)
            {
                var links = People.Select(person => $"<p><a href=\"{http.Request.Path}{http.Request.QueryString}&person={person.Key}\">{person.Name}</a></p>");
                return Results.Content($"<!doctype html><title>Who are you?</title><h1>Who are you?</h1>{string.Concat(links)}", "text/html");
            }

            var code = WebEncoders.Base64UrlEncode(RandomNumberGenerator.GetBytes(24));
            codes[code] = (chosen, query["nonce"]!, query["code_challenge"]!, query["scope"]!, query["redirect_uri"]!);
            return Results.Redirect(QueryHelpers.AddQueryString(query["redirect_uri"]!, new Dictionary<string, string?> { ["code"] = code, ["state"] = query["state"] }));
        });
        app.MapPost("/token", async (HttpContext http) =>
        {
            var form = await http.Request.ReadFormAsync();
            if (form["client_id"] != "web-console" || form["client_secret"] != "web-console-secret")
            {
                return Results.Json(new { error = "invalid_client" }, statusCode: 401);
            }

            if (form["grant_type"] == "refresh_token")
            {
                Interlocked.Increment(ref refreshes);
                return refreshTokens.TryRemove(form["refresh_token"]!, out var known) ? Grant(known.Person, known.Scope, null) : Results.Json(new { error = "invalid_grant" }, statusCode: 400);
            }

            var challenge = WebEncoders.Base64UrlEncode(SHA256.HashData(Encoding.ASCII.GetBytes(form["code_verifier"].ToString())));
            return codes.TryRemove(form["code"]!, out var asked) && asked.Challenge == challenge && asked.RedirectUri == form["redirect_uri"]
                ? Grant(asked.Person, asked.Scope, asked.Nonce)
                : Results.Json(new { error = "invalid_grant" }, statusCode: 400);
        });
        app.MapGet("/userinfo", (HttpContext http) =>
        {
            var token = new JsonWebTokenHandler().ReadJsonWebToken(http.Request.Headers.Authorization.ToString()["Bearer ".Length..]);
            return People.Where(person => person.Key == token.Subject).Select(person => new { sub = person.Key, name = person.Name, role = person.Role, organization = person.Organization }).First();
        });
        app.MapGet("/end-session", (string post_logout_redirect_uri, string? state) =>
            Results.Redirect(QueryHelpers.AddQueryString(post_logout_redirect_uri, "state", state ?? "")));
    }

    private IResult Grant(Person person, string scope, string? nonce)
    {
        var lifetime = nonce is null ? RefreshedLifetime : FirstLifetime;
        // As a real provider does: nobody gets what their role may not do.
        var granted = string.Join(' ', scope.Split(' ').Where(one => person.Role switch
        {
            "Viewer" => !one.StartsWith("webhooks.", StringComparison.Ordinal) && !one.EndsWith(".send", StringComparison.Ordinal) && !one.EndsWith(".write", StringComparison.Ordinal) && !one.EndsWith(".manage", StringComparison.Ordinal) && one != "ops",
            "Manager" => one != "ops" && !one.StartsWith("webhooks.", StringComparison.Ordinal),
            _ => true,
        }));
        var refreshToken = WebEncoders.Base64UrlEncode(RandomNumberGenerator.GetBytes(24));
        refreshTokens[refreshToken] = (person, scope);
        return Results.Json(new
        {
            access_token = Token("creator-connections", person, [new("scope", granted), new("jti", Guid.NewGuid().ToString())], "at+jwt", lifetime),
            id_token = Token("web-console", person, nonce is null ? [] : [new("nonce", nonce)], "JWT", lifetime),
            refresh_token = refreshToken,
            token_type = "Bearer",
            expires_in = (int)lifetime.TotalSeconds,
        });
    }

    private string Token(string audience, Person person, Claim[] more, string type, TimeSpan lifetime) => new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
    {
        Issuer = Address,
        Audience = audience,
        TokenType = type,
        Expires = DateTime.UtcNow + lifetime,
        SigningCredentials = new(key, SecurityAlgorithms.RsaSha256),
        Subject = new([new("sub", person.Key), new("name", person.Name), new("role", person.Role), new("organization", person.Organization), .. more]),
    });
}
