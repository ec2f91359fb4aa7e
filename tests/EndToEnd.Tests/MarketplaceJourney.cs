using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Shouldly;
using Testing;
using Xunit;

namespace EndToEnd.Tests;

/// <summary>TikTok's marketplace through every process: a handle in Campaign, the question to TikTok, the answer in the campaign's column.</summary>
[Collection(nameof(RunningSystem))]
public sealed class MarketplaceJourney(RunningSystem system)
{
    [Fact]
    public async Task From_not_invited_to_invited_to_joined_and_onto_the_campaigns_link()
    {
        using var campaigns = await system.Client("campaign");
        using var connections = await system.Client("connections");
        using var platforms = new HttpClient { BaseAddress = system.At("platforms") };
        var run = Guid.NewGuid().ToString("N")[..8];
        var handle = $"mara.{run}";
        (await platforms.PutAsJsonAsync($"/control/marketplace/creators/{handle}", new { followers = 25_000, country = "ES" })).EnsureSuccessStatusCode();

        var mara = await Created(await campaigns.PostAsJsonAsync("/v1/creators", new { name = "Mara Vidal", email = $"{handle}@creators.example", locale = "es-ES", handles = new { tiktok = $"@{handle}" } }));
        var today = DateOnly.FromDateTime(DateTime.UtcNow);
        var campaign = await Created(await campaigns.PostAsJsonAsync("/v1/campaigns", new { name = $"Marketplace {run}", startsOn = today, endsOn = today.AddDays(30), requiredConnections = new[] { "TikTokMarketplace" } }));
        (await campaigns.PostAsJsonAsync($"/v1/campaigns/{campaign}/creators", new { creatorIds = new[] { mara } })).EnsureSuccessStatusCode();

        // Nobody asked for it: whoever is registered with a handle is looked up.
        await Column(campaigns, campaign, "NotConnected NotInvited");

        (await connections.PostAsync($"/v1/creators/{mara}/marketplace/invitations", null)).StatusCode.ShouldBe(HttpStatusCode.OK);
        await Column(campaigns, campaign, "NotConnected Invited");

        // She accepts in the app; the next look finds out.
        (await platforms.PutAsJsonAsync($"/control/marketplace/creators/{handle}", new { membership = "Joined" })).EnsureSuccessStatusCode();
        await Column(campaigns, campaign, "Connected ");

        using var linked = await connections.PostAsJsonAsync($"/v1/campaigns/{campaign}/marketplace-link", new { creatorIds = new[] { mara } });
        linked.StatusCode.ShouldBe(HttpStatusCode.Created);
        var compatibility = await connections.GetFromJsonAsync<JsonElement>($"/v1/campaigns/{campaign}/creators/{mara}/compatibility");
        compatibility.GetProperty("conditions").EnumerateArray().Where(each => each.GetProperty("isMet").ValueKind is JsonValueKind.False)
            .Select(each => each.GetProperty("name").GetString()).ShouldBe(["campaign-link-scope"], "she has not connected TikTok, and membership does not do it for her");
    }

    [Fact]
    public async Task A_message_with_the_campaigns_link_shows_the_creator_as_invited()
    {
        using var campaigns = await system.Client("campaign");
        using var outreach = await system.Client("outreach");
        using var connections = await system.Client("connections");
        using var platforms = new HttpClient { BaseAddress = system.At("platforms") };
        using var mail = new HttpClient { BaseAddress = system.At("mail") };
        var run = Guid.NewGuid().ToString("N")[..8];
        var handle = $"noor.{run}";
        (await campaigns.PutAsJsonAsync("/v1/organization", new { name = "Aurora Collective" })).EnsureSuccessStatusCode();
        (await platforms.PutAsJsonAsync($"/control/marketplace/creators/{handle}", new { followers = 25_000, country = "ES" })).EnsureSuccessStatusCode();
        var noor = await Created(await campaigns.PostAsJsonAsync("/v1/creators", new { name = "Noor Haddad", email = $"{handle}@creators.example", locale = "es-ES", handles = new { tiktok = $"@{handle}" } }));
        var today = DateOnly.FromDateTime(DateTime.UtcNow);
        var campaign = await Created(await campaigns.PostAsJsonAsync("/v1/campaigns", new { name = $"Invites {run}", startsOn = today, endsOn = today.AddDays(30), requiredConnections = new[] { "TikTokMarketplace" } }));
        (await campaigns.PostAsJsonAsync($"/v1/campaigns/{campaign}/creators", new { creatorIds = new[] { noor } })).EnsureSuccessStatusCode();
        await Column(campaigns, campaign, "NotConnected NotInvited");

        var body = new { campaignId = campaign, template = "ttcm-invite-link", creatorIds = new[] { noor } };
        await Eventually.Get(() => Verdict(outreach, body), verdict => verdict == "will send");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/outreach") { Content = JsonContent.Create(body), Headers = { { "Idempotency-Key", run } } };
        (await outreach.SendAsync(request)).StatusCode.ShouldBe(HttpStatusCode.Accepted);

        var found = await Eventually.Get(() => mail.GetFromJsonAsync<JsonElement>($"/api/messages?to={handle}@creators.example"), found => found.GetProperty("items").GetArrayLength() == 1);
        var link = await connections.GetFromJsonAsync<JsonElement>($"/v1/campaigns/{campaign}/marketplace-link");
        found.GetProperty("items")[0].GetProperty("text").GetString()!.ShouldContain(link.GetProperty("inviteLink").GetString()!);
        link.GetProperty("creatorIds")[0].GetGuid().ShouldBe(noor);
        await Column(campaigns, campaign, "NotConnected Invited");
    }

    private static async Task<string> Verdict(HttpClient outreach, object body)
    {
        using var response = await outreach.PostAsJsonAsync("/v1/outreach/preview", body);
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
        return !response.IsSuccessStatusCode ? $"{(int)response.StatusCode} {answer.GetProperty("code").GetString()}"
            : answer.GetProperty("items")[0] is var item && item.GetProperty("willSend").GetBoolean() ? "will send"
            : item.GetProperty("reason").GetString()!;
    }

    private static Task<string> Column(HttpClient campaigns, Guid campaign, string expected) => Eventually.Get(
        async () =>
        {
            var items = (await campaigns.GetFromJsonAsync<JsonElement>($"/v1/campaigns/{campaign}/creators")).GetProperty("items");
            return items.GetArrayLength() == 0 ? "" : $"{items[0].GetProperty("connections")[0].GetProperty("status").GetString()} {items[0].GetProperty("connections")[0].GetProperty("reason").GetString()}";
        },
        shown => shown == expected,
        expected);

    private static async Task<Guid> Created(HttpResponseMessage response)
    {
        response.StatusCode.ShouldBe(HttpStatusCode.Created);
        return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetGuid();
    }
}
