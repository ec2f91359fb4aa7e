using System.Net;
using System.Net.Http.Json;
using CreatorConnections.Contracts.Campaigns;
using Shouldly;
using Testing;

namespace Campaigns.Tests.Features;

[Collection(nameof(CampaignHost))]
public sealed class CreatorApiTests(CampaignHost campaign)
{
    private readonly string organization = CampaignHost.NewOrganization();

    [Fact]
    public async Task A_creator_is_registered_shown_and_published_without_personal_data()
    {
        var client = campaign.As(organization);
        var handles = new { instagram = "@ana.maya", tiktok = "anatok" };
        var answer = await client.PostAsJsonAsync("/v1/creators", new { name = " Ana Maya ", email = "Ana@Example.com", locale = "pt-BR", handles });

        answer.StatusCode.ShouldBe(HttpStatusCode.Created);
        var id = (await answer.Json()).GetProperty("id").GetGuid();
        answer.Headers.Location!.ToString().ShouldBe($"/v1/creators/{id}");
        (await client.Json($"/v1/creators/{id}")).ToString().ShouldBe(
            $$$"""{"id":"{{{id}}}","name":"Ana Maya","email":"Ana@Example.com","locale":"pt-BR","timeZone":null,"handles":{"instagram":"ana.maya","youtube":null,"tiktok":"anatok"}}""");

        (await campaign.Stored(organization)).ShouldBe(["creator_admitted"]);
        var stored = await campaign.StoredText(organization);
        foreach (var secret in (string[])["Ana", "Maya", "ana.maya", "anatok", "Example.com", "example.com"])
        {
            stored.ShouldNotContain(secret, Case.Insensitive);
        }

        var heard = await Eventually.Get(() => campaign.Bus.Heard<CreatorRegistered>().Where(IsOurs).ToArray(), messages => messages.Length == 1);
        heard[0].Body.EnumerateObject().Select(property => property.Name)
            .ShouldBe(["organizationId", "creatorId", "sequence", "occurredAt"], ignoreOrder: true);
        heard[0].Body.GetProperty("creatorId").GetGuid().ShouldBe(id);
        heard[0].Body.GetProperty("sequence").GetInt64().ShouldBe(1);
        Guid.TryParse(heard[0].MessageId, out _).ShouldBeTrue();
    }

    [Fact]
    public async Task A_locale_that_is_left_out_is_english()
    {
        var client = campaign.As(organization);
        var answer = await client.PostAsJsonAsync("/v1/creators", new { name = "Bo", email = "bo@example.com" });
        (await client.Json(answer.Headers.Location!.ToString())).GetProperty("locale").GetString().ShouldBe("en");
    }

    [Fact]
    public async Task An_address_is_one_creator_of_an_organization_however_it_is_written()
    {
        var client = campaign.As(organization);
        await client.Register("Ana", "ana@example.com");

        var again = await client.PostAsJsonAsync("/v1/creators", new { name = "Another Ana", email = " ANA@example.com" });

        (await again.ShouldBeProblem(HttpStatusCode.Conflict, "creator.exists")).ShouldBe(["email"]);
        (await campaign.Stored(organization)).ShouldBe(["creator_admitted"]);
        (await campaign.As(CampaignHost.NewOrganization()).Register("Ana", "ana@example.com")).ShouldNotBe(Guid.Empty);
    }

    [Fact]
    public async Task Of_many_who_register_one_address_at_once_one_succeeds()
    {
        var client = campaign.As(organization);
        var answers = await Task.WhenAll(Enumerable.Range(0, 6)
            .Select(i => client.PostAsJsonAsync("/v1/creators", new { name = $"Ana {i}", email = "ana@example.com" })));

        answers.Count(answer => answer.StatusCode is HttpStatusCode.Created).ShouldBe(1);
        foreach (var refused in answers.Where(answer => answer.StatusCode is not HttpStatusCode.Created))
        {
            await refused.ShouldBeProblem(HttpStatusCode.Conflict, "creator.exists");
        }

        (await campaign.Stored(organization)).ShouldBe(["creator_admitted"]);
    }

    [Fact]
    public async Task A_request_repeated_under_its_key_is_answered_alike_and_happens_once()
    {
        var client = campaign.As(organization);
        var first = await Post(client, "key-1", "Ana", "ana@example.com");
        var second = await Post(client, "key-1", "Ana", "ana@example.com");

        (first.StatusCode, second.StatusCode).ShouldBe((HttpStatusCode.Created, HttpStatusCode.Created));
        (await second.Content.ReadAsStringAsync()).ShouldBe(await first.Content.ReadAsStringAsync());
        second.Headers.Location.ShouldBe(first.Headers.Location);
        (await campaign.Stored(organization)).ShouldBe(["creator_admitted"]);
    }

    [Fact]
    public async Task Copies_of_one_request_at_the_same_moment_register_one_creator()
    {
        var client = campaign.As(organization);
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Post(client, "key-1", "Ana", "ana@example.com")));

        foreach (var answer in answers)
        {
            answer.StatusCode.ShouldBe(HttpStatusCode.Created, await answer.Content.ReadAsStringAsync());
        }

        (await campaign.Stored(organization)).ShouldBe(["creator_admitted"]);
    }

    [Fact]
    public async Task A_key_used_for_another_request_is_refused()
    {
        var client = campaign.As(organization);
        await Post(client, "key-1", "Ana", "ana@example.com");

        await (await Post(client, "key-1", "Bo", "bo@example.com")).ShouldBeInvalid("idempotency.key-reused", "Idempotency-Key");
        (await campaign.Stored(organization)).ShouldBe(["creator_admitted"]);
    }

    [Fact]
    public async Task Two_organizations_may_use_one_key()
    {
        (await Post(campaign.As(organization), "key-1", "Ana", "ana@example.com")).StatusCode.ShouldBe(HttpStatusCode.Created);
        (await Post(campaign.As(CampaignHost.NewOrganization()), "key-1", "Bo", "bo@example.com")).StatusCode.ShouldBe(HttpStatusCode.Created);
    }

    [Fact]
    public async Task A_key_that_cannot_be_one_is_refused() =>
        await (await Post(campaign.As(organization), "two words", "Ana", "ana@example.com"))
            .ShouldBeProblem(HttpStatusCode.UnprocessableEntity, "idempotency.key-invalid");

    [Theory]
    [InlineData("""{"email":"a@example.com"}""", "name.invalid", "name")]
    [InlineData("""{"name":"Ana","email":"nobody"}""", "email.invalid", "email")]
    [InlineData("""{"name":"Ana","email":"a@example.com","locale":"klingon"}""", "locale.invalid", "locale")]
    [InlineData("""{"name":"Ana","email":"a@example.com","handles":{"myspace":"ana"}}""", "platform.unknown", "handles")]
    [InlineData("""{"name":"Ana","email":"a@example.com","handles":{"tiktok":"a b"}}""", "handle.invalid", "handles.tiktok")]
    public async Task What_cannot_be_right_is_refused_with_its_field_and_nothing_is_stored(string body, string code, string field)
    {
        var answer = await campaign.As(organization).PostAsync("/v1/creators", new StringContent(body, null, "application/json"));
        await answer.ShouldBeInvalid(code, field);
        (await campaign.Stored(organization)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Creators_of_another_organization_do_not_exist()
    {
        var client = campaign.As(organization);
        var ana = await client.Register("Ana");
        var stranger = campaign.As(CampaignHost.NewOrganization());

        await (await stranger.GetAsync($"/v1/creators/{ana}")).ShouldBeProblem(HttpStatusCode.NotFound, "creator.unknown");
        await (await client.GetAsync($"/v1/creators/{Guid.NewGuid()}")).ShouldBeProblem(HttpStatusCode.NotFound, "creator.unknown");
        (await (await stranger.PostAsJsonAsync("/v1/creators/contacts", new { creatorIds = new[] { ana } })).Json()).ToString().ShouldBe("""{"items":[]}""");
    }

    [Fact]
    public async Task Contacts_are_told_of_those_who_are_known()
    {
        var client = campaign.As(organization);
        var ana = await client.Register("Ana", "ana@example.com");
        var bo = await client.Register("Bo", "bo@example.com");

        var answer = await client.PostAsJsonAsync("/v1/creators/contacts", new { creatorIds = new[] { ana, Guid.NewGuid(), bo, ana } });
        var items = (await answer.Json()).GetProperty("items");

        items.EnumerateArray().Select(item => item.ToString()).ShouldBe(
            [
                $$"""{"creatorId":"{{ana}}","name":"Ana","email":"ana@example.com","locale":"en","timeZone":null}""",
                $$"""{"creatorId":"{{bo}}","name":"Bo","email":"bo@example.com","locale":"en","timeZone":null}""",
            ],
            ignoreOrder: true);
    }

    [Fact]
    public async Task Contacts_are_asked_for_by_name_and_not_by_the_thousand()
    {
        var client = campaign.As(organization);
        var many = Enumerable.Range(0, 501).Select(_ => Guid.NewGuid()).ToArray();
        await (await client.PostAsJsonAsync("/v1/creators/contacts", new { creatorIds = many })).ShouldBeInvalid("creators.too-many", "creatorIds");
        await (await client.PostAsJsonAsync("/v1/creators/contacts", new { })).ShouldBeInvalid("creators.missing", "creatorIds");
        (await client.PostAsJsonAsync("/v1/creators/contacts", new { creatorIds = many[..500] })).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Handles_are_told_without_names_and_addresses()
    {
        var client = campaign.As(organization);
        var ana = await client.Register("Ana", handles: new { tiktok = "@ana.maya" });
        var bo = await client.Register("Bo");
        var question = new { creatorIds = new[] { ana, Guid.NewGuid(), bo, ana } };

        var items = (await (await client.PostAsJsonAsync("/v1/creators/handles", question)).Json()).GetProperty("items");

        items.EnumerateArray().Select(item => item.ToString()).ShouldBe(
            [
                $$$"""{"creatorId":"{{{ana}}}","handles":{"instagram":null,"youtube":null,"tiktok":"ana.maya"}}""",
                $$$"""{"creatorId":"{{{bo}}}","handles":{"instagram":null,"youtube":null,"tiktok":null}}""",
            ],
            ignoreOrder: true);
        (await (await campaign.As(CampaignHost.NewOrganization()).PostAsJsonAsync("/v1/creators/handles", question)).Json()).ToString().ShouldBe("""{"items":[]}""");
        await (await client.PostAsJsonAsync("/v1/creators/handles", new { creatorIds = Enumerable.Range(0, 501).Select(_ => Guid.NewGuid()) })).ShouldBeInvalid("creators.too-many", "creatorIds");
    }

    private static async Task<HttpResponseMessage> Post(HttpClient client, string key, string name, string email)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/creators");
        request.Content = JsonContent.Create(new { name, email, handles = new { instagram = "@ana" } });
        request.Headers.Add("Idempotency-Key", key);
        return await client.SendAsync(request);
    }

    private bool IsOurs(Delivery message) => message.Body.GetProperty("organizationId").GetString() == organization;
}
