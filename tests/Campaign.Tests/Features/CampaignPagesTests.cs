using System.Net;
using System.Text.Json;
using Shouldly;
using Testing;

namespace Campaigns.Tests.Features;

/// <summary>Dashboard and creators list over a roster in every status.</summary>
[Collection(nameof(CampaignHost))]
public sealed class CampaignPagesTests(CampaignHost campaign)
{
    private readonly string organization = CampaignHost.NewOrganization();

    [Fact]
    public async Task An_empty_campaign_has_nothing_to_warn_of()
    {
        var client = campaign.As(organization);
        var spring = await client.Plan("Spring", "InstagramInsights", "TikTokMarketplace");

        (await client.Json($"/v1/campaigns/{spring}/dashboard")).ToString().ShouldBe(
            $$"""
            {"campaignId":"{{spring}}","name":"Spring","startsOn":"2027-03-01","endsOn":"2027-12-31","creators":0,"coverage":0,"connectionTypes":[{"type":"InstagramInsights","connected":0,"expired":0,"invalidated":0,"notConnected":0},{"type":"TikTokMarketplace","connected":0,"expired":0,"invalidated":0,"notConnected":0}],"warning":null,"updatedAt":null}
            """);
        (await client.Json($"/v1/campaigns/{spring}/creators")).ToString().ShouldBe("""{"items":[],"total":0,"next":null}""");
    }

    [Fact]
    public async Task The_dashboard_counts_the_roster_per_required_type_and_status()
    {
        var (client, spring) = await Populated();

        var shown = await client.Json($"/v1/campaigns/{spring}/dashboard");

        shown.GetProperty("creators").GetInt64().ShouldBe(6);
        shown.GetProperty("connectionTypes").EnumerateArray().Select(type => type.ToString()).ShouldBe(
            [
                """{"type":"InstagramInsights","connected":3,"expired":1,"invalidated":1,"notConnected":1}""",
                """{"type":"YouTubeInsights","connected":2,"expired":0,"invalidated":0,"notConnected":4}""",
                """{"type":"TikTokMarketplace","connected":0,"expired":0,"invalidated":0,"notConnected":6}""",
            ]);
        shown.GetProperty("coverage").GetDouble().ShouldBe(0.3333);
        shown.GetProperty("warning").ToString().ShouldBe(
            """{"message":"Metrics and content of 4 creators may be incomplete: a connection is missing, expired or invalidated.","creators":4}""");
        shown.GetProperty("updatedAt").GetDateTimeOffset().ShouldBeGreaterThan(DateTimeOffset.UtcNow.AddMinutes(-5));
    }

    [Fact]
    public async Task Whoever_left_the_roster_is_counted_no_more()
    {
        var (client, spring) = await Populated();
        var zoe = (await Items(client, spring, "search=zoe")).Single().GetProperty("creatorId").GetGuid();

        await client.DeleteAsync($"/v1/campaigns/{spring}/creators/{zoe}");

        var shown = await Eventually.Get(
            () => client.Json($"/v1/campaigns/{spring}/dashboard"), dashboard => dashboard.GetProperty("creators").GetInt64() == 5);
        shown.GetProperty("connectionTypes")[0].ToString().ShouldBe(
            """{"type":"InstagramInsights","connected":3,"expired":1,"invalidated":1,"notConnected":0}""");
        (await Items(client, spring, "search=zoe")).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_list_shows_every_creator_by_name_with_the_required_columns_only()
    {
        var (client, spring) = await Populated();

        var items = await Items(client, spring, "");

        items.Select(Name).ShouldBe(["Ana", "Åsa", "Bo", "Cleo", "Dan", "Zoe"]);
        items[0].GetProperty("handles").ToString().ShouldBe("""{"instagram":"ana.maya","youtube":null,"tiktok":null}""");
        foreach (var item in items)
        {
            item.GetProperty("connections").Texts("type").ShouldBe(["InstagramInsights", "YouTubeInsights", "TikTokMarketplace"]);
            item.GetProperty("lastOutreach").ValueKind.ShouldBe(JsonValueKind.Null);
        }

        items[5].GetProperty("connections")[0].ToString().ShouldBe(
            """{"type":"InstagramInsights","platform":"instagram","status":"NotConnected","colour":"grey","reason":null,"since":null,"connectionId":null}""");
    }

    [Theory]
    [InlineData("type=InstagramInsights&status=Connected", "Ana Åsa Dan")]
    [InlineData("type=InstagramInsights&status=Expired,Invalidated", "Bo Cleo")]
    [InlineData("type=InstagramInsights&status=NotConnected", "Zoe")]
    [InlineData("type=InstagramInsights&status=Connected,Expired,Invalidated,NotConnected", "Ana Åsa Bo Cleo Dan Zoe")]
    [InlineData("type=YouTubeInsights&status=Connected", "Ana Åsa")]
    [InlineData("status=Invalidated", "Cleo")]
    [InlineData("type=InstagramInsights,YouTubeInsights&status=Connected", "Ana Åsa Dan")]
    [InlineData("type=TikTokMarketplace&status=Connected", "")]
    [InlineData("type=InstagramInsights", "Ana Åsa Bo Cleo Dan Zoe")]
    [InlineData("missing=true", "Bo Cleo Dan Zoe")]
    [InlineData("missing=false", "Ana Åsa Bo Cleo Dan Zoe")]
    [InlineData("missing=true&type=InstagramInsights&status=Connected", "Dan")]
    [InlineData("search=%C3%A5s", "Åsa")]
    [InlineData("search=ASA", "Åsa")]
    [InlineData("search=@Ana.M", "Ana")]
    [InlineData("search=%25", "")]
    [InlineData("search=%20", "Ana Åsa Bo Cleo Dan Zoe")]
    public async Task The_list_is_filtered_and_counted(string query, string names)
    {
        var (client, spring) = await Populated();
        string[] expected = names.Length == 0 ? [] : names.Split(' ');

        var page = await client.Json($"/v1/campaigns/{spring}/creators?{query}");

        page.GetProperty("items").Texts("name").ShouldBe(expected);
        page.GetProperty("total").GetInt64().ShouldBe(expected.Length);
        page.GetProperty("next").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Fact]
    public async Task The_list_is_read_page_by_page_and_every_page_knows_the_total()
    {
        var (client, spring) = await Populated();
        var (names, totals, next) = (new List<string?>(), new List<long>(), default(string));
        do
        {
            var page = await client.Json($"/v1/campaigns/{spring}/creators?limit=2{(next is null ? "" : $"&cursor={next}")}");
            names.AddRange(page.GetProperty("items").Texts("name"));
            totals.Add(page.GetProperty("total").GetInt64());
            next = page.GetProperty("next").GetString();
        }
        while (next is not null);

        names.ShouldBe(["Ana", "Åsa", "Bo", "Cleo", "Dan", "Zoe"]);
        totals.ShouldBe([6, 6, 6]);
    }

    [Fact]
    public async Task Creators_of_one_name_are_all_listed_across_pages()
    {
        var client = campaign.As(organization);
        var spring = await client.Plan("Spring", "InstagramInsights");
        var twins = new List<Guid>();
        for (var i = 0; i < 5; i++)
        {
            twins.Add(await client.Register("Twin"));
        }

        await client.Enlist(spring, [.. twins]);
        var (seen, next) = (new List<Guid>(), default(string));
        do
        {
            var page = await client.Json($"/v1/campaigns/{spring}/creators?limit=2{(next is null ? "" : $"&cursor={next}")}");
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("creatorId").GetGuid()));
            next = page.GetProperty("next").GetString();
        }
        while (next is not null);

        seen.ShouldBe(twins, ignoreOrder: true);
    }

    [Theory]
    [InlineData("type=YouTubeInsights", "connection-type.unknown", "type")]
    [InlineData("status=connected", "status.unknown", "status")]
    [InlineData("cursor=nonsense", "cursor.invalid", "cursor")]
    [InlineData("cursor=AZCgAAAAcACAAAAAAAAAAQ", "cursor.invalid", "cursor")]
    [InlineData("limit=0", "limit.invalid", "limit")]
    public async Task A_filter_that_means_nothing_is_refused(string query, string code, string field)
    {
        var client = campaign.As(organization);
        var spring = await client.Plan("Spring", "InstagramInsights");
        await (await client.GetAsync($"/v1/campaigns/{spring}/creators?{query}")).ShouldBeInvalid(code, field);
    }

    [Fact]
    public async Task A_filter_that_is_no_value_is_malformed()
    {
        var client = campaign.As(organization);
        var spring = await client.Plan("Spring", "InstagramInsights");
        await (await client.GetAsync($"/v1/campaigns/{spring}/creators?missing=perhaps")).ShouldBeProblem(HttpStatusCode.BadRequest, "request.malformed");
        await (await client.GetAsync($"/v1/campaigns/{spring}/creators?limit=many")).ShouldBeProblem(HttpStatusCode.BadRequest, "request.malformed");
    }

    private static string? Name(JsonElement item) => item.GetProperty("name").GetString();

    private static async Task<JsonElement[]> Items(HttpClient client, Guid id, string query) =>
        [.. (await client.Json($"/v1/campaigns/{id}/creators?{query}")).GetProperty("items").EnumerateArray()];

    /// <summary>Six creators: Ana and Åsa are complete, Bo expired, Cleo was revoked, Dan lacks YouTube, Zoe never connected.</summary>
    private async Task<(HttpClient Client, Guid Campaign)> Populated()
    {
        var client = campaign.As(organization);
        var spring = await client.Plan("Spring", "InstagramInsights", "YouTubeInsights", "TikTokMarketplace");
        var zoe = await client.Register("Zoe");
        var ana = await client.Register("Ana", handles: new { instagram = "@ana.maya" });
        var bo = await client.Register("Bo");
        var asa = await client.Register("Åsa");
        var cleo = await client.Register("Cleo");
        var dan = await client.Register("Dan");
        await client.Enlist(spring, zoe, ana, bo, asa, cleo, dan);
        foreach (var creator in (Guid[])[ana, asa])
        {
            await campaign.Bus.Say(Conversation.Granted(organization, Guid.NewGuid(), creator, 1));
            await campaign.Bus.Say(Conversation.Granted(organization, Guid.NewGuid(), creator, 1, "youtube"));
        }

        await campaign.Bus.Say(Conversation.Granted(organization, Guid.NewGuid(), dan, 1));
        await campaign.Bus.Say(Conversation.Granted(organization, Guid.NewGuid(), dan, 1, "tiktok"));
        await campaign.Bus.Say(Conversation.Expired(organization, Guid.NewGuid(), bo, 2));
        await campaign.Bus.Say(Conversation.Invalidated(organization, Guid.NewGuid(), cleo, 2));
        await Eventually.Get(
            () => client.Json($"/v1/campaigns/{spring}/dashboard"),
            dashboard => dashboard.GetProperty("connectionTypes").EnumerateArray().Sum(type => type.GetProperty("notConnected").GetInt64()) == 11);
        return (client, spring);
    }
}
