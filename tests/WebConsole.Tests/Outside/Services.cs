using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;

namespace WebConsole.Tests.Outside;

/// <summary>Campaign, Connections, Outreach and Webhooks as the console sees them: loopback servers that answer the JSON of their APIs from one made-up organization.</summary>
public sealed partial class Services : IAsyncDisposable
{
    public static readonly DateTimeOffset Now = new(2026, 11, 23, 9, 30, 0, TimeSpan.Zero);
    public static readonly Guid SpringGlow = new("0198f000-0000-7000-8000-000000000001");
    public static readonly Guid TrailAndTide = new("0198f000-0000-7000-8000-000000000002");
    public static readonly Guid Quiet = new("0198f000-0000-7000-8000-000000000003");
    public static readonly Guid Crowd = new("0198f000-0000-7000-8000-000000000005");
    public static readonly Guid Unknown = new("0198f000-0000-7000-8000-0000000000ff");

    private static readonly string[] AllTypes = ["InstagramInsights", "YouTubeInsights", "TikTokInsights"];
    private static readonly string[] FirstNames = ["Ana", "Björn", "Chiara", "Dario", "Elif", "Femi", "Greta", "Hugo", "Ines", "Jonas", "Kasia", "Leïla", "Mateo", "Noor", "Oskar", "Priya", "Quentin", "Rosa", "Sven", "Tomás"];
    private static readonly string[] LastNames = ["Costa", "Dahl", "Ricci", "Moreau", "Yılmaz", "Adeyemi", "Novak", "Laurent", "Okafor", "Weiss", "Kowalska", "Haddad", "Silva", "Khan"];

    private readonly List<CampaignOf> campaigns;
    private readonly ConcurrentDictionary<string, Guid> keys = new();
    private readonly ConcurrentBag<string> away = [];
    private readonly WebApplication[] servers = new WebApplication[4];

    private Services()
    {
        campaigns =
        [
            new(SpringGlow, "Spring Glow 2027", new(2026, 11, 2), new(2027, 1, 31), AllTypes, [.. Enumerable.Range(0, 137).Select(Creator)]),
            new(TrailAndTide, "Trail & Tide", new(2026, 12, 8), new(2027, 3, 1), ["InstagramInsights", "YouTubeInsights"], [.. Enumerable.Range(20, 42).Select(Creator)]),
            new(Quiet, "Harvest Table", new(2026, 8, 1), new(2026, 10, 15), ["TikTokInsights"], []),
            new(new("0198f000-0000-7000-8000-000000000004"), "Northern Lights City Breaks", new(2026, 10, 1), new(2026, 12, 20), AllTypes, [.. Enumerable.Range(60, 61).Select(Creator)]),
            new(Crowd, "Open Call", new(2026, 11, 16), new(2027, 2, 28), AllTypes, [.. Enumerable.Range(0, 640).Select(Creator)]),
        ];
    }

    public string Campaign => servers[0].Urls.First();

    public string Connections => servers[1].Urls.First();

    public string Outreach => servers[2].Urls.First();

    public string Webhooks => servers[3].Urls.First();

    /// <summary>The access tokens the services were sent, newest last.</summary>
    public ConcurrentQueue<string> Tokens { get; } = new();

    /// <summary>The idempotency keys of the outreach asked for, repeated ones included.</summary>
    public ConcurrentQueue<string> IdempotencyKeys { get; } = new();

    public static async Task<Services> Start(int port = 0)
    {
        var services = new Services();
        Action<WebApplication>[] maps = [services.MapCampaign, services.MapConnections, services.MapOutreach, services.MapWebhooks];
        for (var i = 0; i < maps.Length; i++)
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls($"http://127.0.0.1:{(port == 0 ? 0 : port + i)}");
            var name = (string[])["campaign", "connections", "outreach", "webhooks"];
            var server = services.servers[i] = builder.Build();
            var me = name[i];
            server.Use((http, next) => services.Guard(me, http, next));
            maps[i](server);
            services.MapOperations(server, me);
            await server.StartAsync();
        }

        return services;
    }

    /// <summary>Who stands at a place of a campaign's list, counted from 0.</summary>
    public Guid CreatorAt(Guid campaign, int place) => Find(campaign)!.Creators[place].Id;

    /// <summary>The service answers nothing but 503 until <see cref="Return"/>.</summary>
    public void GoAway(string service) => away.Add(service);

    public void Return() => away.Clear();

    public async ValueTask DisposeAsync()
    {
        foreach (var server in servers)
        {
            await server.DisposeAsync();
        }
    }

    private async Task Guard(string service, HttpContext http, RequestDelegate next)
    {
        if (away.Contains(service))
        {
            http.Response.StatusCode = 503;
            return;
        }

        if (http.Request.Path == "/health")
        {
            await http.Response.WriteAsJsonAsync(new { status = service is "outreach" ? "Degraded" : "Healthy", checks = new Dictionary<string, string> { ["self"] = "Healthy", ["event-store"] = "Healthy", ["dead-letters"] = service is "outreach" ? "Degraded" : "Healthy" }, help = service is "outreach" ? new Dictionary<string, string> { ["dead-letters"] = "Messages were not taken in: outreach-creator-registered (2)." } : [] });
            return;
        }

        if (http.Request.Headers.Authorization.ToString() is not { Length: > 7 } bearer)
        {
            http.Response.StatusCode = 401;
            return;
        }

        Tokens.Enqueue(bearer["Bearer ".Length..]);
        var scopes = new JsonWebTokenHandler().ReadJsonWebToken(bearer["Bearer ".Length..]).GetClaim("scope").Value.Split(' ');
        if (!scopes.Contains(ScopeFor(http.Request)))
        {
            await Problem(403, "scope.missing", $"The access token lacks {ScopeFor(http.Request)}.").ExecuteAsync(http);
            return;
        }

        await next(http);
    }

    // As the services' README files name them.
    private static string ScopeFor(HttpRequest request) => (request.Method, request.Path.Value!) switch
    {
        (_, var path) when path.StartsWith("/v1/platforms", StringComparison.Ordinal) || path.StartsWith("/v1/operations", StringComparison.Ordinal) => "ops",
        ("GET", var path) when path.StartsWith("/v1/webhook-", StringComparison.Ordinal) => "webhooks.read",
        (_, var path) when path.StartsWith("/v1/webhook-", StringComparison.Ordinal) => "webhooks.manage",
        (_, "/v1/creators/contacts") => "contacts.read",
        (_, "/v1/outreach/preview" or "/v1/templates/check" or "/v1/templates/render") => "outreach.read",
        ("GET", var path) when path.StartsWith("/v1/outreach", StringComparison.Ordinal) || path.StartsWith("/v1/templates", StringComparison.Ordinal)
            || path.StartsWith("/v1/settings/sender", StringComparison.Ordinal) || path.StartsWith("/v1/suppressions", StringComparison.Ordinal) => "outreach.read",
        (_, var path) when path.StartsWith("/v1/outreach", StringComparison.Ordinal) => "outreach.send",
        (_, var path) when path.StartsWith("/v1/templates", StringComparison.Ordinal) || path.StartsWith("/v1/settings/sender", StringComparison.Ordinal)
            || path.StartsWith("/v1/suppressions", StringComparison.Ordinal) => "outreach.manage",
        ("GET", var path) when path.StartsWith("/v1/creators", StringComparison.Ordinal) || path.StartsWith("/v1/connections", StringComparison.Ordinal) => "connections.read",
        ("GET", _) => "campaigns.read",
        _ => "connections.write",
    };

    private CampaignOf? Find(Guid id) => campaigns.FirstOrDefault(campaign => campaign.Id == id);

    private static int Count(CampaignOf campaign, string type, string status) => campaign.Creators.Count(creator => creator.Cell(type).Status == status);

    private static object Summary(CampaignOf campaign) => new
    {
        id = campaign.Id,
        name = campaign.Name,
        startsOn = campaign.StartsOn,
        endsOn = campaign.EndsOn,
        creators = campaign.Creators.Length,
        requiredConnections = campaign.Types,
        coverage = Coverage(campaign),
        missing = campaign.Creators.Count(creator => Lacks(campaign, creator)),
        connectionTypes = CountsOf(campaign),
    };

    private static IResult UnknownCampaign() => Problem(404, "campaign.unknown", "There is no campaign with this id.");

    private static IResult Problem(int status, string code, string detail) =>
        Results.Json(new { title = code, status, detail, code, traceId = "0af7651916cd43dd8448eb211c80319c" }, statusCode: status, contentType: "application/problem+json");

    private static CreatorOf Creator(int number)
    {
        // After 140 the names come around again.
        var name = $"{FirstNames[number % FirstNames.Length]} {LastNames[number % LastNames.Length]}{(number < 140 ? null : $" {(number / 140) + 1}")}";
        var handle = name.ToLowerInvariant().Replace(' ', '.');
        return new(number, new($"0198f000-0000-7000-9000-{number:x12}"), name,
            new() { ["instagram"] = handle, ["youtube"] = number % 3 == 0 ? null : handle.Replace(".", "", StringComparison.Ordinal), ["tiktok"] = number % 4 == 0 ? null : $"{handle}_" });
    }

    private sealed record CampaignOf(Guid Id, string Name, DateOnly StartsOn, DateOnly EndsOn, string[] Types, CreatorOf[] Creators);

    private sealed record Cell(string Type, string Platform, string Status, string Colour, string? Reason, DateTimeOffset? Since, Guid? ConnectionId);

    private sealed record CreatorOf(int Number, Guid Id, string Name, Dictionary<string, string?> Handles)
    {
        public Cell Cell(string type)
        {
            var platform = type.Replace("Insights", "", StringComparison.Ordinal).ToLowerInvariant();
            var connection = new Guid($"0198f000-0000-7000-a000-{(Number * 4) + Array.IndexOf(AllTypes, type):x12}");
            return (((Number * 7) + (Array.IndexOf(AllTypes, type) * 3)) % 11) switch
            {
                0 => new(type, platform, "Invalidated", "red", Number % 2 == 0 ? "Revoked" : "PermissionRemoved", Now.AddDays(-(Number % 30) - 1), connection),
                3 => new(type, platform, "Expired", "red", null, Now.AddDays(-(Number % 20) - 2), connection),
                5 or 8 => new(type, platform, "NotConnected", "grey", null, null, null),
                _ => new(type, platform, "Connected", "green", null, Now.AddDays(-(Number % 60) - 5), connection),
            };
        }
    }
}
