using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Shouldly;
using Testing;
using WebConsole.Tests.Outside;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace EndToEnd.Tests;

/// <summary>The same journey as people live it: a manager at her desk, a creator on his phone, in a real browser.</summary>
[Collection(nameof(RunningSystem))]
public sealed partial class BrowserJourney(RunningSystem system) : IAsyncLifetime
{
    // Everything runs on the same few cores as the browser.
    private const float Patience = 60_000;
    private IPlaywright playwright = null!;
    private IBrowser browser = null!;

    public async ValueTask InitializeAsync()
    {
        playwright = await Playwright.CreateAsync();
        browser = await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Environment.GetEnvironmentVariable("CHROMIUM") ?? "/usr/bin/chromium",
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
        SetDefaultExpectTimeout(Patience);
    }

    public async ValueTask DisposeAsync()
    {
        await browser.DisposeAsync();
        playwright.Dispose();
    }

    [Fact]
    public async Task A_manager_asks_a_creator_opts_in_on_his_phone_and_the_chip_turns_green()
    {
        var run = Guid.NewGuid().ToString("N")[..8];
        var (campaign, name) = await CampaignWith($"Dan {run}", $"dan.{run}@creators.example");

        // The manager signs in and asks.
        var desk = await Page(1440);
        await desk.GotoAsync($"{system.At("console")}campaigns/{campaign}/creators");
        await desk.GetByRole(AriaRole.Button, new() { Name = "Maya Lindqvist" }).ClickAsync();
        await Expect(desk.Locator("main[data-interactive=true]")).ToBeVisibleAsync();
        await Expect(desk.Locator("tr[data-creator] td[data-type=InstagramInsights] .status")).ToContainTextAsync("Not connected");
        await desk.GetByLabel($"Select {name}").CheckAsync();
        await desk.GetByRole(AriaRole.Button, new() { Name = "Outreach", Exact = true }).ClickAsync();
        await desk.GetByText("Send Outreach").ClickAsync();
        await desk.GetByLabel("Templates").ClickAsync();
        await desk.Locator("[data-template=creator-hub-invitation]").ClickAsync();
        var dialog = desk.GetByRole(AriaRole.Dialog);
        await Expect(dialog.Locator(".preview-message")).ToContainTextAsync("Dan");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Send to 1 creator" }).ClickAsync();
        await Expect(dialog.GetByText("1 sent, 0 skipped, 0 failed")).ToBeVisibleAsync();

        // The creator opens the mail on his phone and connects.
        var phone = await Page(390);
        await phone.GotoAsync(await InvitationFor($"dan.{run}@creators.example"));
        await Expect(phone).ToHaveURLAsync($"{system.At("connections")}hub");
        await Expect(phone.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToContainTextAsync("asks to see how your content performs");
        await phone.GetByRole(AriaRole.Button, new() { Name = "Connect Instagram" }).ClickAsync();
        await phone.Locator("#handle").FillAsync($"dan.{run}");
        await phone.Locator("#allow").ClickAsync();
        await Expect(phone.GetByRole(AriaRole.Status)).ToContainTextAsync("Instagram is connected");
        await Expect(phone.Locator("#platform-instagram [data-status]")).ToHaveAttributeAsync("data-status", "Connected");

        // The manager sees it.
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Done" }).ClickAsync();
        await Status(desk, "Connected");

        // He thinks better of it, at the platform; she sees that too.
        var remover = await Page(1000);
        await remover.GotoAsync($"{system.At("platforms")}?platform=instagram&search=dan.{run}");
        await remover.GetByRole(AriaRole.Button, new() { Name = "Remove the app" }).ClickAsync();
        await Status(desk, "Invalidated");
        await Expect(desk.Locator(".creator-name").First).ToContainTextAsync("Dan");
    }

    [Fact]
    public async Task The_creators_pages_can_be_read_by_everybody_light_and_dark_at_a_desk_and_on_a_phone()
    {
        var run = Guid.NewGuid().ToString("N")[..8];
        var (campaign, _) = await CampaignWith($"Eva {run}", $"eva.{run}@creators.example");
        using var outreach = await system.Client("outreach");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/outreach")
        {
            Content = JsonContent.Create(new { campaignId = campaign, template = "creator-hub-invitation", filter = "" }),
            Headers = { { "Idempotency-Key", run } },
        };
        (await outreach.SendAsync(request)).EnsureSuccessStatusCode();
        var invitation = await InvitationFor($"eva.{run}@creators.example");
        var faults = new List<string>();

        foreach (var (colours, width) in ((ColorScheme, int)[])[(ColorScheme.Light, 390), (ColorScheme.Dark, 390), (ColorScheme.Light, 1440), (ColorScheme.Dark, 1440)])
        {
            var page = await Page(width, width == 390 ? 844 : 720, colours);
            await page.GotoAsync(invitation);
            foreach (var (name, path) in ((string, string)[])
                [("creator-hub", "hub"), ("creator-hub-wrong-account", "hub?platform=youtube&outcome=other-account"), ("creator-hub-scope-missing", "hub?platform=youtube&outcome=scope-missing"),
                    ("creator-hub-personal-account", "hub?platform=instagram&outcome=personal-account"), ("creator-hub-my-data", "hub/data"), ("creator-hub-link-broken", "hub/i/broken")])
            {
                await page.GotoAsync($"{system.At("connections")}{path}");
                faults.AddRange((await Axe.Faults(page)).Select(fault => $"{name}, {colours}, {width}: {fault}"));
                if (await page.EvaluateAsync<bool>("document.documentElement.scrollWidth > window.innerWidth"))
                {
                    faults.Add($"{name}, {colours}, {width}: scrolls sideways");
                }

                if (colours is ColorScheme.Light && Environment.GetEnvironmentVariable("SCREENSHOTS") is { Length: > 0 } folder)
                {
                    await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{name}{(width == 1440 ? "" : "-390")}.png") });
                }
            }

            await page.Context.CloseAsync();
        }

        faults.ShouldBeEmpty();
    }

    private static async Task Status(IPage desk, string word)
    {
        // The page is read anew until the news has come through: live pages are a later step.
        await Eventually.Get(
            async () =>
            {
                await desk.ReloadAsync();
                var chip = desk.Locator("tr[data-creator] td[data-type=InstagramInsights] .status");
                await chip.WaitForAsync(new() { Timeout = Patience });
                return await chip.InnerTextAsync();
            },
            text => text.Contains(word, StringComparison.Ordinal));
    }

    private async Task<(Guid Campaign, string Creator)> CampaignWith(string creator, string email)
    {
        using var campaigns = await system.Client("campaign");
        using var outreach = await system.Client("outreach");
        (await campaigns.PutAsJsonAsync("/v1/organization", new { name = "Aurora Collective" })).EnsureSuccessStatusCode();
        var id = await Id(await campaigns.PostAsJsonAsync("/v1/creators", new { name = creator, email, locale = "en-GB", handles = new { } }));
        var today = DateOnly.FromDateTime(DateTime.UtcNow);
        var campaign = await Id(await campaigns.PostAsJsonAsync("/v1/campaigns", new { name = $"Harbour {creator}", startsOn = today, endsOn = today.AddDays(20), requiredConnections = new[] { "InstagramInsights" } }));
        (await campaigns.PostAsJsonAsync($"/v1/campaigns/{campaign}/creators", new { creatorIds = new[] { id } })).EnsureSuccessStatusCode();
        await Eventually.Get(
            async () =>
            {
                using var preview = await outreach.PostAsJsonAsync("/v1/outreach/preview", new { campaignId = campaign, template = "creator-hub-invitation", creatorIds = new[] { id } });
                return preview.IsSuccessStatusCode && (await preview.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("items")[0].GetProperty("willSend").GetBoolean();
            },
            heard => heard);
        return (campaign, creator);
    }

    private async Task<string> InvitationFor(string address)
    {
        using var mail = new HttpClient { BaseAddress = system.At("mail") };
        var messages = await Eventually.Get(() => mail.GetFromJsonAsync<JsonElement>($"/api/messages?to={address}"), found => found.GetProperty("items").GetArrayLength() == 1);
        return Link().Match(messages.GetProperty("items")[0].GetProperty("text").GetString()!).Value;
    }

    private async Task<IPage> Page(int width, int height = 900, ColorScheme colours = ColorScheme.Light)
    {
        var page = await (await browser.NewContextAsync(new() { ViewportSize = new() { Width = width, Height = height }, ColorScheme = colours })).NewPageAsync();
        page.SetDefaultTimeout(Patience);
        return page;
    }

    private static async Task<Guid> Id(HttpResponseMessage response) => (await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetGuid();

    [GeneratedRegex(@"http://\S+/hub/i/\S+")]
    private static partial Regex Link();
}
