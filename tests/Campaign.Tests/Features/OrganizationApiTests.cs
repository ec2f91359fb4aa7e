using System.Net;
using System.Net.Http.Json;
using CreatorConnections.Contracts.Campaigns;
using Shouldly;
using Testing;

namespace Campaigns.Tests.Features;

[Collection(nameof(CampaignHost))]
public sealed class OrganizationApiTests(CampaignHost campaign)
{
    private readonly string organization = CampaignHost.NewOrganization();

    [Fact]
    public async Task An_organization_names_itself_and_the_others_hear_it()
    {
        var client = campaign.As(organization);
        var answer = await client.PutAsJsonAsync("/v1/organization", new { name = " Aurora Talent " });

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await answer.Json()).ToString().ShouldBe($$"""{"id":"{{organization}}","name":"Aurora Talent"}""");
        (await client.Json("/v1/organization")).ToString().ShouldBe($$"""{"id":"{{organization}}","name":"Aurora Talent"}""");
        (await campaign.Stored(organization)).ShouldBe(["name_chosen"]);
        var heard = await Eventually.Get(() => campaign.Bus.Heard<OrganizationNamed>().Where(IsOurs).ToArray(), messages => messages.Length == 1);
        heard[0].Body.GetProperty("name").GetString().ShouldBe("Aurora Talent");
        heard[0].Body.GetProperty("sequence").GetInt64().ShouldBe(1);
    }

    [Fact]
    public async Task The_same_name_again_is_no_news()
    {
        var client = campaign.As(organization);
        await client.PutAsJsonAsync("/v1/organization", new { name = "Aurora" });
        (await client.PutAsJsonAsync("/v1/organization", new { name = "Aurora" })).StatusCode.ShouldBe(HttpStatusCode.OK);

        (await campaign.Stored(organization)).ShouldBe(["name_chosen"]);
    }

    [Fact]
    public async Task An_organization_without_a_name_is_told_how_to_get_one() =>
        await (await campaign.As(organization).GetAsync("/v1/organization")).ShouldBeProblem(HttpStatusCode.NotFound, "organization.unnamed");

    [Fact]
    public async Task A_name_that_is_missing_is_refused_with_its_field() =>
        await (await campaign.As(organization).PutAsJsonAsync("/v1/organization", new { })).ShouldBeInvalid("name.invalid", "name");

    [Fact]
    public async Task Without_a_token_nothing_is_shown() =>
        await (await campaign.Host.CreateClient().GetAsync("/v1/organization")).ShouldBeProblem(HttpStatusCode.Unauthorized, "token.missing");

    [Theory]
    [InlineData("GET", "/v1/organization", "campaigns.read")]
    [InlineData("PUT", "/v1/organization", "campaigns.write")]
    [InlineData("POST", "/v1/creators", "campaigns.write")]
    [InlineData("GET", "/v1/creators/0190a000-0000-7000-8000-000000000001", "campaigns.read")]
    [InlineData("PATCH", "/v1/creators/0190a000-0000-7000-8000-000000000001", "campaigns.write")]
    [InlineData("POST", "/v1/creators/contacts", "contacts.read")]
    [InlineData("POST", "/v1/creators/handles", "contacts.read")]
    [InlineData("POST", "/v1/campaigns", "campaigns.write")]
    [InlineData("GET", "/v1/campaigns", "campaigns.read")]
    [InlineData("GET", "/v1/campaigns/0190a000-0000-7000-8000-000000000001", "campaigns.read")]
    [InlineData("POST", "/v1/campaigns/0190a000-0000-7000-8000-000000000001/creators", "campaigns.write")]
    [InlineData("POST", "/v1/campaigns/0190a000-0000-7000-8000-000000000001/creators/import", "campaigns.write")]
    [InlineData("DELETE", "/v1/campaigns/0190a000-0000-7000-8000-000000000001/creators/0190a000-0000-7000-8000-000000000001", "campaigns.write")]
    [InlineData("GET", "/v1/campaigns/0190a000-0000-7000-8000-000000000001/dashboard", "campaigns.read")]
    [InlineData("GET", "/v1/campaigns/0190a000-0000-7000-8000-000000000001/creators", "campaigns.read")]
    [InlineData("GET", "/v1/campaigns/0190a000-0000-7000-8000-000000000001/creators/0190a000-0000-7000-8000-000000000001", "campaigns.read")]
    [InlineData("GET", "/v1/campaigns/0190a000-0000-7000-8000-000000000001/creators/ids", "campaigns.read")]
    [InlineData("GET", "/v1/campaigns/0190a000-0000-7000-8000-000000000001/creators.csv", "campaigns.read")]
    [InlineData("GET", "/v1/campaigns/0190a000-0000-7000-8000-000000000001/changes", "campaigns.read")]
    [InlineData("GET", "/v1/campaigns/0190a000-0000-7000-8000-000000000001/events", "campaigns.read")]
    [InlineData("GET", "/v1/organization/creators/ids", "campaigns.read")]
    [InlineData("GET", "/v1/organization/creators.csv", "campaigns.read")]
    [InlineData("GET", "/v1/organization/events", "campaigns.read")]
    [InlineData("GET", "/v1/organization/connections", "campaigns.read")]
    [InlineData("PUT", "/v1/organization/connections", "campaigns.write")]
    [InlineData("DELETE", "/v1/organization/connections", "campaigns.write")]
    [InlineData("GET", "/v1/campaigns/0190a000-0000-7000-8000-000000000001/connections", "campaigns.read")]
    [InlineData("PUT", "/v1/campaigns/0190a000-0000-7000-8000-000000000001/connections", "campaigns.write")]
    [InlineData("DELETE", "/v1/campaigns/0190a000-0000-7000-8000-000000000001/connections", "campaigns.write")]
    [InlineData("DELETE", "/v1/campaigns/0190a000-0000-7000-8000-000000000001/connections/component", "campaigns.write")]
    [InlineData("GET", "/v1/campaigns/views", "campaigns.read")]
    [InlineData("POST", "/v1/campaigns/views", "campaigns.read")]
    [InlineData("GET", "/v1/views/0190a000-0000-7000-8000-000000000001", "campaigns.read")]
    [InlineData("PUT", "/v1/views/0190a000-0000-7000-8000-000000000001", "campaigns.read")]
    [InlineData("DELETE", "/v1/views/0190a000-0000-7000-8000-000000000001", "campaigns.read")]
    public async Task Every_route_asks_for_its_scope(string method, string address, string scope)
    {
        var others = campaign.Host.As(organization, [.. CampaignHost.Everything.Where(one => one != scope)]);
        var answer = await others.SendAsync(new(new(method), address) { Content = method is "GET" or "DELETE" ? null : Body(address) });

        await answer.ShouldBeProblem(HttpStatusCode.Forbidden, "scope.missing");
        answer.Headers.WwwAuthenticate.ToString().ShouldContain(scope);

        static HttpContent Body(string address) => address.EndsWith("/import", StringComparison.Ordinal) ? new StringContent("", null, "text/csv") : JsonContent.Create(new { });
    }

    [Fact]
    public async Task A_service_of_ours_names_the_organization_and_nobody_else_may()
    {
        await campaign.As(organization).PutAsJsonAsync("/v1/organization", new { name = "Aurora" });

        var ours = campaign.Host.As(null, "campaigns.read", "organizations.any");
        ours.DefaultRequestHeaders.Add("X-Organization", organization);
        (await ours.Json("/v1/organization")).GetProperty("name").GetString().ShouldBe("Aurora");

        var stranger = campaign.As("borealis");
        stranger.DefaultRequestHeaders.Add("X-Organization", organization);
        await (await stranger.GetAsync("/v1/organization")).ShouldBeProblem(HttpStatusCode.Forbidden, "organization.not-yours");
    }

    [Fact]
    public async Task A_body_that_is_no_json_is_refused()
    {
        var answer = await campaign.As(organization).PutAsync("/v1/organization", new StringContent("{\"name\":", null, "application/json"));
        await answer.ShouldBeProblem(HttpStatusCode.BadRequest, "request.malformed");
    }

    [Fact]
    public async Task A_body_of_another_kind_is_refused()
    {
        var answer = await campaign.As(organization).PutAsync("/v1/organization", new StringContent("name=Aurora", null, "application/x-www-form-urlencoded"));
        await answer.ShouldBeProblem(HttpStatusCode.UnsupportedMediaType, "media-type.unsupported");
    }

    private bool IsOurs(Delivery message) => message.Body.GetProperty("organizationId").GetString() == organization;
}
