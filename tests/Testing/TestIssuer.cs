using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Testing;

/// <summary>An issuer of access tokens on a real socket, for services in processes of their own.</summary>
public sealed class TestIssuer
{
    private readonly RsaSecurityKey key = new(RSA.Create(2048)) { KeyId = "test" };
    private readonly Func<string> address;

    /// <summary>Answers at an application: discovery, keys, and a token of every organization with <paramref name="serviceScopes"/> to whatever service asks.</summary>
    public TestIssuer(WebApplication app, string serviceScopes)
    {
        address = () => app.Urls.Single();
        app.MapGet("/.well-known/openid-configuration", () => new { issuer = address(), jwks_uri = $"{address()}/keys", token_endpoint = $"{address()}/token" });
        app.MapGet("/keys", () => new { keys = new[] { PublicKey() } });
        app.MapPost("/token", () => new { access_token = Token(null, serviceScopes), token_type = "Bearer", expires_in = 300 });
    }

    /// <summary>A token of somebody in an organization; of no organization without one.</summary>
    public string Token(string? organization, string scope)
    {
        var claims = new Dictionary<string, object> { ["sub"] = "maya", ["scope"] = scope };
        if (organization is not null)
        {
            claims["organization"] = organization;
        }

        return new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = address(),
            Audience = "creator-connections",
            TokenType = "at+jwt",
            Expires = DateTime.UtcNow.AddHours(1),
            Claims = claims,
            SigningCredentials = new(key, SecurityAlgorithms.RsaSha256),
        });
    }

    private object PublicKey()
    {
        var rsa = key.Rsa.ExportParameters(includePrivateParameters: false);
        return new { kty = "RSA", use = "sig", kid = key.KeyId, n = Base64UrlEncoder.Encode(rsa.Modulus), e = Base64UrlEncoder.Encode(rsa.Exponent) };
    }
}
