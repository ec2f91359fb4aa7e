using Shouldly;
using Testing;

namespace Campaigns.Tests.Features;

[Collection(nameof(CampaignHost))]
public sealed class RebuildTests(CampaignHost campaign)
{
    private readonly string organization = CampaignHost.NewOrganization();

    [Fact]
    public async Task Views_rebuilt_from_the_events_are_the_same_and_go_on()
    {
        var client = campaign.As(organization);
        var spring = await client.Plan("Spring", "InstagramInsights");
        var (ana, bo, cleo) = (await client.Register("Ana"), await client.Register("Bo"), await client.Register("Cleo"));
        await client.Enlist(spring, ana, bo, cleo);
        await client.DeleteAsync($"/v1/campaigns/{spring}/creators/{cleo}");
        var connection = Guid.NewGuid();
        await campaign.Bus.Say(Conversation.Granted(organization, connection, ana, 1));
        await campaign.Bus.Say(Conversation.Expired(organization, connection, ana, 2));
        await campaign.Bus.Say(Conversation.Granted(organization, Guid.NewGuid(), bo, 1));
        await campaign.Bus.Say(Conversation.Sent(organization, Guid.NewGuid(), spring, ana, Conversation.At(1)));

        // All of it in the dashboard: what is read after it cannot know less.
        const string Sign = """ "connected":1,"expired":1,"invalidated":0,"notConnected":0}],"expiringSoon":0,"outreach":{"asked":1 """;
        await Eventually.Get(() => client.Json($"/v1/campaigns/{spring}/dashboard"), dashboard => dashboard.GetRawText().Contains(Sign.Trim()));
        var before = await Pages();

        var operations = campaign.Host.As(organization, "ops");
        var generation = (await operations.Json("/v1/operations/campaign-views")).GetProperty("generation").GetString();
        var after = await campaign.Rebuild();
        after.GetProperty("rebuild").GetProperty("events").GetInt64().ShouldBeGreaterThan(10);
        after.GetProperty("generation").GetString().ShouldNotBe(generation);
        (await operations.Json("/v1/operations/audit?limit=500")).GetProperty("items").EnumerateArray().Select(entry => entry.GetProperty("command").GetString()).ShouldContain("campaign-views.rebuild");

        (await Pages()).ShouldBe(before);
        await campaign.Bus.Say(Conversation.Granted(organization, connection, ana, 3));
        await Eventually.Get(Pages, pages => pages.Contains("\"connected\":2"));

        async Task<string> Pages()
        {
            var (list, page) = (await client.Json("/v1/campaigns"), $"/v1/campaigns/{spring}");
            return $"{list}\n{await client.Json($"{page}/dashboard")}\n{await client.Json($"{page}/creators")}\n{await client.Json($"{page}/creators?search=an")}\n{await client.Json($"{page}/trend?days=3")}";
        }
    }

    [Fact]
    public async Task Views_of_a_version_that_kept_no_sums_are_summed_when_the_service_starts()
    {
        var client = campaign.As(organization);
        var spring = await client.Plan("Spring", "InstagramInsights", "TikTokMarketplace");
        var (ana, bo) = (await client.Register("Ana"), await client.Register("Bo"));
        await client.Enlist(spring, ana, bo);
        await campaign.Bus.Say(Conversation.Granted(organization, Guid.NewGuid(), ana, 1));
        await campaign.Bus.Say(Conversation.Sent(organization, Guid.NewGuid(), spring, ana, Conversation.At(1)));
        await Eventually.Get(() => client.Json($"/v1/campaigns/{spring}/dashboard"), dashboard => dashboard.GetRawText() is var text && text.Contains("\"connected\":1,") && text.Contains("\"asked\":1"));
        var before = await Pages();

        // As that version left it: a row per day and standing, none per campaign. Ana's is standing 1, Bo's 0.
        var generation = (await campaign.Host.As(organization, "ops").Json("/v1/operations/campaign-views")).GetProperty("generation").GetString()!;
        await campaign.Sql($"""
            create table campaign.standing_day_{generation} (tenant_id text, campaign_id uuid, day date, standing smallint, change bigint);
            insert into campaign.standing_day_{generation}
            select tenant_id, campaign_id, day, standing, 1 from campaign.campaign_day_{generation}, unnest('{"{0,1}"}'::smallint[]) standing where tenant_id = '{organization}';
            delete from campaign.campaign_day_{generation} where tenant_id = '{organization}';
            update campaign.campaign_pulse_{generation} set sums = '{"{}"}' where tenant_id = '{organization}'
            """);
        (await Pages()).ShouldNotBe(before);
        await campaign.Sql(ViewGenerations.Sum(generation));
        await campaign.Sql($"drop table campaign.standing_day_{generation}");

        (await Pages()).ShouldBe(before);

        async Task<string> Pages() => $"{await client.Json($"/v1/campaigns/{spring}/dashboard")}\n{await client.Json($"/v1/campaigns/{spring}/trend?days=3")}\n{await client.Json("/v1/organization/dashboard")}";
    }
}
