using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace WebConsole.Tests.Outside;

/// <summary>One desk for many journeys: the services and the provider, a console process, and Debian's Chromium.</summary>
public sealed class Desk : IAsyncLifetime
{
    private IPlaywright? playwright;
    private IBrowser? browser;
    private ConsoleProcess? console;
    private readonly List<(string? Test, IBrowserContext Context)> open = [];

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

    /// <summary>A browser nobody has used before. It is closed when another test asks for one: a page that is left open goes on, on the same few cores.</summary>
    public async Task<IPage> Browser(ColorScheme colours = ColorScheme.Light, int width = 1280, int height = 900, string? zone = null)
    {
        var test = TestContext.Current.Test?.UniqueID;
        foreach (var (_, left) in open.Where(one => one.Test != test))
        {
            await left.CloseAsync();
        }

        open.RemoveAll(one => one.Test != test);
        var context = await browser!.NewContextAsync(new() { ColorScheme = colours, ViewportSize = new() { Width = width, Height = height }, TimezoneId = zone });
        open.Add((test, context));
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

/// <summary>A second desk, with services, a console and a browser of its own: neither a browser nor a console at work for it keeps two cores busy.</summary>
[CollectionDefinition(Name)]
public sealed class SecondDeskCollection : ICollectionFixture<Desk>
{
    public const string Name = "second desk";
}
