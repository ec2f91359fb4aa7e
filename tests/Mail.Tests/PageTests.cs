using System.Net;
using static Mail.Tests.Simulator;

namespace Mail.Tests;

public sealed class PageTests
{
    private const string Link = "http://localhost:5101/hub/i/abc.def.ghi?a=1&b=2";

    [Fact]
    public async Task The_inbox_shows_the_newest_first_and_is_searched_by_recipient_or_subject()
    {
        await using var simulator = await Start();
        await simulator.Send(Letter("ana@creators.example", "First"), Letter("ben@creators.example", "Second"));

        var all = await Get(simulator, "/");
        all.IndexOf("Second", StringComparison.Ordinal).ShouldBeInRange(1, all.IndexOf("First", StringComparison.Ordinal));
        var found = await Get(simulator, "/?to=BEN@");
        found.ShouldContain("Second");
        found.Contains("First", StringComparison.Ordinal).ShouldBeFalse();
        (await Get(simulator, "/?to=second")).ShouldContain("ben@creators.example");
        (await Get(simulator, "/?to=nobody")).ShouldContain("Nothing for");
    }

    [Fact]
    public async Task Mail_beyond_a_page_is_on_the_next()
    {
        await using var simulator = await Start();
        await simulator.Send(Enumerable.Range(1, 51).Select(number => Letter(subject: $"Number {number}.")));
        (await Get(simulator, "/")).Contains("Number 1.", StringComparison.Ordinal).ShouldBeFalse();
        (await Get(simulator, "/?page=2")).ShouldContain("Number 1.");
    }

    [Fact]
    public async Task A_link_in_plain_text_can_be_clicked_and_the_full_stop_after_it_does_not_belong_to_it()
    {
        await using var simulator = await Start();
        await simulator.Send(Letter(text: $"Open {Link}. Thanks <b>"));
        var page = await Get(simulator, await Path(simulator));
        var link = WebUtility.HtmlEncode(Link);
        page.ShouldContain($"<a href=\"{link}\" target=\"_blank\" rel=\"noopener noreferrer\">{link}</a>. Thanks &lt;b&gt;");
    }

    [Fact]
    public async Task The_html_part_is_shown_in_a_frame_that_runs_no_script_and_opens_links_outside()
    {
        await using var simulator = await Start();
        await simulator.Send(Letter(html: $"<a href=\"{Link}\">Open</a><script>alert(1)</script>"));
        var path = await Path(simulator);
        (await Get(simulator, path)).ShouldContain(
            $"<iframe title=\"The message as HTML\" src=\"{path}/html\" sandbox=\"allow-popups allow-popups-to-escape-sandbox\">");

        using var html = await simulator.Http.GetAsync(path + "/html", TestContext.Current.CancellationToken);
        var policy = html.Headers.GetValues("Content-Security-Policy").Single();
        policy.ShouldStartWith("sandbox allow-popups allow-popups-to-escape-sandbox;");
        policy.ShouldContain("default-src 'none'");
        (await html.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain($"<base target=\"_blank\"><a href=\"{Link}\">Open</a>");
    }

    [Fact]
    public async Task What_a_sender_writes_into_a_subject_stays_text()
    {
        await using var simulator = await Start();
        await simulator.Send(Letter(subject: "<script>alert(1)</script>"));
        foreach (var page in (string[])["/", await Path(simulator)])
        {
            var html = await Get(simulator, page);
            html.ShouldContain("&lt;script&gt;alert(1)&lt;/script&gt;");
            html.Contains("<script>alert", StringComparison.Ordinal).ShouldBeFalse();
        }
    }

    [Fact]
    public async Task A_message_that_is_not_there_is_said_to_be_gone()
    {
        await using var simulator = await Start();
        using var page = await simulator.Http.GetAsync("/messages/none", TestContext.Current.CancellationToken);
        page.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain("This message is not here");
    }

    private static Task<string> Get(Simulator simulator, string path) => simulator.Http.GetStringAsync(path, TestContext.Current.CancellationToken);

    private static async Task<string> Path(Simulator simulator) => $"/messages/{(await simulator.Received()).Single().GetProperty("id").GetString()}";
}
