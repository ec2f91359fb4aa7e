using System.Text.Json;
using Shouldly;
using Testing;

namespace Campaigns.Tests.Features;

/// <summary>What Connections tells of the marketplace, and what the column TikTokMarketplace makes of it.</summary>
[Collection(nameof(CampaignHost))]
public sealed class MarketplaceNewsTests(CampaignHost campaign)
{
    private readonly string organization = CampaignHost.NewOrganization();

    [Theory]
    [InlineData("Joined", "Connected", "green", null)]
    [InlineData("InviteExpired", "Expired", "red", "InviteExpired")]
    [InlineData("Declined", "Invalidated", "red", "Declined")]
    [InlineData("Invited", "NotConnected", "grey", "Invited")]
    [InlineData("NotInvited", "NotConnected", "grey", "NotInvited")]
    [InlineData("NotEligible", "NotConnected", "grey", "NotEligible")]
    public async Task The_column_shows_the_standing(string standing, string status, string colour, string? reason)
    {
        var (client, spring, ana) = await OnRoster();

        await Twice(Conversation.Marketplace(organization, Guid.NewGuid(), ana, 2, standing));

        (await Cell(client, spring, status, reason)).ToString().ShouldStartWith(
            $$"""{"type":"TikTokMarketplace","platform":"tiktok","status":"{{status}}","colour":"{{colour}}","reason":{{(reason is null ? "null" : $"\"{reason}\"")}},"since":"2027-03-01T14:00:00+00:00","connectionId":null,""");
        (await campaign.Stored(organization)).Count(type => type == "marketplace_noted").ShouldBe(1);
    }

    [Fact]
    public async Task News_in_any_order_end_in_the_newest()
    {
        var (client, spring, ana) = await OnRoster();
        var standing = Guid.NewGuid();
        foreach (var (sequence, status) in ((long, string)[])[(3, "Joined"), (1, "NotInvited"), (2, "Invited"), (3, "Joined")])
        {
            await Twice(Conversation.Marketplace(organization, standing, ana, sequence, status));
        }

        await Cell(client, spring, "Connected", null);
        await Twice(Conversation.Marketplace(organization, standing, ana, 4, "NotInvited"));
        (await Cell(client, spring, "NotConnected", "NotInvited")).GetProperty("since").GetDateTimeOffset().ShouldBe(Conversation.At(4));
    }

    [Fact]
    public async Task It_is_counted_and_filtered_like_the_others_and_costs_no_coverage()
    {
        var client = campaign.As(organization);
        var spring = await client.Plan("Spring", "InstagramInsights", "TikTokMarketplace");
        string[] standings = ["Joined", "InviteExpired", "Declined", "Invited", "NotEligible"];
        var creators = new List<Guid>();
        foreach (var standing in standings)
        {
            var creator = await client.Register(standing);
            creators.Add(creator);
            await campaign.Bus.Say(Conversation.Granted(organization, Guid.NewGuid(), creator, 1));
            await campaign.Bus.Say(Conversation.Marketplace(organization, Guid.NewGuid(), creator, 1, standing));
        }

        creators.Add(await client.Register("Unknown"));
        await client.Enlist(spring, [.. creators]);

        var dashboard = await Eventually.Get(() => client.Json($"/v1/campaigns/{spring}/dashboard"), shown =>
            shown.GetProperty("connectionTypes")[1].GetProperty("notConnected").GetInt64() == 3 && shown.GetProperty("connectionTypes")[0].GetProperty("connected").GetInt64() == 5);
        dashboard.GetProperty("connectionTypes")[1].ToString().ShouldBe("""{"type":"TikTokMarketplace","connected":1,"expired":1,"invalidated":1,"notConnected":3}""");
        (dashboard.GetProperty("coverage").GetDouble(), dashboard.GetProperty("warning").GetProperty("creators").GetInt64()).ShouldBe((0.8333, 1));
        (await Names(client, spring, "type=TikTokMarketplace&status=Connected")).ShouldBe(["Joined"]);
        (await Names(client, spring, "type=TikTokMarketplace&status=Expired,Invalidated")).ShouldBe(["Declined", "InviteExpired"]);
        (await Names(client, spring, "type=TikTokMarketplace&status=NotConnected")).ShouldBe(["Invited", "NotEligible", "Unknown"]);
        (await Names(client, spring, "missing=true")).ShouldBe(["Unknown"]);
    }

    [Fact]
    public async Task The_marketplace_and_the_tiktok_connection_leave_each_other_alone()
    {
        var client = campaign.As(organization);
        var (spring, ana) = (await client.Plan("Spring", "TikTokInsights", "TikTokMarketplace"), await client.Register("Ana"));
        await client.Enlist(spring, ana);
        var connection = Guid.NewGuid();
        await campaign.Bus.Say(Conversation.Granted(organization, connection, ana, 1, "tiktok"));
        await campaign.Bus.Say(Conversation.Marketplace(organization, Guid.NewGuid(), ana, 9, "Joined"));
        await campaign.Bus.Say(Conversation.Expired(organization, connection, ana, 2, "tiktok"));

        var row = await Eventually.Get(() => Row(client, spring), row => Statuses(row) == "Expired Connected");

        row.GetProperty("connections")[0].GetProperty("connectionId").GetGuid().ShouldBe(connection);
    }

    private static string Statuses(JsonElement row) => string.Join(' ', row.GetProperty("connections").Texts("status"));

    private static async Task<JsonElement> Row(HttpClient client, Guid id) => (await client.Json($"/v1/campaigns/{id}/creators")).GetProperty("items")[0];

    private static async Task<string?[]> Names(HttpClient client, Guid id, string query) => (await client.Json($"/v1/campaigns/{id}/creators?{query}")).GetProperty("items").Texts("name");

    private static Task<JsonElement> Cell(HttpClient client, Guid id, string status, string? reason) => Eventually.Get(
        async () => (await Row(client, id)).GetProperty("connections")[0], cell => (cell.GetProperty("status").GetString(), cell.GetProperty("reason").GetString()) == (status, reason));

    private async Task<(HttpClient Client, Guid Campaign, Guid Creator)> OnRoster()
    {
        var client = campaign.As(organization);
        var (spring, ana) = (await client.Plan("Spring", "TikTokMarketplace"), await client.Register("Ana"));
        await client.Enlist(spring, ana);
        return (client, spring, ana);
    }

    // The same message, and the same news in another message.
    private async Task Twice(object message)
    {
        var id = Guid.NewGuid();
        await campaign.Bus.Say(message, id);
        await campaign.Bus.Say(message, id);
        await campaign.Bus.Say(message);
    }
}
