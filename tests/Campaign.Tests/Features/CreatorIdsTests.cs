using System.Net;
using Shouldly;
using Testing;

namespace Campaigns.Tests.Features;

[Collection(nameof(CampaignHost))]
public sealed class CreatorIdsTests(CampaignHost campaign)
{
    private readonly string organization = CampaignHost.NewOrganization();

    [Fact]
    public async Task Every_creator_the_filter_leaves_comes_once_in_pages()
    {
        var client = campaign.As(organization);
        var spring = await client.Plan("Spring", "InstagramInsights");
        var creators = new List<Guid>();
        for (var i = 0; i < 7; i++)
        {
            creators.Add(await client.Register($"{(char)('G' - i)} creator"));
        }

        var stranger = await client.Register("Stranger");
        await client.Enlist(spring, [.. creators]);
        await campaign.Bus.Say(Conversation.Granted(organization, Guid.NewGuid(), creators[3], 1));
        await Eventually.Get(() => client.Json($"/v1/campaigns/{spring}/creators/ids?status=Connected"), page => page.GetProperty("total").GetInt64() == 1);

        (await All(client, $"/v1/campaigns/{spring}/creators/ids?limit=3")).ShouldBe(creators.Order(), ignoreOrder: true);
        (await All(client, $"/v1/campaigns/{spring}/creators/ids?limit=2&missing=true&sort=-name")).ShouldBe(creators.Where(one => one != creators[3]), ignoreOrder: true);
        (await client.Json($"/v1/campaigns/{spring}/creators/ids?search=G")).ToString().ShouldBe($$"""{"items":["{{creators[0]}}"],"total":1,"next":null}""");
        (await client.Json($"/v1/campaigns/{spring}/creators/ids?status=Expired")).ToString().ShouldBe("""{"items":[],"total":0,"next":null}""");
        (await All(client, "/v1/organization/creators/ids")).ShouldBe([.. creators, stranger], ignoreOrder: true);
    }

    [Theory]
    [InlineData("limit=5001", "limit.invalid", "limit")]
    [InlineData("limit=0", "limit.invalid", "limit")]
    [InlineData("cursor=elsewhere", "cursor.invalid", "cursor")]
    [InlineData("status=Broken", "status.unknown", "status")]
    public async Task What_means_nothing_is_refused_as_the_list_refuses_it(string query, string code, string field)
    {
        var client = campaign.As(organization);
        var spring = await client.Plan("Spring", "InstagramInsights");
        await (await client.GetAsync($"/v1/campaigns/{spring}/creators/ids?{query}")).ShouldBeInvalid(code, field);
    }

    [Fact]
    public async Task Another_organizations_campaign_is_unknown()
    {
        var spring = await campaign.As(organization).Plan("Spring", "InstagramInsights");
        await (await campaign.As(CampaignHost.NewOrganization()).GetAsync($"/v1/campaigns/{spring}/creators/ids")).ShouldBeProblem(HttpStatusCode.NotFound, "campaign.unknown");
    }

    private static async Task<IReadOnlyList<Guid>> All(HttpClient client, string address)
    {
        var (ids, cursor) = (new List<Guid>(), default(string));
        do
        {
            var page = await client.Json(cursor is null ? address : $"{address}&cursor={cursor}");
            ids.AddRange(page.GetProperty("items").EnumerateArray().Select(id => id.GetGuid()));
            cursor = page.GetProperty("next").GetString();
            page.GetProperty("total").GetInt64().ShouldBeGreaterThanOrEqualTo(ids.Count);
        }
        while (cursor is not null);
        return ids;
    }
}
