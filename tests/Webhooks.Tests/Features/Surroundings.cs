using System.Diagnostics;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using RabbitMQ.Client;
using Testing;
using Webhooks.Intake;

namespace Webhooks.Tests.Features;

/// <summary>A database and a virtual host, and the exchange of all events as our other services use it.</summary>
public sealed class Surroundings : IAsyncDisposable
{
    private readonly List<Replica> replicas = [];
    private IConnection connection = null!;
    private IChannel channel = null!;

    public string Database { get; private init; } = "";

    public Uri Broker { get; private init; } = null!;

    public static async Task<Surroundings> Build()
    {
        var surroundings = new Surroundings { Database = await BackingServices.CreateDatabase("webhooks"), Broker = await BackingServices.CreateVirtualHost("webhooks") };
        surroundings.connection = await new ConnectionFactory { Uri = surroundings.Broker }.CreateConnectionAsync();
        surroundings.channel = await surroundings.connection.CreateChannelAsync(new(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));
        return surroundings;
    }

    /// <summary>What a replica runs with: waits are short, since a test has no hours, and this machine may be sent to.</summary>
    public IEnumerable<(string Key, string Value)> Settings() =>
    [
        ("Secrets:Key", Convert.ToBase64String(Enumerable.Range(1, 32).Select(i => (byte)i).ToArray())),
        ("Destinations:AllowHttp", "true"),
        ("Destinations:AnyPort", "true"),
        ("Destinations:AllowedNetworks:0", "127.0.0.0/8"),
        ("Destinations:AllowedNetworks:1", "::1/128"),
        ("Sending:Timeout", "00:00:05"),
        ("Sending:LookEvery", "00:00:00.050"),
        ("Sending:OutagePause", "00:00:00.200"),
        ("Sending:Retries:0", "00:00:00.050"),
        ("Sending:Retries:1", "00:00:00.100"),
        ("Sending:Retries:2", "00:00:00.200"),
        ("Intake:ReconnectAfter", "00:00:00.200"),
    ];

    /// <summary>A replica that takes in and sends.</summary>
    public async Task<Replica> Start(params (string Key, string Value)[] settings)
    {
        var replica = new Replica(this, settings);
        replicas.Add(replica);
        await Eventually.Get(() => replica.Services.GetRequiredService<TakeInEvents>().IsConnected, connected => connected);
        return replica;
    }

    /// <summary>A replica in a process of its own, which a test may kill.</summary>
    public Process StartProcess(params (string Key, string Value)[] settings)
    {
        var start = new ProcessStartInfo("dotnet", typeof(Program).Assembly.Location) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (key, value) in Settings().Concat(settings))
        {
            start.Environment[key.Replace(":", "__")] = value;
        }

        start.Environment["ConnectionStrings__webhooks"] = Database;
        start.Environment["ConnectionStrings__rabbitmq"] = Broker.ToString();
        start.Environment["Authentication__Authority"] = TestTokens.Issuer;
        start.Environment["Authentication__Audience"] = TestTokens.Audience;
        start.Environment["ASPNETCORE_URLS"] = "http://127.0.0.1:0";
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    /// <summary>Publishes as the relay of a service does: to the exchange of all events, with the headers that every message has.</summary>
    public async Task<Guid> Publish(string organization, string type, Guid subject, long sequence, Guid? id = null, string? trace = null, string? text = null)
    {
        var message = id ?? Guid.CreateVersion7();
        var properties = new BasicProperties
        {
            MessageId = message.ToString(),
            CorrelationId = "4bf92f35-77b3-4da6-a3ce-929d0e0e4736",
            ContentType = "application/json",
            DeliveryMode = DeliveryModes.Persistent,
            Headers = new Dictionary<string, object?> { ["organization"] = organization, ["subject"] = subject.ToString(), ["MT-Activity-Id"] = "of the library we use" },
        };
        if (trace is not null)
        {
            properties.Headers["traceparent"] = trace;
        }

        var body = JsonSerializer.SerializeToUtf8Bytes(
            new { OrganizationId = organization, ConnectionId = subject, Sequence = sequence, OccurredAt = DateTimeOffset.UtcNow, Text = text }, JsonSerializerOptions.Web);
        await Publish($"{organization}.connections.{type}", properties, body);
        return message;
    }

    public async Task Publish(string routingKey, BasicProperties properties, byte[] body, string exchange = "events") => await channel.BasicPublishAsync(exchange, routingKey, mandatory: true, properties, body);

    /// <summary>Ends the service's connections to the broker from the broker's side. Answers how many there were.</summary>
    public async Task<int> CutConnections()
    {
        var management = await BackingServices.RabbitMqManagement();
        using var http = new HttpClient { BaseAddress = new(management.GetLeftPart(UriPartial.Authority).Replace($"{management.UserInfo}@", "", StringComparison.Ordinal)) };
        http.DefaultRequestHeaders.Authorization = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(management.UserInfo))));
        var names = (await http.GetFromJsonAsync<JsonElement>($"/api/vhosts/{Uri.EscapeDataString(Broker.AbsolutePath.Trim('/'))}/connections")).EnumerateArray()
            .Where(one => one.TryGetProperty("user_provided_name", out var name) && name.GetString() == "webhooks").Select(one => one.GetProperty("name").GetString()!).ToArray();
        foreach (var name in names)
        {
            await http.DeleteAsync($"/api/connections/{Uri.EscapeDataString(name)}");
        }

        return names.Length;
    }

    /// <summary>How many messages wait in a queue.</summary>
    public async Task<uint> Waiting(string queue) => (await channel.QueueDeclarePassiveAsync(queue)).MessageCount;

    /// <summary>How many consumers a queue has; 0 where there is none yet.</summary>
    public async Task<uint> Consumers(string queue)
    {
        await using var look = await connection.CreateChannelAsync();
        try
        {
            return (await look.QueueDeclarePassiveAsync(queue)).ConsumerCount;
        }
        catch (RabbitMQ.Client.Exceptions.OperationInterruptedException)
        {
            return 0;
        }
    }

    /// <summary>The one value that a statement answers.</summary>
    public async Task<T> Ask<T>(string sql)
    {
        await using var source = NpgsqlDataSource.Create(Database);
        await using var command = source.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    public async Task Do(string sql)
    {
        await using var source = NpgsqlDataSource.Create(Database);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Takes the database away, with all connections to it, or gives it back.</summary>
    public async Task Allow(bool connections)
    {
        var name = new NpgsqlConnectionStringBuilder(Database).Database;
        await using var source = NpgsqlDataSource.Create(await BackingServices.PostgresConnectionString);
        await using var allow = source.CreateCommand($"alter database \"{name}\" with allow_connections {connections}");
        await allow.ExecuteNonQueryAsync();
        await using var end = source.CreateCommand($"select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = '{name}' and not {connections}");
        await end.ExecuteScalarAsync();
    }

    /// <summary>All there is in the tables and events, as text.</summary>
    public async Task<string> Everything()
    {
        var everything = new StringBuilder();
        foreach (var table in (string[])["mt_events", "endpoint", "endpoint_secret", "message", "delivery", "attempt", "lane"])
        {
            everything.Append(await Ask<string>($"select coalesce(string_agg(t::text, ' '), '') from webhooks.{table} t"));
        }

        return everything.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var replica in replicas)
        {
            await replica.DisposeAsync();
        }

        await connection.DisposeAsync();
    }
}

/// <summary>One replica in this process.</summary>
public sealed class Replica : ServiceHost<Program>
{
    public Replica(Surroundings surroundings, params (string Key, string Value)[] settings)
        : base("webhooks", surroundings.Database, surroundings.Broker, [.. surroundings.Settings(), .. settings]) => Clock = Time;

    /// <summary>The service's time; runs on like the wall's, and can be moved.</summary>
    public ShiftedClock Time { get; } = new();

    public Desk Desk(string organization) => new(As(organization, "webhooks.read", "webhooks.manage"));
}

/// <summary>One service for the tests of the collection. Each test is an organization of its own, so none can see another's data.</summary>
public sealed class Service : IAsyncLifetime
{
    public Surroundings Surroundings { get; private set; } = null!;

    public Replica Replica { get; private set; } = null!;

    public static string AnOrganization() => $"org-{Guid.NewGuid():N}"[..20];

    public async ValueTask InitializeAsync()
    {
        Surroundings = await Surroundings.Build();
        Replica = await Surroundings.Start();
    }

    public ValueTask DisposeAsync() => Surroundings.DisposeAsync();
}

[CollectionDefinition(nameof(Service))]
public sealed class ServiceCollection : ICollectionFixture<Service>;
