using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace ServiceDefaults.Tests;

/// <summary>An issuer of tokens with a key of its own: discovery, keys and a token endpoint that counts what it is asked.</summary>
public sealed class Authority : IAsyncDisposable
{
    public const string Audience = "the-api";

    private readonly WebApplication app;
    private readonly RsaSecurityKey key = new(RSA.Create(2048)) { KeyId = Guid.NewGuid().ToString("N") };
    private int issued;

    private Authority(WebApplication app) => this.app = app;

    public string Issuer => app.Urls.Single() + "/";

    /// <summary>The forms posted to the token endpoint, with the Authorization header under <c>authorization</c>.</summary>
    public ConcurrentQueue<Dictionary<string, string>> Asked { get; } = [];

    /// <summary>What the token endpoint waits for before it answers.</summary>
    public Task Hold { get; set; } = Task.CompletedTask;

    public int RefuseWith { get; set; }

    public static async Task<Authority> Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var authority = new Authority(app);
        app.MapGet("/.well-known/openid-configuration", () => new
        {
            issuer = authority.Issuer,
            jwks_uri = $"{authority.Issuer}keys",
            token_endpoint = $"{authority.Issuer}token",
        });
        app.MapGet("/keys", () => new { keys = new[] { authority.PublicKey() } });
        app.MapPost("/token", authority.Issue);
        await app.StartAsync();
        return authority;
    }

    public string Token(
        string scope = "", string? issuer = null, string audience = Audience, string type = "at+jwt", TimeSpan? endsIn = null, Authority? signedBy = null,
        string? organization = "aurora", string client = "a-client", string person = "somebody")
    {
        var claims = new Dictionary<string, object> { ["sub"] = person, ["client_id"] = client, ["scope"] = scope };
        if (organization is not null)
        {
            claims["organization"] = organization;
        }

        var ends = DateTime.UtcNow + (endsIn ?? TimeSpan.FromMinutes(5));
        return new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = issuer ?? Issuer,
            Audience = audience,
            TokenType = type,
            NotBefore = ends - TimeSpan.FromHours(1),
            IssuedAt = ends - TimeSpan.FromHours(1),
            Expires = ends,
            Claims = claims,
            SigningCredentials = new((signedBy ?? this).key, SecurityAlgorithms.RsaSha256),
        });
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private object PublicKey()
    {
        var rsa = key.Rsa.ExportParameters(includePrivateParameters: false);
        return new { kty = "RSA", use = "sig", kid = key.KeyId, n = Base64UrlEncoder.Encode(rsa.Modulus), e = Base64UrlEncoder.Encode(rsa.Exponent) };
    }

    private async Task<IResult> Issue(HttpRequest request)
    {
        var form = (await request.ReadFormAsync()).ToDictionary(field => field.Key, field => field.Value.ToString());
        form["authorization"] = request.Headers.Authorization.ToString();
        Asked.Enqueue(form);
        await Hold;
        return RefuseWith is not 0
            ? Results.Json(new { error = "invalid_client" }, statusCode: RefuseWith)
            : Results.Json(new { access_token = $"token-{Interlocked.Increment(ref issued)}", token_type = "Bearer", expires_in = 600 });
    }
}
