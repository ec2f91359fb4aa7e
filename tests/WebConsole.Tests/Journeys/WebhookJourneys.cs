using Microsoft.Playwright;
using WebConsole.Tests.Outside;
using static Microsoft.Playwright.Assertions;

namespace WebConsole.Tests.Journeys;

[Collection(SecondDeskCollection.Name)]
public sealed class WebhookJourneys(Desk desk)
{
    [Fact]
    public async Task An_admin_adds_an_endpoint_picks_its_events_and_is_shown_the_secret_once()
    {
        var page = await Open("/settings/webhooks");
        await page.GetByRole(AriaRole.Link, new() { Name = "Add an endpoint" }).ClickAsync();
        await page.GetByLabel("Address").FillAsync("http://crm.aurora.example/hooks");
        await page.GetByLabel("What it is for").FillAsync("CRM");
        await page.GetByLabel("Only these").CheckAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Add the endpoint" })).ToBeDisabledAsync();
        await page.GetByRole(AriaRole.Group, new() { Name = "Outreach" }).GetByRole(AriaRole.Button, new() { Name = "All of Outreach" }).ClickAsync();
        await page.GetByLabel("Connection granted").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Add the endpoint" }).ClickAsync();
        await Expect(page.GetByText("Events are sent over https only.")).ToBeVisibleAsync();
        await Expect(page.GetByLabel("Address")).ToHaveAttributeAsync("aria-invalid", "true");

        await page.GetByLabel("Address").FillAsync("https://crm.aurora.example/hooks");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add the endpoint" }).ClickAsync();

        await Expect(page.GetByText("it is shown this once")).ToBeVisibleAsync();
        var secret = await page.GetByLabel("Signing secret").InputValueAsync();
        secret.ShouldStartWith("whsec_");
        await page.GetByRole(AriaRole.Button, new() { Name = "I have kept it" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "CRM", Level = 1 })).ToBeVisibleAsync();
        await Expect(page.Locator("[data-state=Sending]")).ToBeVisibleAsync();
        await Expect(page.Locator(".webhook .facts")).ToContainTextAsync("Connection granted, Outreach bounced, Outreach failed, Outreach sent");
        (await page.ContentAsync()).ShouldNotContain(secret);
    }

    [Fact]
    public async Task A_test_event_shows_what_the_receiver_answered()
    {
        var page = await Open($"/settings/webhooks/{Services.StatusBoard}");
        await page.GetByRole(AriaRole.Button, new() { Name = "Send a test event" }).ClickAsync();
        await Expect(page.Locator("[data-test]")).ToContainTextAsync("Your receiver took it: 200, in 84 ms.");
        await Expect(page.Locator("[data-log] [data-delivery]").First).ToContainTextAsync("Webhook test");

        await page.GotoAsync($"{desk.Address}/settings/webhooks/{Services.Warehouse}");
        await Desk.Answers(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Send a test event" }).ClickAsync();

        await Expect(page.Locator("[data-test]")).ToContainTextAsync("Failed at the receiver (503)");
    }

    [Fact]
    public async Task An_endpoint_is_paused_from_the_keyboard_and_the_pause_is_undone()
    {
        var page = await Open($"/settings/webhooks/{Services.StatusBoard}");
        await page.GetByRole(AriaRole.Button, new() { Name = "Pause", Exact = true }).FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("[data-state=Paused]")).ToBeVisibleAsync();
        await Expect(page.GetByText("What comes waits, as long as messages are kept")).ToBeVisibleAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Undo" }).ClickAsync();

        await Expect(page.Locator("[data-state=Sending]")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task An_endpoint_is_changed_and_whoever_is_overtaken_by_a_colleague_decides_again()
    {
        var page = await Open($"/settings/webhooks/{Services.Warehouse}");
        await Expect(page.Locator("[data-state=Troubled]")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Edit" }).ClickAsync();
        await Expect(page.GetByLabel("Every event")).ToBeCheckedAsync();
        await page.GetByLabel("Address").FillAsync("https://ingest-2.warehouse.example/events");
        desk.Services.ChangeElsewhere(Services.Warehouse, "The new warehouse");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(page.GetByText("A colleague changed this endpoint meanwhile.")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "The new warehouse", Level = 1 })).ToBeVisibleAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Edit" }).ClickAsync();
        await page.GetByLabel("Address").FillAsync("https://ingest-2.warehouse.example/events");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();

        await Expect(page.Locator(".webhook .address")).ToHaveTextAsync("https://ingest-2.warehouse.example/events");
        await Expect(page.Locator("[data-state=Sending]")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_secret_is_rotated_shown_once_and_the_one_before_is_ended()
    {
        var page = await Open($"/settings/webhooks/{Services.StatusBoard}");
        await page.GetByRole(AriaRole.Button, new() { Name = "New secret…" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert).First).ToContainTextAsync("Both secrets sign for a while");
        await page.GetByRole(AriaRole.Button, new() { Name = "Get another secret" }).ClickAsync();
        (await page.GetByLabel("Signing secret").InputValueAsync()).ShouldStartWith("whsec_");
        await Expect(page.Locator(".webhook .facts")).ToContainTextAsync("with 2 secrets");
        await page.GetByRole(AriaRole.Button, new() { Name = "I have kept it" }).ClickAsync();
        await Expect(page.GetByLabel("Signing secret")).ToHaveCountAsync(0);

        await page.GetByRole(AriaRole.Button, new() { Name = "End the one before…" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "End it now" }).ClickAsync();

        await Expect(page.Locator(".webhook .facts")).ToContainTextAsync("with one secret");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "End the one before…" })).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task The_log_tells_every_attempt_and_its_answer_and_sends_a_message_again()
    {
        var page = await Open($"/settings/webhooks/{Services.StatusBoard}");
        var slow = page.Locator("[data-delivery]").Filter(new() { HasText = "Connection invalidated" });
        await Expect(slow).ToContainTextAsync("2 attempts");
        await slow.GetByRole(AriaRole.Button, new() { Name = "Show the attempts" }).ClickAsync();
        await Expect(slow.Locator("[data-attempt='1']")).ToContainTextAsync("No answer in time");
        await Expect(slow.Locator("[data-attempt='2']")).ToContainTextAsync("Taken (200)");

        await slow.GetByRole(AriaRole.Button, new() { Name = "again" }).ClickAsync();
        await page.GetByRole(AriaRole.Group, new() { Name = "Show deliveries that are" }).GetByRole(AriaRole.Button, new() { Name = "Waiting" }).ClickAsync();

        await Expect(page.Locator("[data-delivery]")).ToHaveCountAsync(1);
        await Expect(page.Locator("[data-delivery]")).ToContainTextAsync("Trying again");
    }

    [Fact]
    public async Task What_could_not_be_delivered_is_sent_again_one_by_one_all_together_or_since_a_moment()
    {
        desk.Services.ReplayedHooks.Clear();
        var page = await Open("/settings/webhooks");
        await page.GetByRole(AriaRole.Link, new() { Name = "What could not be delivered" }).ClickAsync();
        var own = page.Locator($"[data-endpoint='{Services.Warehouse}']");
        await Expect(own.Locator("[data-delivery]")).ToHaveCountAsync(2);
        await own.Locator("[data-delivery]").First.GetByRole(AriaRole.Button, new() { Name = "again" }).ClickAsync();
        await Expect(own.Locator("[data-delivery]")).ToHaveCountAsync(1);
        await own.GetByRole(AriaRole.Button, new() { Name = "Send these again" }).ClickAsync();
        await Expect(page.GetByText("Everything was delivered")).ToBeVisibleAsync();

        await page.GotoAsync($"{desk.Address}/settings/webhooks/{Services.Warehouse}");
        await Desk.Answers(page);
        await page.GetByLabel("Since").FillAsync("2026-11-20T08:30");
        await page.GetByRole(AriaRole.Button, new() { Name = "Send it again" }).ClickAsync();

        await Expect(page.Locator("[data-replay]")).ToContainTextAsync("10,042 messages on the way anew.");
        desk.Services.ReplayedHooks.ShouldAllBe(one => one.Endpoint == Services.Warehouse && one.Since == new DateTimeOffset(2026, 11, 20, 7, 30, 0, TimeSpan.Zero));
        desk.Services.ReplayedHooks.Count.ShouldBe(2);
    }

    [Fact]
    public async Task An_endpoint_is_removed_when_that_is_confirmed()
    {
        var page = await Open($"/settings/webhooks/{Services.Warehouse}");
        await page.GetByRole(AriaRole.Button, new() { Name = "Remove…" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert).First).ToContainTextAsync("That cannot be undone");

        await page.GetByRole(AriaRole.Button, new() { Name = "Remove it" }).ClickAsync();

        await Expect(page.Locator("[data-endpoint]")).ToHaveCountAsync(1);
        await Expect(page).ToHaveURLAsync($"{desk.Address}/settings/webhooks");
    }

    [Fact]
    public async Task Nobody_but_an_admin_sees_webhooks()
    {
        foreach (var person in (Person[])[Provider.Maya, Provider.Victor])
        {
            var page = await desk.SignIn(person, "/settings/templates");
            await Expect(page.GetByRole(AriaRole.Navigation, new() { Name = "Settings" }).GetByRole(AriaRole.Link, new() { Name = "Sender" })).ToBeVisibleAsync();
            await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Webhooks" })).ToHaveCountAsync(0);
            foreach (var path in (string[])["/settings/webhooks", "/settings/webhooks/new", $"/settings/webhooks/{Services.StatusBoard}", "/settings/webhooks/dead-letters"])
            {
                await page.GotoAsync($"{desk.Address}{path}");
                await Expect(page.GetByText("Your role does not open this page")).ToBeVisibleAsync();
            }
        }
    }

    [Fact]
    public async Task While_the_service_is_away_the_page_says_so_and_comes_back()
    {
        try
        {
            desk.Services.GoAway("webhooks");
            var page = await Open("/settings/webhooks");
            await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("The webhooks service does not answer right now.");
            await Expect(page.GetByText("No endpoints yet")).ToHaveCountAsync(0);
            desk.Services.Return();

            await page.GetByRole(AriaRole.Button, new() { Name = "Try again" }).ClickAsync();

            await Expect(page.Locator("[data-endpoint]")).ToHaveCountAsync(2);
        }
        finally
        {
            desk.Services.Return();
        }
    }

    private async Task<IPage> Open(string path)
    {
        desk.Services.LeaveWebhooks();
        return await desk.SignIn(Provider.Ada, path, zone: "Europe/Stockholm");
    }
}
