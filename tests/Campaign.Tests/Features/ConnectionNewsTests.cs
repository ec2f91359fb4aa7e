using System.Text.Json;
using Shouldly;
using Testing;

namespace Campaigns.Tests.Features;

/// <summary>News of other services, delivered twice and out of order, and what the campaign pages make of it.</summary>
[Collection(nameof(CampaignHost))]
public sealed class ConnectionNewsTests(CampaignHost campaign)
{
    private readonly string organization = CampaignHost.NewOrganization();
    private readonly Guid connection = Guid.NewGuid();

    [Fact]
    public async Task A_granted_connection_turns_green_once_however_often_it_is_told()
    {
        var (client, spring, ana) = await OnRoster();
        var granted = Conversation.Granted(organization, connection, ana, 3);
        var message = Guid.NewGuid();
        await campaign.Bus.Say(granted, message);
        await campaign.Bus.Say(granted, message);
        await campaign.Bus.Say(granted);

        var cell = await Cell(client, spring, "Connected");

        cell.ToString().ShouldStartWith(
            $$"""{"type":"InstagramInsights","platform":"instagram","status":"Connected","colour":"green","reason":null,"since":"2027-03-01T15:00:00+00:00","connectionId":"{{connection}}",""");
        await Marker(ana);
        (await campaign.Stored(organization)).Count(type => type == "access_noted").ShouldBe(2);
    }

    [Fact]
    public async Task An_invalidated_connection_turns_red_with_its_reason()
    {
        var (client, spring, ana) = await OnRoster();
        await campaign.Bus.Say(Conversation.Granted(organization, connection, ana, 3));
        await Cell(client, spring, "Connected");
        await Twice(Conversation.Invalidated(organization, connection, ana, 5));

        (await Cell(client, spring, "Invalidated")).ToString().ShouldStartWith(
            $$"""{"type":"InstagramInsights","platform":"instagram","status":"Invalidated","colour":"red","reason":"Revoked","since":"2027-03-01T17:00:00+00:00","connectionId":"{{connection}}",""");
    }

    [Fact]
    public async Task An_expired_connection_turns_red_and_green_again_when_it_is_repaired()
    {
        var (client, spring, ana) = await OnRoster();
        await Twice(Conversation.Expired(organization, connection, ana, 4));
        (await Cell(client, spring, "Expired")).ToString().ShouldStartWith(
            $$"""{"type":"InstagramInsights","platform":"instagram","status":"Expired","colour":"red","reason":null,"since":"2027-03-01T16:00:00+00:00","connectionId":"{{connection}}",""");

        await campaign.Bus.Say(Conversation.Granted(organization, connection, ana, 7));

        (await Cell(client, spring, "Connected")).GetProperty("connectionId").GetGuid().ShouldBe(connection);
    }

    [Fact]
    public async Task News_in_any_order_end_in_the_newest()
    {
        object[] news =
        [
            Conversation.Granted(organization, connection, Guid.Empty, 3),
            Conversation.Expired(organization, connection, Guid.Empty, 4),
            Conversation.Granted(organization, connection, Guid.Empty, 6),
            Conversation.Invalidated(organization, connection, Guid.Empty, 8, "AccountSuspended"),
        ];
        int[][] orders = [[0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2], [2, 0, 3, 1, 2, 3]];
        var client = campaign.As(organization);
        var spring = await client.Plan("Spring", "InstagramInsights");
        var creators = new List<Guid>();
        foreach (var order in orders)
        {
            var creator = await client.Register($"Creator {creators.Count}");
            var own = Guid.NewGuid();
            creators.Add(creator);
            foreach (var index in order)
            {
                await campaign.Bus.Say(news[index] switch
                {
                    CreatorConnections.Contracts.Connections.ConnectionGranted granted => granted with { CreatorId = creator, ConnectionId = own },
                    CreatorConnections.Contracts.Connections.ConnectionExpired expired => expired with { CreatorId = creator, ConnectionId = own },
                    var last => (CreatorConnections.Contracts.Connections.ConnectionInvalidated)last with { CreatorId = creator, ConnectionId = own },
                });
            }
        }

        await client.Enlist(spring, [.. creators]);

        var rows = await Eventually.Get(() => Rows(client, spring), rows => rows.All(row => Status(row) == "Invalidated"));
        foreach (var row in rows)
        {
            var cell = row.GetProperty("connections")[0];
            (cell.GetProperty("reason").GetString(), cell.GetProperty("since").GetDateTimeOffset()).ShouldBe(("AccountSuspended", Conversation.At(8)));
        }
    }

    [Fact]
    public async Task News_of_one_organization_are_nothing_to_another()
    {
        var (client, spring, ana) = await OnRoster();
        var stranger = CampaignHost.NewOrganization();
        await campaign.Bus.Say(Conversation.Granted(stranger, connection, ana, 3));
        await Eventually.Get(() => campaign.Stored(stranger), stored => stored.Count == 1);

        await campaign.Bus.Say(Conversation.Expired(organization, connection, ana, 2));

        (await Cell(client, spring, "Expired")).GetProperty("since").GetDateTimeOffset().ShouldBe(Conversation.At(2));
    }

    [Fact]
    public async Task A_platform_of_the_future_is_noted_and_fills_no_column()
    {
        var (client, spring, ana) = await OnRoster();
        await campaign.Bus.Say(Conversation.Granted(organization, Guid.NewGuid(), ana, 1, "threads"));
        await campaign.Bus.Say(Conversation.Granted(organization, connection, ana, 1));

        await Cell(client, spring, "Connected");
        await Eventually.Get(() => campaign.Stored(organization), stored => stored.Count(type => type == "access_noted") == 2);
        (await Rows(client, spring))[0].GetProperty("connections").GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public async Task The_newest_outreach_of_the_campaign_is_shown_whatever_order_it_is_told_in()
    {
        var (client, spring, ana) = await OnRoster();
        var summer = await client.Plan("Summer", "InstagramInsights");
        var newest = Conversation.Sent(organization, Guid.NewGuid(), spring, ana, Conversation.At(9), "reconnect-request");
        await Twice(newest);

        // Two messages on their way at once may overtake each other; here the older one shall come last.
        await Eventually.Get(() => campaign.Stored(organization), stored => stored.Contains("outreach_noted"));
        await Twice(Conversation.Sent(organization, Guid.NewGuid(), spring, ana, Conversation.At(2)));
        await Twice(Conversation.Sent(organization, Guid.NewGuid(), summer, ana, Conversation.At(20)));
        await Eventually.Get(() => campaign.Stored(organization), stored => stored.Count(type => type == "outreach_noted") == 2);

        var row = (await Eventually.Get(() => Rows(client, spring), rows => rows[0].GetProperty("lastOutreach").ValueKind is JsonValueKind.Object))[0];

        row.GetProperty("lastOutreach").ToString().ShouldBe(
            $$"""{"template":"reconnect-request","at":"2027-03-01T21:00:00+00:00","outreachId":"{{newest.OutreachId}}","state":"Sent"}""");
    }

    private static string? Status(JsonElement row) => row.GetProperty("connections")[0].GetProperty("status").GetString();

    private static async Task<JsonElement[]> Rows(HttpClient client, Guid id) =>
        [.. (await client.Json($"/v1/campaigns/{id}/creators")).GetProperty("items").EnumerateArray()];

    private static async Task<JsonElement> Cell(HttpClient client, Guid id, string status) =>
        (await Eventually.Get(() => Rows(client, id), rows => Status(rows[0]) == status))[0].GetProperty("connections")[0];

    private async Task<(HttpClient Client, Guid Campaign, Guid Creator)> OnRoster()
    {
        var client = campaign.As(organization);
        var (spring, ana) = (await client.Plan("Spring", "InstagramInsights"), await client.Register("Ana"));
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

    // Something newer about the same connection that has been taken in: whatever was said before it has been, too.
    private async Task Marker(Guid creator)
    {
        await campaign.Bus.Say(Conversation.Granted(organization, connection, creator, 100));
        await Eventually.Get(() => campaign.StoredText(organization), text => text.Contains("\"Sequence\": 100"));
    }
}
