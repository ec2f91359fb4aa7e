using System.Text.RegularExpressions;
using Microsoft.Playwright;
using WebConsole.Tests.Outside;
using static Microsoft.Playwright.Assertions;

namespace WebConsole.Tests.Journeys;

/// <summary>A campaign of many creators is one list: only what is near the window is there, and nobody notices.</summary>
[Collection(SecondDeskCollection.Name)]
public sealed class LongListJourneys(Desk desk)
{
    private const int Most = 200;
    private static readonly string Creators = $"/campaigns/{Services.Crowd}/creators";

    [Theory]
    [InlineData(1280, 900)]
    [InlineData(390, 844)]
    public async Task Hundreds_are_scrolled_through_while_the_page_holds_a_few_and_the_way_back_shows_the_same(int width, int height)
    {
        var page = await desk.SignIn(Provider.Maya, Creators, width: width, height: height);
        await Expect(Status(page)).ToHaveTextAsync("1–50 of 640 creators");

        // What a window holds is shown first, and the rest of the page a moment later.
        await Expect(page.Locator("tr[data-creator][aria-rowindex='51']")).ToBeAttachedAsync();
        var names = (await page.Locator(".creator-name").AllTextContentsAsync()).Take(50);

        await ScrollDown(page, 441, async () => (await page.Locator("tr[data-creator]").CountAsync()).ShouldBeLessThanOrEqualTo(Most));

        await Expect(Status(page)).ToHaveTextAsync("451–640 of 640 creators");
        await Expect(page.GetByText("Load more")).ToHaveCountAsync(0);
        await Expect(page.Locator("tr[data-creator]").Last).ToHaveAttributeAsync("aria-rowindex", "641");
        (await page.EvaluateAsync<int>("document.documentElement.scrollWidth")).ShouldBeLessThanOrEqualTo(width);

        for (var up = 0; !(await Status(page).TextContentAsync())!.StartsWith("1–", StringComparison.Ordinal); up++)
        {
            up.ShouldBeLessThan(400, "The beginning never comes.");
            (await page.Locator("tr[data-creator]").CountAsync()).ShouldBeLessThanOrEqualTo(Most);
            await page.Mouse.WheelAsync(0, -2_000);
            await Painted(page);
        }

        await page.EvaluateAsync("scrollTo(0, 0)");
        await Expect(page.Locator("tr[data-creator]").First).ToHaveAttributeAsync("aria-rowindex", "2");
        (await page.Locator(".creator-name").AllTextContentsAsync()).Take(50).ShouldBe(names);
    }

    [Fact]
    public async Task What_is_being_read_stays_where_it_is_while_blocks_come_and_go()
    {
        var page = await desk.SignIn(Provider.Maya, Creators);
        await ScrollDown(page, 251);

        for (var up = 0; up < 6; up++)
        {
            await page.EvaluateAsync("scrollBy(0, -1500)");
            // The row in the middle of the window, before and after everything that follows has come to rest.
            var (id, top) = await Middle(page);
            await Rest(page);
            (await page.EvaluateAsync<double>("id => document.querySelector(`[data-creator='${id}']`).getBoundingClientRect().top", id)).ShouldBe(top, 1.5);
        }
    }

    [Fact]
    public async Task A_jump_to_where_nothing_is_held_finds_the_rows_that_stood_there()
    {
        var page = await desk.SignIn(Provider.Maya, Creators);
        await ScrollDown(page, 451);

        await page.EvaluateAsync("scrollTo(0, document.documentElement.scrollHeight / 4)");
        await Rest(page);
        var (id, _) = await Middle(page);
        await Expect(page.Locator($"[data-creator='{id}']")).ToHaveAttributeAsync("aria-rowindex", new Regex("^1[0-9][0-9]$"));
        await page.GetByRole(AriaRole.Button, new() { Name = "Back to the top" }).ClickAsync();

        await Expect(page.Locator("tr[data-creator]").First).ToHaveAttributeAsync("aria-rowindex", "2");
        await Expect(page.GetByLabel("Select Ana Costa", new() { Exact = true })).ToBeInViewportAsync();
    }

    [Fact]
    public async Task A_selection_outlives_the_rows_it_was_made_in_and_the_heading_takes_what_is_loaded()
    {
        var page = await desk.SignIn(Provider.Maya, Creators);
        await page.GetByLabel("Select Ana Costa", new() { Exact = true }).CheckAsync();
        await ScrollDown(page, 251);
        await Expect(page.GetByLabel("Select Ana Costa", new() { Exact = true })).ToHaveCountAsync(0);
        await Expect(page.GetByText("1 selected")).ToBeVisibleAsync();

        await page.GetByLabel("Select the 200 creators loaded").CheckAsync();
        await Expect(page.GetByText("201 selected")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Back to the top" }).ClickAsync();

        await Expect(page.GetByLabel("Select Ana Costa", new() { Exact = true })).ToBeCheckedAsync();
        await Expect(page.GetByLabel("Select Björn Dahl", new() { Exact = true })).Not.ToBeCheckedAsync();
    }

    [Fact]
    public async Task The_tab_key_goes_on_from_the_last_row_of_a_block_into_the_next()
    {
        var page = await desk.SignIn(Provider.Maya, Creators);
        await Expect(page.Locator("tr[data-creator]")).ToHaveCountAsync(50);

        await page.Locator("tr[data-creator]").Last.GetByRole(AriaRole.Button, new() { Name = "View the connections" }).FocusAsync();
        await Expect(page.Locator("[data-block='1'] tr")).ToHaveCountAsync(50);
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.PressAsync("Space");

        await Expect(page.Locator("[data-block='1'] tr").First.GetByRole(AriaRole.Checkbox)).ToBeCheckedAsync();
    }

    [Fact]
    public async Task Where_nothing_is_observed_a_button_loads_more_and_goes_on_to_the_first_of_it()
    {
        var page = await desk.SignIn(Provider.Maya);
        await page.AddInitScriptAsync("window.IntersectionObserver = class { observe() { } unobserve() { } disconnect() { } };");
        await page.GotoAsync($"{desk.Address}{Creators}");
        await Desk.Answers(page);

        for (var loaded = 100; loaded <= 300; loaded += 50)
        {
            await page.GetByRole(AriaRole.Button, new() { Name = "Load more" }).PressAsync("Enter");
            await Expect(Status(page)).ToHaveTextAsync($"{Math.Max(1, loaded - Most + 1)}–{loaded} of 640 creators");
            await Expect(page.Locator($"[data-block='{(loaded / 50) - 1}'] tr").First.GetByRole(AriaRole.Checkbox)).ToBeFocusedAsync();
        }
    }

    [Fact]
    public async Task Another_order_or_filter_starts_at_the_top()
    {
        var page = await desk.SignIn(Provider.Maya, Creators);
        await ScrollDown(page, 151);

        await page.GetByRole(AriaRole.Button, new() { Name = "Creator", Exact = true }).ClickAsync();

        await Expect(Status(page)).ToHaveTextAsync("1–50 of 640 creators");
        await Expect(page.Locator("tr[data-creator]").First).ToBeInViewportAsync();
        await Expect(page.Locator("tr[data-creator]").First).ToHaveAttributeAsync("aria-rowindex", "2");
    }

    [Fact]
    public async Task Whoever_comes_back_from_the_page_of_an_outreach_finds_the_place_again()
    {
        var page = await desk.SignIn(Provider.Maya, Creators);
        await ScrollDown(page, 251);
        var link = page.Locator("[data-block='7'] .outreach-link").First;
        await link.ScrollIntoViewIfNeededAsync();
        await Rest(page);
        var before = await link.BoundingBoxAsync();

        await link.ClickAsync();
        await Expect(page).ToHaveURLAsync(new Regex("/outreach/"));
        await Expect(page.Locator("tr[data-creator]")).ToHaveCountAsync(0);
        await page.GoBackAsync();

        await Expect(link).ToBeInViewportAsync();
        await Rest(page);
        (await link.BoundingBoxAsync())!.Y.ShouldBe(before!.Y, 1.5f);
        await page.EvaluateAsync("scrollTo(0, 0)");
        await Expect(page.GetByLabel("Select Ana Costa", new() { Exact = true })).ToBeInViewportAsync();
    }

    [Fact]
    public async Task The_panel_of_a_creator_opens_over_the_list_and_leaves_it_where_it_was()
    {
        var page = await desk.SignIn(Provider.Maya, Creators);
        await ScrollDown(page, 251);
        var (id, top) = await Middle(page);
        await page.Locator($"[data-creator='{id}'] .cell-view button").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
        new Uri(page.Url).Query.ShouldBe($"?creator={id}");
        // It listens to keys once it has the focus.
        await Expect(page.GetByRole(AriaRole.Dialog).Locator(":focus")).ToHaveCountAsync(1);

        await page.Keyboard.PressAsync("Escape");

        await Expect(page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
        (await page.EvaluateAsync<double>("id => document.querySelector(`[data-creator='${id}']`).getBoundingClientRect().top", id)).ShouldBe(top, 1.5);
    }

    [Fact]
    public async Task An_address_kept_from_when_the_list_had_pages_opens_there_and_offers_the_top()
    {
        var page = await desk.SignIn(Provider.Maya, $"{Creators}?cursor={desk.Services.CreatorAt(Services.Crowd, 99)}&page=3");
        await Expect(Status(page)).ToHaveTextAsync("101–150 of 640 creators");
        await Expect(page.Locator("tr[data-creator]").First).ToHaveAttributeAsync("aria-rowindex", "102");

        await page.GetByRole(AriaRole.Link, new() { Name = "Back to the top" }).ClickAsync();

        await Expect(Status(page)).ToHaveTextAsync("1–50 of 640 creators");
        new Uri(page.Url).Query.ShouldBe("");
    }

    [Fact]
    public async Task An_address_whose_cursor_leads_nowhere_says_so_and_offers_the_top()
    {
        var page = await desk.SignIn(Provider.Maya, $"{Creators}?cursor={Guid.Empty}&page=3");
        await Expect(page.Locator(".trouble")).ToContainTextAsync("This cursor leads nowhere any more.");

        await page.GetByRole(AriaRole.Link, new() { Name = "Back to the top" }).ClickAsync();

        await Expect(Status(page)).ToHaveTextAsync("1–50 of 640 creators");
    }

    [Fact]
    public async Task A_service_that_goes_away_in_the_middle_leaves_what_is_loaded_and_goes_on_where_it_stopped()
    {
        await using var services = await Services.Start();
        await using var console = await ConsoleProcess.Start(desk.Provider.Address, services);
        var page = await Open(console, Creators);
        await Expect(page.Locator("tr[data-creator]")).ToHaveCountAsync(50);
        services.GoAway("campaign");

        await page.EvaluateAsync("scrollTo(0, document.documentElement.scrollHeight)");
        await Expect(page.Locator(".gap-end .trouble")).ToContainTextAsync("The campaign service does not answer right now.");
        await Expect(page.Locator("tr[data-creator]")).ToHaveCountAsync(50);
        services.Return();
        await page.GetByRole(AriaRole.Button, new() { Name = "Try again" }).ClickAsync();

        await Expect(Status(page)).ToHaveTextAsync(new Regex("^1–1[05]0 of 640 creators$"));
        await Expect(page.Locator(".trouble")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Who_is_put_on_the_campaign_or_taken_off_shows_in_the_open_list()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var services = await Services.Start();
        await using var console = await ConsoleProcess.Start(desk.Provider.Address, services);
        var page = await Open(console, Creators);
        await Expect(Status(page)).ToHaveTextAsync("1–50 of 640 creators");
        await services.Watched(ct);

        services.Join(Services.Crowd, "Zoë Newcomer", behind: "Ana Costa");
        await Expect(page.Locator("tr[data-creator]").Nth(1)).ToContainTextAsync("Zoë Newcomer");
        await Expect(Status(page)).ToHaveTextAsync("1–50 of 641 creators");
        await Expect(page.Locator(".page-head")).ToContainTextAsync("641 creators");
        services.Leave(Services.Crowd, "Björn Dahl");

        await Expect(page.Locator("tr[data-creator]").Nth(2)).ToContainTextAsync("Chiara Ricci");
        await Expect(Status(page)).ToHaveTextAsync("1–50 of 640 creators");
        await Expect(page.Locator(".page-head")).ToContainTextAsync("640 creators");
    }

    /// <summary>Scrolls as people do until the rows that are there begin at this one or behind it.</summary>
    internal static async Task ScrollDown(IPage page, int to, Func<Task>? look = null)
    {
        for (var down = 0; int.Parse(Regex.Replace((await Status(page).TextContentAsync())!.Split('–')[0], "\\D", ""), null) < to; down++)
        {
            down.ShouldBeLessThan(400, "The end never comes.");
            await (look?.Invoke() ?? Task.CompletedTask);
            await page.Mouse.WheelAsync(0, 2_000);
            await Painted(page);
        }

        await Rest(page);
    }

    private static ILocator Status(IPage page) => page.Locator(".list-foot [role=status]");

    private static Task Painted(IPage page) => page.EvaluateAsync("() => new Promise(told => requestAnimationFrame(() => setTimeout(told)))");

    // Nothing is being asked for within a screen of the window.
    private static Task Rest(IPage page) => page.WaitForFunctionAsync(
        "() => [...document.querySelectorAll('.gap, [data-more]')].every(one => { const { top, bottom } = one.getBoundingClientRect(); return bottom <= -innerHeight || top >= 2 * innerHeight; })");

    private static async Task<(string Id, double Top)> Middle(IPage page)
    {
        var found = await page.WaitForFunctionAsync(
            """
            () => {
                const row = [...document.querySelectorAll("tr[data-creator]")].find(row => row.getBoundingClientRect().top > innerHeight / 3 && row.getBoundingClientRect().top < innerHeight);
                return row && { id: row.dataset.creator, top: row.getBoundingClientRect().top };
            }
            """);
        var middle = await found.JsonValueAsync<System.Text.Json.JsonElement>();
        return (middle.GetProperty("id").GetString()!, middle.GetProperty("top").GetDouble());
    }

    private async Task<IPage> Open(ConsoleProcess console, string path)
    {
        var page = await desk.Browser();
        await page.GotoAsync($"{console.Address}{path}");
        await page.GetByRole(AriaRole.Link, new() { Name = Provider.Maya.Name }).ClickAsync();
        await Desk.Answers(page);
        return page;
    }
}
