using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Outreach.Tests.Features;

/// <summary>What Outreach asks over HTTP, on a real socket: the one that issues tokens, Campaign's list of contacts, and Connections' marketplace links.</summary>
public sealed class Neighbours : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly RsaSecurityKey key = new(RSA.Create(2048)) { KeyId = "test" };
    private readonly ConcurrentDictionary<(string Organization, Guid Creator), Contact> contacts = new();
    private readonly ConcurrentDictionary<string, int> outages = new();

    private Neighbours(WebApplication app) => this.app = app;

    public string Address => app.Urls.Single();

    public MarketplaceStandIn Links { get; } = new();

    public static async Task<Neighbours> Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var neighbours = new Neighbours(app);
        app.MapGet("/.well-known/openid-configuration", () => new
        {
            issuer = neighbours.Address,
            jwks_uri = $"{neighbours.Address}/keys",
            token_endpoint = $"{neighbours.Address}/token",
        });
        app.MapGet("/keys", () => new { keys = new[] { neighbours.PublicKey() } });
        app.MapPost("/token", () => new { access_token = neighbours.Token(null, "organizations.any contacts.read connections.write"), token_type = "Bearer", expires_in = 300 });
        app.MapPost("/v1/creators/contacts", neighbours.Answer);
        app.MapPost("/v1/campaigns/{campaign:guid}/marketplace-link", (Guid campaign, HttpRequest request, MarketplaceStandIn.Naming body) => neighbours.Links.Post(campaign, request, body));
        await app.StartAsync();
        return neighbours;
    }

    public void Know(string organization, Contact contact) => contacts[(organization, contact.CreatorId)] = contact;

    public void Forget(string organization, Guid creator) => contacts.TryRemove((organization, creator), out _);

    /// <summary>The next requests for this organization's contacts fail.</summary>
    public void Fail(string organization, int times) => outages[organization] = times;

    /// <summary>Requests for contacts of this organization that are still to fail.</summary>
    public int FailuresLeft(string organization) => outages.GetValueOrDefault(organization);

    public string Token(string? organization, string scope)
    {
        var claims = new Dictionary<string, object> { ["sub"] = "maya", ["scope"] = scope };
        if (organization is not null)
        {
            claims["organization"] = organization;
        }

        return new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = Address,
            Audience = "creator-connections",
            TokenType = "at+jwt",
            Expires = DateTime.UtcNow.AddMinutes(30),
            Claims = claims,
            SigningCredentials = new(key, SecurityAlgorithms.RsaSha256),
        });
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private object PublicKey()
    {
        var rsa = key.Rsa.ExportParameters(includePrivateParameters: false);
        return new { kty = "RSA", use = "sig", kid = key.KeyId, n = Base64UrlEncoder.Encode(rsa.Modulus), e = Base64UrlEncoder.Encode(rsa.Exponent) };
    }

    private IResult Answer(HttpRequest request, Question question)
    {
        var organization = request.Headers["X-Organization"].ToString();
        if (outages.TryGetValue(organization, out var left) && left > 0)
        {
            outages[organization] = left - 1;
            return Results.StatusCode(503);
        }

        return question.CreatorIds.Length > Contacts.PageSize || !request.Headers.Authorization.ToString().StartsWith("Bearer ey", StringComparison.Ordinal)
            ? Results.StatusCode(400)
            : Results.Json(new { items = question.CreatorIds.Select(id => contacts.GetValueOrDefault((organization, id))).OfType<Contact>() });
    }

    private sealed record Question(Guid[] CreatorIds);
}
