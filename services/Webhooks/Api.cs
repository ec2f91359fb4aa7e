using System.Text.Json.Nodes;
using EventSourcing.Operations;
using ServiceDefaults;

namespace Webhooks;

/// <summary>What the description of the API says of the service as a whole.</summary>
internal static class Api
{
    private static readonly string Cursor = new Place(1_793_600_000_000_000, new("019a3c5e-7b1d-7c2a-9f40-2d6c1e8a5b73")).Cursor;

    public static ApiDescription Description { get; } = new(
        "Webhooks",
        "Sends an organization's events to addresses of its own, signed as Standard Webhooks says, and keeps a log of what came of each.",
        new("http://localhost:5104"),
        new Dictionary<string, string>
        {
            ["Endpoints"] = "Where events are sent, and which.",
            ["Deliveries"] = "What was sent, what came of it, and sending it once more.",
            ["Operations"] = "For those who run it.",
        },
        new Dictionary<string, JsonNode>(OperationsEndpoints.Examples("webhooks-events", "IntegrationRelay:All"))
        {
            ["url"] = "https://hooks.example.com/creator-connections",
            ["description"] = "Status board",
            ["type"] = "ConnectionInvalidated",
            ["types"] = new JsonArray("ConnectionGranted", "ConnectionInvalidated"),
            ["paused"] = false,
            ["secret"] = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            ["subject"] = "019a3c5e-7b1d-7c2a-9f40-2d6c1e8a5b73",
            ["status"] = 200,
            ["lastStatus"] = 503,
            ["number"] = 1,
            ["milliseconds"] = 84,
            ["Idempotency-Key"] = "4d3f0d9e-status-board",
            ["If-Match"] = "\"3\"",
            ["cursor"] = Cursor,
            ["after"] = Cursor,
            ["next"] = Cursor,
        });
}
