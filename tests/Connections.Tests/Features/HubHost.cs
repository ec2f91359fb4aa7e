using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.RegularExpressions;
using CreatorConnections.Contracts.Connections;
using Microsoft.AspNetCore.Builder;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Testing;

namespace Connections.Tests.Features;

/// <summary>Connections on a real socket beside the real platform simulator, and whoever listens to its messages.</summary>
public sealed class HubHost : IAsyncDisposable
{
    /// <summary>The key-encryption key local-1 of every host that is given no other.</summary>
    public static readonly string VaultKey = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    private static readonly byte[] InvitationKey = RandomNumberGenerator.GetBytes(32);
    private readonly ServiceHost<Connection> connections;
    private readonly WebApplication platforms;

    private readonly (string, string)[] settings;

    private HubHost(ServiceHost<Connection> connections, (string, string)[] settings, WebApplication platforms, PlainAmqp bus, Uri hub, Uri simulator, ShiftedClock clock, string database, string keys)
    {
        (this.connections, this.settings, this.platforms, Bus, Hub, Simulator) = (connections, settings, platforms, bus, hub, new HttpClient { BaseAddress = simulator });
        (Clock, Database, Keys) = (clock, database, keys);
    }

    /// <summary>What the service goes by. <see cref="Wait"/> moves the platforms' clock with it.</summary>
    public ShiftedClock Clock { get; }

    public Uri Hub { get; }

    public PlainAmqp Bus { get; }

    public HttpClient Simulator { get; }

    /// <summary>Connection strings of the two databases.</summary>
    public string Database { get; }

    public string Keys { get; }

    public IServiceProvider Services => connections.Services;

    public static Task<HubHost> Start(params Type[] listenTo) => StartWith([], listenTo);

    /// <summary>With settings of its own over the usual ones of the tests.</summary>
    public static Task<HubHost> StartWith((string Key, string Value)[] settings, params Type[] listenTo) => Start(_ => settings, listenTo);

    /// <param name="more">Further settings, made from the simulator's address.</param>
    /// <param name="listenTo">Contracts to listen to.</param>
    public static async Task<HubHost> Start(Func<Uri, IEnumerable<(string, string)>> more, params Type[] listenTo)
    {
        var (hub, simulator) = (new Uri($"http://localhost:{FreePort()}"), new Uri($"http://localhost:{FreePort()}"));
        var platforms = global::Platforms.Wiring.Build([$"--urls={simulator}", $"--Hub:PublicUrl={hub}", "--Logging:LogLevel:Default=Warning"]);
        await platforms.StartAsync();

        var (database, keys) = (await BackingServices.CreateDatabase("connections"), await BackingServices.CreateDatabase("keys"));
        var broker = await BackingServices.CreateVirtualHost();
        var clock = new ShiftedClock();
        (string, string)[] settings = [.. Settings(hub, simulator, keys), .. more(simulator)];
        var connections = new ServiceHost<Connection>("connections", database, broker, settings) { Clock = clock };
        connections.UseKestrel(hub.Port);
        connections.StartServer();
        var bus = await PlainAmqp.Connect(broker);

        // Every visit tells of its invitation and every connection of its upkeep, whatever a test listens to.
        await bus.Listen(["campaign", "outreach"], [typeof(InvitationOpened), typeof(ConnectionExpiring), typeof(ConnectionRenewed), typeof(InsightsCollected), .. listenTo]);
        return new(connections, settings, platforms, bus, hub, simulator, clock, database, keys);
    }

    /// <summary>Another replica on the same databases, broker and Hub, started.</summary>
    public ServiceHost<Connection> Replica(params (string Key, string Value)[] settings)
    {
        var replica = new ServiceHost<Connection>("connections", Database, connections.Broker, [.. this.settings, .. settings]) { Clock = Clock };
        replica.CreateClient().Dispose();
        return replica;
    }

    /// <summary>Lets time pass, for the service and for the platforms.</summary>
    public async Task Wait(TimeSpan time)
    {
        Clock.Move(time);
        (await Simulator.PostAsJsonAsync("/control/clock", new { offsetSeconds = (long)Clock.Offset.TotalSeconds })).EnsureSuccessStatusCode();
    }

    /// <summary>How often an account's platform answered a call at an endpoint well.</summary>
    public async Task<int> Calls(string platform, string handle, string endpoint)
    {
        var log = await Simulator.GetFromJsonAsync<JsonElement>($"/control/accounts/{platform}/{handle}/calls");
        return log.GetProperty("counts").TryGetProperty(endpoint, out var count) ? count.GetProperty("succeeded").GetInt32() : 0;
    }

    /// <summary>A client of a product team.</summary>
    public HttpClient As(string? organization, params string[] scopes) => connections.As(organization, scopes);

    /// <summary>A browser that keeps its cookies and follows no redirect by itself.</summary>
    public HttpClient Browser() => new(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = new() }) { BaseAddress = Hub };

    public string InvitationFor(Guid creator, string organization = "aurora", TimeSpan? lifetime = null, byte[]? key = null) => new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(
        new SecurityTokenDescriptor
        {
            Issuer = "outreach",
            Audience = "creator-hub",
            Expires = Clock.GetUtcNow().UtcDateTime + (lifetime ?? TimeSpan.FromDays(7)),
            Claims = new Dictionary<string, object> { ["jti"] = Guid.CreateVersion7().ToString(), ["sub"] = creator.ToString(), ["org"] = organization },
            SigningCredentials = new(new SymmetricSecurityKey(key ?? InvitationKey), SecurityAlgorithms.HmacSha256),
        });

    /// <summary>Opens an invitation: the browser is at the Hub from then on.</summary>
    public async Task<HttpClient> Visit(Guid creator, string organization = "aurora")
    {
        var browser = Browser();
        using var response = await browser.GetAsync($"/hub/i/{InvitationFor(creator, organization)}");
        return response.StatusCode == HttpStatusCode.SeeOther && response.Headers.Location!.ToString() == "/hub" ? browser : throw new InvalidOperationException($"{response.StatusCode}");
    }

    /// <summary>Presses Connect: the consent page's address.</summary>
    public static async Task<Uri> PressConnect(HttpClient browser, string platform)
    {
        var page = await browser.GetStringAsync("/hub");
        using var response = await browser.PostAsync($"/hub/connect/{platform}", new FormUrlEncodedContent([new("form_mark", FormMark(page))]));
        return response.StatusCode == HttpStatusCode.SeeOther ? response.Headers.Location! : throw new InvalidOperationException($"{response.StatusCode}: {await response.Content.ReadAsStringAsync()}");
    }

    /// <summary>Answers the consent page: where the platform sends the browser back to.</summary>
    public static async Task<Uri> Answer(HttpClient browser, Uri consentPage, string handle, string decision = "allow", params string[] withoutScopes)
    {
        var page = await browser.GetStringAsync(consentPage);
        var scopes = Regex.Matches(page, "name=\"scope\" value=\"([^\"]+)\"").Select(match => WebUtility.HtmlDecode(match.Groups[1].Value)).Except(withoutScopes);
        using var response = await browser.PostAsync(consentPage, new FormUrlEncodedContent([new("handle", handle), new("decision", decision), .. scopes.Select(scope => KeyValuePair.Create("scope", scope))]));
        return response.Headers.Location ?? throw new InvalidOperationException($"{response.StatusCode}: {await response.Content.ReadAsStringAsync()}");
    }

    /// <summary>The whole way: what the Hub says at the end of it.</summary>
    public async Task<string> Connect(Guid creator, string platform, string handle, string decision = "allow", params string[] withoutScopes)
    {
        using var browser = await Visit(creator);
        var back = await Answer(browser, await PressConnect(browser, platform), handle, decision, withoutScopes);
        using var response = await browser.GetAsync(back);
        return response.Headers.Location?.ToString() ?? $"{response.StatusCode}";
    }

    public async Task<JsonElement> ConnectionOf(Guid creator, string platform, string organization = "aurora")
    {
        using var client = As(organization, "connections.read");
        var list = await client.GetFromJsonAsync<JsonElement>($"/v1/creators/{creator}/connections");
        return list.GetProperty("items").EnumerateArray().Single(item => item.GetProperty("platform").GetString() == platform);
    }

    public async Task<string?> StatusOf(Guid creator, string platform) => (await ConnectionOf(creator, platform)).GetProperty("status").GetString();

    /// <summary>Registers a creator the way Connections learns of one, and waits until it has.</summary>
    public async Task<Guid> Creator(string organization = "aurora")
    {
        var id = Guid.CreateVersion7();
        using var client = As(organization, "connections.read");
        await Bus.Say(new CreatorConnections.Contracts.Campaigns.CreatorRegistered { OrganizationId = organization, CreatorId = id, Sequence = 1, OccurredAt = DateTimeOffset.UtcNow });
        await Eventually.Get(async () => (await client.GetAsync($"/v1/creators/{id}/connections")).StatusCode, status => status == HttpStatusCode.OK);
        return id;
    }

    public static string FormMark(string page) => Regex.Match(page, "name=\"form_mark\" value=\"([^\"]+)\"").Groups[1].Value;

    public async ValueTask DisposeAsync()
    {
        await connections.DisposeAsync();
        await Bus.DisposeAsync();
        await platforms.StopAsync();
        await platforms.DisposeAsync();
        Simulator.Dispose();
    }

    private static (string, string)[] Settings(Uri hub, Uri simulator, string keys) =>
    [
        ("ConnectionStrings:keys", keys),
        ("Hub:PublicUrl", hub.ToString()),
        ("Invitations:SigningKey", Convert.ToBase64String(InvitationKey)),
        ("TokenVault:Key", VaultKey),
        ("Expiry:Skew", "00:00:00"),
        ("Expiry:LookEvery", "00:00:00.200"),
        ("Upkeep:LookEvery", "00:00:00.200"),
        ("Upkeep:Plain:Asks", "1"),
        ("Upkeep:Plain:Over", "00:00:00"),
        ("Upkeep:RetryFirst", "00:00:00.100"),
        ("Breaker:LookEvery", "00:00:00.200"),
        ("Insights:Enabled", "false"),
        ("Platforms:Instagram:AuthorizeBase", $"{simulator}instagram/www"),
        ("Platforms:Instagram:TokenBase", $"{simulator}instagram/api"),
        ("Platforms:Instagram:GraphBase", $"{simulator}instagram/graph"),
        ("Platforms:Instagram:ClientId", "1234567890"),
        ("Platforms:Instagram:ClientSecret", "ig-app-secret"),
        ("Platforms:YouTube:AuthorizeBase", $"{simulator}google/accounts"),
        ("Platforms:YouTube:TokenBase", $"{simulator}google/oauth2"),
        ("Platforms:YouTube:DataBase", $"{simulator}google/www"),
        ("Platforms:YouTube:AnalyticsBase", $"{simulator}google/analytics"),
        ("Platforms:YouTube:RiscJwksUri", $"{simulator}google/www/oauth2/v3/certs"),
        ("Platforms:YouTube:ClientId", "demo.apps.googleusercontent.com"),
        ("Platforms:YouTube:ClientSecret", "google-secret"),
        ("Platforms:TikTok:AuthorizeBase", $"{simulator}tiktok/www"),
        ("Platforms:TikTok:ApiBase", $"{simulator}tiktok/open"),
        ("Platforms:TikTok:ClientKey", "tt-client-key"),
        ("Platforms:TikTok:ClientSecret", "tt-client-secret"),
    ];

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
