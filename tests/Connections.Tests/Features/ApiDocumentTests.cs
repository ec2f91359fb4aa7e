using System.Net;
using Shouldly;
using Testing;
using Xunit;

namespace Connections.Tests.Features;

[Collection(nameof(HubFixture))]
public sealed class ApiDocumentTests(HubFixture fixture)
{
    [Fact]
    public async Task The_description_of_the_API_is_the_published_one_complete_and_pleases_a_linter() =>
        (await ApiDocumentCheck.Flaws(fixture.Host.As("aurora"), "Connections", "invitation.revoked")).ShouldBeEmpty();

    [Fact]
    public async Task The_description_has_a_page_to_read_it_that_fetches_nothing_from_elsewhere()
    {
        var page = await fixture.Host.As("aurora").GetAsync("/scalar/", TestContext.Current.CancellationToken);

        page.StatusCode.ShouldBe(HttpStatusCode.OK);
        var html = await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        html.ShouldContain("openapi/v1.json");
        html.ShouldNotContain("https://");
    }
}
