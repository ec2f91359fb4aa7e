using Microsoft.Playwright;
using WebConsole.Tests.Outside;
using static Microsoft.Playwright.Assertions;

namespace WebConsole.Tests.Journeys;

[Collection(SecondDeskCollection.Name)]
public sealed class LiveJourneys(Desk desk)
{
    [Fact]
    public async Task The_dashboard_follows_what_happens_and_comes_back_after_a_break()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var services = await Services.Start();
        await using var console = await ConsoleProcess.Start(desk.Provider.Address, services);
        var page = await desk.Browser();
        await page.GotoAsync($"{console.Address}/campaigns/{Services.TrailAndTide}");
        await page.GetByRole(AriaRole.Link, new() { Name = Provider.Maya.Name }).ClickAsync();
        await Expect(page.GetByText("42 creators")).ToBeVisibleAsync();
        await services.Watched(ct);

        services.Leave(Services.TrailAndTide);
        await Expect(page.GetByText("41 creators")).ToBeVisibleAsync();
        services.HangUp();
        await services.Watched(ct);
        services.Leave(Services.TrailAndTide);

        await Expect(page.GetByText("40 creators")).ToBeVisibleAsync();
        services.CameBackWith.ShouldBe(["", "102"]);
    }

    [Fact]
    public async Task The_bars_of_the_campaigns_move_while_the_list_is_open()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var services = await Services.Start();
        await using var console = await ConsoleProcess.Start(desk.Provider.Address, services);
        var page = await desk.Browser();
        await page.GotoAsync($"{console.Address}/campaigns");
        await page.GetByRole(AriaRole.Link, new() { Name = Provider.Maya.Name }).ClickAsync();
        var card = page.Locator($"[data-campaign='{Services.TrailAndTide}']");
        await Expect(card).ToContainTextAsync("42 creators");
        var before = await card.Locator(".bar").First.GetAttributeAsync("aria-label");
        await services.Watched(ct);

        services.Leave(Services.TrailAndTide);

        await Expect(card).ToContainTextAsync("41 creators");
        await Expect(card.Locator(".bar").First).Not.ToHaveAttributeAsync("aria-label", before!);
        await Expect(card.Locator(".campaign-bar-share").First).ToContainTextAsync("of 41");
    }

    [Fact]
    public async Task A_view_is_kept_found_again_and_removed()
    {
        var page = await desk.SignIn(Provider.Maya, $"/campaigns/{Services.SpringGlow}/creators?connection=InstagramInsights:Invalidated&sort=-name");
        await page.GetByRole(AriaRole.Button, new() { Name = "Saved views" }).ClickAsync();
        await page.GetByLabel("Name of the view").FillAsync("Lost Instagram");
        await page.GetByRole(AriaRole.Button, new() { Name = "Keep this view" }).ClickAsync();
        await Expect(page.Locator("[data-view='Lost Instagram']")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Clear all" }).ClickAsync();
        await Expect(page.GetByText("1–50 of 137 creators")).ToBeVisibleAsync();

        await page.Locator("[data-view='Lost Instagram'] a").ClickAsync();
        await Expect(page.GetByText("1–13 of 13 creators")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Saved views" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Remove the view Lost Instagram" }).ClickAsync();

        await Expect(page.Locator("[data-view]")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task A_campaign_switches_a_connection_off_and_inherits_again()
    {
        var page = await desk.SignIn(Provider.Maya, $"/campaigns/{Services.TrailAndTide}/connections");
        var youtube = page.Locator("[data-switch=YouTubeInsights]");
        await Expect(youtube).ToContainTextAsync("On: by default.");

        await youtube.GetByRole(AriaRole.Button, new() { Name = "Off" }).ClickAsync();
        await Expect(youtube).ToContainTextAsync("Off: set in the campaign.");
        await page.GetByRole(AriaRole.Button, new() { Name = "Inherit all from the organization" }).ClickAsync();

        await Expect(youtube).ToContainTextAsync("On: by default.");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Inherit all from the organization" })).ToHaveCountAsync(0);
    }
}
