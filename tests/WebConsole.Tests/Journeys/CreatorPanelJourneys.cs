using Microsoft.Playwright;
using WebConsole.Tests.Outside;
using static Microsoft.Playwright.Assertions;

namespace WebConsole.Tests.Journeys;

[Collection(SecondDeskCollection.Name)]
public sealed class CreatorPanelJourneys(Desk desk)
{
    [Fact]
    public async Task View_shows_data_and_content_types_with_what_is_missing_and_why()
    {
        var panel = await Open(Provider.Maya, "Björn Dahl");

        var types = panel.Locator("[data-platform=youtube] .data-types");
        await Expect(types.Locator("[data-type=account][data-available=true]")).ToBeVisibleAsync();
        await Expect(types.Locator("[data-type=audience][data-available=false]")).ToContainTextAsync("accounts with 100 followers or more");
    }

    [Fact]
    public async Task Insights_are_drawn_for_a_metric_and_a_time()
    {
        var panel = await Open(Provider.Maya, "Björn Dahl");
        var youtube = panel.Locator("[data-platform=youtube]");
        await youtube.GetByRole(AriaRole.Button, new() { Name = "Show insights" }).ClickAsync();
        await Expect(youtube.GetByRole(AriaRole.Img, new() { NameRegex = new("^Reach from ") })).ToBeVisibleAsync();

        await youtube.GetByLabel("Metric").SelectOptionAsync("profile_views");
        await youtube.GetByLabel("Period").SelectOptionAsync("90");

        await Expect(youtube.GetByRole(AriaRole.Img, new() { NameRegex = new("^Profile views from ") })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_red_connection_offers_to_ask_for_a_reconnect_and_the_message_is_ready()
    {
        var panel = await Open(Provider.Maya, "Ana Costa");

        await panel.GetByRole(AriaRole.Button, new() { Name = "Ask to reconnect Instagram" }).ClickAsync();

        var dialog = panel.Page.Locator(".mud-dialog");
        await Expect(dialog.Locator(".preview-message")).ToContainTextAsync("please reconnect");
        await Expect(dialog.Locator(".send")).ToContainTextAsync("Send to 1 creator");
    }

    [Fact]
    public async Task A_green_connection_can_be_checked_now()
    {
        var panel = await Open(Provider.Maya, "Chiara Ricci");

        await panel.GetByRole(AriaRole.Button, new() { Name = "Check now" }).First.ClickAsync();

        await Expect(panel.Page.GetByText("is asked at the next look")).ToBeVisibleAsync();
        desk.Services.Checked.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_viewer_sees_the_panel_without_its_actions()
    {
        var panel = await Open(Provider.Victor, "Ana Costa");

        await Expect(panel.Locator("[data-platform=instagram] .data-types")).ToBeVisibleAsync();
        await Expect(panel.Locator(".panel-actions")).ToHaveCountAsync(0);
    }

    private async Task<ILocator> Open(Person person, string creator)
    {
        var page = await desk.SignIn(person, $"/campaigns/{Services.SpringGlow}/creators");
        await page.GetByRole(AriaRole.Button, new() { Name = $"View the connections of {creator}" }).ClickAsync();
        var panel = page.Locator(".panel");
        await Expect(panel.Locator("[data-platform=tiktok]")).ToBeVisibleAsync();
        return panel;
    }
}
