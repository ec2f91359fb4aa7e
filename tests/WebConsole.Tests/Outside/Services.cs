using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;

namespace WebConsole.Tests.Outside;

/// <summary>Campaign, Connections and Outreach as the console sees them: three loopback servers that answer the JSON of their APIs from one made-up organization.</summary>
public sealed class Services : IAsyncDisposable
{
    public static readonly DateTimeOffset Now = new(2026, 11, 23, 9, 30, 0, TimeSpan.Zero);
    public static readonly Guid SpringGlow = new("0198f000-0000-7000-8000-000000000001");
    public static readonly Guid TrailAndTide = new("0198f000-0000-7000-8000-000000000002");
    public static readonly Guid Quiet = new("0198f000-0000-7000-8000-000000000003");
    public static readonly Guid Unknown = new("0198f000-0000-7000-8000-0000000000ff");

    private static readonly string[] AllTypes = ["InstagramInsights", "YouTubeInsights", "TikTokInsights"];
    private static readonly string[] FirstNames = ["Ana", "Björn", "Chiara", "Dario", "Elif", "Femi", "Greta", "Hugo", "Ines", "Jonas", "Kasia", "Leïla", "Mateo", "Noor", "Oskar", "Priya", "Quentin", "Rosa", "Sven", "Tomás"];
    private static readonly string[] LastNames = ["Costa", "Dahl", "Ricci", "Moreau", "Yılmaz", "Adeyemi", "Novak", "Laurent", "Okafor", "Weiss", "Kowalska", "Haddad", "Silva", "Khan"];

    private readonly List<CampaignOf> campaigns;
    private readonly ConcurrentDictionary<string, Guid> keys = new();
    private readonly ConcurrentDictionary<Guid, (Guid Campaign, string Template, Guid[] Creators)> batches = new();
    private readonly ConcurrentDictionary<Guid, int> asked = new();
    private readonly ConcurrentBag<string> away = [];
    private readonly WebApplication[] servers = new WebApplication[3];

    private Services()
    {
        campaigns =
        [
            new(SpringGlow, "Spring Glow 2027", new(2026, 11, 2), new(2027, 1, 31), AllTypes, [.. Enumerable.Range(0, 137).Select(Creator)]),
            new(TrailAndTide, "Trail & Tide", new(2026, 12, 8), new(2027, 3, 1), ["InstagramInsights", "YouTubeInsights"], [.. Enumerable.Range(20, 42).Select(Creator)]),
            new(Quiet, "Harvest Table", new(2026, 8, 1), new(2026, 10, 15), ["TikTokInsights"], []),
            new(new("0198f000-0000-7000-8000-000000000004"), "Northern Lights City Breaks", new(2026, 10, 1), new(2026, 12, 20), AllTypes, [.. Enumerable.Range(60, 61).Select(Creator)]),
        ];
    }

    public string Campaign => servers[0].Urls.First();

    public string Connections => servers[1].Urls.First();

    public string Outreach => servers[2].Urls.First();

    /// <summary>The access tokens the services were sent, newest last.</summary>
    public ConcurrentQueue<string> Tokens { get; } = new();

    /// <summary>The idempotency keys of the outreach asked for, repeated ones included.</summary>
    public ConcurrentQueue<string> IdempotencyKeys { get; } = new();

    /// <summary>The next outreach is recorded, but whoever asked for it hears 503.</summary>
    public bool LosesNextAnswer { get; set; }

    public IReadOnlyCollection<(Guid Campaign, string Template, Guid[] Creators)> Batches => [.. batches.Values];

    public static async Task<Services> Start(int port = 0)
    {
        var services = new Services();
        Action<WebApplication>[] maps = [services.MapCampaign, services.MapConnections, services.MapOutreach];
        for (var i = 0; i < maps.Length; i++)
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls($"http://127.0.0.1:{(port == 0 ? 0 : port + i)}");
            var name = (string[])["campaign", "connections", "outreach"];
            var server = services.servers[i] = builder.Build();
            var me = name[i];
            server.Use((http, next) => services.Guard(me, http, next));
            maps[i](server);
            await server.StartAsync();
        }

        return services;
    }

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

        if (http.Request.Headers.Authorization.ToString() is not { Length: > 7 } bearer)
        {
            http.Response.StatusCode = 401;
            return;
        }

        Tokens.Enqueue(bearer["Bearer ".Length..]);
        await next(http);
    }

    private void MapCampaign(WebApplication app)
    {
        app.MapGet("/v1/organization", () => new { id = "aurora", name = "Aurora Talent" });
        app.MapGet("/v1/campaigns", () => new { items = campaigns.Select(Summary), next = (string?)null });
        app.MapGet("/v1/campaigns/{id:guid}", (Guid id) => Find(id) is { } campaign ? Results.Json(Summary(campaign)) : UnknownCampaign());
        app.MapGet("/v1/campaigns/{id:guid}/dashboard", (Guid id) =>
        {
            if (Find(id) is not { } campaign)
            {
                return UnknownCampaign();
            }

            var missing = campaign.Creators.Count(creator => campaign.Types.Any(type => creator.Cell(type).Status is not "Connected"));
            return Results.Json(new
            {
                campaignId = id,
                name = campaign.Name,
                startsOn = campaign.StartsOn,
                endsOn = campaign.EndsOn,
                creators = campaign.Creators.Length,
                coverage = campaign.Creators.Length == 0 ? 0 : (double)(campaign.Creators.Length - missing) / campaign.Creators.Length,
                connectionTypes = campaign.Types.Select(type => new
                {
                    type,
                    connected = Count(campaign, type, "Connected"),
                    expired = Count(campaign, type, "Expired"),
                    invalidated = Count(campaign, type, "Invalidated"),
                    notConnected = Count(campaign, type, "NotConnected"),
                }),
                warning = missing == 0 ? null : new { message = $"Metrics and content of {missing} creators may be incomplete.", creators = missing },
                updatedAt = Now,
            });
        });
        app.MapGet("/v1/campaigns/{id:guid}/creators", (Guid id, string? type, string? status, bool? missing, string? search, string? cursor, int? limit) =>
        {
            if (Find(id) is not { } campaign)
            {
                return UnknownCampaign();
            }

            var statuses = status?.Split(',') ?? [];
            var matching = campaign.Creators
                .Where(creator => search is null || creator.Name.Contains(search, StringComparison.OrdinalIgnoreCase))
                .Where(creator => type is null || statuses.Length == 0 || statuses.Contains(creator.Cell(type).Status))
                .Where(creator => missing is not true || campaign.Types.Any(one => creator.Cell(one).Status is not "Connected"))
                .ToList();
            var (from, size) = (cursor is null ? 0 : int.Parse(cursor, CultureInfo.InvariantCulture), limit ?? 50);
            return Results.Json(new
            {
                items = matching.Skip(from).Take(size).Select(creator => new
                {
                    creatorId = creator.Id,
                    name = creator.Name,
                    handles = creator.Handles,
                    connections = campaign.Types.Select(creator.Cell),
                    lastOutreach = creator.Number % 5 != 1 ? null : new { template = "creator-hub-invitation", at = Now.AddDays(-creator.Number % 17), outreachId = Guid.Empty },
                }),
                total = matching.Count,
                next = from + size < matching.Count ? (from + size).ToString(CultureInfo.InvariantCulture) : null,
            });
        });
    }

    private void MapConnections(WebApplication app)
    {
        app.MapGet("/v1/creators/{id:guid}/connections", (Guid id) => campaigns.SelectMany(campaign => campaign.Creators).FirstOrDefault(creator => creator.Id == id) is { } creator
            ? Results.Json(new
            {
                items = AllTypes.Select(type =>
                {
                    var cell = creator.Cell(type);
                    var known = cell.Status is not "NotConnected";
                    return new
                    {
                        connectionId = cell.ConnectionId,
                        platform = cell.Platform,
                        type,
                        status = cell.Status,
                        colour = cell.Colour,
                        reason = cell.Reason,
                        confidence = cell.Status is "Invalidated" ? "confirmed" : null,
                        since = cell.Since,
                        scopes = known ? new[] { "instagram_business_basic", "instagram_business_manage_insights" } : [],
                        account = known ? new { id = "1784", handle = creator.Handles["instagram"], name = creator.Name, pictureUrl = (string?)null } : null,
                        expiresAt = cell.Status is "Connected" ? Now.AddDays(51) : (DateTimeOffset?)null,
                        nextAction = cell.Status is "Connected" ? null : known ? $"Ask {creator.Name.Split(' ')[0]} to reconnect" : $"Invite {creator.Name.Split(' ')[0]} to connect",
                    };
                }),
            })
            : Problem(404, "creator.unknown", "There is no creator with this id."));
        app.MapGet("/v1/connections/{id:guid}/history", () => new
        {
            items = new object[]
            {
                new { at = Now.AddDays(-80), @event = "AccessGranted", status = "Connected", reason = (string?)null, source = "hub", code = (string?)null, by = "creator" },
                new { at = Now.AddDays(-12), @event = "AccessRevoked", status = "Invalidated", reason = "Revoked", source = "webhook", code = "deauthorize", by = (string?)null },
            },
        });
    }

    private void MapOutreach(WebApplication app)
    {
        app.MapGet("/v1/templates", () => new
        {
            items = new[]
            {
                new { key = "creator-hub-invitation", name = "Creator Hub invitation", subject = "Connect your accounts for {{campaign.name}}" },
                new { key = "ttcm-invite-link", name = "TTCM invite link", subject = "Join us on TikTok Creator Marketplace" },
                new { key = "reconnect-request", name = "Reconnect request", subject = "Please reconnect your account" },
            },
        });
        app.MapPost("/v1/outreach/preview", (Ask ask) => new
        {
            items = ask.CreatorIds.Select(id =>
            {
                var creator = Of(ask, id);
                var send = !AllConnected(creator);
                return new
                {
                    creatorId = id,
                    willSend = send,
                    reason = send ? null : "already-connected",
                    subject = send ? "Connect your accounts for Spring Glow 2027" : null,
                    text = send ? $"Hi {creator.Name.Split(' ')[0]},\n\nAurora Talent would like to count your posts for Spring Glow 2027.\n\nConnect your accounts here:\nhttp://localhost:5101/hub/i/…\n\nThank you!" : null,
                };
            }),
        });
        app.MapPost("/v1/outreach", (Ask ask, HttpContext http) =>
        {
            var scopes = new JsonWebTokenHandler().ReadJsonWebToken(http.Request.Headers.Authorization.ToString()["Bearer ".Length..]).GetClaim("scope").Value;
            if (!scopes.Split(' ').Contains("outreach.send"))
            {
                return Problem(403, "scope.missing", "The access token lacks outreach.send.");
            }

            var key = http.Request.Headers["Idempotency-Key"].ToString();
            IdempotencyKeys.Enqueue(key);
            var id = keys.GetOrAdd(key, _ => Guid.CreateVersion7());
            batches[id] = (ask.CampaignId, ask.Template, ask.CreatorIds);
            if (LosesNextAnswer)
            {
                LosesNextAnswer = false;
                return Results.StatusCode(503);
            }

            return Results.Accepted($"/v1/outreach/{id}", new { id });
        });
        // Every question finds the batch further on: queued, half done, completed.
        app.MapGet("/v1/outreach/{id:guid}", (Guid id) =>
        {
            var verdicts = Verdicts(id, asked.AddOrUpdate(id, 1, (_, times) => times + 1));
            int Counted(string verdict) => verdicts.Count(one => one.Verdict == verdict);
            return new
            {
                id,
                campaignId = batches[id].Campaign,
                template = batches[id].Template,
                status = Counted("Queued") == 0 ? "Completed" : "Running",
                counts = new { queued = Counted("Queued"), sent = Counted("Sent"), skipped = Counted("Skipped"), failed = Counted("Failed") },
                createdAt = Now,
            };
        });
        app.MapGet("/v1/outreach/{id:guid}/recipients", (Guid id) => new
        {
            items = Verdicts(id, asked[id]).Select(one => new { creatorId = one.Creator, verdict = one.Verdict, reason = one.Reason, at = Now }),
            next = (string?)null,
        });
    }

    private List<(Guid Creator, string Verdict, string? Reason)> Verdicts(Guid id, int times)
    {
        var (campaign, template, creators) = batches[id];
        return [.. creators.Select((creator, place) => AllConnected(Of(new(campaign, template, creators), creator)) ? (creator, "Skipped", "already-connected")
            : times >= 3 || (times == 2 && place % 2 == 0) ? (creator, place % 9 == 8 ? "Failed" : "Sent", place % 9 == 8 ? "mailbox-unavailable" : null)
            : (creator, "Queued", (string?)null))];
    }

    private CreatorOf Of(Ask ask, Guid id) => Find(ask.CampaignId)!.Creators.First(creator => creator.Id == id);

    private static bool AllConnected(CreatorOf creator) => AllTypes.All(type => creator.Cell(type).Status is "Connected");

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
    };

    private static IResult UnknownCampaign() => Problem(404, "campaign.unknown", "There is no campaign with this id.");

    private static IResult Problem(int status, string code, string detail) =>
        Results.Json(new { title = code, status, detail, code, traceId = "0af7651916cd43dd8448eb211c80319c" }, statusCode: status, contentType: "application/problem+json");

    private static CreatorOf Creator(int number)
    {
        var name = $"{FirstNames[number % FirstNames.Length]} {LastNames[number % LastNames.Length]}";
        var handle = name.ToLowerInvariant().Replace(' ', '.');
        return new(number, new($"0198f000-0000-7000-9000-{number:x12}"), name,
            new() { ["instagram"] = handle, ["youtube"] = number % 3 == 0 ? null : handle.Replace(".", "", StringComparison.Ordinal), ["tiktok"] = number % 4 == 0 ? null : $"{handle}_" });
    }

    private sealed record Ask(Guid CampaignId, string Template, Guid[] CreatorIds);

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
