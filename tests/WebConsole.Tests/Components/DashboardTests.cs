using Bunit;
using WebConsole.Apis;
using WebConsole.Campaigns;

namespace WebConsole.Tests.Components;

public sealed class DashboardTests : Rendering
{
    private static readonly Guid Campaign = new("0198f000-0000-7000-8000-000000000001");

    [Fact]
    public void Every_connection_type_shows_its_counts_and_each_count_leads_to_those_creators()
    {
        var dashboard = Draw(new Warning("", 4));

        dashboard.FindAll(".type-card h2").Select(title => title.TextContent).ShouldBe(["Instagram Insights", "TikTok"]);
        dashboard.FindAll("[data-type=InstagramInsights] a").Select(link => (link.GetAttribute("data-status"), link.QuerySelector("strong")!.TextContent, link.GetAttribute("href"))).ShouldBe(
        [
            ("Connected", "6", $"/campaigns/{Campaign}/creators?type=InstagramInsights&status=Connected"),
            ("Expired", "1", $"/campaigns/{Campaign}/creators?type=InstagramInsights&status=Expired"),
            ("Invalidated", "2", $"/campaigns/{Campaign}/creators?type=InstagramInsights&status=Invalidated"),
            ("NotConnected", "1", $"/campaigns/{Campaign}/creators?type=InstagramInsights&status=NotConnected"),
        ]);
    }

    [Theory]
    [InlineData(1, "1 creator has a connection that is missing or no longer works.", "Show 1 creator")]
    [InlineData(1204, "1,204 creators have a connection that is missing or no longer works.", "Show 1,204 creators")]
    public void The_warning_names_how_many_creators_and_leads_to_them(int creators, string sentence, string link)
    {
        var warning = Draw(new Warning("", creators)).Find(".warning");

        warning.QuerySelector(".warning-title")!.TextContent.ShouldBe("Metrics and content may not be accurately included.");
        warning.QuerySelectorAll("p")[1].TextContent.ShouldBe(sentence);
        warning.QuerySelector("a")!.TextContent.ShouldBe(link);
        warning.QuerySelector("a")!.GetAttribute("href").ShouldBe($"/campaigns/{Campaign}/creators?missing=true");
    }

    [Fact]
    public void Without_missing_connections_there_is_no_warning() => Draw(null).FindAll(".warning").Count.ShouldBe(0);

    [Fact]
    public void Coverage_is_read_in_percent() => Draw(null).Find(".ring-text").TextContent.ShouldBe("62%");

    private IRenderedComponent<DashboardView> Draw(Warning? warning) => Render<DashboardView>(with => with.Add(view => view.Dashboard, new(
        Campaign, "Spring Glow", new(2026, 11, 2), new(2027, 1, 31), 10, 0.62,
        [new("InstagramInsights", 6, 1, 2, 1), new("TikTokInsights", 10, 0, 0, 0)], warning, null)));
}
