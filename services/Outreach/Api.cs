using System.Text.Json.Nodes;
using CreatorConnections.Contracts.Outreach;
using EventSourcing;
using EventSourcing.Operations;
using ServiceDefaults;

namespace Outreach;

/// <summary>What the description of the API says of the service as a whole.</summary>
internal static class Api
{
    public static ApiDescription Description { get; } = new(
        "Outreach",
        "Asks creators by mail to open the Creator Hub, and says for each of them what became of it.",
        new("http://localhost:5102"),
        new Dictionary<string, string>
        {
            ["Templates"] = "Messages an organization can send.",
            ["Outreach"] = "Bulk sends: ask, preview, follow, steer.",
            ["Suppressions"] = "Who is not written to.",
            ["Settings"] = "As whom and how fast an organization writes.",
            ["Reports"] = "For the mail system: what came back.",
            ["Events"] = "What happened, for those who catch up.",
            ["Operations"] = "For those who run it.",
        },
        new Dictionary<string, JsonNode>([.. EventFeedEndpoint.Examples("outreach", typeof(OutreachSent), new() { ["deliveryId"] = "019a3c5e-7b1d-7c2a-9f40-2d6c1e8a5b73", ["sequence"] = 2 }), .. OperationsEndpoints.Examples("outreach-creator-registered", "IntegrationRelay:All")])
        {
            ["template"] = "creator-hub-invitation",
            ["key"] = "creator-hub-invitation",
            ["subject"] = "{{ organization.name }} would like to see your insights",
            ["text"] = "Hello {{ creator.firstName | default: \"there\" }}, open {{ invitation.url }}",
            ["html"] = "<p>Hello {{ creator.firstName | default: \"there\" }}, <a href=\"{{ invitation.url }}\">open your Creator Hub</a>.</p>",
            ["verdict"] = "Sent",
            ["status"] = "Running",
            ["reason"] = "Manual",
            ["code"] = "template.field-unknown",
            ["filter"] = "type=InstagramInsights&status=Expired,Invalidated",
            ["address"] = "maya@aurora.example",
            ["fromAddress"] = "hello@aurora.example",
            ["fromName"] = "Aurora Cosmetics",
            ["timeZone"] = "Europe/Stockholm",
            ["name"] = "First invitation",
            ["Idempotency-Key"] = "4d3f0d9e-spring",
            ["If-Match"] = "\"3\"",
            ["cursor"] = "MTAw",
            ["next"] = "MTAw",
        });
}
