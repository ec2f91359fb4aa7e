using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using CreatorConnections.Contracts.Campaigns;
using Shouldly;
using Testing;

namespace Campaigns.Tests.Features;

[Collection(nameof(CampaignHost))]
public sealed class ConnectionSettingsApiTests(CampaignHost campaign)
{
    private const string OfOrganization = "/v1/organization/connections";
    private readonly string organization = CampaignHost.NewOrganization();

    [Fact]
    public async Task Everything_is_on_until_somebody_says_otherwise()
    {
        var client = campaign.As(organization);
        var answer = await client.GetAsync(OfOrganization);
        answer.Headers.ETag!.Tag.ShouldBe("\"0\"");
        (await answer.Json()).GetProperty("shown").EnumerateArray().Select(type => type.GetString())
            .ShouldBe(["InstagramInsights", "YouTubeInsights", "TikTokInsights", "TikTokMarketplace"]);
        (await client.Json(await Spring(client, "TikTokInsights"))).ToString().ShouldBe(
            """{"component":{"on":true,"source":"default","explanation":"On: the default, nobody has set it.","set":null},"types":["""
            + string.Join(',', new[] { ("InstagramInsights", "instagram"), ("YouTubeInsights", "youtube"), ("TikTokInsights", "tiktok"), ("TikTokMarketplace", "tiktok") }.Select(type =>
                $$"""{"type":"{{type.Item1}}","platform":"{{type.Item2}}","on":true,"source":"default","explanation":"On: the default, nobody has set it.","set":null}"""))
            + """],"shown":["TikTokInsights"],"revision":0}""");
    }

    [Fact]
    public async Task A_campaign_inherits_overrides_and_inherits_again()
    {
        var client = campaign.As(organization);
        var spring = await Spring(client, "InstagramInsights", "TikTokInsights");

        var put = await Put(client, OfOrganization, new { types = Types(("TikTokInsights", false)) }, "\"0\"");
        (put.StatusCode, put.Headers.ETag!.Tag).ShouldBe((HttpStatusCode.OK, "\"1\""));
        (await Shown(client, spring)).ShouldBe(["InstagramInsights"]);
        (await Explained(client, spring, "TikTokInsights")).ShouldBe("Off: inherited from the organization.");

        await Put(client, spring, new { types = Types(("TikTokInsights", true)) }, "\"0\"");
        (await Shown(client, spring)).ShouldBe(["InstagramInsights", "TikTokInsights"]);
        (await Explained(client, spring, "TikTokInsights")).ShouldBe("On: set for this campaign.");

        (await Put(client, spring, new { component = false }, "\"1\"")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await Shown(client, spring)).ShouldBeEmpty();
        (await client.DeleteAsync($"{spring}/component")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await Shown(client, spring)).ShouldBe(["InstagramInsights", "TikTokInsights"]);
        (await client.DeleteAsync($"{spring}/TikTokInsights")).Headers.ETag!.Tag.ShouldBe("\"4\"");
        (await Shown(client, spring)).ShouldBe(["InstagramInsights"]);

        await Put(client, spring, new { component = false, types = Types(("TikTokInsights", true)) }, "*");
        (await client.DeleteAsync(spring)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await client.DeleteAsync(spring)).Headers.ETag!.Tag.ShouldBe("\"6\"");
        (await Shown(client, spring)).ShouldBe(["InstagramInsights"]);
        (await client.DeleteAsync(OfOrganization)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await Shown(client, spring)).ShouldBe(["InstagramInsights", "TikTokInsights"]);
        (await campaign.Stored(organization)).Where(type => type.Contains("_connections_", StringComparison.Ordinal)).ShouldBe(
            [
                "organization_connections_switched", "campaign_connections_switched", "campaign_connections_switched", "campaign_connections_switched",
                "campaign_connections_reset", "campaign_connections_switched", "campaign_connections_reset", "organization_connections_reset",
            ]);
    }

    [Fact]
    public async Task Null_is_inherited_and_left_out_stays()
    {
        var client = campaign.As(organization);
        await Put(client, OfOrganization, new { component = false, types = Types(("TikTokInsights", false), ("YouTubeInsights", false)) }, "*");
        var answer = await (await Put(client, OfOrganization, new { component = (bool?)null, types = Types(("YouTubeInsights", null)) }, "*")).Json();
        answer.GetProperty("component").GetProperty("on").GetBoolean().ShouldBeTrue();
        answer.GetProperty("shown").EnumerateArray().Select(type => type.GetString()).ShouldBe(["InstagramInsights", "YouTubeInsights", "TikTokMarketplace"]);
        (await (await Put(client, OfOrganization, new { types = Types() }, "*")).Json()).GetProperty("revision").GetInt64().ShouldBe(2);
    }

    [Fact]
    public async Task The_others_hear_all_that_is_set()
    {
        var client = campaign.As(organization);
        var spring = await Spring(client, "TikTokInsights");
        await Put(client, OfOrganization, new { component = true, types = Types(("TikTokMarketplace", false)) }, "*");
        await Put(client, spring, new { types = Types(("InstagramInsights", false), ("YouTubeInsights", true), ("TikTokInsights", false)) }, "*");
        await client.DeleteAsync(spring);

        var ours = await Eventually.Get(() => campaign.Bus.Heard<CampaignConnectionsConfigured>().Where(IsOurs).ToArray(), messages => messages.Length == 2);
        Said(ours[0]).ShouldBe("null False True False null 1");
        Said(ours[1]).ShouldBe("null null null null null 2");
        ours.ShouldAllBe(message => spring.Contains(message.Body.GetProperty("campaignId").GetString()!));
        var whole = await Eventually.Get(() => campaign.Bus.Heard<OrganizationConnectionsConfigured>().Where(IsOurs).ToArray(), messages => messages.Length == 1);
        Said(whole[0]).ShouldBe("True null null null False 1");

        static string Said(Delivery message) => string.Join(
            ' ', new[] { "component", "instagramInsights", "youTubeInsights", "tikTokInsights", "tikTokMarketplace", "sequence" }.Select(name =>
                message.Body.TryGetProperty(name, out var said) && said.ValueKind is not JsonValueKind.Null ? said.ToString() : "null"));
    }

    [Fact]
    public async Task Nobody_overwrites_what_they_have_not_seen()
    {
        var client = campaign.As(organization);
        var spring = await Spring(client, "TikTokInsights");
        foreach (var address in (string[])[OfOrganization, spring])
        {
            await (await Put(client, address, new { component = false }, null)).ShouldBeProblem(HttpStatusCode.PreconditionRequired, "if-match.missing");
            await Put(client, address, new { component = false }, "\"0\"");
            await (await Put(client, address, new { component = true }, "\"0\"")).ShouldBeProblem(HttpStatusCode.PreconditionFailed, "version.stale");
            await (await Put(client, address, new { component = true }, "\"seven\"")).ShouldBeProblem(HttpStatusCode.PreconditionFailed, "version.stale");
            using var delete = new HttpRequestMessage(HttpMethod.Delete, address) { Headers = { { "If-Match", "\"0\"" } } };
            await (await client.SendAsync(delete)).ShouldBeProblem(HttpStatusCode.PreconditionFailed, "version.stale");
            (await client.Json(address)).GetProperty("component").GetProperty("on").GetBoolean().ShouldBeFalse();
        }
    }

    [Fact]
    public async Task Of_many_who_change_one_version_at_once_one_succeeds()
    {
        var client = campaign.As(organization);
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Put(client, OfOrganization, new { component = i % 2 == 0, types = Types(("TikTokInsights", false)) }, "\"0\"")));
        answers.Count(answer => answer.StatusCode is HttpStatusCode.OK).ShouldBe(1);
        answers.Count(answer => answer.StatusCode is HttpStatusCode.PreconditionFailed).ShouldBe(5);
        (await client.Json(OfOrganization)).GetProperty("revision").GetInt64().ShouldBe(1);
    }

    [Fact]
    public async Task What_is_no_connection_type_and_no_campaign_is_refused()
    {
        var client = campaign.As(organization);
        var spring = await Spring(client, "TikTokInsights");
        await (await Put(client, spring, new { types = Types(("MySpaceInsights", false)) }, "*")).ShouldBeInvalid("connection-type.unknown", "types");
        await (await client.DeleteAsync($"{spring}/MySpaceInsights")).ShouldBeInvalid("connection-type.unknown", "type");
        await (await Put(client, spring, new { component = "off" }, "*")).ShouldBeInvalid("request.invalid", "component");

        var stranger = campaign.As(CampaignHost.NewOrganization());
        await (await stranger.GetAsync(spring)).ShouldBeProblem(HttpStatusCode.NotFound, "campaign.unknown");
        await (await Put(stranger, spring, new { component = false }, "*")).ShouldBeProblem(HttpStatusCode.NotFound, "campaign.unknown");
        await (await stranger.DeleteAsync(spring)).ShouldBeProblem(HttpStatusCode.NotFound, "campaign.unknown");
        await (await stranger.DeleteAsync($"{spring}/component")).ShouldBeProblem(HttpStatusCode.NotFound, "campaign.unknown");
        (await client.Json(spring)).GetProperty("revision").GetInt64().ShouldBe(0);
    }

    [Fact]
    public async Task A_rebuild_of_the_views_leaves_the_settings_alone()
    {
        var client = campaign.As(organization);
        var spring = await Spring(client, "TikTokInsights", "YouTubeInsights");
        await Put(client, spring, new { types = Types(("TikTokInsights", false)) }, "*");

        await campaign.Rebuild();

        (await Shown(client, spring)).ShouldBe(["YouTubeInsights"]);
    }

    private static async Task<string> Spring(HttpClient client, params string[] required) => $"/v1/campaigns/{await client.Plan("Spring", required)}/connections";

    private static async Task<string?[]> Shown(HttpClient client, string address) =>
        [.. (await client.Json(address)).GetProperty("shown").EnumerateArray().Select(type => type.GetString())];

    private static async Task<string?> Explained(HttpClient client, string address, string type) => (await client.Json(address)).GetProperty("types").EnumerateArray()
        .Single(one => one.GetProperty("type").GetString() == type).GetProperty("explanation").GetString();

    // The names of types are written as they are, whatever becomes of the names of members.
    private static Dictionary<string, bool?> Types(params (string Type, bool? On)[] types) => types.ToDictionary(type => type.Type, type => type.On);

    private static async Task<HttpResponseMessage> Put(HttpClient client, string address, object body, string? ifMatch)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, address) { Content = JsonContent.Create(body) };
        if (ifMatch is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        }

        return await client.SendAsync(request);
    }

    private bool IsOurs(Delivery message) => message.Body.GetProperty("organizationId").GetString() == organization;
}
