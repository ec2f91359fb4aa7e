using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using CreatorConnections.Contracts.Campaigns;
using Microsoft.Playwright;
using Npgsql;
using Testing;

namespace Benchmarks;

/// <summary>
/// The creators of one campaign of 100,000 in a real browser: how long from the click until the first rows are painted and each change of a filter is, beside the API's own time
/// for the same question in the same round. Campaign, the identity provider, the console and Chromium are processes of their own.
/// </summary>
internal static class ConsoleList
{
    private const string Organization = "aurora";
    private const int WarmUp = 3;
    private const int Rounds = 20;
    private const double Bar = 500;

    // Runs in the page. A measurement begins with the event of the click or the key and ends behind the frame in which other rows, or another count, are painted.
    private const string Script = """
        (() => {
            const painted = told => requestAnimationFrame(() => setTimeout(() => told(performance.now())));
            const shown = () => {
                const card = document.querySelector(".table-card");
                const rows = document.querySelectorAll("tr[data-creator]");
                return !card || card.classList.contains("asking") || rows.length === 0 ? null
                    : [document.querySelector(".list-foot [role=status]")?.textContent, rows[0].dataset.creator, rows[rows.length - 1].dataset.creator].join();
            };
            const when = (holds, told) => {
                const observer = new MutationObserver(() => { if (holds()) { observer.disconnect(); painted(told); } });
                observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
            };
            window.firstRows = new Promise(told => when(() => document.querySelector("tr[data-creator]"), told));
            window.arm = () => {
                const before = shown();
                let began = null;
                const start = event => { began = event.timeStamp; };
                for (const kind of ["click", "input"]) { document.addEventListener(kind, start, true); }
                window.change = new Promise(told => when(() => began !== null && shown() !== null && shown() !== before, at => {
                    for (const kind of ["click", "input"]) { document.removeEventListener(kind, start, true); }
                    told(at - began);
                }));
            };
        })();
        """;

    private sealed record Step(string Name, string Query, Func<IPage, Task>? Prepare, Func<IPage, Task> Act);

    private static readonly Step[] Steps =
    [
        new("a status of Instagram", "connection=InstagramInsights:Expired", page => Add(page, "InstagramInsights", "Instagram Insights"), page => Status(page, "Instagram Insights", "Expired")),
        new("a second status beside it", "connection=InstagramInsights:Expired,Invalidated", null, page => Status(page, "Instagram Insights", "Invalidated")),
        new("a status of YouTube besides", "connection=InstagramInsights:Expired,Invalidated&connection=YouTubeInsights:Connected", page => Add(page, "YouTubeInsights", "YouTube Insights"), page => Status(page, "YouTube Insights", "Connected")),
        new("clear all", "", null, Clear),
        new("missing connections", "missing=true", page => Open(page, "Filter settings"), page => page.Locator("[data-filter-missing]").ClickAsync()),
        new("clear all, again", "", null, Clear),
        new("expires soon", "expiringWithin=14", page => Open(page, "Add filter"), page => page.Locator("[data-filter-expiry]").ClickAsync()),
        new("clear all, a third time", "", null, Clear),
        new("a search (the 200 ms of rest after the last key included)", "search=vega%20101", page => page.GetByLabel("Search creators").FocusAsync(), page => page.Keyboard.TypeAsync("vega 101")),
        new("clear all after a search", "", null, Clear),
        new("sorted by Instagram", "sort=InstagramInsights", null, page => page.Locator("[data-sort=InstagramInsights]").ClickAsync()),
        new("sorted by the newest message", "sort=lastOutreach", null, page => page.Locator("[data-sort=lastOutreach]").ClickAsync()),
        new("sorted by name", "", null, page => page.Locator("[data-sort=name]").ClickAsync()),
    ];

    public static async Task<int> Run(Servers servers, int creators)
    {
        var (database, broker) = (await servers.Database("campaign"), await servers.VirtualHost());
        var (identityAt, consoleAt) = ($"http://localhost:{Servers.FreePort()}", $"http://localhost:{Servers.FreePort()}");
        await using var bus = await PlainAmqp.Connect(broker);
        await bus.Listen(["connections", "outreach"], typeof(CampaignCreated));
        await using var identity = await ServiceProcess.StartBuilt("simulators/Identity", ("ASPNETCORE_URLS", identityAt), ("Issuer", identityAt), ("Console:PublicUrl", consoleAt));
        await using var campaigns = await ServiceProcess.Start(
            "Campaign",
            ("ConnectionStrings:campaign", database), ("ConnectionStrings:rabbitmq", broker.ToString()), ("Authentication:Authority", identityAt), ("Authentication:Audience", "creator-connections"),
            ("Authentication:ClientId", "campaign-service"), ("Authentication:ClientSecret", "campaign-service-secret"));
        var api = campaigns.Address.ToString().TrimEnd('/');
        await using var console = await ServiceProcess.StartBuilt(
            "services/WebConsole",
            ("ASPNETCORE_URLS", consoleAt), ("Authentication:Authority", identityAt), ("Authentication:ClientSecret", "web-console-secret"),
            ("services:campaign:http:0", api), ("services:connections:http:0", api), ("services:outreach:http:0", api), ("services:webhooks:http:0", api));
        using var client = await Client(campaigns.Address, identityAt);
        var campaign = await Seed(client, database, creators);

        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Environment.GetEnvironmentVariable("CHROMIUM") ?? "/usr/bin/chromium",
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
        var context = await browser.NewContextAsync(new() { ViewportSize = new() { Width = 1440, Height = 900 } });
        var page = await context.NewPageAsync();
        var address = $"{consoleAt}/campaigns/{campaign}/creators";
        await page.GotoAsync(address);
        await page.GetByRole(AriaRole.Button, new() { Name = "Maya Lindqvist" }).ClickAsync();
        await Answers(page);
        await page.AddInitScriptAsync(Script);
        var received = 0L;
        page.WebSocket += (_, line) => line.FrameReceived += (_, frame) => Interlocked.Add(ref received, frame.Binary?.Length ?? frame.Text?.Length ?? 0);

        var (rows, list) = (new Series("first rows of the creators tab"), $"/v1/campaigns/{campaign}/creators");
        var series = Steps.Select(step => new Series(step.Name)).ToArray();
        for (var round = 0; round < WarmUp + Rounds; round++)
        {
            var drawn = (await page.GotoAsync(address))!;
            rows.Add(round, await page.EvaluateAsync<double>("window.firstRows"), await Ask(client, list, ""), (await drawn.BodyAsync()).Length);
            await Answers(page);
            foreach (var (step, times) in Steps.Zip(series))
            {
                await (step.Prepare?.Invoke(page) ?? Task.CompletedTask);
                await page.EvaluateAsync("window.arm()");
                var before = Interlocked.Read(ref received);
                await step.Act(page);
                var took = await page.EvaluateAsync<double>("window.change");
                times.Add(round, took, await Ask(client, list, step.Query), Interlocked.Read(ref received) - before);
            }
        }

        Console.WriteLine();
        Console.WriteLine($"| {creators:n0} creators, {Rounds} rounds, ms | browser p50 | most | API p50 | most | sent to the browser |");
        Console.WriteLine("|---|---|---|---|---|---|");
        foreach (var one in series.Prepend(rows))
        {
            Console.WriteLine(one.Line);
        }

        Console.WriteLine();
        var slowest = series.MaxBy(one => one.Median)!;
        return Bars.Report(
            ($"first rows under {Bar:0} ms, median ({rows.Median:0} ms)", rows.Median < Bar),
            ($"every change of a filter under {Bar:0} ms, median (slowest: {slowest.Name}, {slowest.Median:0} ms)", slowest.Median < Bar));
    }

    /// <summary>One kind of change: the times in the browser, and of the API for the same question.</summary>
    private sealed record Series(string Name)
    {
        private readonly List<double> browser = [];
        private readonly List<double> api = [];
        private readonly List<double> sizes = [];

        public double Median => Statistics.Median(browser);

        public string Line => $"| {Name} | {Median:0} | {browser.Max():0} | {Statistics.Median(api):0} | {api.Max():0} | {Statistics.Median(sizes) / 1024:0} KiB |";

        public void Add(int round, double inBrowser, double ofApi, double bytes)
        {
            if (round >= WarmUp)
            {
                browser.Add(inBrowser);
                api.Add(ofApi);
                sizes.Add(bytes);
            }
        }
    }

    // As the console asks: rows and counts side by side.
    private static async Task<double> Ask(HttpClient client, string list, string query)
    {
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Read($"{list}?limit=50&{query}"), Read($"{list}/facets?{query}"));
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;

        async Task Read(string address)
        {
            using var answer = await client.GetAsync(address);
            answer.EnsureSuccessStatusCode();
            await answer.Content.ReadAsByteArrayAsync();
        }
    }

    private static async Task<HttpClient> Client(Uri service, string identity)
    {
        using var asking = new HttpClient { BaseAddress = new(identity) };
        using var answer = await asking.PostAsync("/connect/token", new FormUrlEncodedContent([new("grant_type", "client_credentials"), new("client_id", "demo"), new("client_secret", "demo-secret")]));
        var token = (await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>()).GetProperty("access_token").GetString();
        return new() { BaseAddress = service, DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
    }

    private static async Task<Guid> Seed(HttpClient client, string database, int creators)
    {
        var planned = await client.PostAsJsonAsync("/v1/campaigns", new { name = "Spring Glow", startsOn = "2027-03-01", endsOn = "2027-12-31", requiredConnections = new[] { "InstagramInsights", "YouTubeInsights", "TikTokInsights" } });
        var campaign = (await planned.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetGuid();
        await Eventually.Get(async () => (await client.GetFromJsonAsync<JsonElement>("/v1/campaigns")).GetProperty("items").GetArrayLength(), shown => shown == 1);
        var started = Stopwatch.GetTimestamp();
        await using var source = NpgsqlDataSource.Create(database);
        await CampaignPages.Grow(source, campaign, 0, creators, Organization, oneIn: 1);
        var total = (await client.GetFromJsonAsync<JsonElement>($"/v1/campaigns/{campaign}/creators/facets")).GetProperty("total").GetInt32();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{total:n0} creators seeded in {Stopwatch.GetElapsedTime(started).TotalSeconds:0} s"));
        return campaign;
    }

    private static Task Answers(IPage page) => page.Locator("main[data-interactive=true]").WaitForAsync();

    private static Task Open(IPage page, string menu) => page.GetByRole(AriaRole.Button, new() { Name = menu }).ClickAsync();

    // A type without a status asks for nothing yet, so the rows stay.
    private static async Task Add(IPage page, string type, string name)
    {
        await Open(page, "Add filter");
        await page.Locator($"[data-filter-type={type}]").ClickAsync();
        await Group(page, name).WaitForAsync();
        await page.Locator(".table-card:not(.asking)").WaitForAsync();
    }

    private static ILocator Group(IPage page, string name) => page.GetByRole(AriaRole.Group, new() { Name = $"{name} status" });

    private static Task Status(IPage page, string name, string status) => Group(page, name).Locator($"[data-filter-status={status}]").ClickAsync();

    private static Task Clear(IPage page) => page.GetByRole(AriaRole.Button, new() { Name = "Clear all" }).ClickAsync();
}
