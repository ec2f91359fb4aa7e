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

    [Fact]
    public void The_warning_names_creators_and_what_is_lost_and_offers_to_ask_them()
    {
        var fixes = new[] { new Fix(3, new("reconnect-request", "status=Expired")), new Fix(1, new("creator-hub-invitation", "missing=true")) };
        Fix? chosen = null;
        var warning = Render<WarningView>(with => with
            .Add(view => view.Warning, new("", 4, [new(Guid.Empty, "Ana Costa"), new(Guid.Empty, "Björn Dahl")], [new("InstagramInsights", 4, ["views", "reach"], ["posts", "reels"])]))
            .Add(view => view.CampaignId, Campaign)
            .Add(view => view.Fixes, fixes)
            .Add(view => view.OnFix, fix => chosen = fix));

        warning.Find(".warning-names").TextContent.ShouldBe("Ana Costa, Björn Dahl and 2 more");
        warning.Find("[data-loss]").TextContent.ShouldBe("Instagram Insights of 4 creators: not counted are views; reach. Not shown are posts; reels.");
        warning.FindAll("[data-fix]").Select(button => button.TextContent).ShouldBe(["Ask 3 creators to reconnect", "Invite 1 creator"]);
        warning.FindAll("[data-fix]")[1].Click();
        chosen.ShouldBe(fixes[1]);
    }

    [Fact]
    public void Who_may_not_write_to_creators_is_not_offered_to() =>
        Render<WarningView>(with => with.Add(view => view.Warning, new("", 4)).Add(view => view.Fixes, [new(3, new("reconnect-request", ""))])).FindAll("[data-fix]").Count.ShouldBe(0);

    [Fact]
    public void Each_step_of_the_outreach_leads_to_those_who_came_so_far()
    {
        var funnel = Render<FunnelView>(with => with.Add(view => view.CampaignId, Campaign).Add(view => view.Funnel, new(40, 36, 18, 7, 3, 1)));

        funnel.FindAll("[data-step]").Select(step => (step.GetAttribute("data-step"), step.QuerySelector("strong")!.TextContent, step.QuerySelector(".funnel-bar span")!.GetAttribute("style"))).ShouldBe(
            [("Asked", "40", "width: 100%"), ("Reached", "36", "width: 90%"), ("Clicked", "18", "width: 45%"), ("Connected", "7", "width: 17.5%")]);
        funnel.Find("[data-step=Clicked] a").GetAttribute("href").ShouldBe($"/campaigns/{Campaign}/creators?outreach=Clicked,Connected");
        funnel.Find(".field-hint").TextContent.ShouldBe("3 bounced, 1 could not be sent");
    }

    [Fact]
    public void Connections_that_end_soon_are_counted_and_lead_to_the_list()
    {
        var dashboard = Render<DashboardView>(with => with.Add(view => view.Dashboard, new(
            Campaign, "Spring Glow", new(2026, 11, 2), new(2027, 1, 31), 10, 0.62, [new("TikTokInsights", 10, 0, 0, 0)], null, null, ExpiringSoon: 5)));

        (dashboard.Find(".expiring").TextContent, dashboard.Find(".expiring").GetAttribute("href")).ShouldBe(("5 creators expiring within 14 days", $"/campaigns/{Campaign}/creators?expiringWithin=14"));
    }

    [Fact]
    public void A_campaign_in_the_list_shows_its_figures_without_another_question()
    {
        var card = Render<CampaignCard>(with => with.Add(view => view.Today, new DateOnly(2026, 11, 10)).Add(view => view.Campaign, new(
            Campaign, "Spring Glow", new(2026, 11, 2), new(2027, 1, 31), 10, ["InstagramInsights"], 0.6, 4, [new("InstagramInsights", 6, 1, 2, 1)])));

        card.Find("[data-coverage]").TextContent.Trim().ShouldBe("60% covered");
        card.Find(".campaign-bar-share").TextContent.ShouldBe("6 of 10");
        card.Find(".campaign-missing").TextContent.ShouldBe("4 creators with missing connections");
    }

    private IRenderedComponent<DashboardView> Draw(Warning? warning) => Render<DashboardView>(with => with.Add(view => view.Dashboard, new(
        Campaign, "Spring Glow", new(2026, 11, 2), new(2027, 1, 31), 10, 0.62,
        [new("InstagramInsights", 6, 1, 2, 1), new("TikTokInsights", 10, 0, 0, 0)], warning, null)));
}
