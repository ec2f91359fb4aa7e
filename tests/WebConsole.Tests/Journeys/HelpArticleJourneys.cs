using System.Text.RegularExpressions;
using Microsoft.Playwright;
using WebConsole.Tests.Outside;
using static Microsoft.Playwright.Assertions;

namespace WebConsole.Tests.Journeys;

/// <summary>What a user's guide to managing creator connections promises, step by step, in the words people follow.</summary>
[Collection(DeskCollection.Name)]
public sealed class HelpArticleJourneys(Desk desk)
{
    private static readonly string Creators = $"/campaigns/{Services.SpringGlow}/creators";

    [Fact]
    public async Task Viewing_connections_begins_at_the_creators_tab_and_ends_at_available_data_and_content_types()
    {
        var page = await desk.SignIn(Provider.Maya, $"/campaigns/{Services.SpringGlow}");
        await page.GetByRole(AriaRole.Navigation, new() { Name = "Campaign" }).GetByRole(AriaRole.Link, new() { Name = "Creators" }).ClickAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "View the connections of Chiara Ricci" }).ClickAsync();

        await Expect(page.Locator(".panel [data-platform=youtube] .data-types tbody tr")).ToHaveCountAsync(3);
    }

    [Fact]
    public async Task Requests_go_to_one_to_several_or_with_the_box_in_the_heading_to_all()
    {
        var page = await desk.SignIn(Provider.Maya, Creators);
        await page.GetByLabel("Select Ana Costa", new() { Exact = true }).CheckAsync();
        await Expect(page.GetByText("1 selected")).ToBeVisibleAsync();
        await page.GetByLabel("Select Chiara Ricci", new() { Exact = true }).CheckAsync();
        await Expect(page.GetByText("2 selected")).ToBeVisibleAsync();
        await page.GetByLabel("Select the 50 creators loaded").CheckAsync();
        await Expect(page.GetByText("50 selected")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Select all 137 in this campaign" }).ClickAsync();
        await Expect(page.GetByText("137 selected: the whole campaign")).ToBeVisibleAsync();
    }

    [Theory]
    [InlineData("creator-hub-invitation", "Creator Hub invitation")]
    [InlineData("ttcm-invite-link", "TTCM invite link")]
    [InlineData("reconnect-request", "Reconnect request")]
    public async Task Templates_offers_the_built_in_messages_which_lead_to_the_settings_and_are_sent_with_Send(string key, string name)
    {
        var page = await Outreach("Chiara Ricci");
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Customize templates in the settings" })).ToHaveAttributeAsync("href", "/settings/templates");
        await page.GetByLabel("Templates").ClickAsync();
        await Expect(page.Locator($"[data-template={key}]")).ToContainTextAsync(name);
        await page.Locator($"[data-template={key}]").ClickAsync();

        await page.Locator(".mud-dialog .send").ClickAsync();

        await Expect(page.Locator("[data-outreach-status=Completed]")).ToBeVisibleAsync();
        desk.Services.Batches.ShouldContain(batch => batch.Template == key && batch.Creators.Length == 1);
    }

    [Fact]
    public async Task The_invitation_is_for_creators_who_have_yet_to_connect_and_can_be_edited_before_it_is_sent()
    {
        var page = await Outreach("Ana Costa", "Björn Dahl");
        await page.GetByLabel("Templates").ClickAsync();
        await page.Locator("[data-template=creator-hub-invitation]").ClickAsync();
        await Expect(page.Locator(".preview-item").Filter(new() { HasText = "Björn Dahl" })).ToContainTextAsync("Skipped: Has connected every account");
        await page.GetByRole(AriaRole.Button, new() { Name = "Edit the message" }).ClickAsync();
        await page.GetByLabel("Message", new() { Exact = true }).FillAsync("Hello {{ creator.firstName }}, see you at {{ invitation.url }}");
        await page.GetByRole(AriaRole.Button, new() { Name = "Show how it reads" }).ClickAsync();
        await Expect(page.Locator(".preview-text")).ToContainTextAsync("Hello Ana, see you at");

        await page.GetByRole(AriaRole.Button, new() { Name = "Send to 1 creator" }).ClickAsync();

        await Expect(page.GetByText("Everybody has a verdict: 1 sent, 1 skipped, 0 failed.")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Statuses_are_at_the_campaign_level_in_the_columns_and_in_filters_and_green_red_and_grey_mean_one_thing_each()
    {
        var page = await desk.SignIn(Provider.Maya, $"/campaigns/{Services.SpringGlow}");
        await Expect(page.Locator("[data-type=InstagramInsights] [data-status=Connected] strong")).Not.ToHaveTextAsync("0");
        await Expect(page.GetByText("Metrics and content may not be accurately included.")).ToBeVisibleAsync();

        await page.GotoAsync($"{desk.Address}{Creators}");
        await Desk.Answers(page);
        await Expect(page.GetByRole(AriaRole.Columnheader, new() { Name = "Instagram Insights" })).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Columnheader, new() { Name = "YouTube Insights" })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Filter settings" }).ClickAsync();
        await page.Locator("[data-filter-missing]").ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Add filter" }).ClickAsync();
        await page.Locator("[data-filter-type=InstagramInsights]").ClickAsync();
        var group = page.GetByRole(AriaRole.Group, new() { Name = "Instagram Insights status" });
        foreach (var (choice, colour) in ((string, string)[])[("Connected", "green"), ("Expired", "red"), ("Invalidated", "red"), ("Not connected", "grey")])
        {
            await group.GetByRole(AriaRole.Button, new() { Name = choice, Exact = true }).ClickAsync();
            await Expect(group.GetByRole(AriaRole.Button, new() { Name = choice, Exact = true })).ToHaveAttributeAsync("aria-pressed", "true");
            await Expect(page.Locator("tr[data-creator] td[data-type=InstagramInsights] .status").First).ToHaveClassAsync(new Regex($"status-{colour}"));
            await group.GetByRole(AriaRole.Button, new() { Name = "Select all" }).ClickAsync();
            await Expect(group.GetByRole(AriaRole.Button, new() { Name = "Select all" })).ToHaveAttributeAsync("aria-pressed", "true");
        }
    }

    [Fact]
    public async Task A_send_is_scheduled_and_shown_on_the_managers_own_clock()
    {
        var page = await OutreachIn("Europe/Stockholm", "Priya Laurent");
        await page.GetByLabel("Templates").ClickAsync();
        await page.Locator("[data-template=creator-hub-invitation]").ClickAsync();
        await page.GetByText("Later", new() { Exact = true }).ClickAsync();
        await page.GetByLabel("Send at").FillAsync("2027-01-08T09:30");
        await page.GetByLabel("Send at").BlurAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Schedule for 1 creator" }).ClickAsync();

        await Expect(page.GetByText("Scheduled for 8 Jan 2027, 09:30 UTC+1: 1 is waiting.")).ToBeVisibleAsync();
        desk.Services.Batches.ShouldContain(batch => batch.SendAt == new DateTimeOffset(2027, 1, 8, 8, 30, 0, TimeSpan.Zero));
    }

    private Task<IPage> Outreach(params string[] creators) => OutreachIn(null, creators);

    private async Task<IPage> OutreachIn(string? zone, params string[] creators)
    {
        var page = await desk.SignIn(Provider.Maya, Creators, zone: zone);
        foreach (var name in creators)
        {
            await page.GetByLabel("Search creators by name or handle").FillAsync(name);
            // A row that moves up while it is clicked takes no click.
            await Expect(page.Locator("tr[data-creator]")).ToHaveCountAsync(1);
            await page.GetByLabel($"Select {name}", new() { Exact = true }).CheckAsync();
        }

        await page.GetByRole(AriaRole.Button, new() { Name = "Outreach", Exact = true }).ClickAsync();
        await page.GetByText("Send Outreach").ClickAsync();
        return page;
    }
}
