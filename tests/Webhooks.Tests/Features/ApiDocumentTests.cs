using System.Net;
using Testing;

namespace Webhooks.Tests.Features;

[Collection(nameof(Service))]
public sealed class ApiDocumentTests(Service service)
{
    [Fact]
    public async Task The_description_of_the_API_is_the_published_one_complete_and_pleases_a_linter() =>
        (await ApiDocumentCheck.Flaws(service.Replica.CreateClient(), "Webhooks")).ShouldBeEmpty();

    [Fact]
    public async Task The_description_has_a_page_to_read_it_that_fetches_nothing_from_elsewhere()
    {
        var page = await service.Replica.CreateClient().GetAsync("/scalar/");

        page.StatusCode.ShouldBe(HttpStatusCode.OK);
        var html = await page.Content.ReadAsStringAsync();
        html.ShouldContain("openapi/v1.json");
        html.ShouldNotContain("https://");
    }
}
