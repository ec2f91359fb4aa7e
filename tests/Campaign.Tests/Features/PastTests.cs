using System.Globalization;
using System.Net;
using System.Text.Json;
using CsCheck;
using JasperFx.Events;
using Marten;
using Marten.Events;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Testing;

namespace Campaigns.Tests.Features;

/// <summary>Dashboard, list and changes as of moments that have been.</summary>
[Collection(nameof(CampaignHost))]
public sealed class PastTests(CampaignHost campaign)
{
    private readonly string organization = CampaignHost.NewOrganization();

    /// <summary>Creators come and go and their connections live and die at random; then every moment is asked for and held against the events up to it.</summary>
    [Fact]
    public async Task Every_moment_is_as_the_events_up_to_it_say_before_and_after_a_rebuild()
    {
        var client = campaign.As(organization);
        var spring = await client.Plan("Spring", "InstagramInsights", "YouTubeInsights");
        var creators = new List<Guid>();
        for (var i = 0; i < 4; i++)
        {
            creators.Add(await client.Register($"Creator {i}"));
        }

        var sequences = new Dictionary<(Guid, string), long>();
        foreach (var (who, what, which) in Gen.Select(Gen.Int[0, 3], Gen.Int[0, 5], Gen.Int[0, 1]).Array[30].Single())
        {
            var (creator, platform) = (creators[who], ConnectionType.Platforms[which]);
            var connection = new Guid([.. creator.ToByteArray()[..15], (byte)platform.Length]);
            var sequence = sequences[(creator, platform)] = sequences.GetValueOrDefault((creator, platform)) + 1;
            switch (what)
            {
                case 0 or 1:
                    await client.PostAsync($"/v1/campaigns/{spring}/creators", System.Net.Http.Json.JsonContent.Create(new { creatorIds = new[] { creator } }));
                    break;
                case 2:
                    await client.DeleteAsync($"/v1/campaigns/{spring}/creators/{creator}");
                    break;
                case 3:
                    await campaign.Bus.Say(Conversation.Expired(organization, connection, creator, sequence, platform));
                    break;
                default:
                    await campaign.Bus.Say(Conversation.Granted(organization, connection, creator, sequence, platform));
                    break;
            }
        }

        // One more of each kind of which we know when it has arrived, whatever came before.
        await client.PostAsync($"/v1/campaigns/{spring}/creators", System.Net.Http.Json.JsonContent.Create(new { creatorIds = creators }));
        foreach (var creator in creators)
        {
            await campaign.Bus.Say(Conversation.Granted(organization, new([.. creator.ToByteArray()[..15], 9]), creator, 100));
        }

        await Eventually.Get(() => client.Json($"/v1/campaigns/{spring}/dashboard"), shown => shown.GetProperty("connectionTypes")[0].GetProperty("connected").GetInt64() == creators.Count);

        await Compare();
        await campaign.Rebuild();
        await Compare();

        async Task Compare()
        {
            var events = await Events();
            events.Count.ShouldBeGreaterThan(12);
            var changes = Fold(events).Changes.Where(change => change.CampaignId == spring).ToArray();
            var (before, changed, from) = (new Dictionary<Guid, string>(), 0, changes.Min(change => change.At).AddMilliseconds(-1));
            foreach (var moment in changes.Select(change => change.At).Distinct().Order())
            {
                // Of two events that were written at once the later one may bear the earlier time: a moment is the newest change by then and everything before it.
                var newest = changes.Where(change => change.At <= moment).Max(change => change.Seq);
                var fold = Fold(events.Where(e => e.Sequence <= newest));
                var expected = fold.TouchedRows.Where(row => row.Campaign == spring && fold.Row(row).OnRoster)
                    .ToDictionary(row => row.Creator, row => $"{fold.Row(row).Standing.StatusOf("InstagramInsights")} {fold.Row(row).Standing.StatusOf("YouTubeInsights")}");
                var asOf = Text(moment);
                Shown(await client.Json($"/v1/campaigns/{spring}/creators?asOf={asOf}")).ShouldBe(expected, ignoreOrder: true);
                var dashboard = await client.Json($"/v1/campaigns/{spring}/dashboard?asOf={asOf}");
                dashboard.GetProperty("creators").GetInt64().ShouldBe(expected.Count);
                dashboard.GetProperty("connectionTypes")[0].GetProperty("connected").GetInt64().ShouldBe(expected.Values.Count(one => one.StartsWith("Connected ", StringComparison.Ordinal)));

                // What changed since the moment before is the difference of the two.
                var net = (await client.Json($"/v1/campaigns/{spring}/changes?from={Text(from)}&to={asOf}")).GetProperty("items");
                net.EnumerateArray().Select(one => one.GetProperty("creatorId").GetGuid()).ShouldBe(
                    creators.Where(one => before.GetValueOrDefault(one) != expected.GetValueOrDefault(one)), ignoreOrder: true);
                changed += net.GetArrayLength();
                (before, from) = (expected, moment);
            }

            changed.ShouldBeGreaterThan(4);
        }
    }

    [Fact]
    public async Task Only_what_is_not_as_it_was_is_a_change_and_says_how_it_came_about()
    {
        var client = campaign.As(organization);
        var spring = await client.Plan("Spring", "InstagramInsights");
        var (ana, bo, cleo) = (await client.Register("Ana"), await client.Register("Bo"), await client.Register("Cleo"));
        await client.Enlist(spring, ana, bo);
        var from = (await Events())[^1].Timestamp;
        var connection = Guid.NewGuid();
        await campaign.Bus.Say(Conversation.Granted(organization, connection, ana, 1));
        await Listed("Connected", 1);
        await campaign.Bus.Say(Conversation.Expired(organization, connection, ana, 2));
        await client.Enlist(spring, cleo);
        await Listed("Expired", 1);

        // Bo goes and comes back: no change.
        await client.DeleteAsync($"/v1/campaigns/{spring}/creators/{bo}");
        await Eventually.Get(() => client.Json($"/v1/campaigns/{spring}"), shown => shown.GetProperty("creators").GetInt64() == 2);
        await client.Enlist(spring, bo);

        var first = await client.Json($"/v1/campaigns/{spring}/changes?from={Text(from)}&limit=1");
        var second = await client.Json($"/v1/campaigns/{spring}/changes?from={Text(from)}&limit=1&cursor={first.GetProperty("next").GetString()}");
        second.GetProperty("next").GetString().ShouldBeNull();
        var (expired, joined) = (first.GetProperty("items")[0], second.GetProperty("items")[0]);
        (expired.GetProperty("creatorId").GetGuid(), expired.GetProperty("name").GetString()).ShouldBe((ana, "Ana"));
        expired.GetProperty("joined").ValueKind.ShouldBe(JsonValueKind.Null);
        var turn = expired.GetProperty("connections")[0];
        (turn.GetProperty("type").GetString(), turn.GetProperty("before").GetString(), turn.GetProperty("after").GetString()).ShouldBe(("InstagramInsights", "NotConnected", "Expired"));
        expired.GetProperty("steps").EnumerateArray().Select(step => step.GetProperty("connections")[0].GetProperty("after").GetString()).ShouldBe(["Connected", "Expired"]);
        turn.GetProperty("at").GetDateTimeOffset().ShouldBe(expired.GetProperty("steps")[1].GetProperty("at").GetDateTimeOffset());
        joined.GetProperty("creatorId").GetGuid().ShouldBe(cleo);
        joined.GetProperty("joined").GetDateTimeOffset().ShouldBe(joined.GetProperty("steps")[0].GetProperty("at").GetDateTimeOffset());

        Task Listed(string status, long creators) =>
            Eventually.Get(() => client.Json($"/v1/campaigns/{spring}/creators?status={status}"), page => page.GetProperty("total").GetInt64() == creators);
    }

    [Fact]
    public async Task The_past_is_filtered_sorted_and_paged_like_the_list()
    {
        var client = campaign.As(organization);
        var spring = await client.Plan("Spring", "InstagramInsights");
        var (zoe, ana, asa, bo) = (await client.Register("Zoe"), await client.Register("Ana"), await client.Register("Åsa"), await client.Register("Bo", handles: new { instagram = "@maria.bo" }));
        await client.Enlist(spring, zoe, ana, asa, bo);
        await campaign.Bus.Say(Conversation.Granted(organization, Guid.NewGuid(), bo, 1));
        await Eventually.Get(() => client.Json($"/v1/campaigns/{spring}/creators?status=Connected"), page => page.GetProperty("total").GetInt64() == 1);
        var asOf = Text((await Events())[^1].Timestamp);
        foreach (var creator in (Guid[])[zoe, ana, asa, bo])
        {
            await client.DeleteAsync($"/v1/campaigns/{spring}/creators/{creator}");
        }

        await Eventually.Get(() => client.Json($"/v1/campaigns/{spring}/creators"), page => page.GetProperty("total").GetInt64() == 0);

        (await Names("")).ShouldBe(["Ana", "Åsa", "Bo", "Zoe"]);
        (await Names("&sort=-name&limit=3")).ShouldBe(["Zoe", "Bo", "Åsa"]);
        (await Names("&sort=-InstagramInsights")).ShouldBe(["Bo", "Ana", "Åsa", "Zoe"]);
        (await Names("&missing=true&search=a")).ShouldBe(["Ana", "Åsa"]);
        (await Names("&search=ma")).ShouldBe(["Bo"]);
        (await Names("&search=ria")).ShouldBe(["Bo"]);
        var (names, cursor) = (new List<string?>(), default(string));
        do
        {
            var page = await client.Json($"/v1/campaigns/{spring}/creators?asOf={asOf}&sort=InstagramInsights&limit=1{(cursor is null ? "" : $"&cursor={cursor}")}");
            page.GetProperty("total").GetInt64().ShouldBe(4);
            names.AddRange(page.GetProperty("items").Texts("name"));
            cursor = page.GetProperty("next").GetString();
        }
        while (cursor is not null);
        names.ShouldBe(["Ana", "Åsa", "Zoe", "Bo"]);

        async Task<string?[]> Names(string query) => (await client.Json($"/v1/campaigns/{spring}/creators?asOf={asOf}{query}")).GetProperty("items").Texts("name");
    }

    [Fact]
    public async Task Before_the_campaign_the_roster_is_empty()
    {
        var client = campaign.As(organization);
        var spring = await client.Plan("Spring", "InstagramInsights");
        await client.Enlist(spring, await client.Register("Ana"));

        var shown = await client.Json($"/v1/campaigns/{spring}/dashboard?asOf=2020-01-01T00:00:00%2B02:00");
        (shown.GetProperty("creators").GetInt64(), shown.GetProperty("coverage").GetDouble()).ShouldBe((0, 0));
        shown.GetProperty("expiringSoon").ValueKind.ShouldBe(JsonValueKind.Null);
        (await client.Json($"/v1/campaigns/{spring}/creators?asOf=2020-01-01T00:00:00Z")).ToString().ShouldBe("""{"items":[],"total":0,"next":null}""");
    }

    [Theory]
    [InlineData("dashboard?asOf=2999-01-01T00:00:00Z", "asOf.future", "asOf")]
    [InlineData("creators?asOf=2999-01-01T00:00:00Z", "asOf.future", "asOf")]
    [InlineData("dashboard?asOf=yesterday", "asOf.invalid", "asOf")]
    [InlineData("creators?asOf=2027-03-01", "asOf.invalid", "asOf")]
    [InlineData("creators?asOf=2020-01-01T00:00:00Z&expiringWithin=7", "expiring-within.past", "expiringWithin")]
    [InlineData("creators?asOf=2020-01-01T00:00:00Z&sort=lastOutreach", "sort.past", "sort")]
    [InlineData("creators?asOf=2020-01-01T00:00:00Z&cursor=x", "cursor.invalid", "cursor")]
    [InlineData("changes", "from.missing", "from")]
    [InlineData("changes?from=2020-01-02T00:00:00Z&to=2020-01-01T00:00:00Z", "period.reversed", "to")]
    [InlineData("changes?from=2020-01-01T00:00:00Z&to=2999-01-01T00:00:00Z", "to.future", "to")]
    [InlineData("changes?from=2020-01-01T00:00:00Z&limit=201", "limit.invalid", "limit")]
    public async Task What_means_nothing_is_refused(string address, string code, string field)
    {
        var client = campaign.As(organization);
        var spring = await client.Plan("Spring", "InstagramInsights");
        await (await client.GetAsync($"/v1/campaigns/{spring}/{address}")).ShouldBeInvalid(code, field);
        await (await campaign.As(CampaignHost.NewOrganization()).GetAsync($"/v1/campaigns/{spring}/{address}")).ShouldBeProblem(HttpStatusCode.NotFound, "campaign.unknown");
    }

    private RosterFold Fold(IEnumerable<IEvent> events)
    {
        var fold = new RosterFold(CampaignTables.Everyone(organization));
        foreach (var @event in events)
        {
            fold.Apply(@event);
        }

        return fold;
    }

    private static string Text(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);

    private static Dictionary<Guid, string> Shown(JsonElement list) => list.GetProperty("items").EnumerateArray()
        .ToDictionary(item => item.GetProperty("creatorId").GetGuid(), item => string.Join(' ', item.GetProperty("connections").Texts("status")));

    private async Task<IReadOnlyList<IEvent>> Events()
    {
        await using var query = campaign.Host.Services.GetRequiredService<IDocumentStore>().QuerySession(organization);
        return await query.Events.QueryAllRawEvents().Where(e => e.EventTypesAre(CampaignViews.EventTypes.ToArray())).OrderBy(e => e.Sequence).ToListAsync();
    }
}
