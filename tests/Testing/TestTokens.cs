using System.Security.Cryptography;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Testing;

/// <summary>Access tokens of an issuer that exists in this process only.</summary>
public static class TestTokens
{
    public const string Issuer = "https://issuer.test/";
    public const string Audience = "creator-connections";
    private static readonly RsaSecurityKey Key = new(RSA.Create(2048)) { KeyId = "test" };

    /// <summary>A token bound to an organization, or of one of our own services when <paramref name="organization"/> is null.</summary>
    public static string Of(string? organization, params string[] scopes) => OfPerson("somebody", organization, scopes);

    /// <summary>The same for somebody in particular.</summary>
    public static string OfPerson(string person, string? organization, params string[] scopes)
    {
        var claims = new Dictionary<string, object> { ["sub"] = person, ["client_id"] = "test", ["scope"] = string.Join(' ', scopes) };
        if (organization is not null)
        {
            claims["organization"] = organization;
        }

        return new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = Issuer,
            Audience = Audience,
            TokenType = "at+jwt",
            Expires = DateTime.UtcNow.AddHours(1),
            Claims = claims,
            SigningCredentials = new(Key, SecurityAlgorithms.RsaSha256),
        });
    }

    /// <summary>Makes a host trust them: the issuer's configuration is given, so nothing is fetched.</summary>
    public static void Trust(IServiceCollection services) => services.PostConfigure<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme, bearer =>
    {
        var configuration = new OpenIdConnectConfiguration { Issuer = Issuer, SigningKeys = { Key } };
        bearer.Configuration = configuration;
        bearer.ConfigurationManager = new StaticConfigurationManager<OpenIdConnectConfiguration>(configuration);
    });
}
