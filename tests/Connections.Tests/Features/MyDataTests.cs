using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Shouldly;
using Xunit;

namespace Connections.Tests.Features;

/// <summary>What a creator sees of their own data in the Hub, takes along, and has erased.</summary>
[Collection(nameof(HubFixture))]
public sealed partial class MyDataTests(HubFixture fixture)
{
    private HubHost Host => fixture.Host;

    [Fact]
    public async Task The_page_names_what_is_kept_and_the_export_holds_it_and_no_token()
    {
        var (creator, handle) = (await Host.Creator(), $"ida.{Guid.NewGuid():N}"[..30]);
        await Host.Connect(creator, "youtube", handle);
        using var browser = await Host.Visit(creator);

        var page = await browser.GetStringAsync("/hub/data", TestContext.Current.CancellationToken);
        page.ShouldContain($"Your account there: <strong>{handle}</strong>");
        using var response = await browser.GetAsync("/hub/data/export", TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        response.Content.Headers.ContentDisposition!.FileName.ShouldBe("my-connections.json");
        response.Headers.CacheControl!.NoStore.ShouldBeTrue();
        var youtube = JsonDocument.Parse(text).RootElement.GetProperty("connections").EnumerateArray().Single();
        youtube.GetProperty("account").GetProperty("handle").GetString().ShouldBe(handle);
        youtube.GetProperty("history").EnumerateArray().Select(entry => entry.GetProperty("event").GetString()).ShouldBe(["AuthorizationStarted", "AccessGranted"]);
        var tokens = await Host.Services.Open(creator, Connection.IdOf("aurora", creator, "youtube"));
        text.Contains(tokens.AccessToken, StringComparison.Ordinal).ShouldBeFalse();
    }

    [Fact]
    public async Task A_creator_erases_their_own_data_and_nothing_is_left_to_export()
    {
        var (creator, handle) = (await Host.Creator(), $"joe.{Guid.NewGuid():N}"[..30]);
        await Host.Connect(creator, "instagram", handle);
        using var browser = await Host.Visit(creator);

        (await Erase(browser, sure: false)).ShouldBe("/hub/data?outcome=not-sure");
        (await Host.StatusOf(creator, "instagram")).ShouldBe("Connected");

        (await Erase(browser, sure: true)).ShouldBe("/hub/data?outcome=erased");

        var connection = await Host.ConnectionOf(creator, "instagram");
        (connection.GetProperty("status").GetString(), connection.GetProperty("reason").GetString(), connection.GetProperty("account").ValueKind).ShouldBe(("Invalidated", "DataDeletionRequested", JsonValueKind.Null));
        (await browser.GetStringAsync("/hub/data?outcome=erased", TestContext.Current.CancellationToken)).ShouldContain("Nothing is kept of your accounts.");
        var exported = JsonDocument.Parse(await browser.GetStringAsync("/hub/data/export", TestContext.Current.CancellationToken)).RootElement.GetProperty("connections")[0];
        exported.GetProperty("account").ValueKind.ShouldBe(JsonValueKind.Null);
        exported.GetProperty("history").EnumerateArray().Last().GetProperty("source").GetString().ShouldBe("creator");
    }

    [Fact]
    public async Task Nobody_erases_or_exports_without_a_visit_of_their_own()
    {
        var (creator, other) = (await Host.Creator(), await Host.Creator());
        await Host.Connect(creator, "tiktok", $"kim.{creator:N}"[..30]);
        using var stranger = Host.Browser();
        (await stranger.GetAsync("/hub/data", TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await stranger.GetAsync("/hub/data/export", TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);

        // Another site's form, sent by the creator's own browser, carries a mark of somebody else's visit.
        using var browser = await Host.Visit(creator);
        using var elsewhere = await Host.Visit(other);
        var forged = Mark(await elsewhere.GetStringAsync("/hub/data", TestContext.Current.CancellationToken));
        using var response = await browser.PostAsync("/hub/data/erase", new FormUrlEncodedContent([new("form_mark", forged), new("sure", "yes")]), TestContext.Current.CancellationToken);

        response.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await Host.StatusOf(creator, "tiktok")).ShouldBe("Connected");
    }

    [Theory]
    [InlineData("personal-account", "Choose a professional account")]
    [InlineData("other-account", "sign in with the earlier account")]
    [InlineData("scope-missing", "Insights: reach, views, saves and audience of your content")]
    public async Task What_went_wrong_is_told_with_what_helps(string outcome, string step)
    {
        using var browser = await Host.Visit(await Host.Creator());

        var page = WebUtility.HtmlDecode(await browser.GetStringAsync($"/hub?platform=instagram&outcome={outcome}", TestContext.Current.CancellationToken));

        page.ShouldContain(step);
        page.ShouldContain("<a href=\"#platform-instagram\">Try again</a>");
    }

    private static async Task<string> Erase(HttpClient browser, bool sure)
    {
        var form = new List<KeyValuePair<string, string>> { new("form_mark", Mark(await browser.GetStringAsync("/hub/data"))) };
        if (sure)
        {
            form.Add(new("sure", "yes"));
        }

        using var response = await browser.PostAsync("/hub/data/erase", new FormUrlEncodedContent(form));
        return response.Headers.Location?.ToString() ?? response.StatusCode.ToString();
    }

    private static string Mark(string page) => FormMark().Match(page).Groups[1].Value;

    [GeneratedRegex("name=\"form_mark\" value=\"([^\"]+)\"")]
    private static partial Regex FormMark();
}
