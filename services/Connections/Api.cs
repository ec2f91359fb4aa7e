using System.Text.Json.Nodes;
using CreatorConnections.Contracts.Connections;
using EventSourcing;
using EventSourcing.Operations;
using ServiceDefaults;

namespace Connections;

/// <summary>What the description of the API says of the service as a whole.</summary>
internal static class Api
{
    public static ApiDescription Description { get; } = new(
        "Connections",
        "Every creator's authorization of every platform: its status, its history, what data it yields, and the insights that were pulled.",
        new("http://localhost:5101"),
        new Dictionary<string, string>
        {
            ["Connections"] = "Status and history of authorizations, and what can be done about them.",
            ["Insights"] = "What was pulled through a connection, and what could be.",
            ["Marketplace"] = "Creators' standing in TikTok's creator marketplace.",
            ["Events"] = "What happened, for those who catch up.",
            ["Operations"] = "For those who run it: the platforms as a whole, dead letters, the relay, what operators did.",
            ["Webhooks"] = "For the platforms: how they tell us.",
        },
        new Dictionary<string, JsonNode>([.. EventFeedEndpoint.Examples("connections", typeof(ConnectionGranted), new() { ["connectionId"] = "019a3c5e-7b1d-7c2a-9f40-2d6c1e8a5b73", ["sequence"] = 2 }), .. OperationsEndpoints.Examples("connections-creator-registered", "IntegrationRelay:All")])
        {
            ["platform"] = nameof(Platforms.Instagram).ToLowerInvariant(),
            ["type"] = "InstagramInsights",
            ["status"] = "Invalidated",
            ["colour"] = "red",
            ["reason"] = "Revoked",
            ["confidence"] = "confirmed",
            ["scope"] = "instagram_business_manage_insights",
            ["handle"] = "ana.lima",
            ["name"] = "Ana Lima",
            ["metric"] = "reach",
            ["kind"] = "reels",
            ["permalink"] = "https://example.com/reel/1",
            ["nextAction"] = "Ask Ana to reconnect Instagram.",
            ["cursor"] = "Y29ubmVjdGlvbnMgMTIzNA",
            ["next"] = "NjM5MTI1",
        });
}
