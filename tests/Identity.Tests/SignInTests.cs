using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;

namespace Identity.Tests;

public sealed class SignInTests(Simulator simulator) : IClassFixture<Simulator>
{
    private const string Callback = Simulator.Console + "/signin-oidc";

    private const string AllScopes =
        "openid profile offline_access connections.read connections.write outreach.read outreach.send outreach.manage campaigns.read campaigns.write contacts.read ops webhooks.read webhooks.manage";

    private readonly string verifier = WebEncoders.Base64UrlEncode(RandomNumberGenerator.GetBytes(32));

    [Fact]
    public async Task A_person_signs_in_with_one_click_and_the_client_gets_tokens_about_them()
    {
        using var browser = simulator.Browser();
        var tokens = await Redeem(await SignIn(browser, "maya-lindqvist"));

        var access = await simulator.Validate(tokens.GetProperty("access_token").GetString()!);
        access.Subject.ShouldBe("maya-lindqvist");
        access.GetClaim("name").Value.ShouldBe("Maya Lindqvist");
        access.GetClaim("organization").Value.ShouldBe("aurora");
        access.GetClaim("role").Value.ShouldBe("Manager");
        access.GetClaim("client_id").Value.ShouldBe("web-console");

        var identity = await simulator.Validate(tokens.GetProperty("id_token").GetString()!, "web-console", "JWT");
        identity.GetClaim("nonce").Value.ShouldBe("a-nonce");
        identity.GetClaim("name").Value.ShouldBe("Maya Lindqvist");
        identity.GetClaim("role").Value.ShouldBe("Manager");

        using var ask = new HttpRequestMessage(HttpMethod.Get, "/connect/userinfo");
        ask.Headers.Authorization = new AuthenticationHeaderValue("Bearer", tokens.GetProperty("access_token").GetString());
        using var answer = await simulator.Client.SendAsync(ask, TestContext.Current.CancellationToken);
        (await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken)).GetProperty("organization").GetString().ShouldBe("aurora");
    }

    [Theory]
    [InlineData("victor-osei", "connections.read outreach.read campaigns.read contacts.read")]
    [InlineData("bruno-haas", "connections.read connections.write outreach.read outreach.send outreach.manage campaigns.read campaigns.write contacts.read")]
    [InlineData("ada-moreau", "connections.read connections.write outreach.read outreach.send outreach.manage campaigns.read campaigns.write contacts.read ops webhooks.read webhooks.manage")]
    public async Task What_a_person_may_do_is_cut_down_to_their_role(string person, string scopes)
    {
        using var browser = simulator.Browser();
        var tokens = await Redeem(await SignIn(browser, person));
        var access = await simulator.Validate(tokens.GetProperty("access_token").GetString()!);
        access.GetClaim("scope").Value.Split(' ').Except(["openid", "profile", "offline_access"]).ShouldBe(scopes.Split(' '), ignoreOrder: true);
    }

    [Fact]
    public async Task The_sign_in_page_offers_everybody_and_says_that_it_is_a_simulator()
    {
        using var browser = simulator.Browser();
        var redirect = await browser.GetAsync(AuthorizeUrl(), TestContext.Current.CancellationToken);
        var page = await browser.GetStringAsync(redirect.Headers.Location, TestContext.Current.CancellationToken);
        page.ShouldContain("Simulator");
        foreach (var person in (string[])["Maya Lindqvist", "Victor Osei", "Ada Moreau", "Bruno Haas"])
        {
            page.ShouldContain(person);
        }
    }

    [Fact]
    public async Task A_session_saves_the_second_click_until_the_person_signs_out()
    {
        using var browser = simulator.Browser();
        var tokens = await Redeem(await SignIn(browser, "maya-lindqvist"));
        (await Location(browser, AuthorizeUrl())).ShouldStartWith(Callback);
        (await Location(browser, AuthorizeUrl() + "&prompt=login")).ShouldStartWith("/sign-in");

        var home = Simulator.Console + "/signout-callback-oidc";
        (await Location(browser, QueryHelpers.AddQueryString("/connect/endsession", new Dictionary<string, string?>
        {
            ["id_token_hint"] = tokens.GetProperty("id_token").GetString(),
            ["post_logout_redirect_uri"] = home,
        }))).ShouldStartWith(home);
        (await Location(browser, AuthorizeUrl())).ShouldStartWith("/sign-in");
        (await Location(browser, AuthorizeUrl() + "&prompt=none")).ShouldContain("error=login_required");
    }

    [Fact]
    public async Task A_refresh_token_works_once_more_even_after_a_restart()
    {
        using var browser = simulator.Browser();
        var tokens = await Redeem(await SignIn(browser, "maya-lindqvist"));
        await simulator.Restart();

        // What was issued before the restart still counts.
        await simulator.Validate(tokens.GetProperty("access_token").GetString()!);
        var (status, renewed) = await simulator.AskForToken(
            ("grant_type", "refresh_token"), ("refresh_token", tokens.GetProperty("refresh_token").GetString()!),
            ("client_id", "web-console"), ("client_secret", "web-console-secret"));
        status.ShouldBe(HttpStatusCode.OK);
        (await simulator.Validate(renewed.GetProperty("access_token").GetString()!)).GetClaim("role").Value.ShouldBe("Manager");
    }

    [Fact]
    public async Task A_code_works_once()
    {
        using var browser = simulator.Browser();
        var code = await SignIn(browser, "maya-lindqvist");
        await Redeem(code);
        var (status, body) = await Exchange(code, verifier);
        status.ShouldBe(HttpStatusCode.BadRequest);
        body.GetProperty("error").GetString().ShouldBe("invalid_grant");
    }

    [Fact]
    public async Task A_code_without_the_right_verifier_is_worth_nothing()
    {
        using var browser = simulator.Browser();
        var (status, body) = await Exchange(await SignIn(browser, "maya-lindqvist"), WebEncoders.Base64UrlEncode(RandomNumberGenerator.GetBytes(32)));
        status.ShouldBe(HttpStatusCode.BadRequest);
        body.GetProperty("error").GetString().ShouldBe("invalid_grant");
    }

    [Theory]
    [InlineData("redirect_uri", "http://localhost:5999/signin-oidc")]
    [InlineData("redirect_uri", Simulator.Console + "/elsewhere")]
    [InlineData("client_id", "nobody")]
    public async Task An_address_or_a_client_nobody_registered_is_refused_on_the_spot(string parameter, string value)
    {
        using var browser = simulator.Browser();
        using var response = await browser.GetAsync(AuthorizeUrl((parameter, value)), TestContext.Current.CancellationToken);
        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        response.Headers.Location.ShouldBeNull();
    }

    [Theory]
    [InlineData("code_challenge", "")]
    [InlineData("code_challenge_method", "plain")]
    public async Task A_request_without_a_proper_proof_of_possession_gets_no_code(string parameter, string value)
    {
        using var browser = simulator.Browser();
        await SignIn(browser, "maya-lindqvist");
        using var response = await browser.GetAsync(AuthorizeUrl((parameter, value)), TestContext.Current.CancellationToken);
        var answer = response.Headers.Location?.Query ?? await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        answer.ShouldContain("invalid_request");
    }

    [Theory]
    [InlineData("http://evil.example/")]
    [InlineData("//evil.example/")]
    [InlineData("/connect/authorize@evil.example")]
    [InlineData("")]
    public async Task The_sign_in_page_leads_nowhere_but_to_an_authorization(string returnUrl)
    {
        using var browser = simulator.Browser();
        var form = Form(("person", "maya-lindqvist"), ("returnUrl", returnUrl));
        using var response = await browser.PostAsync("/sign-in", form, TestContext.Current.CancellationToken);
        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    private string AuthorizeUrl(params (string Name, string Value)[] changes)
    {
        var parameters = new Dictionary<string, string?>
        {
            ["client_id"] = "web-console",
            ["redirect_uri"] = Callback,
            ["response_type"] = "code",
            ["scope"] = AllScopes,
            ["state"] = "a-state",
            ["nonce"] = "a-nonce",
            ["code_challenge"] = WebEncoders.Base64UrlEncode(SHA256.HashData(Encoding.ASCII.GetBytes(verifier))),
            ["code_challenge_method"] = "S256",
        };
        foreach (var (name, value) in changes)
        {
            parameters[name] = value;
        }

        return QueryHelpers.AddQueryString("/connect/authorize", parameters.Where(parameter => parameter.Value is not ""));
    }

    private static async Task<string> Location(HttpClient browser, string url)
    {
        using var response = await browser.GetAsync(url, TestContext.Current.CancellationToken);
        return response.Headers.Location!.OriginalString;
    }

    private static FormUrlEncodedContent Form(params (string Name, string Value)[] fields) =>
        new(fields.Select(field => KeyValuePair.Create(field.Name, field.Value)));

    /// <summary>The whole way of a browser: sent to the page, one click, sent back with a code.</summary>
    private async Task<string> SignIn(HttpClient browser, string person)
    {
        var page = await Location(browser, AuthorizeUrl());
        var returnUrl = QueryHelpers.ParseQuery(page[page.IndexOf('?')..])["returnUrl"].ToString();
        using var clicked = await browser.PostAsync("/sign-in", Form(("person", person), ("returnUrl", returnUrl)), TestContext.Current.CancellationToken);
        var back = new Uri(await Location(browser, clicked.Headers.Location!.OriginalString));
        back.GetLeftPart(UriPartial.Path).ShouldBe(Callback);
        var answer = QueryHelpers.ParseQuery(back.Query);
        answer["state"].ToString().ShouldBe("a-state");
        return answer["code"].ToString();
    }

    private Task<(HttpStatusCode Status, JsonElement Body)> Exchange(string code, string proof) => simulator.AskForToken(
        ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", Callback), ("code_verifier", proof),
        ("client_id", "web-console"), ("client_secret", "web-console-secret"));

    private async Task<JsonElement> Redeem(string code)
    {
        var (status, body) = await Exchange(code, verifier);
        status.ShouldBe(HttpStatusCode.OK, body.ToString());
        return body;
    }
}
