using System.Net;
using System.Net.Http.Json;
using System.Text;
using Shouldly;

namespace Campaigns.Tests.Features;

[Collection(nameof(CampaignHost))]
public sealed class AmendCreatorTests(CampaignHost campaign)
{
    private readonly string organization = CampaignHost.NewOrganization();

    [Fact]
    public async Task A_creator_is_corrected_and_only_in_what_was_named()
    {
        var client = campaign.As(organization);
        var ana = await client.Register("Ana Maya", "ana@example.com", new { instagram = "ana" });

        var answer = await Patch(client, ana, """{"name":"Ana Lima","timeZone":"America/Sao_Paulo","handles":{"tiktok":"@analima"}}""");

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        var expected = $$$"""
            {"id":"{{{ana}}}","name":"Ana Lima","email":"ana@example.com","locale":"en","timeZone":"America/Sao_Paulo","handles":{"instagram":"ana","youtube":null,"tiktok":"analima"}}
            """;
        (await answer.Json()).ToString().ShouldBe(expected);
        var shown = await client.GetAsync($"/v1/creators/{ana}");
        (await shown.Json()).ToString().ShouldBe(expected);
        shown.Headers.ETag!.Tag.ShouldBe("\"2\"");
        (await campaign.Stored(organization)).ShouldBe(["creator_admitted", "creator_amended"]);
        (await campaign.StoredText(organization)).ShouldNotContain("Lima", Case.Insensitive);

        var contacts = await (await client.PostAsJsonAsync("/v1/creators/contacts", new { creatorIds = new[] { ana } })).Json();
        contacts.GetProperty("items")[0].GetProperty("timeZone").GetString().ShouldBe("America/Sao_Paulo");
        (await Patch(client, ana, """{"name":"Ana Lima","timeZone":null}""")).Headers.ETag!.Tag.ShouldBe("\"3\"");
        (await Patch(client, ana, """{"name":"Ana Lima","timeZone":null}""")).Headers.ETag!.Tag.ShouldBe("\"3\"");
    }

    [Fact]
    public async Task A_time_zone_is_registered_with_the_creator_and_checked()
    {
        var client = campaign.As(organization);
        var answer = await client.PostAsJsonAsync("/v1/creators", new { name = "Ana", email = "ana@example.com", timeZone = " Europe/Lisbon " });
        (await client.Json(answer.Headers.Location!.ToString())).GetProperty("timeZone").GetString().ShouldBe("Europe/Lisbon");
        await (await client.PostAsJsonAsync("/v1/creators", new { name = "Bo", email = "bo@example.com", timeZone = "Mars/Olympus" })).ShouldBeInvalid("timezone.unknown", "timeZone");
    }

    [Fact]
    public async Task An_address_that_somebody_has_is_refused_and_ones_own_is_not()
    {
        var client = campaign.As(organization);
        var ana = await client.Register("Ana", "ana@example.com");
        await client.Register("Bo", "bo@example.com");

        (await (await Patch(client, ana, """{"email":" BO@example.com"}""")).ShouldBeProblem(HttpStatusCode.Conflict, "creator.exists")).ShouldBe(["email"]);
        (await Patch(client, ana, """{"email":"Ana@Example.com"}""")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await client.Json($"/v1/creators/{ana}")).GetProperty("email").GetString().ShouldBe("Ana@Example.com");
    }

    [Fact]
    public async Task Of_many_who_take_one_address_at_once_one_succeeds()
    {
        var client = campaign.As(organization);
        var creators = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => client.Register($"Creator {i}")));

        var answers = await Task.WhenAll(creators.Select(creator => Patch(client, creator, """{"email":"one@example.com"}""")));

        answers.Count(answer => answer.StatusCode is HttpStatusCode.OK).ShouldBe(1);
        foreach (var refused in answers.Where(answer => answer.StatusCode is not HttpStatusCode.OK))
        {
            await refused.ShouldBeProblem(HttpStatusCode.Conflict, "creator.exists");
        }
    }

    [Fact]
    public async Task Corrections_of_one_creator_at_once_all_hold()
    {
        var client = campaign.As(organization);
        var ana = await client.Register("Ana");
        string[] corrections = ["""{"name":"Ana Lima"}""", """{"locale":"pt-BR"}""", """{"timeZone":"Europe/Lisbon"}""", """{"handles":{"youtube":"ana"}}"""];

        var answers = await Task.WhenAll(corrections.Select(correction => Patch(client, ana, correction)));

        answers.ShouldAllBe(answer => answer.StatusCode == HttpStatusCode.OK);
        (await client.Json($"/v1/creators/{ana}")).ToString().ShouldContain(
            "\"locale\":\"pt-BR\",\"timeZone\":\"Europe/Lisbon\",\"handles\":{\"instagram\":null,\"youtube\":\"ana\",\"tiktok\":null}");
        (await campaign.Stored(organization)).Count(type => type == "creator_amended").ShouldBe(4);
    }

    [Fact]
    public async Task Whoever_names_what_they_have_seen_overwrites_nothing_else()
    {
        var client = campaign.As(organization);
        var ana = await client.Register("Ana");
        (await Patch(client, ana, """{"name":"Ana Lima"}""", "\"1\"")).StatusCode.ShouldBe(HttpStatusCode.OK);
        await (await Patch(client, ana, """{"name":"Ana Maya"}""", "\"1\"")).ShouldBeProblem(HttpStatusCode.PreconditionFailed, "version.stale");
        (await Patch(client, ana, """{"name":"Ana Maya"}""", "*")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task What_cannot_be_right_is_refused_and_nothing_changes()
    {
        var client = campaign.As(organization);
        var ana = await client.Register("Ana", "ana@example.com");
        await (await Patch(client, ana, """{"name":null}""")).ShouldBeInvalid("name.invalid", "name");
        await (await Patch(client, ana, """{"email":"ana"}""")).ShouldBeInvalid("email.invalid", "email");
        await (await Patch(client, ana, """{"handles":{"myspace":"ana"}}""")).ShouldBeInvalid("platform.unknown", "handles");
        await (await Patch(client, ana, """{"handles":"ana"}""")).ShouldBeInvalid("request.invalid", "handles");
        await (await Patch(client, Guid.NewGuid(), """{"name":"Bo"}""")).ShouldBeProblem(HttpStatusCode.NotFound, "creator.unknown");
        await (await Patch(campaign.As(CampaignHost.NewOrganization()), ana, """{"name":"Bo"}""")).ShouldBeProblem(HttpStatusCode.NotFound, "creator.unknown");
        (await campaign.Stored(organization)).ShouldBe(["creator_admitted"]);
    }

    private static async Task<HttpResponseMessage> Patch(HttpClient client, Guid creator, string body, string? ifMatch = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Patch, $"/v1/creators/{creator}") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        if (ifMatch is not null)
        {
            request.Headers.Add("If-Match", ifMatch);
        }

        return await client.SendAsync(request);
    }
}
