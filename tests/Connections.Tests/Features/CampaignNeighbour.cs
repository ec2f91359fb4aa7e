using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Testing;

namespace Connections.Tests.Features;

/// <summary>The two that Connections asks over HTTP, on a real socket: the one that issues tokens, and Campaign's list of handles.</summary>
public sealed class CampaignNeighbour : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly ConcurrentDictionary<(string Organization, Guid Creator), string> handles = new();

    private CampaignNeighbour(WebApplication app) => this.app = app;

    public string Address => app.Urls.Single();

    /// <summary>True: every question about handles is answered with 503.</summary>
    public bool IsOut { get; set; }

    public static async Task<CampaignNeighbour> Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var neighbour = new CampaignNeighbour(app);
        app.MapGet("/.well-known/openid-configuration", () => new { issuer = neighbour.Address, jwks_uri = $"{neighbour.Address}/keys", token_endpoint = $"{neighbour.Address}/token" });
        app.MapGet("/keys", () => new { keys = Array.Empty<object>() });
        app.MapPost("/token", () => new { access_token = TestTokens.Of(null, "organizations.any", "contacts.read"), token_type = "Bearer", expires_in = 300 });
        app.MapPost("/v1/creators/handles", neighbour.Answer);
        await app.StartAsync();
        return neighbour;
    }

    public void Know(string organization, Guid creator, string handle) => handles[(organization, creator)] = handle;

    public void Forget(string organization, Guid creator) => handles.TryRemove((organization, creator), out _);

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private IResult Answer(HttpRequest request, Question question)
    {
        var organization = request.Headers["X-Organization"].ToString();
        return IsOut ? Results.StatusCode(503)
            : !request.Headers.Authorization.ToString().StartsWith("Bearer ey", StringComparison.Ordinal) ? Results.StatusCode(401)
            : Results.Json(new
            {
                items = question.CreatorIds.Where(id => handles.ContainsKey((organization, id)))
                    .Select(id => new { creatorId = id, handles = new Dictionary<string, string?> { ["instagram"] = null, ["tiktok"] = handles[(organization, id)] } }),
            });
    }

    private sealed record Question(Guid[] CreatorIds);
}
