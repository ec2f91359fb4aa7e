using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Testing;

namespace Outreach.Tests.Features;

/// <summary>The two services Outreach asks over HTTP, on a real socket: the one that issues tokens, and Campaign's list of contacts.</summary>
public sealed class Neighbours : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly TestIssuer issuer;
    private readonly ConcurrentDictionary<(string Organization, Guid Creator), Contact> contacts = new();
    private readonly ConcurrentDictionary<string, int> outages = new();

    private Neighbours(WebApplication app) => (this.app, issuer) = (app, new(app, "organizations.any contacts.read campaigns.read connections.write"));

    public string Address => app.Urls.Single();

    public MarketplaceStandIn Links { get; } = new();

    public static async Task<Neighbours> Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var neighbours = new Neighbours(app);
        app.MapPost("/v1/creators/contacts", neighbours.Answer);
        app.MapGet("/v1/campaigns/{id:guid}/creators/ids", neighbours.List);
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

    public string Token(string? organization, string scope) => issuer.Token(organization, scope);

    public ValueTask DisposeAsync() => app.DisposeAsync();

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

    // The list knows one filter, by name; whatever else a caller may ask is Campaign's own affair.
    private IResult List(HttpRequest request, string? search = null, string? status = null, int limit = 50, string? cursor = null)
    {
        var organization = request.Headers["X-Organization"].ToString();
        if (outages.TryGetValue(organization, out var left) && left > 0)
        {
            outages[organization] = left - 1;
            return Results.StatusCode(503);
        }

        if (status is not null)
        {
            return Results.Json(new { code = "status.unknown", detail = "The statuses are Connected and others." }, statusCode: 422);
        }

        var found = contacts.Where(one => one.Key.Organization == organization && (search is null || one.Value.Name!.Contains(search, StringComparison.OrdinalIgnoreCase)))
            .Select(one => one.Value).OrderBy(one => one.CreatorId).ToArray();
        var page = found.Where(one => cursor is null || one.CreatorId.CompareTo(Guid.Parse(cursor)) > 0).Take(limit).ToArray();
        var next = page.Length > 0 && page[^1] != found[^1] ? page[^1].CreatorId.ToString() : null;
        return Results.Json(new { items = page.Select(one => one.CreatorId), total = found.Length, next });
    }

    private sealed record Question(Guid[] CreatorIds);
}
