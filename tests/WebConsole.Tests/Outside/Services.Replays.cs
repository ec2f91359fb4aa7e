using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace WebConsole.Tests.Outside;

public sealed partial class Services
{
    private const long LastEvent = 48_210;
    private static readonly string[] Queues = ["campaign-connection-granted", "outreach-creator-registered", "webhooks-events"];
    private readonly ConcurrentDictionary<Guid, ReplayOf> replays = new();

    /// <summary>A replay that is half through and stays so, and one that failed.</summary>
    public void LeaveReplays()
    {
        replays.Clear();
        Add(new(Guid.NewGuid(), "connections", "campaign-connection-granted", null, ["ConnectionGranted"], 500, Now.AddMinutes(-3)) { Position = LastEvent / 2, Sent = 1_204, IsHeld = true });
        Add(new(Guid.NewGuid(), "campaign", "crm-of-aurora", "aurora", ["CampaignCreated", "CreatorRegistered"], 200, Now.AddDays(-1)) { Position = 9_100, Sent = 412, State = "Failed", ErrorType = "RabbitMQ.Client.Exceptions.PublishReturnException" });

        void Add(ReplayOf replay) => replays[replay.Id] = replay;
    }

    private void MapReplays(WebApplication app, string service)
    {
        if (service is "webhooks")
        {
            return;
        }

        app.MapGet("/v1/operations/replays", () =>
        {
            foreach (var running in replays.Values.Where(replay => replay is { State: "Running", IsHeld: false } && replay.Service == service))
            {
                // Half of the way at every look.
                running.Position = running.Position == 0 ? LastEvent / 2 : LastEvent;
                running.Sent += 600;
                running.State = running.Position == LastEvent ? "Done" : "Running";
            }

            return new { items = replays.Values.Where(replay => replay.Service == service).OrderByDescending(replay => replay.BeganAt).Select(Shown) };
        });
        app.MapPost("/v1/operations/replays", (ReplayAsked asked) =>
        {
            if (!Queues.Contains(asked.Queue))
            {
                return Results.Json(
                    new { title = "Invalid", status = 422, detail = "The broker has no queue of this name.", code = "queue.unknown", errors = new { queue = new[] { "The broker has no queue of this name." } } },
                    statusCode: 422, contentType: "application/problem+json");
            }

            if (replays.Values.Any(other => other.Queue == asked.Queue && other.State == "Running"))
            {
                return Problem(409, "replay.under-way", "A replay to this queue is under way. Wait for its end, or cancel it.");
            }

            var replay = new ReplayOf(Guid.NewGuid(), service, asked.Queue, asked.Organization, asked.Types ?? ["ConnectionGranted"], asked.PerSecond ?? 200, Now) { Since = asked.Since };
            replays[replay.Id] = replay;
            Note(service, "replays.begin", asked.Queue, null, 1);
            return Results.Json(Shown(replay), statusCode: 202);
        });
        app.MapPost("/v1/operations/replays/{id:guid}/cancel", (Guid id) =>
        {
            replays[id].State = "Cancelled";
            return Results.Json(Note(service, "replays.cancel", replays[id].Queue, null, 1));
        });
    }

    /// <summary>From which moment on the newest replay was asked for.</summary>
    public DateTimeOffset? ReplayedSince(string queue) => replays.Values.Where(replay => replay.Queue == queue).MaxBy(replay => replay.BeganAt)?.Since;

    private static object Shown(ReplayOf replay) => new
    {
        id = replay.Id,
        queue = replay.Queue,
        organization = replay.Organization,
        types = replay.Types,
        state = replay.State,
        sent = replay.Sent,
        from = 0,
        position = replay.Position,
        until = LastEvent,
        perSecond = replay.PerSecond,
        by = "ada",
        beganAt = replay.BeganAt,
        endedAt = replay.State is "Running" ? (DateTimeOffset?)null : replay.BeganAt.AddMinutes(2),
        errorType = replay.ErrorType,
    };

    private sealed record ReplayOf(Guid Id, string Service, string Queue, string? Organization, IReadOnlyList<string> Types, int PerSecond, DateTimeOffset BeganAt)
    {
        public DateTimeOffset? Since { get; init; }

        public bool IsHeld { get; init; }

        public string? ErrorType { get; init; }

        public long Position { get; set; }

        public long Sent { get; set; }

        public string State { get; set; } = "Running";
    }

    private sealed record ReplayAsked(string Queue, string? Organization, DateTimeOffset? Since, IReadOnlyList<string>? Types, int? PerSecond);
}
