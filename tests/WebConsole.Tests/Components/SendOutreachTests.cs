using System.Security.Claims;
using Bunit;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using MudBlazor;
using WebConsole.Apis;
using WebConsole.Outreach;
using WebConsole.SignIn;

namespace WebConsole.Tests.Components;

public sealed class SendOutreachTests : Rendering, IAsyncLifetime
{
    // Of the first three creators the second has connected everything.
    private static readonly Dictionary<Guid, string> Recipients = Enumerable.Range(0, 3).ToDictionary(
        number => new Guid($"0198f000-0000-7000-9000-{number:x12}"), number => ((string[])["Ana Costa", "Björn Dahl", "Chiara Ricci"])[number]);

    private Outside.Services services = null!;

    public async ValueTask InitializeAsync()
    {
        services = await Outside.Services.Start();
        var caller = await SignedIn();
        Services.AddSingleton(new OutreachApi(new() { BaseAddress = new(services.Outreach) }, caller));
        Services.AddSingleton(new NameBook(new(new() { BaseAddress = new(services.Campaign) }, caller)));
        this.AddAuthorization().SetAuthorized("Maya").SetPolicies(Roles.MayManage);
    }

    protected override async ValueTask DisposeAsyncCore()
    {
        await base.DisposeAsyncCore();
        await services.DisposeAsync();
    }

    [Fact]
    public async Task The_preview_tells_who_is_skipped_and_why_before_those_who_get_the_message()
    {
        var dialog = await Open();

        await Choose(dialog, "Creator Hub invitation");

        dialog.WaitForElement(".preview");
        dialog.WaitForState(() => dialog.FindAll(".preview-item").Count == 3);
        dialog.FindAll(".preview-name").Select(name => name.TextContent).ShouldBe(["Björn Dahl", "Ana Costa", "Chiara Ricci"]);
        dialog.FindAll(".preview-verdict").Select(verdict => verdict.TextContent).ShouldBe(
            ["Skipped: Has connected every account this campaign asks for", "Will be sent", "Will be sent"]);
        dialog.Find(".send").TextContent.Trim().ShouldBe("Send to 2 creators");
    }

    [Fact]
    public async Task Nothing_can_be_sent_before_a_template_is_chosen()
    {
        var dialog = await Open();

        dialog.Find(".send").HasAttribute("disabled").ShouldBeTrue();
    }

    [Fact]
    public async Task Sending_again_after_the_answer_was_lost_is_the_same_outreach()
    {
        var dialog = await Open();
        await Choose(dialog, "Reconnect request");
        dialog.WaitForElement(".preview");
        services.LosesNextAnswer = true;
        await dialog.Find(".send").ClickAsync(new());
        dialog.WaitForElement(".trouble[data-code='outreach.away']");

        await dialog.Find(".trouble button").ClickAsync(new());
        dialog.WaitForElement("[data-outreach-status]");

        services.IdempotencyKeys.Count.ShouldBe(2);
        services.Batches.Single().Creators.ShouldBe(Recipients.Keys, ignoreOrder: true);
    }

    [Fact]
    public async Task An_edited_message_is_previewed_and_sent_as_it_was_edited_and_the_template_stays()
    {
        var dialog = await Open();
        await Choose(dialog, "Creator Hub invitation");
        dialog.WaitForElement(".preview");

        dialog.Find(".message-edit .link-button").Click();
        dialog.Find("#message-text").Input("Dear {{ creator.firstName }}, it is time.\n{{ invitation.url }}");
        await dialog.FindAll(".message-edit button").First(button => button.TextContent.Contains("Show how it reads")).ClickAsync(new());
        dialog.WaitForState(() => dialog.Find(".preview-text").TextContent.StartsWith("Dear Ana, it is time.", StringComparison.Ordinal));
        await dialog.Find(".send").ClickAsync(new());
        dialog.WaitForElement("[data-outreach-status]");

        services.Batches.Single().Message.ShouldBe(new(null, "Dear {{ creator.firstName }}, it is time.\n{{ invitation.url }}", null));
    }

    [Fact]
    public async Task A_scheduled_outreach_with_a_follow_up_says_when_and_how_often()
    {
        var dialog = await Open();
        await Choose(dialog, "Creator Hub invitation");
        dialog.WaitForElement(".timing");

        dialog.FindAll("input[name=when]")[1].Change(true);
        dialog.Find("input[type=datetime-local]").Change("2027-01-04T09:30");
        dialog.Find(".timing input[type=checkbox]").Change(true);
        dialog.FindAll(".timing input[type=number]")[0].Change("5");
        await dialog.Find(".send").ClickAsync(new());

        dialog.WaitForElement("[data-outreach-status=Scheduled]").TextContent.ShouldContain("Scheduled for 4 Jan 2027, 09:30 UTC: 3 are waiting.");
        var batch = services.Batches.Single();
        (batch.SendAt, batch.FollowUp).ShouldBe((new DateTimeOffset(2027, 1, 4, 9, 30, 0, TimeSpan.Zero), new(5, 2)));
    }

    [Fact]
    public async Task An_outreach_under_way_can_be_paused_taken_up_again_and_called_off()
    {
        services.MovesOn = false;
        var dialog = await Open();
        await Choose(dialog, "Creator Hub invitation");
        dialog.WaitForElement(".preview");
        await dialog.Find(".send").ClickAsync(new());
        dialog.WaitForElement("[data-outreach-status=Running]");

        await Press(dialog, "Pause");
        dialog.WaitForElement("[data-outreach-status=Paused]");
        await Press(dialog, "Go on");
        dialog.WaitForElement("[data-outreach-status=Running]");
        await Press(dialog, "Call it off…");
        await Press(dialog, "Call it off");

        dialog.WaitForElement("[data-outreach-status=Cancelled]");
        services.Batches.Single().Steered.ShouldBe("Cancelled");
    }

    private static Task Press(IRenderedComponent<MudDialogProvider> dialog, string name)
    {
        dialog.WaitForState(() => dialog.FindAll(".steer button").Any(button => button.TextContent.Trim() == name));
        return dialog.FindAll(".steer button").First(button => button.TextContent.Trim() == name).ClickAsync(new());
    }

    private async Task<IRenderedComponent<MudDialogProvider>> Open()
    {
        Render<MudPopoverProvider>();
        var provider = Render<MudDialogProvider>();
        await provider.InvokeAsync(() => Services.GetRequiredService<IDialogService>().ShowAsync<SendOutreach>("Send Outreach", new DialogParameters<SendOutreach>
        {
            { dialog => dialog.CampaignId, Outside.Services.SpringGlow },
            { dialog => dialog.Recipients, Recipients },
        }, SendOutreach.Options));
        provider.WaitForState(() => !provider.FindComponent<MudSelect<Template>>().Instance.Disabled);
        return provider;
    }

    private static async Task Choose(IRenderedComponent<MudDialogProvider> dialog, string name)
    {
        var template = name switch
        {
            "Reconnect request" => new Template("reconnect-request", name, ""),
            _ => new Template("creator-hub-invitation", name, ""),
        };
        await dialog.InvokeAsync(() => dialog.FindComponent<MudSelect<Template>>().Instance.ValueChanged.InvokeAsync(template));
    }

    private static async Task<Caller> SignedIn()
    {
        var sessions = new Sessions(new SessionsInMemory(), new EphemeralDataProtectionProvider(), TimeProvider.System);
        var properties = new AuthenticationProperties { ExpiresUtc = DateTimeOffset.UtcNow.AddHours(1) };
        properties.StoreTokens(
        [
            new() { Name = "access_token", Value = new JsonWebTokenHandler().CreateToken("""{"scope":"outreach.read outreach.send contacts.read"}""") },
            new() { Name = "expires_at", Value = DateTimeOffset.UtcNow.AddHours(1).ToString("o") },
        ]);
        var key = await sessions.StoreAsync(new(new ClaimsPrincipal(new ClaimsIdentity("test")), properties, "test"));
        // The provider is asked only when a token is due, and this one is not.
        return new(new Somebody(new(new ClaimsIdentity([new(Sessions.Claim, key)], "test"))), new AccessTokens(sessions, null!, Options.Create(new SignInOptions()), TimeProvider.System));
    }

    private sealed class Somebody(ClaimsPrincipal person) : AuthenticationStateProvider
    {
        public override Task<AuthenticationState> GetAuthenticationStateAsync() => Task.FromResult<AuthenticationState>(new(person));
    }
}
