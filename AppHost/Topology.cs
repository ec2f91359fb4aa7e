using System.Globalization;

namespace AppHost;

/// <summary>What runs, on which ports, with which settings and after whom. Written once: AppHost.cs and Standalone both take it from here.</summary>
/// <remarks>Every port can be changed by an environment variable: PORT_CAMPAIGN, PORT_MAIL_SMTP, ... (see <see cref="PortVariable"/>).</remarks>
public sealed class Topology
{
    public const string Http = "http";

    private readonly Func<string, string?> _environment;

    /// <summary>Reads port overrides through <paramref name="environment"/>; what the simulators remember lies in <paramref name="stateFolder"/>.</summary>
    public Topology(Func<string, string?> environment, string stateFolder)
    {
        _environment = environment;
        var identity = Endpoint("identity", 5203);
        var platforms = Endpoint("platforms", 5201);
        var hub = Endpoint("connections", 5101);
        var outreach = Endpoint("outreach", 5102);
        var webhooks = Endpoint("webhooks", 5104);
        var demo = Endpoint("demo", 5204);
        var console = Endpoint("console", 5100);
        var mail = Ports("mail", (Http, 5202), ("smtp", 5225));

        Dictionary<string, string> tokens = new() { ["Authentication__Authority"] = Url(identity), ["Authentication__Audience"] = "creator-connections" };
        Dictionary<string, string> hubAddress = new() { ["Hub__PublicUrl"] = Url(hub) };

        Postgres = new("postgres") { Ports = Ports("postgres", ("tcp", 5433)) };
        RabbitMq = new("rabbitmq") { Ports = Ports("rabbitmq", ("tcp", 5673), ("management", 15673), ("distribution", 25673), ("epmd", 4370)) };

        Identity = new("identity")
        {
            Project = "simulators/Identity",
            Ports = identity,
            Settings = new() { ["Issuer"] = Url(identity), ["Console__PublicUrl"] = Url(console), ["State__Directory"] = State("identity") },
        };
        Platforms = new("platforms")
        {
            Project = "simulators/Platforms",
            Ports = platforms,
            Settings = new(hubAddress) { ["State__Directory"] = State("platforms") },
        };
        Mail = new("mail")
        {
            Project = "simulators/Mail",
            Ports = mail,
            Settings = new()
            {
                ["Smtp__Port"] = Text(mail["smtp"]),
                ["State__Directory"] = State("mail"),

                // What comes back goes where the bounce mailbox of a real mail system would be read into.
                ["Bounces__WebhookUrl"] = $"{Url(outreach)}/v1/bounces",
                ["Authentication__Authority"] = Url(identity),
                ["Authentication__ClientId"] = "mail-system",
                ["Authentication__ClientSecret"] = "mail-system-secret",
            },
        };
        Campaign = new("campaign")
        {
            Project = "services/Campaign",
            Ports = Endpoint("campaign", 5103),
            Database = "campaign",
            Needs = [Postgres, RabbitMq, Identity],
            Settings = new(tokens)
            {
                ["Authentication__ClientId"] = "campaign-service",
                ["Authentication__ClientSecret"] = "campaign-service-secret",

                // Connections needs Campaign to start, so Campaign cannot wait for Connections: it is only told where it will be.
                ["services__connections__http__0"] = Url(hub),
            },
        };
        Connections = new("connections")
        {
            Project = "services/Connections",
            Ports = hub,
            Database = "connections",
            KeyDatabase = "keys",
            Needs = [Postgres, RabbitMq, Identity, Platforms, Campaign],
            Settings = new([.. tokens, .. hubAddress, .. PlatformSettings(Url(platforms))])
            {
                ["Authentication__ClientId"] = "connections-service",
                ["Authentication__ClientSecret"] = "connections-service-secret",

                // One clock here, and simulated lifetimes of seconds: no allowance of minutes for clocks that disagree.
                ["Expiry__Skew"] = "00:00:01",
                ["Expiry__LookEvery"] = "00:00:01",

                // Hundreds connect within a minute here. Their insights come after that, a few at a time and without the posts of years, so that a small machine stays quick.
                ["Insights__LookEvery"] = "00:02:00",
                ["Insights__FirstWithin"] = "00:01:00",
                ["Insights__Parallel"] = "1",
                ["Platforms__Instagram__Insights__MostContent"] = "50",
                ["Platforms__YouTube__Insights__MostContent"] = "50",
                ["Platforms__TikTok__Insights__MostContent"] = "50",
            },
            Secrets = new() { ["Invitations__SigningKey"] = Secrets.SigningKey, ["TokenVault__Key"] = Secrets.VaultKey },
        };
        Outreach = new("outreach")
        {
            Project = "services/Outreach",
            Ports = outreach,
            Database = "outreach",
            Needs = [Postgres, RabbitMq, Identity, Mail, Campaign, Connections],
            Settings = new([.. tokens, .. hubAddress])
            {
                ["Authentication__ClientId"] = "outreach-service",
                ["Authentication__ClientSecret"] = "outreach-service-secret",
                ["Outreach__PublicUrl"] = Url(outreach),
                ["Smtp__Host"] = "localhost",
                ["Smtp__Port"] = Text(mail["smtp"]),
                ["Smtp__Security"] = "StartTls",
                ["Smtp__CertificateAuthority"] = Path.Combine(State("mail"), "certificate.pem"),
                ["Smtp__From"] = "outreach@creator-connections.example",
            },
            Secrets = new() { ["Invitations__SigningKey"] = Secrets.SigningKey },
        };
        Webhooks = new("webhooks")
        {
            Project = "services/Webhooks",
            Ports = webhooks,
            Database = "webhooks",
            Needs = [Postgres, RabbitMq, Identity],
            Settings = new(tokens)
            {
                // Receivers run on this machine here. Elsewhere none of these is set: https, port 443, public addresses.
                ["Destinations__AllowHttp"] = "true",
                ["Destinations__AnyPort"] = "true",
                ["Destinations__AllowedNetworks__0"] = "127.0.0.0/8",
                ["Destinations__AllowedNetworks__1"] = "::1/128",
            },
            Secrets = new() { ["Secrets__Key"] = Secrets.WebhookKey },
        };
        Console = new("console")
        {
            Project = "services/WebConsole",
            Ports = console,
            Needs = [Identity, Campaign, Connections, Outreach, Webhooks],
            Settings = new(tokens)
            {
                ["Authentication__ClientId"] = "web-console",
                ["Authentication__ClientSecret"] = "web-console-secret",
                ["State__Directory"] = State("console"),
            },
        };
        Demo = new("demo")
        {
            Project = "simulators/Demo",
            Ports = demo,
            Needs = [Identity, Platforms, Mail, Campaign, Connections, Outreach, Console],
            Settings = new([.. tokens, .. hubAddress]) { ["Authentication__ClientId"] = "demo", ["Authentication__ClientSecret"] = "demo-secret", ["State__Directory"] = State("demo") },
            IsExtra = true,
        };
        Dashboard = new("dashboard") { Ports = Ports("dashboard", (Http, 18888), ("otlp", 18889), ("otlp-http", 18890)) };

        string State(string name) => Path.Combine(stateFolder, name);
    }

    public Resource Postgres { get; }

    public Resource RabbitMq { get; }

    public Resource Identity { get; }

    public Resource Platforms { get; }

    public Resource Mail { get; }

    public Resource Campaign { get; }

    public Resource Connections { get; }

    public Resource Outreach { get; }

    public Resource Webhooks { get; }

    public Resource Console { get; }

    /// <summary>Fills a demo organization through the same doors as everybody, and again when an operator asks.</summary>
    public Resource Demo { get; }

    /// <summary>Aspire's dashboard. AppHost.cs gets it from Aspire; only Standalone starts it itself.</summary>
    public Resource Dashboard { get; }

    /// <summary>What we build and run, in an order in which it can start.</summary>
    public IReadOnlyList<Resource> Projects => [Identity, Platforms, Mail, Campaign, Connections, Outreach, Webhooks, Console, Demo];

    public IReadOnlyList<Resource> Resources => [Postgres, RabbitMq, .. Projects, Dashboard];

    public static Topology FromEnvironment(string stateFolder) => new(System.Environment.GetEnvironmentVariable, stateFolder);

    /// <summary>The environment variable that changes a port: the resource's name, and the endpoint's where it is not the main one.</summary>
    public static string PortVariable(string resource, string endpoint) =>
        (endpoint is Http or "tcp" ? $"PORT_{resource}" : $"PORT_{resource}_{endpoint}").Replace('-', '_').ToUpperInvariant();

    private static Dictionary<string, string> PlatformSettings(string simulator) => new()
    {
        ["Platforms__Instagram__AuthorizeBase"] = $"{simulator}/instagram/www",
        ["Platforms__Instagram__TokenBase"] = $"{simulator}/instagram/api",
        ["Platforms__Instagram__GraphBase"] = $"{simulator}/instagram/graph",
        ["Platforms__Instagram__ClientId"] = "1234567890",
        ["Platforms__Instagram__ClientSecret"] = "ig-app-secret",
        ["Platforms__YouTube__AuthorizeBase"] = $"{simulator}/google/accounts",
        ["Platforms__YouTube__TokenBase"] = $"{simulator}/google/oauth2",
        ["Platforms__YouTube__DataBase"] = $"{simulator}/google/www",
        ["Platforms__YouTube__AnalyticsBase"] = $"{simulator}/google/analytics",
        ["Platforms__YouTube__RiscIssuer"] = "https://accounts.google.com/",
        ["Platforms__YouTube__RiscJwksUri"] = $"{simulator}/google/www/oauth2/v3/certs",
        ["Platforms__YouTube__ClientId"] = "demo.apps.googleusercontent.com",
        ["Platforms__YouTube__ClientSecret"] = "google-secret",
        ["Platforms__TikTok__AuthorizeBase"] = $"{simulator}/tiktok/www",
        ["Platforms__TikTok__ApiBase"] = $"{simulator}/tiktok/open",
        ["Platforms__TikTok__ClientKey"] = "tt-client-key",
        ["Platforms__TikTok__ClientSecret"] = "tt-client-secret",
        ["Platforms__TikTok__AskForCampaignLinks"] = "true",
        ["Platforms__TikTokBusiness__ApiBase"] = $"{simulator}/tiktok/business/open_api/v1.3",
        ["Platforms__TikTokBusiness__AppId"] = "tt-business-app",
        ["Platforms__TikTokBusiness__Secret"] = "tt-business-secret",
        ["Platforms__TikTokBusiness__AccessToken"] = "tt-brand-token",
        ["Platforms__TikTokBusiness__TcmAccountId"] = "7300000000000000001",

        // Nobody waits a day for a simulated creator to join.
        ["Platforms__TikTokBusiness__CheckEvery"] = "00:01:00",
        ["Platforms__TikTokBusiness__CheckInvitedEvery"] = "00:00:05",
        ["Platforms__TikTokBusiness__LookEvery"] = "00:00:02",
    };

    private static string Url(IReadOnlyDictionary<string, int> ports) => $"http://localhost:{ports[Http]}";

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);

    private Dictionary<string, int> Endpoint(string resource, int port) => Ports(resource, (Http, port));

    private Dictionary<string, int> Ports(string resource, params (string Endpoint, int Port)[] defaults) =>
        defaults.ToDictionary(port => port.Endpoint, port => PortOf(PortVariable(resource, port.Endpoint), port.Port));

    private int PortOf(string variable, int usual) => _environment(variable) switch
    {
        null or "" => usual,
        var text when int.TryParse(text, CultureInfo.InvariantCulture, out var port) && port is > 0 and < 65536 => port,
        var text => throw new FormatException($"{variable}={text} is not a port. Give a number from 1 to 65535."),
    };
}

/// <summary>One process or server. It is started after those it needs, and is told where they are.</summary>
public sealed record Resource(string Name)
{
    /// <summary>Folder of the project; null for a server that is not ours.</summary>
    public string? Project { get; init; }

    public Dictionary<string, int> Ports { get; init; } = [];

    public Resource[] Needs { get; init; } = [];

    /// <summary>Its database on the PostgreSQL server, and the name of the connection string it reads.</summary>
    public string? Database { get; init; }

    /// <summary>
    /// A second database for keys alone, and the name of its connection string. Here it lies on the same server; in production on another one, with
    /// backups of its own that are kept for a shorter time.
    /// </summary>
    public string? KeyDatabase { get; init; }

    public IEnumerable<string> Databases => new[] { Database, KeyDatabase }.OfType<string>();

    /// <summary>Environment variables with their values.</summary>
    public Dictionary<string, string> Settings { get; init; } = [];

    /// <summary>Environment variables with the name of the secret each one holds.</summary>
    public Dictionary<string, string> Secrets { get; init; } = [];

    /// <summary>The others run without it.</summary>
    public bool IsExtra { get; init; }

    public int Port => Ports.Values.First();

    public bool IsHttp => Ports.ContainsKey(Topology.Http);

    public string Address => $"http://localhost:{Ports[Topology.Http]}";
}
