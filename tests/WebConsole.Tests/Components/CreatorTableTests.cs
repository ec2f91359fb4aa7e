using Bunit;
using WebConsole.Apis;
using WebConsole.Creators;

namespace WebConsole.Tests.Components;

public sealed class CreatorTableTests : Rendering
{
    private readonly Dictionary<Guid, string> selected = [];
    private CreatorRow? viewed;

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

    private IRenderedComponent<CreatorTable> Draw(CreatorRow[] rows, bool mayselect = true) => Render<CreatorTable>(with => with
        .Add(table => table.Rows, rows)
        .Add(table => table.Types, ["InstagramInsights", "YouTubeInsights", "TikTokInsights"])
        .Add(table => table.Selected, selected)
        .Add(table => table.CanSelect, mayselect)
        .Add(table => table.OnView, row => viewed = row));
}
