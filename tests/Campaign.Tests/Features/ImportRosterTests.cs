using System.Net;
using System.Text;
using System.Text.Json;
using Shouldly;
using Testing;

namespace Campaigns.Tests.Features;

[Collection(nameof(CampaignHost))]
public sealed class ImportRosterTests(CampaignHost campaign)
{
    private readonly string organization = CampaignHost.NewOrganization();

    [Fact]
    public async Task A_roster_is_imported_and_a_second_time_changes_nothing()
    {
        var client = campaign.As(organization);
        var spring = await client.Plan("Spring", "InstagramInsights");
        var (ana, bo) = (await client.Register("Ana", "ana@example.com", new { instagram = "ana" }), await client.Register("Bo"));
        await client.Enlist(spring, bo);
        var file = $"Name;E-Mail;Creator ID;Instagram;Time Zone\r\nAna Lima;ANA@example.com;;analima;\r\n;;{bo};;\r\nCleo;cleo@example.com;;@cleo;Europe/Lisbon\r\nDan;dan;;;\r\n";

        var first = await Import(client, spring, file);
        Counts(first).ShouldBe("created 1, updated 0, added 2, on roster 1, rejected 1");
        first.GetProperty("rejectedRows")[0].ToString().ShouldBe(
            """{"line":5,"column":"email","code":"email.invalid","reason":"Give one e-mail address, like ana@example.com."}""");
        (await client.Json($"/v1/creators/{ana}")).GetProperty("name").GetString().ShouldBe("Ana");
        Counts(await Import(client, spring, file)).ShouldBe("created 0, updated 0, added 0, on roster 3, rejected 1");

        var roster = await Eventually.Get(() => client.Json($"/v1/campaigns/{spring}/creators"), page => page.GetProperty("total").GetInt64() == 3);
        roster.GetProperty("items").Texts("name").ShouldBe(["Ana", "Bo", "Cleo"]);
        var cleo = await client.Json($"/v1/creators/{roster.GetProperty("items")[2].GetProperty("creatorId").GetGuid()}");
        (cleo.GetProperty("timeZone").GetString(), cleo.GetProperty("handles").GetProperty("instagram").GetString()).ShouldBe(("Europe/Lisbon", "cleo"));
        (await campaign.Stored(organization)).Count(type => type == "creator_admitted").ShouldBe(3);
        (await campaign.StoredText(organization)).ShouldNotContain("cleo", Case.Insensitive);
    }

    [Fact]
    public async Task Profiles_change_where_it_is_asked_for()
    {
        var client = campaign.As(organization);
        var spring = await client.Plan("Spring", "InstagramInsights");
        var ana = await client.Register("Ana", "ana@example.com", new { instagram = "ana" });
        const string File = "name,email,youtube\nAna Lima,ana@example.com,analima\n";

        Counts(await Import(client, spring, File, "?update=true")).ShouldBe("created 0, updated 1, added 1, on roster 0, rejected 0");
        Counts(await Import(client, spring, File, "?update=true")).ShouldBe("created 0, updated 0, added 0, on roster 1, rejected 0");

        var shown = await client.GetAsync($"/v1/creators/{ana}");
        shown.Headers.ETag!.Tag.ShouldBe("\"2\"");
        (await shown.Json()).ToString().ShouldContain("\"name\":\"Ana Lima\",\"email\":\"ana@example.com\",\"locale\":\"en\",\"timeZone\":null,\"handles\":{\"instagram\":\"ana\",\"youtube\":\"analima\"");
    }

    [Fact]
    public async Task An_import_that_breaks_off_is_completed_by_the_next()
    {
        var client = campaign.As(organization);
        var spring = await client.Plan("Spring", "InstagramInsights");
        // Wide rows: a reader takes in some 64 KiB before it hands out the first.
        var rows = Enumerable.Range(0, 1700).Select(i => $"Creator {i},creator{i}@example.com,{new string('x', 120)}\n").ToArray();

        // The caller goes away in the middle of the third chunk, when the first is stored at least.
        using var away = new CancellationTokenSource();
        var body = new BreaksOff(Encoding.UTF8.GetBytes($"name,email,notes\n{string.Concat(rows[..1300])}"), async () =>
        {
            await Eventually.Get(Admitted, count => count >= 500);
            await away.CancelAsync();
        });
        using var broken = new StreamContent(body) { Headers = { { "Content-Type", "text/csv" } } };
        // The usual client keeps bodies back, to repeat them where it is redirected.
        using var direct = campaign.Host.Server.CreateClient();
        direct.DefaultRequestHeaders.Authorization = client.DefaultRequestHeaders.Authorization;
        await Should.ThrowAsync<OperationCanceledException>(() => direct.PostAsync($"/v1/campaigns/{spring}/creators/import", broken, away.Token));

        var answer = await Import(client, spring, $"name,email,notes\n{string.Concat(rows)}");
        answer.GetProperty("created").GetInt32().ShouldBeInRange(400, 1200);
        (answer.GetProperty("added").GetInt32() + answer.GetProperty("alreadyOnRoster").GetInt32()).ShouldBe(1700);
        (await campaign.Stored(organization)).CountBy(type => type).ToDictionary().ShouldBe(
            new Dictionary<string, int> { ["campaign_planned"] = 1, ["creator_admitted"] = 1700, ["joined_roster"] = 1700 }, ignoreOrder: true);

        async Task<int> Admitted() => (await campaign.Stored(organization)).Count(type => type == "creator_admitted");
    }

    [Fact]
    public async Task Two_imports_of_one_file_at_once_register_everybody_once()
    {
        var client = campaign.As(organization);
        var (spring, summer) = (await client.Plan("Spring", "InstagramInsights"), await client.Plan("Summer", "InstagramInsights"));
        var file = $"name,email\n{string.Concat(Enumerable.Range(0, 1200).Select(i => $"Creator {i},creator{i}@example.com\n"))}";

        var answers = await Task.WhenAll(Import(client, spring, file), Import(client, summer, file));

        answers.Sum(answer => answer.GetProperty("created").GetInt32()).ShouldBe(1200);
        answers.ShouldAllBe(answer => answer.GetProperty("added").GetInt32() == 1200);
        (await campaign.Stored(organization)).Count(type => type == "creator_admitted").ShouldBe(1200);
    }

    [Fact]
    public async Task The_first_thousand_rejected_rows_are_told_and_all_are_counted()
    {
        var client = campaign.As(organization);
        var spring = await client.Plan("Spring", "InstagramInsights");
        var answer = await Import(client, spring, $"name,email\n{string.Concat(Enumerable.Range(0, 1200).Select(i => $"Creator {i},nowhere\n"))}Ana,ana@example.com\n");

        Counts(answer).ShouldBe("created 1, updated 0, added 1, on roster 0, rejected 1200");
        answer.GetProperty("rejectedRows").EnumerateArray().Select(row => row.GetProperty("line").GetInt32()).ShouldBe(Enumerable.Range(2, 1000));
    }

    [Fact]
    public async Task What_is_no_roster_is_refused()
    {
        var client = campaign.As(organization);
        var spring = await client.Plan("Spring", "InstagramInsights");
        await (await Post(client, spring, "Ana,ana@example.com\n")).ShouldBeInvalid("csv.header-missing", "body");
        await (await Post(client, spring, "name,email\nAna,ana@example.com\n\"Bo,bo@example.com\n")).ShouldBeInvalid("csv.unreadable", "body");
        (await campaign.Stored(organization)).ShouldBe(["campaign_planned", "creator_admitted", "joined_roster"]);
        await (await Post(client, Guid.NewGuid(), "name,email\n")).ShouldBeProblem(HttpStatusCode.NotFound, "campaign.unknown");
        await (await Post(campaign.As(CampaignHost.NewOrganization()), spring, "name,email\n")).ShouldBeProblem(HttpStatusCode.NotFound, "campaign.unknown");
        await (await Post(client, spring, "{}", "", "application/json")).ShouldBeProblem(HttpStatusCode.UnsupportedMediaType, "media-type.unsupported");
        Counts(await Import(client, spring, "name,email\n")).ShouldBe("created 0, updated 0, added 0, on roster 0, rejected 0");
    }

    [Fact]
    public async Task More_rows_than_a_file_may_have_are_told_by_their_line()
    {
        var client = campaign.As(organization);
        var spring = await client.Plan("Spring", "InstagramInsights");
        // Rows that are rejected cost nothing, so the limit is reached in no time.
        var answer = await Post(client, spring, $"creatorid\n{string.Concat(Enumerable.Repeat("nobody\n", 100_001))}");
        await answer.ShouldBeInvalid("csv.rows-too-many", "body");
        (await answer.Content.ReadAsStringAsync()).ShouldContain("line 100002 ");
    }

    private static async Task<JsonElement> Import(HttpClient client, Guid campaign, string file, string query = "")
    {
        var answer = await Post(client, campaign, file, query);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        return await answer.Json();
    }

    private static Task<HttpResponseMessage> Post(HttpClient client, Guid campaign, string file, string query = "", string type = "text/csv") =>
        client.PostAsync($"/v1/campaigns/{campaign}/creators/import{query}", new StringContent(file, Encoding.UTF8, type));

    private static string Counts(JsonElement answer)
    {
        int Count(string name) => answer.GetProperty(name).GetInt32();
        return $"created {Count("created")}, updated {Count("updated")}, added {Count("added")}, on roster {Count("alreadyOnRoster")}, rejected {Count("rejected")}";
    }

    /// <summary>Nothing comes after these bytes, and no end either.</summary>
    private sealed class BreaksOff(byte[] bytes, Func<Task> then) : MemoryStream(bytes)
    {
        // Of no known length, or the client would wait for all of it before it sends.
        public override bool CanSeek => false;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await base.ReadAsync(buffer[..Math.Min(buffer.Length, 4096)], cancellationToken);
            if (read == 0)
            {
                await then();
                return await new TaskCompletionSource<int>().Task.WaitAsync(cancellationToken);
            }

            return read;
        }
    }
}
