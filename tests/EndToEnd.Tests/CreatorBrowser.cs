using System.Net;
using System.Text.RegularExpressions;

namespace EndToEnd.Tests;

/// <summary>A creator's browser, without the pictures: keeps cookies, fills in forms, follows where it is sent.</summary>
internal sealed partial class CreatorBrowser(Uri hub) : IDisposable
{
    private readonly HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = new() }) { BaseAddress = hub };

    /// <summary>Opens an invitation's link and comes to the Hub.</summary>
    public async Task Open(Uri invitation)
    {
        using var response = await http.GetAsync(invitation);
        if (response.StatusCode != HttpStatusCode.SeeOther)
        {
            throw new InvalidOperationException($"The invitation answered {response.StatusCode}.");
        }
    }

    public Task<string> Hub() => http.GetStringAsync("/hub");

    /// <summary>Presses Connect, answers the platform's consent page, and says what the Hub says then.</summary>
    public async Task<string> Connect(string platform, string handle, string decision = "allow")
    {
        var mark = FormMark().Match(await Hub()).Groups[1].Value;
        using var toPlatform = await http.PostAsync($"/hub/connect/{platform}", new FormUrlEncodedContent([new("form_mark", mark)]));
        var consent = toPlatform.Headers.Location!;
        var scopes = Scope().Matches(await http.GetStringAsync(consent)).Select(match => KeyValuePair.Create("scope", WebUtility.HtmlDecode(match.Groups[1].Value)));
        using var answered = await http.PostAsync(consent, new FormUrlEncodedContent([new("handle", handle), new("decision", decision), .. scopes]));
        using var back = await http.GetAsync(answered.Headers.Location);
        return back.Headers.Location?.ToString() ?? back.StatusCode.ToString();
    }

    public void Dispose() => http.Dispose();

    [GeneratedRegex("name=\"form_mark\" value=\"([^\"]+)\"")]
    private static partial Regex FormMark();

    [GeneratedRegex("name=\"scope\" value=\"([^\"]+)\"")]
    private static partial Regex Scope();
}
