using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Shouldly;
using Testing;

namespace Campaigns.Tests.Features;

[Collection(nameof(CampaignHost))]
public sealed class SavedViewApiTests(CampaignHost campaign)
{
    private readonly string organization = CampaignHost.NewOrganization();

    [Fact]
    public async Task A_view_is_saved_shown_changed_and_deleted()
    {
        var maya = As("maya");
        var answer = await Post(maya, "Grey", "type=YouTubeInsights&status=NotConnected");

        (answer.StatusCode, answer.Headers.ETag!.Tag).ShouldBe((HttpStatusCode.Created, "\"1\""));
        var address = answer.Headers.Location!.ToString();
        var id = (await answer.Json()).GetProperty("id").GetGuid();
        (await maya.Json(address)).ToString().ShouldBe(
            $$"""{"id":"{{id}}","name":"Grey","query":"type=YouTubeInsights&status=NotConnected","missingFilterOn":true,"columns":["YouTubeInsights","lastOutreach"],"revision":1}""");

        var changed = await Put(maya, address, new { name = "All", query = "", columns = Array.Empty<string>() }, "\"1\"");
        (changed.StatusCode, changed.Headers.ETag!.Tag).ShouldBe((HttpStatusCode.OK, "\"2\""));
        await Post(maya, "Active", "");
        (await maya.Json("/v1/campaigns/views")).GetProperty("items").Texts("name").ShouldBe(["Active", "All"]);

        (await maya.DeleteAsync(address)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        await (await maya.DeleteAsync(address)).ShouldBeProblem(HttpStatusCode.NotFound, "view.unknown");
        (await maya.Json("/v1/campaigns/views")).GetProperty("items").Texts("name").ShouldBe(["Active"]);
        (await campaign.Stored(organization)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_name_is_one_view_of_a_person_and_free_for_all_others()
    {
        var maya = As("maya");
        await Post(maya, "Grey");
        var red = await Post(maya, "Red");
        (await (await Post(maya, " GRÉY ")).ShouldBeProblem(HttpStatusCode.Conflict, "view.exists")).ShouldBe(["name"]);
        await (await Put(maya, red.Headers.Location!.ToString(), new { name = "grey" }, "*")).ShouldBeProblem(HttpStatusCode.Conflict, "view.exists");
        (await Put(maya, red.Headers.Location!.ToString(), new { name = "RED" }, "*")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await Post(As("li"), "Grey")).StatusCode.ShouldBe(HttpStatusCode.Created);

        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Post(maya, "Blue")));
        answers.Count(answer => answer.StatusCode is HttpStatusCode.Created).ShouldBe(1);
        answers.Count(answer => answer.StatusCode is HttpStatusCode.Conflict).ShouldBe(5);
    }

    [Fact]
    public async Task Somebody_elses_view_is_nobodys()
    {
        var address = (await Post(As("maya"), "Grey")).Headers.Location!.ToString();
        foreach (var other in (HttpClient[])[As("li"), As("maya", CampaignHost.NewOrganization())])
        {
            await (await other.GetAsync(address)).ShouldBeProblem(HttpStatusCode.NotFound, "view.unknown");
            await (await Put(other, address, new { name = "Mine" }, "*")).ShouldBeProblem(HttpStatusCode.NotFound, "view.unknown");
            await (await other.DeleteAsync(address)).ShouldBeProblem(HttpStatusCode.NotFound, "view.unknown");
            (await other.Json("/v1/campaigns/views")).GetProperty("items").GetArrayLength().ShouldBe(0);
        }

        (await As("maya").Json(address)).GetProperty("name").GetString().ShouldBe("Grey");
    }

    [Fact]
    public async Task Nobody_overwrites_what_they_have_not_seen()
    {
        var maya = As("maya");
        var address = (await Post(maya, "Grey")).Headers.Location!.ToString();
        await (await Put(maya, address, new { name = "Red" }, null)).ShouldBeProblem(HttpStatusCode.PreconditionRequired, "if-match.missing");
        await Put(maya, address, new { name = "Red" }, "\"1\"");
        await (await Put(maya, address, new { name = "Blue" }, "\"1\"")).ShouldBeProblem(HttpStatusCode.PreconditionFailed, "version.stale");
        (await maya.Json(address)).GetProperty("name").GetString().ShouldBe("Red");
    }

    [Fact]
    public async Task What_cannot_be_right_is_refused_and_a_person_has_a_hundred_views()
    {
        var maya = As("maya");
        await (await Post(maya, "")).ShouldBeInvalid("name.invalid", "name");
        await (await Post(maya, "Mine", "limit=200")).ShouldBeInvalid("view.query-invalid", "query");
        await (await Put(maya, $"/v1/views/{Guid.NewGuid()}", new { name = "Mine", columns = new[] { "" } }, "*")).ShouldBeInvalid("view.columns-invalid", "columns");

        foreach (var i in Enumerable.Range(0, 100))
        {
            (await Post(maya, $"View {i}")).StatusCode.ShouldBe(HttpStatusCode.Created);
        }

        await (await Post(maya, "One more")).ShouldBeProblem(HttpStatusCode.Conflict, "views.too-many");
    }

    private HttpClient As(string person, string? other = null)
    {
        var client = campaign.Host.CreateClient();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", TestTokens.OfPerson(person, other ?? organization, "campaigns.read"));
        return client;
    }

    private static Task<HttpResponseMessage> Post(HttpClient client, string name, string query = "") =>
        client.PostAsJsonAsync("/v1/campaigns/views", new { name, query, missingFilterOn = true, columns = new[] { "YouTubeInsights", "lastOutreach" } });

    private static async Task<HttpResponseMessage> Put(HttpClient client, string address, object body, string? ifMatch)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, address) { Content = JsonContent.Create(body) };
        if (ifMatch is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        }

        return await client.SendAsync(request);
    }
}
