using Bunit;
using WebConsole.Apis;
using WebConsole.Creators;

namespace WebConsole.Tests.Components;

public sealed class CreatorTableTests : Rendering
{
    private readonly Dictionary<Guid, string> selected = [];
    private CreatorRow? viewed;
    private string? sorted;

    [Fact]
    public void There_is_a_column_for_every_connection_type_the_campaign_asks_for()
    {
        var table = Draw([Row("Ana Costa")], mayselect: false);

        table.FindAll("th").Select(head => head.TextContent.Trim()).ShouldBe(["Creator", "Instagram Insights", "YouTube Insights", "TikTok", "Connections", "Last outreach"]);
    }

    [Fact]
    public void A_status_tells_its_reason_and_since_when()
    {
        var table = Draw([Row("Ana Costa", Cell("InstagramInsights", "Invalidated", "Revoked"))]);

        var cell = table.Find("td[data-type=InstagramInsights]");
        cell.QuerySelector(".status")!.GetAttribute("data-status").ShouldBe("Invalidated");
        cell.QuerySelector(".tip")!.TextContent.ShouldBe("The creator removed our access on the platform, since 3 Nov 2026");
        cell.QuerySelector("button")!.GetAttribute("aria-label")
            .ShouldBe("Ana Costa, Instagram Insights: Invalidated. The creator removed our access on the platform, since 3 Nov 2026. View details");
    }

    [Fact]
    public void What_the_service_does_not_mention_was_never_connected() =>
        Draw([Row("Ana Costa")]).FindAll("td .status").Select(chip => chip.GetAttribute("data-status")).ShouldBe(["NotConnected", "NotConnected", "NotConnected"]);

    [Fact]
    public void Only_handles_the_creator_has_are_shown() =>
        Draw([Row("Ana Costa")]).FindAll(".handles span").Select(handle => handle.TextContent.Trim()).ShouldBe(["@ana.costa"]);

    [Fact]
    public void The_box_in_the_heading_selects_the_page_and_then_clears_it()
    {
        var rows = new[] { Row("Ana Costa"), Row("Björn Dahl") };
        var table = Draw(rows);

        table.Find("thead input").Change(true);
        selected.ShouldBe(rows.ToDictionary(row => row.CreatorId, row => row.Name), ignoreOrder: true);

        table.Find("thead input").Change(false);
        selected.Count.ShouldBe(0);
    }

    [Fact]
    public void Who_may_not_send_has_no_boxes() => Draw([Row("Ana Costa")], mayselect: false).FindAll("input").Count.ShouldBe(0);

    [Fact]
    public void View_names_the_creator()
    {
        var rows = new[] { Row("Ana Costa"), Row("Björn Dahl") };

        Draw(rows).Find("button[aria-label='View the connections of Björn Dahl']").Click();

        viewed.ShouldBe(rows[1]);
    }

    [Fact]
    public void A_heading_sorts_by_its_column_and_once_more_turns_it_around()
    {
        var table = Draw([Row("Ana Costa")]);
        table.Find("[data-sort=TikTokInsights]").Click();
        sorted.ShouldBe("TikTokInsights");

        table.Render(with => with.Add(drawn => drawn.Sort, "TikTokInsights"));
        table.Find("th[aria-sort=ascending]").TextContent.Trim().ShouldBe("TikTok");
        table.Find("[data-sort=TikTokInsights]").Click();

        sorted.ShouldBe("-TikTokInsights");
    }

    [Fact]
    public void Where_there_are_no_headings_a_menu_offers_every_order_and_shows_the_one_that_holds()
    {
        var table = Draw([Row("Ana Costa")]);
        table.Render(with => with.Add(drawn => drawn.Sort, "-TikTokInsights"));

        var menu = table.Find("#sort-by");
        menu.QuerySelectorAll("option").Select(option => option.GetAttribute("value")).ShouldBe(
            ["name", "-name", "InstagramInsights", "-InstagramInsights", "YouTubeInsights", "-YouTubeInsights", "TikTokInsights", "-TikTokInsights", "lastOutreach", "-lastOutreach"]);
        menu.QuerySelectorAll("option[selected]").Select(option => option.TextContent).ShouldBe(["TikTok, connected first"]);
        menu.Change("lastOutreach");

        sorted.ShouldBe("lastOutreach");
    }

    [Fact]
    public void What_a_screen_holds_is_drawn_first_and_the_rest_follows_but_live_news_are_drawn_as_a_whole()
    {
        var table = Draw([.. Enumerable.Range(0, 40).Select(number => Row($"Creator {number}"))]);
        table.FindAll("tbody tr").Count.ShouldBe(40);
        var drawn = new List<int>();
        table.OnMarkupUpdated += (_, _) => drawn.Add(table.FindAll("tbody tr").Count);

        table.Instance.List!.Replace(table.Instance.List.Rows.Last() with { Name = "Ana Costa" });
        table.Render(with => with.Add(one => one.List, table.Instance.List));
        table.FindAll(".creator-name")[^1].TextContent.ShouldBe("Ana Costa");
        drawn.ShouldAllBe(rows => rows == 40);
        drawn.Clear();
        table.Render(with => with.Add(one => one.List, List([.. Enumerable.Range(0, 40).Select(number => Row($"Another {number}"))])));

        (drawn[0], drawn[^1]).ShouldBe((15, 40));
    }

    [Fact]
    public void A_screen_reader_is_told_where_in_the_whole_list_a_row_stands()
    {
        var table = Draw([Row("Ana Costa"), Row("Björn Dahl")]);
        table.Render(with => with.Add(one => one.List, List([Row("Ana Costa"), Row("Björn Dahl")], total: 100_000, start: "x", before: 4_950)));

        table.Find("table").GetAttribute("aria-rowcount").ShouldBe("100001");
        table.FindAll("tr[aria-rowindex]").Select(row => row.GetAttribute("aria-rowindex")).ShouldBe(["1", "4952", "4953"]);
    }

    [Fact]
    public void Where_nobody_knows_how_many_stand_before_a_row_no_place_is_told()
    {
        var table = Draw([Row("Ana Costa")]);
        table.Render(with => with.Add(one => one.List, List([Row("Ana Costa")], start: "x", before: null)));

        table.Find("tr[data-creator]").HasAttribute("aria-rowindex").ShouldBeFalse();
    }

    [Fact]
    public void A_list_that_goes_on_offers_more_without_a_mouse()
    {
        var table = Draw([Row("Ana Costa")]);
        table.FindAll("[data-more]").ShouldBeEmpty();

        table.Render(with => with.Add(one => one.List, List([Row("Ana Costa")], total: 2, next: "x")));

        table.Find("[data-more] button").TextContent.ShouldBe("Load more");
    }

    [Fact]
    public void A_connection_tells_when_it_ends_whether_data_flow_and_what_to_do()
    {
        var cell = Cell("InstagramInsights", "Connected") with { ExpiringAt = new(2026, 12, 1, 0, 0, 0, TimeSpan.Zero), Insights = new("Stale", null, null), NextAction = "Ask Ana to renew Instagram" };
        var table = Draw([Row("Ana Costa", cell)]);

        var drawn = table.Find("td[data-type=InstagramInsights]");
        drawn.QuerySelectorAll(".cell-note").Select(note => note.TextContent).ShouldBe(["Expires on 1 Dec 2026", "Insights: older than they should be"]);
        drawn.QuerySelector(".tip")!.TextContent.ShouldBe("Connected since 3 Nov 2026Ask Ana to renew Instagram");
    }

    [Fact]
    public void The_last_message_tells_how_far_it_has_come()
    {
        var row = Row("Ana Costa") with { LastOutreach = new("reconnect-request", new(2026, 11, 20, 8, 0, 0, TimeSpan.Zero), Guid.Empty, "Clicked") };

        Draw([row]).Find(".outreach-date").TextContent.ShouldBe("20 Nov 2026 · Clicked");
    }

    private static CreatorBlocks List(CreatorRow[] rows, int? total = null, string? next = null, string? start = null, int? before = 0) =>
        new((_, _) => throw new InvalidOperationException("Nobody asks for more here."), new(rows, total ?? rows.Length, next), start, before);

    private IRenderedComponent<CreatorTable> Draw(CreatorRow[] rows, bool mayselect = true) => Render<CreatorTable>(with => with
        .Add(table => table.List, List(rows))
        .Add(table => table.Types, ["InstagramInsights", "YouTubeInsights", "TikTokInsights"])
        .Add(table => table.Selected, selected)
        .Add(table => table.CanSelect, mayselect)
        .Add(table => table.OnSort, column => sorted = column)
        .Add(table => table.OnView, row => viewed = row));
}
