using System.Net;
using System.Text.RegularExpressions;

namespace Demo;

/// <summary>One creator at a browser: opens the invitation, walks through the Creator Hub and the platforms' consent pages, and reads what the pages say.</summary>
public sealed partial class CreatorVisit : IDisposable
{
    private readonly HttpClient browser;
    private string page = "";
    private Uri? hub;

    private CreatorVisit()
    {
        // A browser of their own: the visit lives in its cookie.
        browser = new(new SocketsHttpHandler { CookieContainer = new CookieContainer(), MaxConnectionsPerServer = 2 }) { Timeout = TimeSpan.FromSeconds(30) };
    }

    public static async Task<CreatorVisit> Open(Uri invitation, CancellationToken ct)
    {
        var visit = new CreatorVisit();
        await visit.Show(await visit.browser.GetAsync(invitation, ct), ct);
        return visit;
    }

    /// <summary>The status the Hub shows for a platform.</summary>
    public string StatusOf(string platform) => Chip().Match(SectionOf(platform)) is { Success: true } chip
        ? chip.Groups[1].Value
        : throw new DemoFailed($"The Creator Hub shows no status for {platform}. Is the page in simulators/Demo/CreatorVisit.cs still the one the service serves?");

    /// <summary>Presses Connect, signs in with a handle and allows, denies, or unticks a permission that is needed. Answers the status shown after it.</summary>
    public async Task<string> Connect(string platform, string handle, Fate fate, CancellationToken ct)
    {
        var mark = FormMark().Match(SectionOf(platform)) is { Success: true } found
            ? found.Groups[1].Value
            : throw new DemoFailed($"The Creator Hub offers no way to connect {platform}.");
        using var form = new FormUrlEncodedContent([new("form_mark", mark)]);
        var consent = await browser.PostAsync(new Uri(hub!, $"/hub/connect/{platform}"), form, ct);
        var address = consent.RequestMessage!.RequestUri!;
        await Show(consent, ct);

        var optional = Checkbox().Matches(page).Where(box => !box.Value.Contains("disabled", StringComparison.Ordinal))
            .Select(box => WebUtility.HtmlDecode(box.Groups[1].Value)).ToArray();
        var answer = new List<KeyValuePair<string, string>> { new("handle", handle), new("decision", fate is Fate.Denies ? "deny" : "allow") };
        answer.AddRange(optional.Where(scope => fate is not Fate.Unticks || !IsNeeded(scope)).Select(scope => KeyValuePair.Create("scope", scope)));
        using var decision = new FormUrlEncodedContent(answer);
        await Show(await browser.PostAsync(address, decision, ct), ct);
        return StatusOf(platform);
    }

    public void Dispose() => browser.Dispose();

    private static bool IsNeeded(string scope) =>
        scope.Contains("insights", StringComparison.Ordinal) || scope.Contains("analytics", StringComparison.Ordinal) || scope == "video.list";

    private async Task Show(HttpResponseMessage response, CancellationToken ct)
    {
        using (response)
        {
            page = await response.Content.ReadAsStringAsync(ct);
            if (!response.IsSuccessStatusCode)
            {
                var where = response.RequestMessage!.RequestUri!;
                throw new DemoFailed($"{where.Authority}{(where.AbsolutePath.StartsWith("/hub/i/", StringComparison.Ordinal) ? "/hub/i/..." : where.AbsolutePath)} "
                    + $"answered a creator with {(int)response.StatusCode}: {Heading().Match(page).Groups[1].Value}");
            }

            // The first page is the Hub's: where it is served is where its forms go.
            hub ??= new Uri(response.RequestMessage!.RequestUri!.GetLeftPart(UriPartial.Authority));
        }
    }

    private string SectionOf(string platform)
    {
        var start = page.IndexOf($"id=\"platform-{platform}\"", StringComparison.Ordinal);
        return start < 0 ? "" : page[start..page.IndexOf("</section>", start, StringComparison.Ordinal)];
    }

    [GeneratedRegex("data-status=\"(\\w+)\"")]
    private static partial Regex Chip();

    [GeneratedRegex("name=\"form_mark\" value=\"([^\"]+)\"")]
    private static partial Regex FormMark();

    [GeneratedRegex("<input type=\"checkbox\"[^>]* name=\"scope\" value=\"([^\"]+)\"[^>]*>")]
    private static partial Regex Checkbox();

    [GeneratedRegex("<h1>([^<]*)</h1>")]
    private static partial Regex Heading();
}
