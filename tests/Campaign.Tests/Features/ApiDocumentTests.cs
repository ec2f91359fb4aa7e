using System.Net;
using Shouldly;
using Testing;

namespace Campaigns.Tests.Features;

[Collection(nameof(CampaignHost))]
public sealed class ApiDocumentTests(CampaignHost campaign)
{
    [Fact]
    public async Task The_description_of_the_API_is_the_published_one_complete_and_pleases_a_linter() =>
        (await ApiDocumentCheck.Flaws(campaign.Host.CreateClient(), "Campaign")).ShouldBeEmpty();

    [Fact]
    public async Task The_description_has_a_page_to_read_it_that_fetches_nothing_from_elsewhere()
    {
        var page = await campaign.Host.CreateClient().GetAsync("/scalar/", TestContext.Current.CancellationToken);

        page.StatusCode.ShouldBe(HttpStatusCode.OK);
        var html = await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        html.ShouldContain("openapi/v1.json");
        html.ShouldNotContain("https://");
    }
}
