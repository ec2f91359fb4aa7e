using Microsoft.Playwright;
using WebConsole.Tests.Outside;
using static Microsoft.Playwright.Assertions;

namespace WebConsole.Tests.Journeys;

[Collection(SecondDeskCollection.Name)]
public sealed class SettingsJourneys(Desk desk)
{
    [Fact]
    public async Task A_template_is_written_with_merge_fields_read_as_a_creator_would_sent_to_oneself_and_archived()
    {
        var page = await desk.SignIn(Provider.Maya, "/settings/templates");
        await page.GetByRole(AriaRole.Link, new() { Name = "Write a template" }).ClickAsync();
        await page.GetByLabel("Name").FillAsync("Gentle reminder");
        await page.GetByLabel("Subject").FillAsync("Still time for ");
        await page.Locator("[data-merge-field='campaign.name']").ClickAsync();
        await Expect(page.GetByLabel("Subject")).ToHaveValueAsync("Still time for {{ campaign.name }}");
        await page.GetByLabel("Plain text").FillAsync("Hi {{ creator.firstName }},\nplease connect: {{ invitation.url }}");
        await Expect(page.Locator("[data-preview-subject]")).ToHaveTextAsync("Still time for Spring Glow 2027");
        await Expect(page.FrameLocator(".reads-frame").Locator("body")).ToContainTextAsync("Hi Ana");

        await page.GetByRole(AriaRole.Button, new() { Name = "Create" }).ClickAsync();

        await Expect(page).ToHaveURLAsync($"{desk.Address}/settings/templates/gentle-reminder");
        await page.GetByLabel("Send it to yourself").FillAsync("maya@aurora.example");
        await page.GetByRole(AriaRole.Button, new() { Name = "Send a test" }).ClickAsync();
        await Expect(page.GetByText("Sent. Its link opens nothing")).ToBeVisibleAsync();
        desk.Services.TestSends.ShouldBe(["maya@aurora.example"]);

        await page.GetByRole(AriaRole.Navigation, new() { Name = "Settings" }).GetByRole(AriaRole.Link, new() { Name = "Message templates" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Archive Gentle reminder" }).ClickAsync();
        await Expect(page.Locator("[data-template=gentle-reminder]")).ToHaveCountAsync(0);
        await page.GetByRole(AriaRole.Button, new() { Name = "Undo" }).ClickAsync();
        await Expect(page.Locator("[data-template=gentle-reminder]")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_flaw_is_shown_with_its_line_and_column_and_one_click_leads_there()
    {
        var page = await desk.SignIn(Provider.Maya, "/settings/templates/ttcm-invite-link");
        var text = page.GetByLabel("Plain text");

        await text.FillAsync("Hi,\n\nand {{ creator.nickname }} for you");

        var flaw = page.Locator("[data-flaw='template.field-unknown']");
        await Expect(flaw).ToContainTextAsync("There is no merge field creator.nickname.");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Save a new version" })).ToBeDisabledAsync();
        await flaw.GetByRole(AriaRole.Button, new() { Name = "Text, line 3, column 5" }).ClickAsync();
        await page.WaitForFunctionAsync(
            "field => field.value.slice(field.selectionStart, field.selectionEnd) === '{{ creator.nickname }} for you'", await text.ElementHandleAsync());
    }

    [Fact]
    public async Task Whoever_saves_after_a_colleague_keeps_their_words_and_decides()
    {
        var page = await desk.SignIn(Provider.Maya, "/settings/templates/reconnect-request");
        await page.GetByLabel("Subject").FillAsync("My words");
        await Expect(page.Locator("[data-preview-subject]")).ToHaveTextAsync("My words");
        desk.Services.EditElsewhere("reconnect-request");

        await page.GetByRole(AriaRole.Button, new() { Name = "Save a new version" }).ClickAsync();

        await Expect(page.GetByText("Somebody else saved this template while you were writing.")).ToBeVisibleAsync();
        await Expect(page.Locator(".compare")).ToContainTextAsync("A colleague's words");
        await Expect(page.GetByLabel("Subject")).ToHaveValueAsync("My words");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save mine over it" }).ClickAsync();
        await Expect(page.GetByText("Saved as version 3.")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task The_sender_is_changed_and_an_address_that_cannot_be_used_is_told_at_its_field()
    {
        var page = await desk.SignIn(Provider.Maya, "/settings/sender");
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync("Aurora Creators");
        await page.GetByLabel("Address", new() { Exact = true }).FillAsync("hello@elsewhere.example");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(page.GetByText("Mail can be sent from addresses in aurora.example.")).ToBeVisibleAsync();
        await Expect(page.GetByLabel("Address", new() { Exact = true })).ToHaveAttributeAsync("aria-invalid", "true");

        await page.GetByLabel("Address", new() { Exact = true }).FillAsync("creators@aurora.example");
        await page.GetByLabel("Quiet from").FillAsync("21:00");
        await page.GetByLabel("Quiet until").FillAsync("08:00");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();

        await Expect(page.GetByText("Saved. It counts from the next message on.")).ToBeVisibleAsync();
        await page.ReloadAsync();
        await Desk.Answers(page);
        await Expect(page.GetByLabel("Address", new() { Exact = true })).ToHaveValueAsync("creators@aurora.example");
        await Expect(page.GetByLabel("Quiet from")).ToHaveValueAsync("21:00");
    }

    [Fact]
    public async Task Somebody_is_put_on_the_suppression_list_and_lifted_and_the_lifting_is_undone()
    {
        var page = await desk.SignIn(Provider.Maya, "/settings/suppressions");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add a creator" }).ClickAsync();
        await page.GetByLabel("Name or handle").PressSequentiallyAsync("tomás");
        await page.GetByRole(AriaRole.Button, new() { Name = "Do not write to Tomás" }).First.ClickAsync();
        var row = page.Locator(".rows [data-creator]").Filter(new() { HasText = "Tomás" });
        await Expect(row).ToContainTextAsync("About everything");
        var creator = Guid.Parse((await row.GetAttributeAsync("data-creator"))!);
        desk.Services.Suppressed.ShouldContain(creator);

        await row.GetByRole(AriaRole.Button, new() { Name = "Write to Tomás" }).ClickAsync();
        await Expect(row).ToHaveCountAsync(0);
        desk.Services.Suppressed.Contains(creator).ShouldBeFalse();
        await page.GetByRole(AriaRole.Alert).Filter(new() { HasText = "can be written to again" }).GetByRole(AriaRole.Button, new() { Name = "Undo" }).ClickAsync();

        await Expect(row).ToHaveCountAsync(1);
        desk.Services.Suppressed.ShouldContain(creator);
    }

    [Fact]
    public async Task A_viewer_reads_templates_and_settings_and_changes_none()
    {
        var page = await desk.SignIn(Provider.Victor, "/settings/templates");
        await Expect(page.Locator("[data-template]")).Not.ToHaveCountAsync(0);
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Archive" })).ToHaveCountAsync(0);
        await page.GetByRole(AriaRole.Link, new() { Name = "TTCM invite link" }).ClickAsync();
        await Expect(page.GetByLabel("Subject")).ToBeDisabledAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Save" })).ToHaveCountAsync(0);

        await page.GotoAsync($"{desk.Address}/settings/sender");
        await Expect(page.GetByText("Your role may look at this and not change it.")).ToBeVisibleAsync();
    }
}
