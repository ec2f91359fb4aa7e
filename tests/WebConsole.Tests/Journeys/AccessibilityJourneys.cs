using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using WebConsole.Tests.Outside;

namespace WebConsole.Tests.Journeys;

/// <summary>axe-core reads every page as a screen reader or a person with weak eyes would.</summary>
[Collection(DeskCollection.Name)]
public sealed class AccessibilityJourneys(Desk desk)
{
    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task No_page_has_a_serious_accessibility_fault(ColorScheme colours)
    {
        var faults = new List<string>();
        var page = await desk.SignIn(Provider.Maya, colours: colours);
        await page.Locator("[data-campaign] .bar").First.WaitForAsync();
        faults.AddRange(await Faults(page, "campaigns"));

        await page.GotoAsync($"{desk.Address}/campaigns/{Services.SpringGlow}");
        await Desk.Answers(page);
        faults.AddRange(await Faults(page, "dashboard"));

        await page.GotoAsync($"{desk.Address}/campaigns/{Services.SpringGlow}/creators?type=InstagramInsights&status=Expired&missing=true");
        await Desk.Answers(page);
        await page.GetByLabel("Select every creator on this page").CheckAsync();
        await page.Locator(".bottom-bar").WaitForAsync();
        faults.AddRange(await Faults(page, "creators"));

        await page.GetByRole(AriaRole.Button, new() { Name = "View the connections of" }).First.ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Show history" }).First.ClickAsync();
        await page.Locator(".history li").First.WaitForAsync();
        faults.AddRange(await Faults(page, "panel"));
        await page.Keyboard.PressAsync("Escape");
        await page.Locator(".panel").WaitForAsync(new() { State = WaitForSelectorState.Detached });

        await page.GetByRole(AriaRole.Button, new() { Name = "Outreach" }).ClickAsync();
        await page.GetByText("Send Outreach").ClickAsync();
        await page.GetByLabel("Templates").ClickAsync();
        await page.Locator("[data-template=creator-hub-invitation]").ClickAsync();
        await page.Locator(".preview-message").WaitForAsync();
        faults.AddRange(await Faults(page, "outreach"));

        faults.ShouldBeEmpty();
    }

    private static async Task<IEnumerable<string>> Faults(IPage page, string where)
    {
        // Colours on their way from one to the other are not what people read.
        await page.EvaluateAsync("() => Promise.all(document.getAnimations().filter(one => one.effect?.getComputedTiming().endTime !== Infinity).map(one => one.finished.catch(() => null)))");
        var result = await page.RunAxe();
        return result.Violations.Where(fault => fault.Impact is "serious" or "critical")
            .Select(fault => $"{where}: {fault.Id}: {string.Join(" | ", fault.Nodes.Take(4).Select(node => node.Html[..Math.Min(node.Html.Length, 240)]))}");
    }
}
