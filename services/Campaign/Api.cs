using System.Text.Json.Nodes;
using CreatorConnections.Contracts.Campaigns;
using EventSourcing;
using EventSourcing.Operations;
using ServiceDefaults;

namespace Campaigns;

/// <summary>What the description of the API says of the service as a whole.</summary>
internal static class Api
{
    public static ApiDescription Description { get; } = new(
        "Campaign",
        "Organizations, creators, campaigns and rosters, and how a campaign's creators stand with their connections.",
        new("http://localhost:5103"),
        new Dictionary<string, string>
        {
            ["Organization"] = "The organization itself.",
            ["Creators"] = "The people it works with.",
            ["Campaigns"] = "Briefs, rosters, and the state of their connections.",
            ["Saved views"] = "How each person looks at creators.",
            ["Operations"] = "For those who run it.",
            ["Events"] = "What happened, for those who catch up.",
        },
        new Dictionary<string, JsonNode>([.. EventFeedEndpoint.Examples("campaign", typeof(CampaignCreated), new() { ["campaignId"] = "019a3c5e-7b1d-7c2a-9f40-2d6c1e8a5b73", ["sequence"] = 1 }), .. OperationsEndpoints.Examples("campaign-connection-granted", "CampaignViews:V2:All")])
        {
            ["name"] = "Ana Lima",
            ["email"] = "ana@example.com",
            ["locale"] = "en-GB",
            ["type"] = "InstagramInsights",
            ["requiredConnection"] = "InstagramInsights",
            ["status"] = "Connected",
            ["connection"] = new JsonArray("YouTubeInsights:Expired,Invalidated"),
            ["missing"] = true,
            ["expiringWithin"] = 14,
            ["outreach"] = "Sent,Clicked",
            ["sort"] = "InstagramInsights",
            ["days"] = 30,
            ["asOf"] = "2026-03-01T00:00:00Z",
            ["from"] = "2026-03-01T00:00:00Z",
            ["to"] = "2026-04-01T00:00:00Z",
            ["If-Match"] = "\"3\"",
            ["Last-Event-ID"] = "4711",
            ["query"] = "missing=true",
            ["before"] = "NotConnected",
            ["ListChangesTurn.after"] = "Connected",
            ["ViewCampaignCreatorTurn.after"] = "Connected",
            ["what"] = "changed",
            ["search"] = "ana",
            ["Idempotency-Key"] = "4d3f0d9e-ana",
            ["cursor"] = "AZCgAAAAcACAAAAAAAAAAQ",
            ["next"] = "AZCgAAAAcACAAAAAAAAAAQ",
        });
}
