using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Shouldly;
using Testing;
using Xunit;

namespace EndToEnd.Tests;

/// <summary>The main job, over HTTP and real mail, through every process: asked, opted in, green; revoked or run out, red; never, grey; repaired.</summary>
[Collection(nameof(RunningSystem))]
public sealed partial class OptInJourney(RunningSystem system)
{
    private static readonly string[] Types = ["InstagramInsights", "YouTubeInsights", "TikTokInsights"];

    [Fact]
    public async Task From_an_invitation_to_green_to_red_and_back()
    {
        using var campaigns = await system.Client("campaign");
        using var outreach = await system.Client("outreach");
        using var connections = await system.Client("connections");
        using var platforms = new HttpClient { BaseAddress = system.At("platforms") };
        var run = Guid.NewGuid().ToString("N")[..8];

        // A campaign with two creators: one will opt in, one never will.
        await Ok(await campaigns.PutAsJsonAsync("/v1/organization", new { name = "Aurora Collective" }));
        var ana = await Created(await campaigns.PostAsJsonAsync("/v1/creators", new { name = "Ana Ruiz", email = $"ana.{run}@creators.example", locale = "es-ES", handles = new { instagram = $"ana.{run}" } }));
        var ben = await Created(await campaigns.PostAsJsonAsync("/v1/creators", new { name = "Ben Okafor", email = $"ben.{run}@creators.example", locale = "en-GB", handles = new { } }));
        var today = DateOnly.FromDateTime(DateTime.UtcNow);
        var campaign = await Created(await campaigns.PostAsJsonAsync("/v1/campaigns", new { name = $"Spring {run}", startsOn = today.AddDays(-1), endsOn = today.AddDays(30), requiredConnections = Types }));
        await Ok(await campaigns.PostAsJsonAsync($"/v1/campaigns/{campaign}/creators", new { creatorIds = new[] { ana, ben } }));

        // Ana is asked by mail.
        await Eventually.Get(() => Preview(outreach, campaign, ana), preview => preview == true);
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/outreach") { Content = JsonContent.Create(new { campaignId = campaign, template = "creator-hub-invitation", creatorIds = new[] { ana } }), Headers = { { "Idempotency-Key", run } } };
        var batch = await Created(await outreach.SendAsync(request));
        await Eventually.Get(async () => (await outreach.GetFromJsonAsync<JsonElement>($"/v1/outreach/{batch}")).GetProperty("status").GetString(), status => status == "Completed");
        var invitation = await InvitationFor($"ana.{run}@creators.example");

        // She opens the link and connects all three.
        using var browser = new CreatorBrowser(system.At("connections"));
        await browser.Open(invitation);
        (await browser.Hub()).ShouldContain("Aurora Collective asks");
        await Ok(await platforms.PostAsJsonAsync($"/control/accounts/tiktok/ana.tt.{run}/lifetimes", new { accessSeconds = 6, refreshSeconds = 6 }));
        (await browser.Connect("instagram", $"ana.{run}")).ShouldContain("outcome=connected");
        (await browser.Connect("youtube", $"ana.yt.{run}")).ShouldContain("outcome=connected");
        await Row(campaigns, campaign, ana, "InstagramInsights", "Connected", "green");
        await Row(campaigns, campaign, ana, "YouTubeInsights", "Connected", "green");

        // A token reaches its end of life: the platform answers no refresh in time.
        (await browser.Connect("tiktok", $"ana.tt.{run}")).ShouldContain("outcome=connected");
        await Ok(await platforms.PostAsJsonAsync($"/control/accounts/tiktok/ana.tt.{run}/fail", new { calls = 1_000_000, status = 503, where = "Token" }));
        await Row(campaigns, campaign, ana, "TikTokInsights", "Expired", "red");

        // She removes the app at Instagram; the signed notice arrives.
        var before = await Connection(connections, ana, "instagram");
        await Ok(await platforms.PostAsJsonAsync($"/control/accounts/instagram/ana.{run}/revoke", new { }));
        var red = await Row(campaigns, campaign, ana, "InstagramInsights", "Invalidated", "red");
        red.GetProperty("reason").GetString().ShouldBe("Revoked");

        // Ben never connected; the dashboard adds up.
        await Row(campaigns, campaign, ben, "YouTubeInsights", "NotConnected", "grey");
        await Eventually.Get(() => Counts(campaigns, campaign), counts => counts == "InstagramInsights 0/0/1/1, YouTubeInsights 1/0/0/1, TikTokInsights 0/1/0/1");

        // She reconnects, and it is the same connection that is repaired.
        (await browser.Connect("instagram", $"ana.{run}")).ShouldContain("outcome=connected");
        await Row(campaigns, campaign, ana, "InstagramInsights", "Connected", "green");
        (await Connection(connections, ana, "instagram")).ShouldBe(before);

        // Who was asked a moment ago is not asked again, and is told apart from who may be.
        await Eventually.Get(() => LastOutreach(campaigns, campaign, ana), template => template == "creator-hub-invitation");

        // The message is credited with it: sent, opened, clicked, connected.
        await Eventually.Get(() => Conversion(outreach, campaign), shown => shown == "creator-hub-invitation 1/1/1/1");

        // Taken back, its link opens nothing any more.
        var recipients = await outreach.GetFromJsonAsync<JsonElement>($"/v1/outreach/{batch}/recipients");
        await Ok(await outreach.PostAsync($"/v1/invitations/{recipients.GetProperty("items")[0].GetProperty("deliveryId").GetGuid()}/revoke", null));
        using var stranger = new HttpClient();
        await Eventually.Get(async () => (await stranger.GetAsync(invitation)).StatusCode, status => status == HttpStatusCode.Gone);
    }

    [Fact]
    public async Task Another_organization_sees_nothing_of_it()
    {
        using var aurora = await system.Client("campaign");
        using var borealis = await system.Client("campaign", "borealis");
        var creator = await Created(await aurora.PostAsJsonAsync("/v1/creators", new { name = "Cleo", email = $"cleo.{Guid.NewGuid():N}@creators.example", locale = "en", handles = new { } }));

        (await borealis.GetAsync($"/v1/creators/{creator}")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await aurora.GetAsync($"/v1/creators/{creator}")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    private static async Task<bool?> Preview(HttpClient outreach, Guid campaign, Guid creator)
    {
        using var response = await outreach.PostAsJsonAsync("/v1/outreach/preview", new { campaignId = campaign, template = "creator-hub-invitation", creatorIds = new[] { creator } });
        return response.IsSuccessStatusCode ? (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("items")[0].GetProperty("willSend").GetBoolean() : null;
    }

    private async Task<Uri> InvitationFor(string address)
    {
        using var mail = new HttpClient { BaseAddress = system.At("mail") };
        var messages = await Eventually.Get(() => mail.GetFromJsonAsync<JsonElement>($"/api/messages?to={address}"), found => found.GetProperty("items").GetArrayLength() == 1);
        return new(Link().Match(messages.GetProperty("items")[0].GetProperty("text").GetString()!).Value);
    }

    private static async Task<JsonElement> Row(HttpClient campaigns, Guid campaign, Guid creator, string type, string status, string colour)
    {
        var row = await Eventually.Get(() => ConnectionIn(campaigns, campaign, creator, type), row => row?.GetProperty("status").GetString() == status, $"{type} is {status}");
        row!.Value.GetProperty("colour").GetString().ShouldBe(colour);
        return row.Value;
    }

    private static async Task<JsonElement?> ConnectionIn(HttpClient campaigns, Guid campaign, Guid creator, string type)
    {
        var list = await campaigns.GetFromJsonAsync<JsonElement>($"/v1/campaigns/{campaign}/creators");
        return list.GetProperty("items").EnumerateArray().Where(item => item.GetProperty("creatorId").GetGuid() == creator)
            .SelectMany(item => item.GetProperty("connections").EnumerateArray()).Where(connection => connection.GetProperty("type").GetString() == type).Select(connection => (JsonElement?)connection).SingleOrDefault();
    }

    private static async Task<string?> LastOutreach(HttpClient campaigns, Guid campaign, Guid creator)
    {
        var list = await campaigns.GetFromJsonAsync<JsonElement>($"/v1/campaigns/{campaign}/creators");
        var last = list.GetProperty("items").EnumerateArray().Single(item => item.GetProperty("creatorId").GetGuid() == creator).GetProperty("lastOutreach");
        return last.ValueKind == JsonValueKind.Null ? null : last.GetProperty("template").GetString();
    }

    private static async Task<string> Conversion(HttpClient outreach, Guid campaign)
    {
        var table = await outreach.GetFromJsonAsync<JsonElement>($"/v1/outreach/conversion?campaignId={campaign}");
        return string.Join(", ", table.GetProperty("items").EnumerateArray().Select(row =>
            $"{row.GetProperty("template").GetString()} {row.GetProperty("sent")}/{row.GetProperty("opened")}/{row.GetProperty("clicked")}/{row.GetProperty("connected")}"));
    }

    private static async Task<string> Counts(HttpClient campaigns, Guid campaign)
    {
        var dashboard = await campaigns.GetFromJsonAsync<JsonElement>($"/v1/campaigns/{campaign}/dashboard");
        return string.Join(", ", dashboard.GetProperty("connectionTypes").EnumerateArray().Select(type =>
            $"{type.GetProperty("type").GetString()} {type.GetProperty("connected")}/{type.GetProperty("expired")}/{type.GetProperty("invalidated")}/{type.GetProperty("notConnected")}"));
    }

    private static async Task<Guid> Connection(HttpClient connections, Guid creator, string platform) =>
        (await connections.GetFromJsonAsync<JsonElement>($"/v1/creators/{creator}/connections")).GetProperty("items").EnumerateArray()
            .Single(item => item.GetProperty("platform").GetString() == platform).GetProperty("connectionId").GetGuid();

    private static async Task<Guid> Created(HttpResponseMessage response) => (await Ok(response)).GetProperty("id").GetGuid();

    private static async Task<JsonElement> Ok(HttpResponseMessage response)
    {
        var body = await response.Content.ReadAsStringAsync();
        response.IsSuccessStatusCode.ShouldBeTrue($"{response.RequestMessage!.RequestUri} answered {(int)response.StatusCode}: {body}");
        return body.Length == 0 ? default : JsonDocument.Parse(body).RootElement;
    }

    [GeneratedRegex(@"http://\S+/hub/i/\S+")]
    private static partial Regex Link();
}
