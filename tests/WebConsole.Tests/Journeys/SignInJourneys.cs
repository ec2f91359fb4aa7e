using System.Net;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.Playwright;
using WebConsole.Tests.Outside;

namespace WebConsole.Tests.Journeys;

[Collection(SecondDeskCollection.Name)]
public sealed class SignInJourneys(Desk desk)
{
    [Theory]
    [InlineData("/")]
    [InlineData("/campaigns")]
    [InlineData("/campaigns/0198f000-0000-7000-8000-000000000001")]
    [InlineData("/campaigns/0198f000-0000-7000-8000-000000000001/creators?missing=true")]
    public async Task Every_page_leads_to_the_sign_in_first(string path)
    {
        using var http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false });
        using var answer = await http.GetAsync($"{desk.Address}{path}", TestContext.Current.CancellationToken);

        answer.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        answer.Headers.Location!.ToString().ShouldStartWith($"{desk.Provider.Address}/authorize?");
        answer.Headers.Location.Query.ShouldContain("code_challenge_method=S256");
    }

    [Fact]
    public async Task The_connection_of_a_page_is_refused_to_nobody_in_particular()
    {
        using var http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false });
        using var answer = await http.PostAsync($"{desk.Address}/_blazor/negotiate?negotiateVersion=1", null, TestContext.Current.CancellationToken);

        answer.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Theory]
    [InlineData("/health")]
    [InlineData("/alive")]
    public async Task Probes_need_no_sign_in(string path)
    {
        using var http = new HttpClient();
        using var answer = await http.GetAsync($"{desk.Address}{path}", TestContext.Current.CancellationToken);

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task After_signing_in_a_person_is_where_they_wanted_to_be_and_the_services_get_their_token()
    {
        var before = desk.Services.Tokens.Count;
        var page = await desk.SignIn(Provider.Maya, $"/campaigns/{Services.SpringGlow}/creators?missing=true");

        // A page somebody else has just left may still ask once more.
        new Uri(page.Url).PathAndQuery.ShouldBe($"/campaigns/{Services.SpringGlow}/creators?missing=true");
        var token = desk.Services.Tokens.Skip(before).Select(new JsonWebTokenHandler().ReadJsonWebToken).First(token => token.Subject == "maya");
        token.GetClaim("organization").Value.ShouldBe("aurora");
        token.Audiences.ShouldBe(["creator-connections"]);
    }

    [Fact]
    public async Task The_browser_never_holds_a_token()
    {
        var page = await desk.SignIn(Provider.Maya);

        var cookies = (await page.Context.CookiesAsync()).ToDictionary(cookie => cookie.Name.StartsWith(".AspNetCore.Antiforgery", StringComparison.Ordinal) ? "antiforgery" : cookie.Name);
        cookies.Keys.ShouldBe(["creator-connections-session", "antiforgery", "zone", "theme-dark"], ignoreOrder: true);
        // A key, sealed: a session with its tokens would be thousands of characters long.
        var session = cookies["creator-connections-session"];
        (session.HttpOnly, session.Value.Length < 600).ShouldBe((true, true));
        (await page.EvaluateAsync<int>("localStorage.length + sessionStorage.length")).ShouldBe(0);
    }

    [Fact]
    public async Task Signing_out_ends_the_session_at_the_console_and_leads_through_the_provider()
    {
        var page = await desk.SignIn(Provider.Maya);
        var asked = page.WaitForRequestAsync(request => request.Url.StartsWith($"{desk.Provider.Address}/end-session", StringComparison.Ordinal));

        await page.GetByRole(AriaRole.Button, new() { Name = "Your account" }).ClickAsync();
        await page.GetByText("Sign out").ClickAsync();

        await asked;
        await page.GetByRole(AriaRole.Heading, new() { Name = "You are signed out" }).WaitForAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Sign in again" }).ClickAsync();
        await page.GetByRole(AriaRole.Heading, new() { Name = "Who are you?" }).WaitForAsync();
    }

    [Fact]
    public async Task A_token_near_its_end_is_replaced_once_for_all_that_a_page_asks()
    {
        await using var provider = await Provider.Start();
        // Shorter than the margin before its end: due from the moment it is issued.
        provider.FirstLifetime = TimeSpan.FromSeconds(30);
        await using var console = await ConsoleProcess.Start(provider.Address, desk.Services);
        var page = await desk.Browser();
        await page.GotoAsync($"{console.Address}/campaigns");
        await page.GetByRole(AriaRole.Link, new() { Name = Provider.Maya.Name }).ClickAsync();
        await Desk.Answers(page);

        await page.GetByRole(AriaRole.Link, new() { Name = "Spring Glow 2027" }).WaitForAsync();
        await page.Locator("[data-campaign] .bar").Nth(5).WaitForAsync();
        provider.Refreshes.ShouldBe(1);
    }

    [Fact]
    public async Task When_the_provider_ends_the_session_the_page_says_so_and_offers_to_sign_in()
    {
        await using var provider = await Provider.Start();
        (provider.FirstLifetime, provider.RefreshedLifetime) = (TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(30));
        await using var console = await ConsoleProcess.Start(provider.Address, desk.Services);
        var page = await desk.Browser();
        await page.GotoAsync($"{console.Address}/campaigns");
        await page.GetByRole(AriaRole.Link, new() { Name = Provider.Maya.Name }).ClickAsync();
        await Desk.Answers(page);
        provider.EndAllSessions();

        await page.GetByRole(AriaRole.Link, new() { Name = "Spring Glow 2027" }).ClickAsync();

        await page.GetByText("Your session has ended. Sign in again to go on.").First.WaitForAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).First.ClickAsync();
        await page.GetByRole(AriaRole.Heading, new() { Name = "Who are you?" }).WaitForAsync();
    }

    [Fact]
    public async Task A_restart_of_the_console_keeps_people_signed_in()
    {
        var state = Directory.CreateTempSubdirectory("console-state");
        try
        {
            var page = await desk.Browser();
            int port;
            await using (var first = await ConsoleProcess.Start(desk.Provider.Address, desk.Services, state.FullName))
            {
                port = new Uri(first.Address).Port;
                await page.GotoAsync($"{first.Address}/campaigns");
                await page.GetByRole(AriaRole.Link, new() { Name = Provider.Maya.Name }).ClickAsync();
                await Desk.Answers(page);
            }

            await using var second = await ConsoleProcess.Start(desk.Provider.Address, desk.Services, state.FullName, port);
            await page.GotoAsync($"{second.Address}/campaigns/{Services.SpringGlow}");

            await page.GetByRole(AriaRole.Heading, new() { Name = "Spring Glow 2027" }).WaitForAsync();
            page.Url.ShouldStartWith(second.Address);
        }
        finally
        {
            state.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Nothing_is_loaded_from_another_host()
    {
        var page = await desk.Browser();
        var hosts = new HashSet<string>();
        page.Request += (_, request) => hosts.Add(new Uri(request.Url).Authority);
        await page.GotoAsync($"{desk.Address}/campaigns");
        await page.GetByRole(AriaRole.Link, new() { Name = Provider.Maya.Name }).ClickAsync();
        await Desk.Answers(page);

        hosts.Where(host => host.Length > 0).ShouldBe([new Uri(desk.Address).Authority, new Uri(desk.Provider.Address).Authority], ignoreOrder: true);
    }
}
