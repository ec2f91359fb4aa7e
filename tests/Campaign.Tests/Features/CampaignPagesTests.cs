using System.Net;
using System.Net.Http.Json;
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
            {"campaignId":"{{spring}}","name":"Spring","startsOn":"2027-03-01","endsOn":"2027-12-31","creators":0,"coverage":0,"connectionTypes":[{"type":"InstagramInsights","connected":0,"expired":0,"invalidated":0,"notConnected":0},{"type":"TikTokMarketplace","connected":0,"expired":0,"invalidated":0,"notConnected":0}],"expiringSoon":0,"outreach":{"asked":0,"reached":0,"clicked":0,"connected":0,"bounced":0,"failed":0},"warning":null,"fixAll":[],"updatedAt":null}
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
        var warning = shown.GetProperty("warning");
        warning.GetProperty("message").GetString().ShouldBe("Metrics and content of 4 creators may be incomplete: a connection is missing, expired or invalidated.");
        warning.GetProperty("names").Texts("name").ShouldBe(["Bo", "Cleo", "Dan", "Zoe"]);
        warning.GetProperty("losses").EnumerateArray().Select(loss => $"{loss.GetProperty("type").GetString()} {loss.GetProperty("creators").GetInt64()}")
            .ShouldBe(["InstagramInsights 3", "YouTubeInsights 4"]);
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
            """{"type":"InstagramInsights","platform":"instagram","status":"NotConnected","colour":"grey","reason":null,"since":null,"connectionId":null,"expiringAt":null,"insights":{"state":"NotSynced","collectedAt":null,"through":null},"nextAction":"Invite Zoe to connect Instagram"}""");
    }

    [Fact]
    public async Task Fix_all_names_exactly_the_creators_the_warning_counts()
    {
        var (client, spring) = await Populated();

        var fixes = (await client.Json($"/v1/campaigns/{spring}/dashboard")).GetProperty("fixAll").EnumerateArray().ToArray();

        fixes.Select(fix => fix.GetProperty("request").GetProperty("template").GetString()).ShouldBe(["reconnect-request", "creator-hub-invitation"]);
        (await Items(client, spring, fixes[0].GetProperty("request").GetProperty("filter").GetString()!)).Select(Name).ShouldBe(["Bo", "Cleo"]);
        (await Items(client, spring, fixes[1].GetProperty("request").GetProperty("filter").GetString()!)).Select(Name).ShouldBe(["Dan", "Zoe"]);
    }

    [Fact]
    public async Task A_type_that_is_switched_off_is_gone_from_dashboard_columns_filters_and_warnings()
    {
        var (client, spring) = await Populated();
        await Switch(client, $"/v1/campaigns/{spring}/connections", new { types = new Dictionary<string, bool> { ["YouTubeInsights"] = false } });

        var dashboard = await client.Json($"/v1/campaigns/{spring}/dashboard");
        dashboard.GetProperty("connectionTypes").Texts("type").ShouldBe(["InstagramInsights", "TikTokMarketplace"]);
        dashboard.GetProperty("coverage").GetDouble().ShouldBe(0.5);
        dashboard.GetProperty("warning").GetProperty("losses").Texts("type").ShouldBe(["InstagramInsights"]);
        (await Items(client, spring, "missing=true")).Select(Name).ShouldBe(["Bo", "Cleo", "Zoe"]);
        (await Items(client, spring, ""))[0].GetProperty("connections").Texts("type").ShouldBe(["InstagramInsights", "TikTokMarketplace"]);
        (await client.Json($"/v1/campaigns/{spring}/creators/facets")).GetProperty("connectionTypes").Texts("type").ShouldBe(["InstagramInsights", "TikTokMarketplace"]);
        await (await client.GetAsync($"/v1/campaigns/{spring}/creators?type=YouTubeInsights&status=Connected")).ShouldBeInvalid("connection-type.unknown", "type");

        await Switch(client, "/v1/organization/connections", new { component = false });
        dashboard = await client.Json($"/v1/campaigns/{spring}/dashboard");
        dashboard.GetProperty("connectionTypes").GetArrayLength().ShouldBe(0);
        dashboard.GetProperty("warning").ValueKind.ShouldBe(JsonValueKind.Null);
        (await Items(client, spring, ""))[0].GetProperty("connections").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task The_organization_sees_all_its_creators_and_where_most_is_missing()
    {
        var (client, spring) = await Populated();
        var autumn = await client.Plan("Autumn", "TikTokInsights");
        await client.Enlist(autumn, (await Items(client, spring, "search=ana"))[0].GetProperty("creatorId").GetGuid());

        var dashboard = await client.Json("/v1/organization/dashboard");

        dashboard.GetProperty("creators").GetInt64().ShouldBe(6);
        dashboard.GetProperty("connectionTypes").Texts("type").ShouldBe(["InstagramInsights", "YouTubeInsights", "TikTokInsights", "TikTokMarketplace"]);
        dashboard.GetProperty("connectionTypes")[2].ToString().ShouldBe("""{"type":"TikTokInsights","connected":1,"expired":0,"invalidated":0,"notConnected":5}""");
        dashboard.GetProperty("campaigns").GetInt64().ShouldBe(2);
        dashboard.GetProperty("mostMissing").EnumerateArray().Select(item => $"{Name(item)} {item.GetProperty("missing").GetInt64()}").ShouldBe(["Spring 4", "Autumn 1"]);
        (await client.Json("/v1/organization/creators?connection=TikTokInsights:Connected")).GetProperty("items").Texts("name").ShouldBe(["Dan"]);
        (await client.Json("/v1/organization/creators/facets?missing=true")).GetProperty("total").GetInt64().ShouldBe(6);
        (await client.Json("/v1/organization/trend?days=1")).GetProperty("days")[0].GetProperty("creators").GetInt64().ShouldBe(6);
        (await campaign.As(CampaignHost.NewOrganization()).Json("/v1/organization/dashboard")).GetProperty("creators").GetInt64().ShouldBe(0);
    }

    [Fact]
    public async Task A_corrected_name_moves_the_creator_to_its_place()
    {
        var (client, spring) = await Populated();
        var zoe = (await Items(client, spring, "search=zoe"))[0].GetProperty("creatorId").GetGuid();
        (await client.PatchAsJsonAsync($"/v1/creators/{zoe}", new { name = "Abby" })).StatusCode.ShouldBe(HttpStatusCode.OK);

        await Eventually.Get(async () => Name((await Items(client, spring, ""))[0]), name => name == "Abby");
        (await Items(client, spring, "search=abby")).Length.ShouldBe(1);
    }

    [Fact]
    public async Task Facets_say_what_each_further_filter_would_leave()
    {
        var (client, spring) = await Populated();

        var facets = await client.Json($"/v1/campaigns/{spring}/creators/facets?connection=InstagramInsights:Connected");

        facets.GetProperty("total").GetInt64().ShouldBe(3);
        facets.GetProperty("missing").GetInt64().ShouldBe(1);
        facets.GetProperty("connectionTypes")[0].GetProperty("statuses").ToString().ShouldBe(
            """[{"value":"Connected","creators":3},{"value":"Expired","creators":1},{"value":"Invalidated","creators":1},{"value":"NotConnected","creators":1}]""");
        facets.GetProperty("connectionTypes")[1].GetProperty("statuses").ToString().ShouldBe(
            """[{"value":"Connected","creators":2},{"value":"Expired","creators":0},{"value":"Invalidated","creators":0},{"value":"NotConnected","creators":1}]""");
        (await client.Json($"/v1/campaigns/{spring}/creators/facets?search=a")).GetProperty("total").GetInt64().ShouldBe(2);
    }

    [Fact]
    public async Task Counts_that_were_kept_are_made_up_for_those_who_moved_since_and_read_anew_where_their_past_is_not_known()
    {
        var (client, spring) = await Populated();
        (await Facets()).ShouldBe("3 of 3 1 1 1");

        // Whoever reads the table of counts from here on shows it.
        await campaign.Sql($"update campaign.standing_count set creators = creators + 1000 where campaign_id = '{spring}'");
        var (eve, dan) = (await client.Register("Eve"), (await Items(client, spring, "search=dan"))[0].GetProperty("creatorId").GetGuid());
        await client.Enlist(spring, eve);
        await Eventually.Get(Facets, facets => facets == "3 of 3 1 1 2");
        await campaign.Bus.Say(Conversation.Granted(organization, Guid.NewGuid(), eve, 1));
        await Eventually.Get(Facets, facets => facets == "4 of 4 1 1 1");
        await campaign.Bus.Say(Conversation.Invalidated(organization, Guid.NewGuid(), eve, 2));
        (await client.DeleteAsync($"/v1/campaigns/{spring}/creators/{dan}")).EnsureSuccessStatusCode();
        await Eventually.Get(Facets, facets => facets == "2 of 2 1 2 1");

        await campaign.Sql($"delete from campaign.roster_change where campaign_id = '{spring}'");
        await campaign.Bus.Say(Conversation.Granted(organization, Guid.NewGuid(), eve, 3));
        await Eventually.Get(Facets, facets => facets.Length > 20);

        async Task<string> Facets()
        {
            var facets = await client.Json($"/v1/campaigns/{spring}/creators/facets?connection=InstagramInsights:Connected");
            return $"{facets.GetProperty("total")} of {string.Join(' ', facets.GetProperty("connectionTypes")[0].GetProperty("statuses").EnumerateArray().Select(status => status.GetProperty("creators").GetInt64()))}";
        }
    }

    [Fact]
    public async Task The_trend_ends_with_today_and_begins_with_nobody()
    {
        var (client, spring) = await Populated();

        var days = (await client.Json($"/v1/campaigns/{spring}/trend?days=3")).GetProperty("days").EnumerateArray().ToArray();

        days.Length.ShouldBe(3);
        days[0].GetProperty("creators").GetInt64().ShouldBe(0);
        days[^1].GetProperty("creators").GetInt64().ShouldBe(6);
        days[^1].GetProperty("coverage").GetDouble().ShouldBe(0.3333);
        days[^1].GetProperty("connectionTypes")[0].ToString().ShouldBe("""{"type":"InstagramInsights","connected":3,"expired":1,"invalidated":1,"notConnected":1}""");
        await (await client.GetAsync($"/v1/campaigns/{spring}/trend?days=0")).ShouldBeInvalid("days.invalid", "days");
        await (await client.GetAsync($"/v1/campaigns/{Guid.NewGuid()}/trend")).ShouldBeProblem(HttpStatusCode.NotFound, "campaign.unknown");
    }

    [Theory]
    [InlineData("sort=name", "Ana Åsa Bo Cleo Dan Zoe")]
    [InlineData("sort=-name", "Zoe Dan Cleo Bo Åsa Ana")]
    [InlineData("sort=InstagramInsights", "Cleo Bo Zoe Ana Åsa Dan")]
    [InlineData("sort=-InstagramInsights", "Ana Åsa Dan Zoe Bo Cleo")]
    [InlineData("sort=lastOutreach", "Cleo Bo Ana Åsa Dan Zoe")]
    [InlineData("sort=-lastOutreach", "Bo Cleo Ana Åsa Dan Zoe")]
    [InlineData("sort=InstagramInsights&missing=true", "Cleo Bo Zoe Dan")]
    [InlineData("sort=-YouTubeInsights&search=ana", "Ana")]
    [InlineData("sort=-InstagramInsights&search=an", "Ana")]
    public async Task The_list_is_sorted_by_any_column_and_read_in_that_order_page_by_page(string query, string names)
    {
        var (client, spring) = await Populated();
        var people = (await Items(client, spring, "")).ToDictionary(item => Name(item)!, item => item.GetProperty("creatorId").GetGuid());
        await campaign.Bus.Say(Conversation.Sent(organization, Guid.NewGuid(), spring, people["Bo"], Conversation.At(1)));
        await campaign.Bus.Say(Conversation.Sent(organization, Guid.NewGuid(), spring, people["Cleo"], Conversation.At(2)));
        await Eventually.Get(() => Items(client, spring, "outreach=Sent"), sent => sent.Length == 2);

        foreach (var limit in (int[])[200, 4, 1])
        {
            var (seen, next) = (new List<string?>(), default(string));
            do
            {
                var page = await client.Json($"/v1/campaigns/{spring}/creators?{query}&limit={limit}{(next is null ? "" : $"&cursor={next}")}");
                seen.AddRange(page.GetProperty("items").Texts("name"));
                page.GetProperty("total").GetInt64().ShouldBe(names.Split(' ').Length);
                next = page.GetProperty("next").GetString();
            }
            while (next is not null);

            string.Join(' ', seen).ShouldBe(names, $"{limit} at a time");
        }
    }

    [Fact]
    public async Task A_connection_that_ends_soon_is_shown_found_and_counted_until_it_is_renewed()
    {
        var (client, spring) = await Populated();
        var ana = (await Items(client, spring, "search=ana"))[0];
        var (creator, connection) = (ana.GetProperty("creatorId").GetGuid(), ana.GetProperty("connections")[0].GetProperty("connectionId").GetGuid());
        var end = DateTimeOffset.UtcNow.AddDays(6);
        await campaign.Bus.Say(Conversation.Expiring(organization, connection, creator, 2, end));

        var found = await Eventually.Get(() => Items(client, spring, "expiringWithin=7"), items => items.Length == 1);
        found[0].GetProperty("connections")[0].GetProperty("nextAction").GetString().ShouldBe($"Ask Ana to reconnect Instagram before {end:yyyy-MM-dd}");
        (await Items(client, spring, "expiringWithin=5")).ShouldBeEmpty();
        (await client.Json($"/v1/campaigns/{spring}/dashboard")).GetProperty("expiringSoon").GetInt64().ShouldBe(1);
        (await client.Json($"/v1/campaigns/{spring}/creators/facets")).GetProperty("expiring").ToString().ShouldBe(
            """[{"days":1,"creators":0},{"days":3,"creators":0},{"days":7,"creators":1},{"days":14,"creators":1}]""");

        // Those whom a search finds are counted on another way.
        (await Facets("search=zoe")).ShouldBe("1: 0 0 0 0");
        (await Facets("search=a")).ShouldBe("2: 0 0 1 1");
        (await Facets("search=ana.m")).ShouldBe("1: 0 0 1 1");
        (await Facets("search=a&connection=YouTubeInsights:NotConnected")).ShouldBe("0: 0 0 0 0");
        (await Facets("search=a&expiringWithin=5")).ShouldBe("0: 0 0 1 1");
        await Switch(client, $"/v1/campaigns/{spring}/connections", new { types = new Dictionary<string, bool> { ["InstagramInsights"] = false } });
        (await Facets("search=a")).ShouldBe("2: 0 0 0 0");
        await Switch(client, $"/v1/campaigns/{spring}/connections", new { types = new Dictionary<string, bool> { ["InstagramInsights"] = true } });

        await campaign.Bus.Say(Conversation.Renewed(organization, connection, creator, 3));
        await Eventually.Get(() => Items(client, spring, "expiringWithin=7"), items => items.Length == 0);

        async Task<string> Facets(string query)
        {
            var facets = await client.Json($"/v1/campaigns/{spring}/creators/facets?{query}");
            return $"{facets.GetProperty("total")}: {string.Join(' ', facets.GetProperty("expiring").EnumerateArray().Select(facet => facet.GetProperty("creators").GetInt64()))}";
        }
    }

    [Fact]
    public async Task An_end_that_comes_near_is_counted_though_nothing_else_changes()
    {
        var client = campaign.As(organization);
        var spring = await client.Plan("Spring", "InstagramInsights", "YouTubeInsights", "TikTokInsights");
        var (ana, connection) = (await client.Register("Ana"), Guid.NewGuid());
        await client.Enlist(spring, ana);
        await campaign.Bus.Say(Conversation.Granted(organization, connection, ana, 1));
        var near = DateTimeOffset.UtcNow.AddDays(14).AddSeconds(6);
        await campaign.Bus.Say(Conversation.Expiring(organization, connection, ana, 2, near));
        await Eventually.Get(() => client.Json($"/v1/campaigns/{spring}/creators"), page => page.GetRawText().Contains("\"expiringAt\":\"2"));

        // Asked once before it comes near, unless the machine was too slow for that.
        var before = await ExpiringSoon();
        (before == 0 || DateTimeOffset.UtcNow.AddDays(14) >= near).ShouldBeTrue();

        // Sooner than what is kept would be looked up again in any case.
        await Eventually.Get(ExpiringSoon, soon => soon == 1, within: TimeSpan.FromSeconds(40));
        (await client.Json($"/v1/campaigns/{spring}/creators/facets?search=ana")).GetProperty("expiring")[3].ToString().ShouldBe("""{"days":14,"creators":1}""");

        async Task<long> ExpiringSoon() => (await client.Json($"/v1/campaigns/{spring}/dashboard")).GetProperty("expiringSoon").GetInt64();
    }

    [Fact]
    public async Task What_becomes_of_a_message_shows_in_the_list_and_the_funnel_whatever_comes_first()
    {
        var (client, spring) = await Populated();
        var bo = (await Items(client, spring, "search=bo"))[0].GetProperty("creatorId").GetGuid();
        var sent = Conversation.Sent(organization, Guid.NewGuid(), spring, bo, Conversation.At(1));
        await campaign.Bus.Say(Conversation.Clicked(sent));
        await campaign.Bus.Say(sent);

        var row = (await Eventually.Get(() => Items(client, spring, "outreach=Clicked"), items => items.Length == 1))[0];
        row.GetProperty("lastOutreach").GetProperty("state").GetString().ShouldBe("Clicked");
        (await client.Json($"/v1/campaigns/{spring}/dashboard")).GetProperty("outreach").ToString().ShouldBe(
            """{"asked":1,"reached":1,"clicked":1,"connected":0,"bounced":0,"failed":0}""");
    }

    [Fact]
    public async Task Insights_that_came_show_when_and_how_far_they_reach()
    {
        var (client, spring) = await Populated();
        var ana = (await Items(client, spring, "search=ana"))[0];
        var collected = Conversation.Collected(organization, ana.GetProperty("connections")[0].GetProperty("connectionId").GetGuid(), ana.GetProperty("creatorId").GetGuid(), 1, DateTimeOffset.UtcNow);
        await campaign.Bus.Say(collected);

        var insights = await Eventually.Get(
            async () => (await Items(client, spring, "search=ana"))[0].GetProperty("connections")[0].GetProperty("insights"), shown => shown.GetProperty("state").GetString() == "Synced");
        insights.GetProperty("through").GetString().ShouldBe("2027-02-28");
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
    [InlineData("search=na.m", "Ana")]
    [InlineData("search=ana", "Ana")]
    [InlineData("search=anana", "")]
    [InlineData("search=a_a", "")]
    [InlineData("search=%F0%9F%98%80a", "")]
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
    public async Task A_search_of_one_part_over_and_over_finds_nobody_who_has_it_fewer_times()
    {
        var client = campaign.As(organization);
        await client.Register("Haaald");
        await client.Register("Haaaald");

        await Eventually.Get(() => Total("aaa"), total => total == 2);
        (await Total("aaaa")).ShouldBe(1);
        (await Total("aaaaa")).ShouldBe(0);
        (await client.Json("/v1/organization/creators?search=aaaa")).GetProperty("items").Texts("name").ShouldBe(["Haaaald"]);

        async Task<long> Total(string search) => (await client.Json($"/v1/organization/creators?search={search}")).GetProperty("total").GetInt64();
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
    [InlineData("sort=age", "sort.unknown", "sort")]
    [InlineData("outreach=Opened", "outreach-state.unknown", "outreach")]
    [InlineData("expiringWithin=99", "expiring-within.invalid", "expiringWithin")]
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

    private static async Task Switch(HttpClient client, string address, object body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, address) { Content = JsonContent.Create(body), Headers = { { "If-Match", "*" } } };
        (await client.SendAsync(request)).StatusCode.ShouldBe(HttpStatusCode.OK);
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
