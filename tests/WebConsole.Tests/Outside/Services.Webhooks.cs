using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace WebConsole.Tests.Outside;

public sealed partial class Services
{
    public static readonly Guid StatusBoard = new("0198f000-0000-7000-8000-00000000b001");
    public static readonly Guid Warehouse = new("0198f000-0000-7000-8000-00000000b002");

    private static readonly (string Type, string Area)[] EventTypes =
    [
        ("CampaignCreated", "Campaigns"), ("CreatorAddedToCampaign", "Campaigns"), ("CreatorRegistered", "Campaigns"),
        ("ConnectionExpired", "Connections"), ("ConnectionExpiring", "Connections"), ("ConnectionGranted", "Connections"), ("ConnectionInvalidated", "Connections"), ("ConnectionRecovered", "Connections"),
        ("OutreachBounced", "Outreach"), ("OutreachFailed", "Outreach"), ("OutreachSent", "Outreach"),
    ];

    private readonly ConcurrentDictionary<Guid, HookOf> hooks = new();
    private readonly ConcurrentDictionary<(Guid Endpoint, Guid Message), HookDeliveryOf> hookDeliveries = new();
    private int hookSecrets;

    /// <summary>What each replay since a moment asked for.</summary>
    public ConcurrentQueue<(Guid Endpoint, DateTimeOffset Since)> ReplayedHooks { get; } = new();

    /// <summary>An endpoint that works, and one whose receiver has failed for two days: two messages were given up.</summary>
    public void LeaveWebhooks()
    {
        hooks.Clear();
        hookDeliveries.Clear();
        hooks[StatusBoard] = new(StatusBoard, "https://hooks.aurora.example/creator-connections", "Status board", ["ConnectionGranted", "ConnectionInvalidated"], Now.AddDays(-40));
        hooks[Warehouse] = new(Warehouse, "https://ingest.warehouse.example/events?source=creators", "Data warehouse", [], Now.AddDays(-12)) { FailingSince = Now.AddDays(-2) };
        var minutes = 0;
        foreach (var (endpoint, type, outcomes) in ((Guid, string, string[])[])
                 [
                     (StatusBoard, "ConnectionGranted", ["Delivered"]), (StatusBoard, "ConnectionInvalidated", ["TimedOut", "Delivered"]), (StatusBoard, "ConnectionGranted", ["Delivered"]),
                     (Warehouse, "OutreachSent", ["ServerError", "ServerError"]), (Warehouse, "ConnectionGranted", [.. Enumerable.Repeat("ServerError", 11)]),
                     (Warehouse, "CreatorRegistered", [.. Enumerable.Repeat("ServerError", 10), "TimedOut"]),
                 ])
        {
            var delivery = new HookDeliveryOf(new($"0198f000-0000-7000-8000-00000000c0{minutes + 10}"), type, Creator(minutes).Id.ToString(), Now.AddMinutes(-7 * ++minutes));
            foreach (var outcome in outcomes)
            {
                delivery.Try(outcome);
            }

            hookDeliveries[(endpoint, delivery.MessageId)] = delivery;
        }
    }

    /// <summary>A colleague changes an endpoint.</summary>
    public void ChangeElsewhere(Guid endpoint, string description)
    {
        hooks[endpoint].Description = description;
        hooks[endpoint].Revision++;
    }

    private void MapWebhooks(WebApplication app)
    {
        LeaveWebhooks();
        app.MapGet("/v1/webhook-event-types", () => new { items = EventTypes.Select(type => new { type = type.Type, area = type.Area }) });
        app.MapGet("/v1/webhook-endpoints", () => new { items = hooks.Values.OrderBy(hook => hook.CreatedAt).Select(hook => hook.Shown), next = (string?)null });
        app.MapPost("/v1/webhook-endpoints", (HookAsked asked) =>
        {
            if (Refused(asked) is { } refusal)
            {
                return refusal;
            }

            var hook = new HookOf(Guid.NewGuid(), asked.Url, asked.Description, asked.Types, Now);
            hook.Pause(asked.Paused);
            hooks[hook.Id] = hook;
            return Results.Json(new { id = hook.Id, secret = Secret() }, statusCode: 201);
        });
        app.MapGet("/v1/webhook-endpoints/{id:guid}", (Guid id, HttpContext http) => hooks.TryGetValue(id, out var hook) ? Shown(hook, http) : UnknownHook());
        app.MapPut("/v1/webhook-endpoints/{id:guid}", (Guid id, HookAsked asked, HttpContext http) =>
        {
            if (Stale(id, http) is { } stale)
            {
                return stale;
            }

            if (Refused(asked) is { } refusal)
            {
                return refusal;
            }

            var hook = hooks[id];
            (hook.Url, hook.Description, hook.Types, hook.FailingSince) = (asked.Url, asked.Description, asked.Types, hook.Url == asked.Url ? hook.FailingSince : null);
            hook.Pause(asked.Paused);
            hook.Revision++;
            return Shown(hook, http);
        });
        app.MapDelete("/v1/webhook-endpoints/{id:guid}", (Guid id) => hooks.TryRemove(id, out _) ? Results.NoContent() : UnknownHook());
        app.MapPost("/v1/webhook-endpoints/{id:guid}/secret/rotate", (Guid id, HttpContext http) =>
        {
            if (Stale(id, http) is { } stale)
            {
                return stale;
            }

            hooks[id].Secrets = [.. hooks[id].Secrets.Select(secret => secret with { EndsAt = Now.AddDays(1) }), new(Guid.NewGuid(), Now, null)];
            hooks[id].Revision++;
            return Results.Json(new { secret = Secret(), previousEndsAt = Now.AddDays(1) });
        });
        app.MapDelete("/v1/webhook-endpoints/{id:guid}/secret/previous", (Guid id) =>
        {
            hooks[id].Secrets = [hooks[id].Secrets[^1]];
            hooks[id].Revision++;
            return Results.NoContent();
        });
        app.MapPost("/v1/webhook-endpoints/{id:guid}/test", (Guid id) =>
        {
            var message = Guid.NewGuid();
            hookDeliveries[(id, message)] = new(message, "WebhookTest", message.ToString(), Now);
            return Results.Json(new { messageId = message }, statusCode: 202);
        });
        app.MapGet("/v1/webhook-endpoints/{id:guid}/deliveries", (Guid id, string? state) => new
        {
            items = hookDeliveries.Where(one => one.Key.Endpoint == id && (state is null || one.Value.State == state)).Select(one => one.Value).OrderByDescending(delivery => delivery.TakenInAt).Select(delivery => delivery.Shown),
            next = (string?)null,
        });
        app.MapGet("/v1/webhook-endpoints/{id:guid}/deliveries/{message:guid}", (Guid id, Guid message) =>
        {
            var delivery = hookDeliveries[(id, message)];
            if (delivery is { State: "Waiting", Looks: > 0, Tried.Count: 0 })
            {
                delivery.Try(id == Warehouse ? "ServerError" : "Delivered");
            }

            delivery.Looks++;
            return Results.Json(new { delivery = delivery.Shown, attempts = delivery.Tried });
        });
        app.MapPost("/v1/webhook-endpoints/{id:guid}/replay", (Guid id, HookReplayAsked asked) =>
        {
            if (asked.Since is { } since)
            {
                ReplayedHooks.Enqueue((id, since));
                return Results.Json(new { replayed = asked.After is null ? 10_000 : 42, next = asked.After is null ? "more" : null }, statusCode: 202);
            }

            foreach (var message in asked.MessageIds!)
            {
                hookDeliveries[(id, message)].State = "Waiting";
            }

            return Results.Json(new { replayed = asked.MessageIds.Count, next = (string?)null }, statusCode: 202);
        });
        app.MapGet("/v1/webhook-dead-letters", () => new
        {
            items = hookDeliveries.Where(one => one.Value.State == "Exhausted").OrderByDescending(one => one.Value.TakenInAt).Select(one => new { endpointId = one.Key.Endpoint, delivery = one.Value.Shown }),
            next = (string?)null,
        });
    }

    private static IResult UnknownHook() => Problem(404, "endpoint.unknown", "Your organization has no webhook endpoint with this id.");

    private static IResult? Refused(HookAsked asked) => asked.Url.StartsWith("https://", StringComparison.Ordinal) ? null : Results.Json(
        new { title = "Invalid", status = 422, detail = "Events are sent over https only.", code = "url.https-required", errors = new { url = new[] { "Events are sent over https only." } } },
        statusCode: 422, contentType: "application/problem+json");

    private static IResult Shown(HookOf hook, HttpContext http)
    {
        http.Response.Headers.ETag = $"\"{hook.Revision}\"";
        return Results.Json(hook.Shown);
    }

    private IResult? Stale(Guid id, HttpContext http) => http.Request.Headers.IfMatch == $"\"{hooks[id].Revision}\"" ? null : Problem(412, "version.stale", "Somebody else changed this since you read it. Read it again and repeat your change.");

    private string Secret() => $"whsec_{Convert.ToBase64String(Enumerable.Repeat((byte)Interlocked.Increment(ref hookSecrets), 24).ToArray())}";

    private sealed record HookAsked(string Url, string Description, IReadOnlyList<string> Types, bool Paused);

    private sealed record HookReplayAsked(IReadOnlyList<Guid>? MessageIds, DateTimeOffset? Since, string? After);

    private sealed record HookSecret(Guid Id, DateTimeOffset CreatedAt, DateTimeOffset? EndsAt);

    private sealed record HookAttempt(int Number, DateTimeOffset At, int Milliseconds, int? Status, string Outcome);

    private sealed class HookOf(Guid id, string url, string description, IReadOnlyList<string> types, DateTimeOffset createdAt)
    {
        public Guid Id => id;

        public DateTimeOffset CreatedAt { get; } = createdAt;

        public string Url { get; set; } = url;

        public string Description { get; set; } = description;

        public IReadOnlyList<string> Types { get; set; } = types;

        public DateTimeOffset? FailingSince { get; set; }

        public IReadOnlyList<HookSecret> Secrets { get; set; } = [new(Guid.NewGuid(), createdAt, null)];

        public int Revision { get; set; }

        public bool Paused { get; private set; }

        public object Shown => new
        {
            id,
            url = Url,
            description = Description,
            types = Types,
            paused = Paused,
            pausedBecause = Paused ? "Manual" : null,
            pausedAt = Paused ? Now : (DateTimeOffset?)null,
            failingSince = FailingSince,
            createdAt = CreatedAt,
            secrets = Secrets,
        };

        public void Pause(bool paused) => Paused = paused;
    }

    private sealed class HookDeliveryOf(Guid messageId, string type, string subject, DateTimeOffset takenInAt)
    {
        private const int Most = 11;

        public Guid MessageId => messageId;

        public DateTimeOffset TakenInAt => takenInAt;

        public string State { get; set; } = "Waiting";

        public int Looks { get; set; }

        public List<HookAttempt> Tried { get; } = [];

        public object Shown => new
        {
            messageId,
            type,
            subject,
            state = State,
            attempts = Tried.Count,
            takenInAt,
            nextAt = State is "Waiting" ? Now.AddMinutes(10) : (DateTimeOffset?)null,
            settledAt = State is "Waiting" ? (DateTimeOffset?)null : Now,
            lastStatus = Tried.LastOrDefault()?.Status,
            lastOutcome = Tried.LastOrDefault()?.Outcome,
        };

        public void Try(string outcome)
        {
            Tried.Add(new(Tried.Count + 1, takenInAt.AddMinutes(Tried.Count), outcome is "TimedOut" ? 15_000 : 84, outcome switch { "Delivered" => 200, "ServerError" => 503, _ => null }, outcome));
            State = outcome is "Delivered" ? "Delivered" : Tried.Count >= Most ? "Exhausted" : "Waiting";
        }
    }
}
