using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Shouldly;
using Testing;

namespace Campaigns.Tests.Features;

/// <summary>View connections of a creator, with Connections beside it, away, or in the dark.</summary>
[Collection(nameof(CampaignHost))]
public sealed class CampaignCreatorTests(CampaignHost campaign)
{
    private readonly string organization = CampaignHost.NewOrganization();

    [Fact]
    public async Task It_shows_every_column_what_is_lost_and_what_happened_while_connections_is_away()
    {
        var client = campaign.As(organization);
        var spring = await client.Plan("Spring", "InstagramInsights", "YouTubeInsights");
        var ana = await client.Register("Ana Maya", handles: new { instagram = "@ana.maya" });
        await client.Enlist(spring, ana);
        var connection = Guid.NewGuid();
        var sent = Conversation.Sent(organization, Guid.NewGuid(), spring, ana, Conversation.At(1));
        await campaign.Bus.Say(sent);
        await campaign.Bus.Say(Conversation.Clicked(sent));
        await campaign.Bus.Say(Conversation.Granted(organization, connection, ana, 1));
        await Eventually.Get(() => client.Json($"/v1/campaigns/{spring}/creators/{ana}"), shown => shown.GetProperty("connections")[0].GetProperty("status").GetString() == "Connected");
        await campaign.Bus.Say(Conversation.Invalidated(organization, connection, ana, 2));
        await campaign.Bus.Say(Conversation.Granted(organization, Guid.NewGuid(), ana, 1, "tiktok"));

        var shown = await Eventually.Get(
            () => client.Json($"/v1/campaigns/{spring}/creators/{ana}"),
            page => page.GetProperty("history").GetArrayLength() == 3 && page.GetProperty("lastOutreach").ToString().Contains("Clicked"));

        shown.GetProperty("name").GetString().ShouldBe("Ana Maya");
        shown.GetProperty("handles").GetProperty("instagram").GetString().ShouldBe("ana.maya");
        shown.GetProperty("connections").ToString().ShouldBe((await client.Json($"/v1/campaigns/{spring}/creators")).GetProperty("items")[0].GetProperty("connections").ToString());
        shown.GetProperty("connections").Texts("status").ShouldBe(["Invalidated", "NotConnected"]);
        shown.GetProperty("losses").Texts("type").ShouldBe(["InstagramInsights", "YouTubeInsights"]);
        shown.GetProperty("history").Texts("what").ShouldBe(["Joined", "Changed", "Changed"]);
        shown.GetProperty("history").EnumerateArray().Select(step => step.GetProperty("connections").ToString()).ShouldBe(
            [
                """[{"type":"InstagramInsights","before":null,"after":"NotConnected"},{"type":"YouTubeInsights","before":null,"after":"NotConnected"}]""",
                """[{"type":"InstagramInsights","before":"NotConnected","after":"Connected"}]""",
                """[{"type":"InstagramInsights","before":"Connected","after":"Invalidated"}]""",
            ]);
        shown.GetProperty("messages")[0].ToString().ShouldBe(
            $$"""{"deliveryId":"{{sent.DeliveryId}}","outreachId":"{{sent.OutreachId}}","template":"creator-hub-invitation","at":"2027-03-01T13:00:00+00:00","state":"Clicked"}""");
        shown.GetProperty("since").GetDateTimeOffset().ShouldBe(shown.GetProperty("history")[0].GetProperty("at").GetDateTimeOffset());
        shown.GetProperty("availability").ValueKind.ShouldBe(System.Text.Json.JsonValueKind.Null);
        shown.GetProperty("availabilityMissing").GetString().ShouldBe("Connections does not answer now. Look again in a moment.");
    }

    [Fact]
    public async Task Whoever_is_not_on_the_roster_is_unknown_there()
    {
        var client = campaign.As(organization);
        var spring = await client.Plan("Spring", "InstagramInsights");
        var (ana, bo) = (await client.Register("Ana"), await client.Register("Bo"));
        await client.Enlist(spring, ana);
        await (await client.GetAsync($"/v1/campaigns/{spring}/creators/{bo}")).ShouldBeProblem(HttpStatusCode.NotFound, "membership.unknown");
        await (await campaign.As(CampaignHost.NewOrganization()).GetAsync($"/v1/campaigns/{spring}/creators/{ana}")).ShouldBeProblem(HttpStatusCode.NotFound, "campaign.unknown");
    }

    [Fact]
    public async Task What_connections_says_of_data_and_content_is_shown_for_the_platforms_of_the_columns()
    {
        await using var connections = await Neighbour();
        await using var host = new ServiceHost<Program>(
            "campaign", await BackingServices.CreateDatabase("campaign"), await BackingServices.CreateVirtualHost("campaign"),
            ("services:connections:http:0", connections.Urls.Single()), ("Authentication:ClientId", "campaign-service"), ("Authentication:ClientSecret", "secret"),
            ("Authentication:Authority", connections.Urls.Single()));
        await Eventually.Get(async () => (await host.CreateClient().GetAsync("/health")).StatusCode, status => status is HttpStatusCode.OK);
        var client = host.As("aurora", CampaignHost.Everything);
        var spring = await client.Plan("Spring", "InstagramInsights");
        var (ana, bo) = (await client.Register("Ana"), await client.Register("Bo"));
        await client.Enlist(spring, ana, bo);

        // A page waits for its neighbour only so long; a busy machine may need more than that the first time.
        known = ana;
        var shown = await Eventually.Get(() => client.Json($"/v1/campaigns/{spring}/creators/{ana}"), page => page.GetProperty("availabilityMissing").GetString() is null);
        shown.GetProperty("availability").ToString().ShouldBe(
            """[{"platform":"instagram","asOf":null,"types":[{"key":"reels","kind":"content","name":"Reels","isAvailable":false,"reason":"not-connected","words":"The creator has not connected Instagram"}]}]""");
        shown.GetProperty("availabilityMissing").GetString().ShouldBeNull();
        await Eventually.Get(
            () => client.Json($"/v1/campaigns/{spring}/creators/{bo}"),
            page => page.GetProperty("availabilityMissing").GetString() == "Connections has not heard of this creator yet. Look again in a moment.");
    }

    private Guid known;

    private async Task<WebApplication> Neighbour()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        _ = new TestIssuer(app, "organizations.any connections.read");
        app.MapGet("/v1/creators/{id:guid}/availability", (Guid id, HttpRequest request) =>
            id != known || request.Headers["X-Organization"] != "aurora" || !request.Headers.Authorization.ToString().StartsWith("Bearer ey", StringComparison.Ordinal)
                ? Results.NotFound()
                : Results.Json(new { items = new[] { Platform("instagram", "Instagram"), Platform("youtube", "YouTube") } }));
        await app.StartAsync();
        return app;

        static object Platform(string platform, string name) => new
        {
            connectionId = Guid.NewGuid(),
            platform,
            status = "NotConnected",
            asOf = (DateTimeOffset?)null,
            types = new[] { new { key = "reels", kind = "content", name = "Reels", metrics = new[] { "views" }, isAvailable = false, reason = "not-connected", words = $"The creator has not connected {name}" } },
        };
    }
}
