using System.Net;
using System.Net.Http.Json;
using CreatorConnections.Contracts.Campaigns;
using Shouldly;
using Testing;

namespace Campaigns.Tests.Features;

[Collection(nameof(CampaignHost))]
public sealed class CampaignApiTests(CampaignHost campaign)
{
    private readonly string organization = CampaignHost.NewOrganization();

    [Fact]
    public async Task A_campaign_is_planned_shown_and_published()
    {
        var client = campaign.As(organization);
        var answer = await client.PostPlan("Spring", "2027-03-01", "TikTokInsights", "InstagramInsights");

        answer.StatusCode.ShouldBe(HttpStatusCode.Created);
        var id = (await answer.Json()).GetProperty("id").GetGuid();
        answer.Headers.Location!.ToString().ShouldBe($"/v1/campaigns/{id}");
        var shown =
            $$"""{"id":"{{id}}","name":"Spring","startsOn":"2027-03-01","endsOn":"2027-12-31","creators":0,"requiredConnections":["InstagramInsights","TikTokInsights"]}""";
        (await client.Json($"/v1/campaigns/{id}")).ToString().ShouldBe(shown);
        await Eventually.Get(() => client.Json("/v1/campaigns"), list => list.ToString().StartsWith($$"""{"items":[{{shown[..^1]}},"coverage":0,"missing":0,"connectionTypes":[{"type":"InstagramInsights",""", StringComparison.Ordinal));

        (await campaign.Stored(organization)).ShouldBe(["campaign_planned"]);
        var heard = (await Eventually.Get(() => campaign.Bus.Heard<CampaignCreated>().Where(IsOurs).ToArray(), messages => messages.Length == 1))[0].Body;
        heard.GetProperty("campaignId").GetGuid().ShouldBe(id);
        heard.GetProperty("name").GetString().ShouldBe("Spring");
        (heard.GetProperty("startsOn").GetString(), heard.GetProperty("endsOn").GetString()).ShouldBe(("2027-03-01", "2027-12-31"));
        heard.GetProperty("requiredConnections").EnumerateArray().Select(type => type.GetString()).ShouldBe(["InstagramInsights", "TikTokInsights"]);
        heard.GetProperty("sequence").GetInt64().ShouldBe(1);
    }

    [Fact]
    public async Task A_request_repeated_under_its_key_is_answered_alike_and_happens_once()
    {
        var client = campaign.As(organization);
        var first = await Post(client, "key-1", "Spring");
        var second = await Post(client, "key-1", "Spring");

        (first.StatusCode, second.StatusCode).ShouldBe((HttpStatusCode.Created, HttpStatusCode.Created));
        (await second.Content.ReadAsStringAsync()).ShouldBe(await first.Content.ReadAsStringAsync());
        await (await Post(client, "key-1", "Summer")).ShouldBeInvalid("idempotency.key-reused", "Idempotency-Key");
        (await campaign.Stored(organization)).ShouldBe(["campaign_planned"]);
    }

    [Theory]
    [InlineData("""{"startsOn":"2027-03-01","endsOn":"2027-03-31","requiredConnections":["YouTubeInsights"]}""", "name.invalid", "name")]
    [InlineData("""{"name":"Spring","endsOn":"2027-03-31","requiredConnections":["YouTubeInsights"]}""", "dates.missing", "startsOn")]
    [InlineData("""{"name":"Spring","startsOn":"2027-03-01","requiredConnections":["YouTubeInsights"]}""", "dates.missing", "endsOn")]
    [InlineData("""{"name":"Spring","startsOn":"2027-03-02","endsOn":"2027-03-01","requiredConnections":["YouTubeInsights"]}""", "dates.reversed", "endsOn")]
    [InlineData("""{"name":"Spring","startsOn":"2027-03-01","endsOn":"2027-03-31"}""", "connection-types.missing", "requiredConnections")]
    [InlineData("""{"name":"Spring","startsOn":"2027-03-01","endsOn":"2027-03-31","requiredConnections":["MySpace"]}""", "connection-type.unknown", "requiredConnections")]
    public async Task What_cannot_be_right_is_refused_with_its_field_and_nothing_is_stored(string body, string code, string field)
    {
        var answer = await campaign.As(organization).PostAsync("/v1/campaigns", new StringContent(body, null, "application/json"));
        await answer.ShouldBeInvalid(code, field);
        (await campaign.Stored(organization)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_date_that_is_none_is_refused_with_its_field()
    {
        var answer = await campaign.As(organization).PostPlan("Spring", "2027-02-30", "YouTubeInsights");
        await answer.ShouldBeInvalid("request.invalid", "startsOn");
    }

    [Fact]
    public async Task Campaigns_are_listed_page_by_page_the_latest_start_first()
    {
        var client = campaign.As(organization);
        for (var month = 1; month <= 5; month++)
        {
            (await client.PostPlan($"Month {month}", $"2027-0{month}-01", "YouTubeInsights")).StatusCode.ShouldBe(HttpStatusCode.Created);
        }

        await Eventually.Get(() => client.Json("/v1/campaigns"), list => list.GetProperty("items").GetArrayLength() == 5);
        var names = new List<string?>();
        string? next = null;
        do
        {
            var page = await client.Json($"/v1/campaigns?limit=2{(next is null ? "" : $"&cursor={next}")}");
            names.AddRange(page.GetProperty("items").Texts("name"));
            next = page.GetProperty("next").GetString();
        }
        while (next is not null);

        names.ShouldBe(["Month 5", "Month 4", "Month 3", "Month 2", "Month 1"]);
    }

    [Fact]
    public async Task Creators_join_and_leave_a_roster_and_the_others_hear_it()
    {
        var client = campaign.As(organization);
        var spring = await client.Plan("Spring", "InstagramInsights");
        var (ana, bo, nobody) = (await client.Register("Ana"), await client.Register("Bo"), Guid.NewGuid());
        var foreigner = await campaign.As(CampaignHost.NewOrganization()).Register("Cleo");

        var joined = await client.PostAsJsonAsync($"/v1/campaigns/{spring}/creators", new { creatorIds = new[] { ana, ana, nobody, foreigner } });
        (joined.StatusCode, (await joined.Json()).ToString())
            .ShouldBe((HttpStatusCode.OK, $$"""{"added":1,"alreadyOn":0,"unknown":["{{nobody}}","{{foreigner}}"]}"""));
        var more = await client.PostAsJsonAsync($"/v1/campaigns/{spring}/creators", new { creatorIds = new[] { ana, bo } });
        (await more.Json()).ToString().ShouldBe("""{"added":1,"alreadyOn":1,"unknown":[]}""");
        await Eventually.Get(() => client.Json($"/v1/campaigns/{spring}"), shown => shown.GetProperty("creators").GetInt64() == 2);

        (await client.DeleteAsync($"/v1/campaigns/{spring}/creators/{ana}")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await client.DeleteAsync($"/v1/campaigns/{spring}/creators/{ana}")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        await Eventually.Get(() => client.Json($"/v1/campaigns/{spring}"), shown => shown.GetProperty("creators").GetInt64() == 1);

        (await campaign.Stored(organization)).ShouldBe(
            ["campaign_planned", "creator_admitted", "creator_admitted", "joined_roster", "joined_roster", "left_roster"]);
        var added = await Eventually.Get(() => campaign.Bus.Heard<CreatorAddedToCampaign>().Where(IsOurs).ToArray(), messages => messages.Length == 2);
        added.Select(message => message.Body.GetProperty("creatorId").GetGuid()).ShouldBe([ana, bo], ignoreOrder: true);
        var left = await Eventually.Get(() => campaign.Bus.Heard<CreatorRemovedFromCampaign>().Where(IsOurs).ToArray(), messages => messages.Length == 1);
        var removed = left[0].Body;
        (removed.GetProperty("campaignId").GetGuid(), removed.GetProperty("creatorId").GetGuid(), removed.GetProperty("sequence").GetInt64())
            .ShouldBe((spring, ana, 2));
    }

    [Fact]
    public async Task Whoever_left_a_roster_can_come_back()
    {
        var client = campaign.As(organization);
        var (spring, ana) = (await client.Plan("Spring", "InstagramInsights"), await client.Register("Ana"));
        await client.Enlist(spring, ana);
        await client.DeleteAsync($"/v1/campaigns/{spring}/creators/{ana}");
        await Eventually.Get(() => client.Json($"/v1/campaigns/{spring}"), shown => shown.GetProperty("creators").GetInt64() == 0);

        await client.Enlist(spring, ana);

        (await campaign.Stored(organization)).ShouldBe(["campaign_planned", "creator_admitted", "joined_roster", "left_roster", "joined_roster"]);
    }

    [Fact]
    public async Task A_thousand_creators_join_in_one_request_and_not_one_more()
    {
        var client = campaign.As(organization);
        var spring = await client.Plan("Spring", "InstagramInsights");
        var strangers = Enumerable.Range(0, 1001).Select(_ => Guid.NewGuid()).ToArray();

        var most = await client.PostAsJsonAsync($"/v1/campaigns/{spring}/creators", new { creatorIds = strangers[..1000] });
        (most.StatusCode, (await most.Json()).GetProperty("unknown").GetArrayLength()).ShouldBe((HttpStatusCode.OK, 1000));
        var tooMany = await client.PostAsJsonAsync($"/v1/campaigns/{spring}/creators", new { creatorIds = strangers });
        await tooMany.ShouldBeInvalid("creators.too-many", "creatorIds");
    }

    [Fact]
    public async Task Whoever_was_never_on_a_roster_cannot_leave_it()
    {
        var client = campaign.As(organization);
        var (spring, ana) = (await client.Plan("Spring", "InstagramInsights"), await client.Register("Ana"));
        await (await client.DeleteAsync($"/v1/campaigns/{spring}/creators/{ana}")).ShouldBeProblem(HttpStatusCode.NotFound, "membership.unknown");
    }

    [Fact]
    public async Task Campaigns_of_another_organization_do_not_exist()
    {
        var client = campaign.As(organization);
        var (spring, ana) = (await client.Plan("Spring", "InstagramInsights"), await client.Register("Ana"));
        await client.Enlist(spring, ana);
        var stranger = campaign.As(CampaignHost.NewOrganization());
        var cleo = await stranger.Register("Cleo");

        await (await stranger.GetAsync($"/v1/campaigns/{spring}")).ShouldBeProblem(HttpStatusCode.NotFound, "campaign.unknown");
        await (await stranger.GetAsync($"/v1/campaigns/{spring}/dashboard")).ShouldBeProblem(HttpStatusCode.NotFound, "campaign.unknown");
        await (await stranger.GetAsync($"/v1/campaigns/{spring}/creators")).ShouldBeProblem(HttpStatusCode.NotFound, "campaign.unknown");
        await (await stranger.PostAsJsonAsync($"/v1/campaigns/{spring}/creators", new { creatorIds = new[] { cleo } }))
            .ShouldBeProblem(HttpStatusCode.NotFound, "campaign.unknown");
        await (await stranger.DeleteAsync($"/v1/campaigns/{spring}/creators/{ana}")).ShouldBeProblem(HttpStatusCode.NotFound, "campaign.unknown");
        (await stranger.Json("/v1/campaigns")).ToString().ShouldBe("""{"items":[],"next":null}""");
        await (await stranger.GetAsync($"/v1/campaigns?cursor={Page.CursorAfter(spring)}"))
            .ShouldBeProblem(HttpStatusCode.UnprocessableEntity, "cursor.invalid");
    }

    [Theory]
    [InlineData("cursor=nonsense", "cursor.invalid", "cursor")]
    [InlineData("limit=0", "limit.invalid", "limit")]
    [InlineData("limit=201", "limit.invalid", "limit")]
    public async Task A_page_that_cannot_be_is_refused(string query, string code, string field) =>
        await (await campaign.As(organization).GetAsync($"/v1/campaigns?{query}")).ShouldBeInvalid(code, field);

    private static async Task<HttpResponseMessage> Post(HttpClient client, string key, string name)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/campaigns")
        {
            Content = JsonContent.Create(new { name, startsOn = "2027-03-01", endsOn = "2027-03-31", requiredConnections = new[] { "YouTubeInsights" } }),
        };
        request.Headers.Add("Idempotency-Key", key);
        return await client.SendAsync(request);
    }

    private bool IsOurs(Delivery message) => message.Body.GetProperty("organizationId").GetString() == organization;
}
