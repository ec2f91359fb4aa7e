using System.Net;
using System.Text;
using Shouldly;
using Testing;

namespace Campaigns.Tests.Features;

[Collection(nameof(CampaignHost))]
public sealed class ExportTests(CampaignHost campaign)
{
    private readonly string organization = CampaignHost.NewOrganization();

    [Fact]
    public async Task The_file_holds_what_the_list_shows_and_no_addresses()
    {
        var client = campaign.As(organization);
        var spring = await client.Plan("Spring \"Ü\"", "InstagramInsights", "TikTokMarketplace");
        var ana = await client.Register("Ana, \"the\" Maya", handles: new { instagram = "@ana.maya" });
        var formula = await client.Register("=HYPERLINK(\"http://evil.example\")");
        var asa = await client.Register("Åsa", handles: new { tiktok = "-asa" });
        await client.Enlist(spring, ana, formula, asa);
        await campaign.Bus.Say(Conversation.Invalidated(organization, Guid.NewGuid(), ana, 2));
        await campaign.Bus.Say(Conversation.Sent(organization, Guid.NewGuid(), spring, asa, Conversation.At(1)));
        await Eventually.Get(() => client.Json($"/v1/campaigns/{spring}/creators?missing=true"), page => page.ToString().Contains("Invalidated") && page.ToString().Contains("Sent"));

        var answer = await client.GetAsync($"/v1/campaigns/{spring}/creators.csv");

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        answer.Content.Headers.ContentType!.ToString().ShouldBe("text/csv; charset=utf-8");
        answer.Content.Headers.ContentDisposition!.FileNameStar.ShouldStartWith("Spring \"Ü\" creators 20");
        var bytes = await answer.Content.ReadAsByteArrayAsync();
        bytes[..3].ShouldBe(Encoding.UTF8.GetPreamble());
        Encoding.UTF8.GetString(bytes[3..]).Split("\r\n").ShouldBe(
            [
                "Name,instagram handle,youtube handle,tiktok handle,InstagramInsights status,InstagramInsights reason,InstagramInsights since,InstagramInsights insights,"
                    + "TikTokMarketplace status,TikTokMarketplace reason,TikTokMarketplace since,TikTokMarketplace insights,Last outreach,Last outreach at,Last outreach state",
                "\"'=HYPERLINK(\"\"http://evil.example\"\")\",,,,NotConnected,,,NotSynced,NotConnected,,,,,,",
                "\"Ana, \"\"the\"\" Maya\",ana.maya,,,Invalidated,Revoked,2027-03-01T14:00:00Z,NotSynced,NotConnected,,,,,,",
                "Åsa,,,\"'-asa\",NotConnected,,,NotSynced,NotConnected,,,,creator-hub-invitation,2027-03-01T13:00:00Z,Sent",
                "",
            ]);
    }

    [Fact]
    public async Task The_filter_and_the_order_are_the_lists()
    {
        var client = campaign.As(organization);
        var spring = await client.Plan("Spring", "InstagramInsights");
        var (ana, bo, cleo) = (await client.Register("Ana"), await client.Register("Bo"), await client.Register("Cleo"));
        await client.Enlist(spring, ana, bo, cleo);
        await campaign.Bus.Say(Conversation.Granted(organization, Guid.NewGuid(), bo, 1));
        await Eventually.Get(() => client.Json($"/v1/campaigns/{spring}/creators?status=Connected"), page => page.GetProperty("total").GetInt64() == 1);

        (await Names(client, $"/v1/campaigns/{spring}/creators.csv?missing=true&sort=-name")).ShouldBe(["Cleo", "Ana"]);
        (await Names(client, $"/v1/campaigns/{spring}/creators.csv?sort=-InstagramInsights")).ShouldBe(["Bo", "Ana", "Cleo"]);
        (await Names(client, "/v1/organization/creators.csv?search=cl")).ShouldBe(["Cleo"]);
        (await Names(client, $"/v1/campaigns/{spring}/creators.csv?status=Expired")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Addresses_are_exported_to_whom_the_token_allows_it_and_who_asks()
    {
        var client = campaign.As(organization);
        var spring = await client.Plan("Spring", "InstagramInsights");
        await client.Enlist(spring, await client.Register("Ana", "ana@example.com"));

        (await client.GetStringAsync($"/v1/campaigns/{spring}/creators.csv?email=true")).ShouldContain("Ana,ana@example.com,");
        (await client.GetStringAsync($"/v1/campaigns/{spring}/creators.csv")).Split("\r\n")[1].ShouldStartWith("Ana,,,,NotConnected");
        var reader = campaign.Host.As(organization, "campaigns.read");
        await (await reader.GetAsync($"/v1/campaigns/{spring}/creators.csv?email=true")).ShouldBeProblem(HttpStatusCode.Forbidden, "scope.missing");
        (await reader.GetAsync($"/v1/campaigns/{spring}/creators.csv")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task What_means_nothing_is_refused_before_the_file_begins()
    {
        var client = campaign.As(organization);
        var spring = await client.Plan("Spring", "InstagramInsights");
        await (await client.GetAsync($"/v1/campaigns/{spring}/creators.csv?type=YouTubeInsights")).ShouldBeInvalid("connection-type.unknown", "type");
        await (await campaign.As(CampaignHost.NewOrganization()).GetAsync($"/v1/campaigns/{spring}/creators.csv")).ShouldBeProblem(HttpStatusCode.NotFound, "campaign.unknown");
    }

    private static async Task<string[]> Names(HttpClient client, string address) =>
        [.. (await client.GetStringAsync(address)).Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(line => line.Split(',')[0])];
}
