using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Testing;

namespace Benchmarks;

/// <summary>What a service in a process of its own asks over HTTP: an issuer of tokens, and the names and addresses of creators.</summary>
internal sealed class Around : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly TestIssuer issuer;

    private Around(WebApplication app) => (this.app, issuer) = (app, new(app, "organizations.any contacts.read campaigns.read"));

    public string Address => app.Urls.Single();

    public static async Task<Around> Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var around = new Around(app);
        app.MapPost("/v1/creators/contacts", (Question question) => new
        {
            items = question.CreatorIds.Select(id => new { creatorId = id, name = "Ana Lima", email = $"{id:N}@creators.example", locale = "en-GB" }),
        });
        await app.StartAsync();
        return around;
    }

    /// <summary>A client of a service, as somebody of an organization.</summary>
    public HttpClient Client(Uri service, string organization, string scope = "outreach.read outreach.send")
    {
        var client = new HttpClient { BaseAddress = service, Timeout = TimeSpan.FromMinutes(2) };
        client.DefaultRequestHeaders.Authorization = new("Bearer", issuer.Token(organization, scope));
        return client;
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private sealed record Question(Guid[] CreatorIds);
}
