using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace Identity.Tests;

public sealed class ClientTests(Simulator simulator) : IClassFixture<Simulator>
{
    [Fact]
    public async Task A_client_gets_a_token_that_the_published_keys_confirm_with_all_the_scopes_it_is_allowed()
    {
        var (status, body) = await simulator.AskAsClient("demo", "demo-secret");
        status.ShouldBe(HttpStatusCode.OK);
        body.GetProperty("token_type").GetString().ShouldBe("Bearer");

        var token = await simulator.Validate(body.GetProperty("access_token").GetString()!);
        token.Subject.ShouldBe("demo");
        token.GetClaim("client_id").Value.ShouldBe("demo");
        token.GetClaim("organization").Value.ShouldBe("aurora");
        token.Audiences.ShouldBe(["creator-connections"]);
        token.GetClaim("scope").Value.Split(' ').ShouldBe(
            ["connections.read", "connections.write", "outreach.read", "outreach.send", "outreach.manage", "campaigns.read", "campaigns.write", "contacts.read", "events.read", "webhooks.read", "webhooks.manage"],
            ignoreOrder: true);
        (token.ValidTo - token.IssuedAt).ShouldBe(TimeSpan.FromHours(1));
    }

    [Fact]
    public async Task The_secret_may_come_in_the_authorization_header()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/connect/token");
        request.Content = new FormUrlEncodedContent([new("grant_type", "client_credentials")]);
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes("borealis:borealis-secret")));
        using var response = await simulator.Client.SendAsync(request, TestContext.Current.CancellationToken);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("borealis", "borealis")]
    [InlineData("aurora-readonly", "aurora")]
    [InlineData("connections-service", null)]
    [InlineData("campaign-service", null)]
    [InlineData("outreach-service", null)]
    public async Task Every_client_is_bound_to_its_organization_or_to_none(string client, string? organization)
    {
        var (_, body) = await simulator.AskAsClient(client, $"{client}-secret");
        var token = await simulator.Validate(body.GetProperty("access_token").GetString()!);
        token.Claims.FirstOrDefault(claim => claim.Type == "organization")?.Value.ShouldBe(organization);
        token.TryGetClaim("organization", out _).ShouldBe(organization is not null);
    }

    [Theory]
    [InlineData("connections-service", "contacts.read organizations.any")]
    [InlineData("campaign-service", "connections.read organizations.any")]
    [InlineData("outreach-service", "campaigns.read connections.write contacts.read organizations.any")]
    public async Task Our_own_service_gets_a_token_for_every_organization(string client, string scopes)
    {
        var (_, body) = await simulator.AskAsClient(client, $"{client}-secret");
        var token = await simulator.Validate(body.GetProperty("access_token").GetString()!);
        token.GetClaim("scope").Value.Split(' ').ShouldBe(scopes.Split(' '), ignoreOrder: true);
    }

    [Fact]
    public async Task A_client_gets_no_more_than_it_asks_for()
    {
        var (_, body) = await simulator.AskAsClient("demo", "demo-secret", "campaigns.read contacts.read");
        (await simulator.Validate(body.GetProperty("access_token").GetString()!)).GetClaim("scope").Value.ShouldBe("campaigns.read contacts.read");
    }

    [Theory]
    [InlineData("demo", "wrong")]
    [InlineData("nobody", "demo-secret")]
    public async Task A_wrong_secret_or_an_unknown_client_gets_nothing(string client, string secret)
    {
        var (status, body) = await simulator.AskAsClient(client, secret);
        status.ShouldBe(HttpStatusCode.Unauthorized);
        body.GetProperty("error").GetString().ShouldBe("invalid_client");
    }

    [Fact]
    public async Task A_scope_nobody_knows_is_refused()
    {
        var (status, body) = await simulator.AskAsClient("demo", "demo-secret", "campaigns.read everything");
        status.ShouldBe(HttpStatusCode.BadRequest);
        body.GetProperty("error").GetString().ShouldBe("invalid_scope");
    }

    [Theory]
    [InlineData("aurora-readonly", "campaigns.write")]
    [InlineData("demo", "organizations.any")]
    [InlineData("demo", "ops")]
    public async Task A_scope_the_client_is_not_allowed_is_refused(string client, string scope)
    {
        var (status, body) = await simulator.AskAsClient(client, $"{client}-secret", scope);
        status.ShouldBe(HttpStatusCode.BadRequest);
        body.TryGetProperty("access_token", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task The_console_cannot_act_for_itself()
    {
        var (status, body) = await simulator.AskAsClient("web-console", "web-console-secret");
        status.ShouldBe(HttpStatusCode.BadRequest);
        body.GetProperty("error").GetString().ShouldBe("unauthorized_client");
    }

    [Fact]
    public async Task It_says_that_it_is_healthy()
    {
        (await simulator.Client.GetAsync("/health", TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await simulator.Client.GetAsync("/alive", TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }
}
