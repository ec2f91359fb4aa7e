using Microsoft.Playwright;
using WebConsole.Tests.Outside;

namespace WebConsole.Tests.Journeys;

/// <summary>
/// Every page, at a desk and on a phone, light and then, as it stands, dark: axe-core reads it as a screen reader or a person with weak eyes would, and nothing scrolls sideways.
/// With SCREENSHOTS set to a folder, each is also pictured there; that is how those of docs/screenshots are made. PAGES set to a part of a name leaves the others out.
/// </summary>
[Collection(DeskCollection.Name)]
public sealed class AccessibilityJourneys(Desk desk)
{
    private static readonly Dictionary<string, (Person Who, Func<Desk, IPage, Task> Walk)> Pages = new()
    {
        ["campaigns"] = (Provider.Maya, async (desk, page) =>
        {
            await Go(desk, page, "/campaigns");
            await page.Locator("[data-campaign] .bar").First.WaitForAsync();
        }
        ),
        ["campaign-dashboard"] = (Provider.Maya, (desk, page) => Go(desk, page, $"/campaigns/{Services.SpringGlow}")),
        ["campaign-creators"] = (Provider.Maya, async (desk, page) =>
        {
            await Go(desk, page, $"/campaigns/{Services.SpringGlow}/creators?type=InstagramInsights&status=Expired,Invalidated&missing=true");
            await page.GetByLabel("Select the 26 creators loaded").CheckAsync();
            await page.Locator(".bottom-bar").WaitForAsync();
        }
        ),
        ["campaign-creators-far-down"] = (Provider.Maya, async (desk, page) =>
        {
            await Go(desk, page, $"/campaigns/{Services.Crowd}/creators");
            await LongListJourneys.ScrollDown(page, 251);
            await page.Locator("[data-block='7'] input").First.CheckAsync();
            await page.Locator(".bottom-bar").WaitForAsync();
        }
        ),
        ["creator-panel"] = (Provider.Maya, async (desk, page) =>
        {
            await Go(desk, page, $"/campaigns/{Services.SpringGlow}/creators");
            await page.GetByRole(AriaRole.Button, new() { Name = "View the connections of Björn Dahl" }).ClickAsync();
            var youtube = page.Locator(".panel [data-platform=youtube]");
            await youtube.GetByRole(AriaRole.Button, new() { Name = "Show insights" }).ClickAsync();
            await youtube.Locator(".spark").WaitForAsync();
            await youtube.GetByRole(AriaRole.Button, new() { Name = "Show history" }).ClickAsync();
            await youtube.Locator(".history li").First.WaitForAsync();
        }
        ),
        ["send-outreach"] = (Provider.Maya, async (desk, page) =>
        {
            await Outreach(desk, page);
            await page.Locator(".preview-text").WaitForAsync();
        }
        ),
        ["send-outreach-edited"] = (Provider.Maya, async (desk, page) =>
        {
            await Outreach(desk, page);
            await page.GetByRole(AriaRole.Button, new() { Name = "Edit the message" }).ClickAsync();
            await page.GetByText("Ask those again who do not act on it").ClickAsync();
            await page.GetByText("Later", new() { Exact = true }).ClickAsync();
            await page.GetByLabel("Send at").WaitForAsync();
        }
        ),
        ["outreach"] = (Provider.Maya, async (desk, page) =>
        {
            await Outreach(desk, page);
            await page.Locator(".mud-dialog .send").ClickAsync();
            await page.GetByRole(AriaRole.Button, new() { Name = "Done" }).WaitForAsync();
            await Go(desk, page, (await page.GetByRole(AriaRole.Link, new() { Name = "Open in a tab of its own" }).GetAttributeAsync("href"))!);
            await page.Locator(".verdict").First.WaitForAsync();
        }
        ),
        ["templates"] = (Provider.Maya, async (desk, page) =>
        {
            await Go(desk, page, "/settings/templates");
            await page.Locator("[data-template]").First.WaitForAsync();
        }
        ),
        ["template-editor"] = (Provider.Maya, async (desk, page) =>
        {
            await Go(desk, page, "/settings/templates/creator-hub-invitation");
            await page.Locator("[data-preview-subject]").WaitForAsync();
            await page.GetByText("Versions").ClickAsync();
            await page.Locator("[data-version]").First.WaitForAsync();
        }
        ),
        ["template-flaw"] = (Provider.Maya, async (desk, page) =>
        {
            await Go(desk, page, "/settings/templates/creator-hub-invitation");
            await page.GetByLabel("Plain text").FillAsync("Hi {{ creator.nickname }}");
            await page.Locator("[data-flaw]").WaitForAsync();
        }
        ),
        ["settings-connections"] = (Provider.Maya, async (desk, page) =>
        {
            await Go(desk, page, "/settings/connections");
            await page.Locator("[data-switch]").First.WaitForAsync();
        }
        ),
        ["campaign-connections"] = (Provider.Maya, async (desk, page) =>
        {
            await Go(desk, page, $"/campaigns/{Services.SpringGlow}/connections");
            await page.Locator("[data-switch]").First.WaitForAsync();
        }
        ),
        ["sender"] = (Provider.Maya, async (desk, page) =>
        {
            await Go(desk, page, "/settings/sender");
            await page.GetByLabel("Quiet from").WaitForAsync();
        }
        ),
        ["suppressions"] = (Provider.Maya, async (desk, page) =>
        {
            desk.Services.Unsubscribe(57, "Unsubscribed");
            desk.Services.Unsubscribe(71, "HardBounce");
            desk.Services.Unsubscribe(88, "Complaint");
            await Go(desk, page, "/settings/suppressions");
            await page.Locator(".rows [data-creator]").First.WaitForAsync();
        }
        ),
        ["suppressions-add"] = (Provider.Maya, async (desk, page) =>
        {
            await Go(desk, page, "/settings/suppressions");
            await page.GetByRole(AriaRole.Button, new() { Name = "Add a creator" }).ClickAsync();
            await page.GetByRole(AriaRole.Button, new() { Name = "Do not write to" }).First.WaitForAsync();
        }
        ),
        ["webhooks"] = (Provider.Ada, async (desk, page) =>
        {
            desk.Services.LeaveWebhooks();
            await Go(desk, page, "/settings/webhooks");
            await page.Locator("[data-endpoint]").First.WaitForAsync();
        }
        ),
        ["webhook-new"] = (Provider.Ada, async (desk, page) =>
        {
            await Go(desk, page, "/settings/webhooks/new");
            await page.GetByLabel("Address").FillAsync("https://crm.aurora.example/hooks");
            await page.GetByLabel("Only these").CheckAsync();
            await page.GetByLabel("Connection granted").CheckAsync();
            await page.EvaluateAsync("scrollTo(0, 0)");
        }
        ),
        ["webhook-secret"] = (Provider.Ada, async (desk, page) =>
        {
            await Go(desk, page, "/settings/webhooks/new");
            await page.GetByLabel("Address").FillAsync("https://crm.aurora.example/hooks");
            await page.GetByRole(AriaRole.Button, new() { Name = "Add the endpoint" }).ClickAsync();
            await page.GetByLabel("Signing secret").WaitForAsync();
        }
        ),
        ["webhook"] = (Provider.Ada, async (desk, page) =>
        {
            desk.Services.LeaveWebhooks();
            await Go(desk, page, $"/settings/webhooks/{Services.StatusBoard}");
            await page.GetByRole(AriaRole.Button, new() { Name = "Send a test event" }).ClickAsync();
            await page.GetByText("Your receiver took it").WaitForAsync();
            await page.EvaluateAsync("scrollTo(0, 0)");
        }
        ),
        ["webhook-log"] = (Provider.Ada, async (desk, page) =>
        {
            await Go(desk, page, $"/settings/webhooks/{Services.StatusBoard}");
            await page.Locator("[data-delivery]").Filter(new() { HasText = "2 attempts" }).GetByRole(AriaRole.Button, new() { Name = "Show the attempts" }).ClickAsync();
            await page.Locator("[data-attempt]").First.WaitForAsync();
        }
        ),
        ["webhook-dead-letters"] = (Provider.Ada, async (desk, page) =>
        {
            await Go(desk, page, "/settings/webhooks/dead-letters");
            await page.Locator("[data-delivery]").First.GetByRole(AriaRole.Button, new() { Name = "Show the attempts" }).ClickAsync();
            await page.Locator("[data-attempt]").First.WaitForAsync();
        }
        ),
        ["replays"] = (Provider.Ada, async (desk, page) =>
        {
            desk.Services.LeaveReplays();
            await Go(desk, page, "/operations");
            await page.Locator("[data-replay]").First.WaitForAsync();
            await page.GetByRole(AriaRole.Button, new() { Name = "Start a replay…" }).ClickAsync();
            await page.GetByLabel("To the queue").FillAsync("webhooks-events");
            await page.Locator("[data-replays]").EvaluateAsync("element => scrollTo(0, element.getBoundingClientRect().top + scrollY - 120)");
        }
        ),
        ["operations"] = (Provider.Ada, async (desk, page) =>
        {
            desk.Services.LeaveDeadLetters();
            await Go(desk, page, "/operations");
            await page.Locator("[data-shard]").First.WaitForAsync();
            await page.Locator("[data-letter]").First.GetByRole(AriaRole.Button, new() { Name = "Discard" }).ClickAsync();
            await page.GetByLabel("Why?").WaitForAsync();
            await page.EvaluateAsync("scrollTo(0, 0)");
        }
        ),
        ["not-allowed"] = (Provider.Maya, async (desk, page) =>
        {
            await page.GotoAsync($"{desk.Address}/operations");
            await page.GetByText("Your role does not open this page").WaitForAsync();
        }
        ),
        ["not-found"] = (Provider.Maya, async (desk, page) =>
        {
            await page.GotoAsync($"{desk.Address}/nowhere");
            await page.GetByText("There is nothing here").WaitForAsync();
        }
        ),
        ["signed-out"] = (Provider.Maya, async (desk, page) =>
        {
            await page.GotoAsync($"{desk.Address}/signed-out");
            await page.GetByText("You are signed out").WaitForAsync();
        }
        ),
    };

    [Theory]
    [InlineData(1440)]
    [InlineData(390)]
    public async Task No_page_has_a_serious_accessibility_fault_and_every_page_fits_its_screen(int width)
    {
        var faults = new List<string>();
        var pages = Pages.Where(page => page.Key.Contains(Environment.GetEnvironmentVariable("PAGES") ?? "", StringComparison.Ordinal)).ToList();
        pages.ShouldNotBeEmpty();
        foreach (var who in pages.Select(page => page.Value.Who).Distinct())
        {
            var page = await desk.SignIn(who, width: width, height: width == 1440 ? 720 : 844);
            foreach (var (name, (_, walk)) in pages.Where(page => page.Value.Who == who))
            {
                await Paint(page, ColorScheme.Light);
                await walk(desk, page);
                await Painted(page, ColorScheme.Light);
                if (Environment.GetEnvironmentVariable("SCREENSHOTS") is { Length: > 0 } folder)
                {
                    await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{name}{(width == 1440 ? "" : "-390")}.png"), Animations = ScreenshotAnimations.Disabled });
                }

                faults.AddRange(await Faults(page, $"{name}, light, {width}"));
                await Paint(page, ColorScheme.Dark);
                if (!await page.Locator("main[data-interactive=true]").IsVisibleAsync())
                {
                    // Nobody is behind this page who could repaint it: it is dark when it is asked for again.
                    await page.ReloadAsync();
                }

                await Painted(page, ColorScheme.Dark);
                faults.AddRange(await Faults(page, $"{name}, dark, {width}"));
            }

            await page.Context.CloseAsync();
        }

        faults.ShouldBeEmpty();
    }

    [Fact]
    public async Task Faults_of_a_page_are_found()
    {
        var page = await desk.Browser();
        await page.SetContentAsync("""<html lang="en"><title>Flawed</title><main><h1>Flawed</h1><img src="data:,"><button></button><iframe title="Within"></iframe></main></html>""");

        (await Axe.Faults(page)).Select(fault => fault.Split(':')[0]).ShouldBe(["button-name", "image-alt", "frame-not-read"], ignoreOrder: true);
    }

    private static async Task Go(Desk desk, IPage page, string path)
    {
        await page.GotoAsync($"{desk.Address}{path}");
        await Desk.Answers(page);
    }

    private static async Task Outreach(Desk desk, IPage page)
    {
        await Go(desk, page, $"/campaigns/{Services.SpringGlow}/creators");
        foreach (var name in (string[])["Ana Costa", "Björn Dahl", "Chiara Ricci", "Dario Moreau", "Elif Yılmaz"])
        {
            await page.GetByLabel($"Select {name}", new() { Exact = true }).CheckAsync();
        }

        await page.GetByRole(AriaRole.Button, new() { Name = "Outreach", Exact = true }).ClickAsync();
        await page.GetByText("Send Outreach").ClickAsync();
        await page.GetByLabel("Templates").ClickAsync();
        await page.Locator("[data-template=creator-hub-invitation]").ClickAsync();
        await page.Locator(".preview-message").WaitForAsync();
    }

    // Colours on their way from one to the other are not what people read, and some set out only while they are being looked at. The cookie is the one theme.js keeps: where it is already true, a
    // page is not asked for a second time while it is read.
    private static async Task Paint(IPage page, ColorScheme colours)
    {
        await page.EmulateMediaAsync(new() { ColorScheme = colours, ReducedMotion = ReducedMotion.Reduce });
        await page.EvaluateAsync("dark => { document.cookie = `theme-dark=${dark}; path=/`; }", colours is ColorScheme.Dark ? 1 : 0);
    }

    private static Task Painted(IPage page, ColorScheme colours) => page.WaitForFunctionAsync(
        """
        dark => {
            const brightness = () => getComputedStyle(document.body).backgroundColor.match(/\d+/g).slice(0, 3).reduce((sum, one) => sum + Number(one), 0);
            return document.readyState === "complete" && (brightness() < 384) === dark;
        }
        """,
        colours is ColorScheme.Dark);

    private static async Task<IEnumerable<string>> Faults(IPage page, string where)
    {
        await page.EvaluateAsync("() => Promise.all(document.getAnimations().filter(one => one.effect?.getComputedTiming().endTime !== Infinity).map(one => one.finished.catch(() => null)))");
        // A frame that may run no script cannot be read from within: it must have a title, and is taken away.
        var untitled = await page.EvaluateAsync<int>("() => [...document.querySelectorAll('iframe[sandbox]')].map(frame => { frame.remove(); return frame.title; }).filter(title => !title).length");
        var found = await Axe.Faults(page);
        var wide = await page.EvaluateAsync<bool>("document.documentElement.scrollWidth > window.innerWidth");
        return found.Select(fault => $"{where}: {fault}")
            .Concat(wide ? [$"{where}: scrolls sideways"] : [])
            .Concat(untitled > 0 ? [$"{where}: a frame without a title"] : []);
    }
}
