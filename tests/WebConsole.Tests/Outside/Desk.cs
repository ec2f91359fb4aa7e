using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace WebConsole.Tests.Outside;

/// <summary>One desk for all journeys: the services and the provider, a console process, and Debian's Chromium.</summary>
public sealed class Desk : IAsyncLifetime
{
    private IPlaywright? playwright;
    private IBrowser? browser;
    private ConsoleProcess? console;

    public Services Services { get; private set; } = null!;

    public Provider Provider { get; private set; } = null!;

    public string Address => console!.Address;

    public async ValueTask InitializeAsync()
    {
        Services = await Services.Start();
        Provider = await Provider.Start();
        console = await ConsoleProcess.Start(Provider.Address, Services);
        // Patience for a busy machine: what is expected comes, only later.
        SetDefaultExpectTimeout(30_000);
        playwright = await Playwright.CreateAsync();
        browser = await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Environment.GetEnvironmentVariable("CHROMIUM") ?? "/usr/bin/chromium",
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
    }

    /// <summary>A browser nobody has used before.</summary>
    public async Task<IPage> Browser(ColorScheme colours = ColorScheme.Light, int width = 1280, int height = 900, string? zone = null)
    {
        var context = await browser!.NewContextAsync(new() { ColorScheme = colours, ViewportSize = new() { Width = width, Height = height }, TimezoneId = zone });
        context.SetDefaultTimeout(60_000);
        return await context.NewPageAsync();
    }

    /// <summary>Signs in and waits until the page answers to clicks.</summary>
    public async Task<IPage> SignIn(Person person, string path = "/campaigns", ColorScheme colours = ColorScheme.Light, int width = 1280, int height = 900, string? zone = null)
    {
        var page = await Browser(colours, width, height, zone);
        await page.GotoAsync($"{Address}{path}");
        await page.GetByRole(AriaRole.Link, new() { Name = person.Name }).ClickAsync();
        await Answers(page);
        return page;
    }

    public static Task Answers(IPage page) => page.Locator("main[data-interactive=true]").WaitForAsync();

    public async ValueTask DisposeAsync()
    {
        if (browser is not null)
        {
            await browser.DisposeAsync();
        }

        playwright?.Dispose();
        if (console is not null)
        {
            await console.DisposeAsync();
        }

        await Provider.DisposeAsync();
        await Services.DisposeAsync();
    }
}

[CollectionDefinition(Name)]
public sealed class DeskCollection : ICollectionFixture<Desk>
{
    public const string Name = "desk";
}
