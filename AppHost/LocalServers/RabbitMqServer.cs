using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;

namespace LocalServers;

/// <summary>
/// Data that is in the folder already is used again, under the same name of the Erlang node: that name is part of the data.
/// A broker that is not durable is killed at the end instead of stopped.
/// </summary>
public sealed record RabbitMqOptions(string Folder, string Node, string User, string Password, int Port, int ManagementPort, int DistributionPort, int EpmdPort, bool Durable)
{
    /// <summary>The cluster it is a node of; null for a broker by itself, which has a port mapper of its own.</summary>
    public RabbitMqCluster? Cluster { get; init; }
}

/// <summary>Nodes that find each other through one port mapper, which is whoever's who starts them.</summary>
/// <param name="Cookie">The secret they share.</param>
/// <param name="Nodes">All of them, by the names in <see cref="RabbitMqOptions.Node"/>.</param>
public sealed record RabbitMqCluster(string Cookie, IReadOnlyList<string> Nodes);

/// <summary>A private RabbitMQ with its management plugin, from the machine's own binaries, on loopback only.</summary>
public sealed class RabbitMqServer : IRunning
{
    /// <summary>RabbitMQ's own default user is the one that Aspire's resource uses too.</summary>
    public const string DefaultUser = "guest";

    private readonly ChildProcess? _epmd;
    private readonly ChildProcess _broker;
    private readonly bool _durable;

    private RabbitMqServer(ChildProcess? epmd, ChildProcess broker, RabbitMqOptions options)
    {
        _epmd = epmd;
        _broker = broker;
        _durable = options.Durable;
        Uri = new($"amqp://{options.User}:{options.Password}@127.0.0.1:{options.Port}");
        Management = new($"http://{options.User}:{options.Password}@127.0.0.1:{options.ManagementPort}");
    }

    /// <summary>amqp, with user and password, default virtual host.</summary>
    public Uri Uri { get; }

    /// <summary>The management plugin's page and API, with user and password.</summary>
    public Uri Management { get; }

    public Task<int> Exit => _broker.Exit;

    public int ProcessId => _broker.ProcessId;

    /// <summary>The start script of the newest installed version, or null. The one in /usr/sbin forces its own user, folders and cookie.</summary>
    public static string? Script => !Directory.Exists("/usr/lib/rabbitmq/lib")
        ? null
        : Directory.EnumerateDirectories("/usr/lib/rabbitmq/lib", "rabbitmq_server-*")
            .OrderDescending(StringComparer.Ordinal)
            .Select(folder => $"{folder}/sbin/rabbitmq-server")
            .FirstOrDefault(File.Exists);

    public static async Task<RabbitMqServer> Start(RabbitMqOptions options, Action<string>? output = null, CancellationToken cancellation = default)
    {
        var script = Script ?? throw new InvalidOperationException("RabbitMQ is not installed here. On Debian: apt-get install rabbitmq-server");
        var environment = Prepare(options);
        var journal = new Journal(output);

        // Erlang would start its port mapper as a daemon that outlives the broker. Started by us first, it is a child like any other.
        var epmd = options.Cluster is null ? await PortMapper(options.EpmdPort, journal.Write) : null;
        try
        {
            var broker = await ChildProcess.Start(
                new(script) { OwnEnvironmentOnly = true, Environment = environment, WorkingDirectory = options.Folder }, journal.Write);
            var server = new RabbitMqServer(epmd, broker, options);
            try
            {
                await Until.Ready("RabbitMQ", broker, journal, () => Answers(server.Uri, server.Management), TimeSpan.FromSeconds(60), cancellation);
                return server;
            }
            catch
            {
                await broker.DisposeAsync();
                throw;
            }
        }
        catch
        {
            await (epmd?.DisposeAsync() ?? ValueTask.CompletedTask);
            throw;
        }
    }

    /// <summary>Tells Erlang's nodes each other's ports; for the nodes of a cluster.</summary>
    public static Task<ChildProcess> PortMapper(int port, Action<string>? output = null) =>
        ChildProcess.Start(new("epmd", "-port", Text(port), "-address", "127.0.0.1") { OwnEnvironmentOnly = true }, output ?? (_ => { }));

    /// <summary>Do the broker and its management plugin answer?</summary>
    public static async Task<bool> Answers(Uri amqp, Uri management)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(amqp.Host, amqp.Port);
            using var http = Client(management);
            using var response = await http.GetAsync(new Uri("api/vhosts", UriKind.Relative));
            return response.IsSuccessStatusCode;
        }
        catch (Exception exception) when (exception is SocketException or HttpRequestException)
        {
            return false;
        }
    }

    /// <summary>Through the management API, because each call of rabbitmqctl starts an Erlang machine of its own (1.3 s).</summary>
    public static async Task CreateVirtualHost(Uri management, string name)
    {
        using var http = Client(management);
        var user = management.UserInfo.Split(':')[0];
        using var host = await http.PutAsJsonAsync($"api/vhosts/{name}", new { });
        host.EnsureSuccessStatusCode();
        using var permissions = await http.PutAsJsonAsync($"api/permissions/{name}/{user}", new { configure = ".*", write = ".*", read = ".*" });
        permissions.EnsureSuccessStatusCode();
    }

    public static async Task DeleteVirtualHost(Uri management, string name)
    {
        using var http = Client(management);
        using var response = await http.DeleteAsync(new Uri($"api/vhosts/{name}", UriKind.Relative));
    }

    /// <summary>The same broker and user, another virtual host.</summary>
    public static Uri WithVirtualHost(Uri broker, string name) => new UriBuilder(broker) { Path = name }.Uri;

    /// <summary>Ends the broker as a power cut would.</summary>
    public async Task Kill()
    {
        await _broker.Kill();
        await _broker.DisposeAsync();
        await (_epmd?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    /// <summary>Closes connections and writes the queues: a few milliseconds, and then 5 s in which the management plugin waits for nothing.</summary>
    public async Task Stop()
    {
        await _broker.Stop(TimeSpan.FromSeconds(20));
        await _broker.DisposeAsync();
        await (_epmd?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    public async ValueTask DisposeAsync() => await (_durable ? Stop() : Kill());

    private static Dictionary<string, string> Prepare(RabbitMqOptions options)
    {
        var folder = Directory.CreateDirectory(options.Folder).FullName;
        File.WriteAllText($"{folder}/rabbitmq.conf", string.Join('\n', (string[])[
            $"listeners.tcp.1 = 127.0.0.1:{options.Port}",
            "management.tcp.ip = 127.0.0.1",
            $"management.tcp.port = {options.ManagementPort}",
            $"default_user = {options.User}",
            $"default_pass = {options.Password}",
            // The defaults block all publishers on a small machine with a nearly full disk or little free memory.
            "vm_memory_high_watermark.absolute = 2GB",
            "disk_free_limit.absolute = 200MB",
            "log.console = true",
            "log.console.level = warning",
            "log.file = false",
            .. Clustering(options.Cluster),
            ""]));
        if (options.Cluster is { } cluster)
        {
            WriteCookie(folder, cluster.Cookie);
        }

        File.WriteAllText($"{folder}/enabled_plugins", "[rabbitmq_management].\n");
        return new()
        {
            ["HOME"] = folder,
            ["LANG"] = "C.UTF-8",
            ["RABBITMQ_NODENAME"] = $"{options.Node}@localhost",
            ["RABBITMQ_MNESIA_BASE"] = $"{folder}/mnesia",
            ["RABBITMQ_LOG_BASE"] = $"{folder}/log",
            ["RABBITMQ_CONFIG_FILE"] = $"{folder}/rabbitmq.conf",
            ["RABBITMQ_GENERATED_CONFIG_DIR"] = $"{folder}/config",
            ["RABBITMQ_ENABLED_PLUGINS_FILE"] = $"{folder}/enabled_plugins",
            ["RABBITMQ_CONF_ENV_FILE"] = "/dev/null",
            ["RABBITMQ_PID_FILE"] = $"{folder}/pid",
            ["RABBITMQ_DIST_PORT"] = Text(options.DistributionPort),
            ["ERL_EPMD_PORT"] = Text(options.EpmdPort),
            ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
            // No busy waiting: idle schedulers would burn the cores that the services need.
            ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none",
            // Makes the script become the Erlang machine instead of waiting for it, so that our signals reach the broker itself.
            ["RUNNING_UNDER_SYSTEMD"] = "true",
        };
    }

    private static IEnumerable<string> Clustering(RabbitMqCluster? cluster) => cluster is null ? [] :
    [
        "cluster_formation.peer_discovery_backend = classic_config",
        "cluster_formation.randomized_startup_delay_range.min = 0",
        "cluster_formation.randomized_startup_delay_range.max = 1",
        // A node that sees less than half of the others stops serving instead of going on by itself.
        "cluster_partition_handling = pause_minority",
        .. cluster.Nodes.Select((node, index) => $"cluster_formation.classic_config.nodes.{index + 1} = {node}@localhost"),
    ];

    // Erlang reads it from the home folder, and only if nobody else can.
    private static void WriteCookie(string folder, string cookie)
    {
        var file = $"{folder}/.erlang.cookie";
        if (!File.Exists(file) && !OperatingSystem.IsWindows())
        {
            File.WriteAllText(file, cookie);
            File.SetUnixFileMode(file, UnixFileMode.UserRead);
        }
    }

    private static HttpClient Client(Uri management)
    {
        var credentials = Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(management.UserInfo)));
        return new()
        {
            BaseAddress = new UriBuilder(management) { UserName = "", Password = "" }.Uri,
            DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Basic", credentials) },
            Timeout = TimeSpan.FromSeconds(10),
        };
    }

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);
}
