using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Benchmarks;

/// <summary>What a service in a process of its own asks over HTTP: an issuer of tokens, and the names and addresses of creators.</summary>
internal sealed class Around : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly RsaSecurityKey key = new(RSA.Create(2048)) { KeyId = "benchmark" };

    private Around(WebApplication app) => this.app = app;

    public string Address => app.Urls.Single();

    public static async Task<Around> Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var around = new Around(app);
        app.MapGet("/.well-known/openid-configuration", () => new { issuer = around.Address, jwks_uri = $"{around.Address}/keys", token_endpoint = $"{around.Address}/token" });
        app.MapGet("/keys", () =>
        {
            var rsa = around.key.Rsa.ExportParameters(includePrivateParameters: false);
            return new { keys = new[] { new { kty = "RSA", use = "sig", kid = around.key.KeyId, n = Base64UrlEncoder.Encode(rsa.Modulus), e = Base64UrlEncoder.Encode(rsa.Exponent) } } };
        });
        app.MapPost("/token", () => new { access_token = around.Token(null), token_type = "Bearer", expires_in = 3600 });
        app.MapPost("/v1/creators/contacts", (Question question) => new
        {
            items = question.CreatorIds.Select(id => new { creatorId = id, name = "Ana Lima", email = $"{id:N}@creators.example", locale = "en-GB" }),
        });
        await app.StartAsync();
        return around;
    }

    /// <summary>A client of a service, as somebody of an organization.</summary>
    public HttpClient Client(Uri service, string organization)
    {
        var client = new HttpClient { BaseAddress = service, Timeout = TimeSpan.FromMinutes(2) };
        client.DefaultRequestHeaders.Authorization = new("Bearer", Token(organization));
        return client;
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private string Token(string? organization)
    {
        var claims = new Dictionary<string, object> { ["sub"] = "benchmark", ["scope"] = "outreach.read outreach.send organizations.any contacts.read campaigns.read" };
        if (organization is not null)
        {
            claims["organization"] = organization;
        }

        return new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = Address,
            Audience = "creator-connections",
            TokenType = "at+jwt",
            Expires = DateTime.UtcNow.AddHours(1),
            Claims = claims,
            SigningCredentials = new(key, SecurityAlgorithms.RsaSha256),
        });
    }

    private sealed record Question(Guid[] CreatorIds);
}
