using Microsoft.Playwright;
using WebConsole.Tests.Outside;
using static Microsoft.Playwright.Assertions;

namespace WebConsole.Tests.Journeys;

[Collection(DeskCollection.Name)]
public sealed class OperationsJourneys(Desk desk)
{
    [Fact]
    public async Task An_admin_sees_an_incident_what_helps_and_its_history_and_resumes_the_platform()
    {
        var page = await desk.SignIn(Provider.Ada, "/operations");
        var youtube = page.Locator("[data-platform=youtube]");
        await Expect(youtube.Locator("[data-state=Incident]")).ToBeVisibleAsync();
        await Expect(youtube).ToContainTextAsync("no connection is changed");
        await youtube.GetByRole(AriaRole.Button, new() { Name = "Show incidents" }).ClickAsync();
        await Expect(youtube).ToContainTextAsync("212 calls failed, 3 went well. Ended by itself");

        await youtube.GetByRole(AriaRole.Button, new() { Name = "Resume YouTube" }).ClickAsync();

        await Expect(youtube.Locator("[data-state=Running]")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Pausing_a_platform_is_asked_twice()
    {
        var page = await desk.SignIn(Provider.Ada, "/operations");
        var tiktok = page.Locator("[data-platform=tiktok]");
        await tiktok.GetByRole(AriaRole.Button, new() { Name = "Pause…" }).ClickAsync();
        await Expect(tiktok.GetByRole(AriaRole.Alert)).ToContainTextAsync("Nothing is refreshed while it is paused.");

        await tiktok.GetByRole(AriaRole.Button, new() { Name = "Pause TikTok" }).ClickAsync();

        await Expect(tiktok.Locator("[data-state=Paused]")).ToBeVisibleAsync();
        await Expect(tiktok).ToContainTextAsync("by ada");
    }

    [Fact]
    public async Task Every_service_says_how_it_is_and_what_helps()
    {
        var page = await desk.SignIn(Provider.Ada, "/operations");

        await Expect(page.Locator("[data-service=campaign]")).ToContainTextAsync("Healthy");
        await Expect(page.Locator("[data-service=outreach] [data-check=dead-letters]")).ToContainTextAsync("Messages were laid aside");
    }
}
