using Microsoft.Playwright;
using WebConsole.Tests.Outside;
using static Microsoft.Playwright.Assertions;

namespace WebConsole.Tests.Journeys;

[Collection(SecondDeskCollection.Name)]
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
        var check = page.Locator("[data-service=outreach] [data-check=dead-letters]");
        await Expect(check).ToContainTextAsync("Messages were laid aside");
        await Expect(check).ToContainTextAsync("outreach-creator-registered (2)");
    }

    [Fact]
    public async Task Messages_that_were_not_taken_in_are_requeued_or_discarded_with_a_reason_and_the_audit_says_who_did_it()
    {
        desk.Services.LeaveDeadLetters();
        var page = await desk.SignIn(Provider.Ada, "/operations");
        var outreach = page.Locator("[data-dead-letters=outreach]");
        await Expect(outreach.Locator("[data-queue=outreach-creator-registered]")).ToContainTextAsync("2 messages");
        await Expect(outreach.Locator("[data-letter]").Nth(1)).ToContainTextAsync("organization.malformed");
        await Expect(page.Locator("[data-dead-letters=campaign]")).ToContainTextAsync("Every message was taken in.");

        await outreach.Locator("[data-letter]").Nth(1).GetByRole(AriaRole.Button, new() { Name = "Discard" }).ClickAsync();
        await Expect(outreach.GetByRole(AriaRole.Button, new() { Name = "Discard it" })).ToBeDisabledAsync();
        await outreach.GetByLabel("Why?").FillAsync("Of maya@aurora.example");
        await outreach.GetByRole(AriaRole.Button, new() { Name = "Discard it" }).ClickAsync();
        await Expect(outreach.GetByRole(AriaRole.Alert).First).ToContainTextAsync("without an e-mail address");
        await outreach.GetByLabel("Why?").FillAsync("Ticket 42");
        await outreach.GetByRole(AriaRole.Button, new() { Name = "Discard it" }).ClickAsync();
        await Expect(outreach.Locator("[data-letter]")).ToHaveCountAsync(1);

        await outreach.GetByRole(AriaRole.Button, new() { Name = "Requeue all…" }).ClickAsync();
        await Expect(outreach.GetByRole(AriaRole.Alert)).ToContainTextAsync("Mend the cause first");
        await outreach.GetByRole(AriaRole.Button, new() { Name = "Requeue all", Exact = true }).ClickAsync();
        await Expect(outreach).ToContainTextAsync("Every message was taken in.");

        await page.GetByRole(AriaRole.Group, new() { Name = "Commands given to" }).GetByRole(AriaRole.Button, new() { Name = "Outreach" }).ClickAsync();
        var audit = page.Locator("[data-audit=outreach]");
        await Expect(audit.Locator("[data-command='dead-letters.discard']").First).ToContainTextAsync("by ada");
        await Expect(audit.Locator("[data-command='dead-letters.discard']").First).ToContainTextAsync("Ticket 42");
        await Expect(audit.Locator("[data-command='dead-letters.requeue']").First).ToContainTextAsync("Done: 1");
    }

    [Fact]
    public async Task A_relay_that_stands_still_says_since_when_and_why_and_is_started_anew()
    {
        var page = await desk.SignIn(Provider.Ada, "/operations");
        var relay = page.Locator("[data-service=outreach] [data-shard='IntegrationRelay:All']");
        await Expect(relay).ToContainTextAsync("142 events behind, the oldest for 7 min");
        await Expect(relay).ToContainTextAsync("BrokerUnreachableException");

        await relay.GetByRole(AriaRole.Button, new() { Name = "Start anew: Relay of Outreach" }).ClickAsync();

        await Expect(relay).ToContainTextAsync("Up to date, at event 48,210");
        await Expect(relay).ToContainTextAsync("Started anew");
    }

    [Fact]
    public async Task What_upkeep_has_before_it_is_counted_and_what_failed_is_tried_again()
    {
        var page = await desk.SignIn(Provider.Ada, "/operations");
        var instagram = page.Locator("[data-platform=instagram]");
        await Expect(instagram).ToContainTextAsync("4,200 connections: 12 due, 4 under way, 180 within an hour, 2,100 within a day");
        await Expect(instagram).ToContainTextAsync("9 failed the last time");

        await instagram.GetByRole(AriaRole.Button, new() { Name = "Try failed ones now" }).ClickAsync();

        await Expect(instagram).ToContainTextAsync("0 failed the last time");
    }

    [Fact]
    public async Task Webhooks_is_looked_after_like_the_other_services()
    {
        var page = await desk.SignIn(Provider.Ada, "/operations");

        await Expect(page.Locator("[data-service=webhooks]")).ToContainTextAsync("Healthy");
        await Expect(page.Locator("[data-dead-letters=webhooks]")).ToContainTextAsync("Every message was taken in.");
        await page.GetByRole(AriaRole.Group, new() { Name = "Commands given to" }).GetByRole(AriaRole.Button, new() { Name = "Webhooks" }).ClickAsync();
        await Expect(page.Locator("[data-audit=webhooks]")).ToContainTextAsync("No commands yet");
    }

    [Fact]
    public async Task What_was_published_is_said_again_to_a_queue_and_seen_to_run_and_to_end()
    {
        desk.Services.LeaveReplays();
        var page = await desk.SignIn(Provider.Ada, "/operations", zone: "Europe/Stockholm");
        var replays = page.Locator("[data-replays]");
        await Expect(replays.Locator("[data-replay=crm-of-aurora]")).ToContainTextAsync("Failed");
        await replays.GetByRole(AriaRole.Button, new() { Name = "Start a replay…" }).ClickAsync();
        await replays.GetByLabel("Published by").SelectOptionAsync("connections");
        await replays.GetByLabel("To the queue").FillAsync("nowhere");
        await replays.GetByRole(AriaRole.Button, new() { Name = "Start the replay" }).ClickAsync();
        await Expect(replays.GetByText("The broker has no queue of this name.")).ToBeVisibleAsync();
        await replays.GetByLabel("To the queue").FillAsync("campaign-connection-granted");
        await replays.GetByRole(AriaRole.Button, new() { Name = "Start the replay" }).ClickAsync();
        await Expect(replays.GetByRole(AriaRole.Alert)).ToContainTextAsync("A replay to this queue is under way.");

        await replays.GetByLabel("To the queue").FillAsync("webhooks-events");
        await replays.GetByLabel("From", new() { Exact = true }).FillAsync("2026-11-20T08:30");
        await replays.GetByRole(AriaRole.Button, new() { Name = "Start the replay" }).ClickAsync();

        var begun = replays.Locator("[data-replay=webhooks-events]");
        await Expect(begun).ToHaveAttributeAsync("data-state", "Running");
        desk.Services.ReplayedSince("webhooks-events").ShouldBe(new DateTimeOffset(2026, 11, 20, 7, 30, 0, TimeSpan.Zero));
        await Expect(begun).ToHaveAttributeAsync("data-state", "Done");
        await Expect(begun).ToContainTextAsync("1,200 messages");
    }

    [Fact]
    public async Task A_replay_that_runs_shows_how_far_it_is_and_is_cancelled()
    {
        desk.Services.LeaveReplays();
        var page = await desk.SignIn(Provider.Ada, "/operations");
        var running = page.Locator("[data-replay=campaign-connection-granted]");
        await Expect(running.GetByRole(AriaRole.Progressbar)).ToHaveAttributeAsync("aria-valuenow", "50");

        await running.GetByRole(AriaRole.Button, new() { Name = "Cancel the replay to campaign-connection-granted" }).ClickAsync();

        await Expect(running).ToHaveAttributeAsync("data-state", "Cancelled");
        await Expect(running.GetByRole(AriaRole.Progressbar)).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task A_service_that_is_away_hides_nothing_of_the_others()
    {
        try
        {
            desk.Services.GoAway("connections");
            var page = await desk.SignIn(Provider.Ada, "/operations");

            await Expect(page.Locator("[data-service=connections]")).ToContainTextAsync("Does not answer");
            await Expect(page.Locator("[data-service=campaign]")).ToContainTextAsync("Healthy");
            await Expect(page.Locator("[data-dead-letters=connections]").GetByRole(AriaRole.Alert)).ToContainTextAsync("connections service does not answer");
            await Expect(page.Locator("[data-dead-letters=campaign]")).ToContainTextAsync("Every message was taken in.");
            await Expect(page.Locator("[data-replays]")).ToContainTextAsync("Not known at the moment: the replays of Connections.");
        }
        finally
        {
            desk.Services.Return();
        }
    }
}
