using Microsoft.Playwright;
using WebConsole.Tests.Outside;
using static Microsoft.Playwright.Assertions;

namespace WebConsole.Tests.Journeys;

[Collection(DeskCollection.Name)]
public sealed class CampaignJourneys(Desk desk)
{
    [Fact]
    public async Task A_manager_goes_from_the_campaigns_to_the_creators_who_lost_access()
    {
        var page = await desk.SignIn(Provider.Maya);
        await page.GetByRole(AriaRole.Link, new() { Name = "Spring Glow 2027" }).ClickAsync();
        await page.GetByText("Metrics and content may not be accurately included.").WaitForAsync();

        await page.Locator("[data-type=InstagramInsights] a[data-status=Invalidated]").ClickAsync();

        await Expect(page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("/creators\\?type=InstagramInsights&status=Invalidated$"));
        await Expect(page.Locator("tr[data-creator]")).ToHaveCountAsync(13);
        await Expect(page.Locator("tr[data-creator] td[data-type=InstagramInsights] .status")).ToContainTextAsync(Enumerable.Repeat("Invalidated", 13));
    }

    [Fact]
    public async Task Filters_follow_the_mouse_into_the_address_and_the_address_brings_them_back()
    {
        var page = await desk.SignIn(Provider.Maya, $"/campaigns/{Services.SpringGlow}/creators");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add filter" }).ClickAsync();
        await page.Locator("[data-filter-type=TikTokInsights]").ClickAsync();
        await page.Locator("[data-filter-status=Expired]").ClickAsync();
        await Expect(page.Locator("[data-filter-status=Expired]")).ToHaveAttributeAsync("aria-pressed", "true");
        await page.Locator("[data-filter-status=NotConnected]").ClickAsync();
        await Expect(page.GetByText("1–37 of 37 creators")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Filter settings" }).ClickAsync();
        await page.Locator("[data-filter-missing]").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Remove the missing connections filter" })).ToBeVisibleAsync();

        await page.ReloadAsync();
        await Desk.Answers(page);

        await Expect(page.Locator("[data-filter-status=Expired]")).ToHaveAttributeAsync("aria-pressed", "true");
        await Expect(page.Locator("[data-filter-status=Connected]")).ToHaveAttributeAsync("aria-pressed", "false");
        await Expect(page.GetByText("1–37 of 37 creators")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Searching_finds_creators_while_the_name_is_typed()
    {
        var page = await desk.SignIn(Provider.Maya, $"/campaigns/{Services.SpringGlow}/creators");

        await page.GetByLabel("Search creators by name or handle").PressSequentiallyAsync("chiara r");

        await Expect(page.Locator("tr[data-creator]")).ToHaveCountAsync(1);
        await Expect(page.Locator(".creator-name")).ToHaveTextAsync("Chiara Ricci");
    }

    [Fact]
    public async Task Fix_all_opens_the_message_that_mends_it_for_everybody_concerned()
    {
        var page = await desk.SignIn(Provider.Maya, $"/campaigns/{Services.SpringGlow}");
        await Expect(page.Locator(".trend .spark")).ToBeVisibleAsync();

        await page.Locator("[data-fix=reconnect-request]").ClickAsync();

        var dialog = page.GetByRole(AriaRole.Dialog);
        await Expect(dialog.Locator(".send")).ToContainTextAsync("Send to");
        await Expect(dialog.Locator(".preview-message")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task The_list_is_exported_as_it_is_filtered()
    {
        var page = await desk.SignIn(Provider.Maya, $"/campaigns/{Services.SpringGlow}/creators?connection=InstagramInsights:Invalidated&search=zzz");
        await page.GetByRole(AriaRole.Searchbox).FillAsync("");
        await Expect(page.Locator("tr[data-creator]")).ToHaveCountAsync(13);

        var download = await page.RunAndWaitForDownloadAsync(() => page.GetByRole(AriaRole.Link, new() { Name = "Export" }).ClickAsync());

        download.SuggestedFilename.ShouldBe("Spring Glow 2027 creators.csv");
        (await File.ReadAllLinesAsync(await download.PathAsync(), TestContext.Current.CancellationToken)).Length.ShouldBe(14);
    }

    [Fact]
    public async Task View_opens_the_panel_with_the_history_and_Escape_closes_it()
    {
        var page = await desk.SignIn(Provider.Maya, $"/campaigns/{Services.SpringGlow}/creators");
        await page.GetByRole(AriaRole.Button, new() { Name = "View the connections of Ana Costa" }).ClickAsync();
        var panel = page.GetByRole(AriaRole.Dialog);
        await Expect(panel.Locator("[data-platform=instagram]")).ToContainTextAsync("The creator removed our access on the platform");
        await Expect(panel.Locator("[data-platform=instagram]")).ToContainTextAsync("Ask Ana to reconnect");
        await panel.Locator("[data-platform=instagram]").GetByRole(AriaRole.Button, new() { Name = "Show history" }).ClickAsync();
        await Expect(panel.Locator("[data-platform=instagram] .history li")).ToHaveCountAsync(2);

        await page.Keyboard.PressAsync("Escape");

        await Expect(panel).ToHaveCountAsync(0);
        new Uri(page.Url).Query.ShouldBe("");
    }

    [Fact]
    public async Task Outreach_is_previewed_sent_once_and_followed_until_everybody_has_a_verdict()
    {
        var page = await desk.SignIn(Provider.Maya, $"/campaigns/{Services.SpringGlow}/creators");
        foreach (var name in (string[])["Ana Costa", "Björn Dahl", "Chiara Ricci"])
        {
            await page.GetByLabel($"Select {name}", new() { Exact = true }).CheckAsync();
        }

        await page.GetByRole(AriaRole.Button, new() { Name = "Outreach", Exact = true }).ClickAsync();
        await page.GetByText("Send Outreach").ClickAsync();
        await page.GetByLabel("Templates").ClickAsync();
        await page.Locator("[data-template=creator-hub-invitation]").ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await Expect(dialog.Locator(".preview-item").First).ToContainTextAsync("Skipped: Has connected every account this campaign asks for");
        await Expect(dialog.Locator(".preview-message")).ToContainTextAsync("Hi Ana,");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Send to 2 creators" }).ClickAsync();

        await Expect(dialog.GetByText("Everybody has a verdict: 2 sent, 1 skipped, 0 failed.")).ToBeVisibleAsync();
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Done" }).ClickAsync();
        await Expect(page.Locator(".bottom-bar")).ToHaveCountAsync(0);
        var batch = desk.Services.Batches.Single(batch => batch.Creators.Length == 3);
        (batch.Campaign, batch.Template).ShouldBe((Services.SpringGlow, "creator-hub-invitation"));
        batch.Creators.ShouldBeUnique();
        desk.Services.IdempotencyKeys.ShouldAllBe(key => key.Length > 0);
    }

    [Fact]
    public async Task Select_all_reaches_the_whole_filter_and_not_only_the_page()
    {
        var page = await desk.SignIn(Provider.Maya, $"/campaigns/{Services.SpringGlow}/creators?type=YouTubeInsights&status=Connected");
        await page.GetByLabel("Select the 50 creators loaded").CheckAsync();
        await Expect(page.GetByText("50 selected")).ToBeVisibleAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Select all 88 that match" }).ClickAsync();

        await Expect(page.GetByText("88 selected: all that match")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Outreach", Exact = true }).ClickAsync();
        await page.GetByText("Send Outreach").ClickAsync();
        await page.GetByLabel("Templates").ClickAsync();
        await page.Locator("[data-template=reconnect-request]").ClickAsync();
        var send = page.GetByRole(AriaRole.Dialog).Locator(".send");
        await Expect(send).ToContainTextAsync("creators");
        await send.ClickAsync();
        await Expect(page.Locator("[data-outreach-status=Completed]")).ToBeVisibleAsync();
        desk.Services.Batches.Single(batch => batch.Filter is not null).Filter.ShouldBe("type=YouTubeInsights&status=Connected");
    }

    [Fact]
    public async Task A_viewer_sees_the_creators_and_no_way_to_write_to_them()
    {
        var page = await desk.SignIn(Provider.Victor, $"/campaigns/{Services.SpringGlow}/creators");

        await Expect(page.Locator("tr[data-creator]")).ToHaveCountAsync(50);
        await Expect(page.GetByRole(AriaRole.Checkbox)).ToHaveCountAsync(0);
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "View the connections of Ana Costa" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task What_a_role_may_not_do_is_not_shown_and_its_pages_do_not_open()
    {
        var page = await desk.SignIn(Provider.Maya);
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Settings" })).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Operations" })).ToHaveCountAsync(0);

        await page.GotoAsync($"{desk.Address}/operations");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Your role does not open this page" })).ToBeVisibleAsync();

        var admin = await desk.SignIn(Provider.Ada);
        await admin.GetByRole(AriaRole.Link, new() { Name = "Operations" }).ClickAsync();
        await Expect(admin.GetByRole(AriaRole.Heading, new() { Name = "Operations" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task An_unknown_campaign_is_told_in_the_words_of_the_service()
    {
        var page = await desk.SignIn(Provider.Maya, $"/campaigns/{Services.Unknown}");

        await Expect(page.Locator(".trouble[data-code='campaign.unknown']")).ToContainTextAsync("There is no campaign with this id.");
    }

    [Fact]
    public async Task A_campaign_without_creators_says_so()
    {
        var page = await desk.SignIn(Provider.Maya, $"/campaigns/{Services.Quiet}/creators");

        await Expect(page.GetByText("No creators yet")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_service_that_is_away_is_named_and_trying_again_finds_it_back()
    {
        await using var services = await Services.Start();
        await using var console = await ConsoleProcess.Start(desk.Provider.Address, services);
        services.GoAway("campaign");
        var page = await desk.Browser();
        await page.GotoAsync($"{console.Address}/campaigns/{Services.SpringGlow}");
        await page.GetByRole(AriaRole.Link, new() { Name = Provider.Maya.Name }).ClickAsync();
        // The page is drawn once by the server and once more when it answers to clicks: the second asks again.
        await Expect(page.Locator("main[data-interactive=true] .trouble")).ToContainTextAsync("The campaign service does not answer right now.");
        services.Return();

        await page.GetByRole(AriaRole.Button, new() { Name = "Try again" }).ClickAsync();

        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Spring Glow 2027" })).ToBeVisibleAsync();
        await Expect(page.Locator(".trouble")).ToHaveCountAsync(0);
    }

    [Theory]
    [InlineData(ColorScheme.Light, "light")]
    [InlineData(ColorScheme.Dark, "dark")]
    public async Task The_colours_follow_the_system_until_somebody_chooses(ColorScheme system, string expected)
    {
        var page = await desk.SignIn(Provider.Maya, colours: system);
        await Expect(page.Locator("html")).ToHaveAttributeAsync("data-theme", expected);
        var other = expected == "dark" ? "light" : "dark";

        await page.GetByRole(AriaRole.Button, new() { Name = "Colours" }).ClickAsync();
        await page.Locator($"[data-theme-choice={other}]").ClickAsync();

        await Expect(page.Locator("html")).ToHaveAttributeAsync("data-theme", other);
        await page.ReloadAsync();
        await Expect(page.Locator("html")).ToHaveAttributeAsync("data-theme", other);
    }

    [Theory]
    [InlineData("/campaigns")]
    [InlineData("/campaigns/0198f000-0000-7000-8000-000000000001")]
    [InlineData("/campaigns/0198f000-0000-7000-8000-000000000001/creators")]
    public async Task On_a_phone_nothing_scrolls_sideways(string path)
    {
        var page = await desk.SignIn(Provider.Maya, path, width: 390);

        (await page.EvaluateAsync<int>("document.documentElement.scrollWidth")).ShouldBeLessThanOrEqualTo(390);
    }

    [Fact]
    public async Task On_a_phone_the_creators_are_sorted_by_a_menu()
    {
        var page = await desk.SignIn(Provider.Maya, $"/campaigns/{Services.SpringGlow}/creators", width: 390, height: 844);
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Creator", Exact = true })).Not.ToBeVisibleAsync();

        await page.GetByLabel("Sort by").SelectOptionAsync("Name, Z to A");

        await Expect(page).ToHaveURLAsync($"{desk.Address}/campaigns/{Services.SpringGlow}/creators?sort=-name");
        await Expect(page.Locator("[data-creator] .creator-name").First).ToHaveTextAsync("Quentin Kowalska");
        await Expect(page.GetByLabel("Sort by")).ToHaveValueAsync("-name");
        await page.SetViewportSizeAsync(1280, 900);
        await Expect(page.GetByLabel("Sort by")).Not.ToBeVisibleAsync();
    }
}
