using System.Diagnostics;
using System.Text.Json;
using MassTransit;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using Testing;

namespace Outreach.Tests.Features;

/// <summary>Outreach with everything around it: its own database and virtual host, a mail server, and the services it asks.</summary>
public sealed class Surroundings : IAsyncDisposable
{
    private static readonly string[] Contracts = ["OutreachSent", "OutreachFailed", "OutreachBounced", "OutreachClicked", "OutreachConverted", "InvitationRevoked", "SuppressionAdded", "SuppressionLifted"];
    private readonly List<(string Contract, JsonElement Message)> published = [];
    private IConnection? connection;

    public required string Database { get; init; }

    public required Uri Broker { get; init; }

    public required Neighbours Neighbours { get; init; }

    public Postbox Postbox { get; } = new();

    public static async Task<Surroundings> Build()
    {
        var surroundings = new Surroundings
        {
            Database = await BackingServices.CreateDatabase("outreach"),
            Broker = await BackingServices.CreateVirtualHost("outreach"),
            Neighbours = await Neighbours.Start(),
        };
        await surroundings.Listen();
        return surroundings;
    }

    /// <summary>The settings a replica runs with. Waits are short, since a test has no minutes; what guards against a stall is not, since a busy machine stalls.</summary>
    public IEnumerable<(string Key, string Value)> Settings(TimeSpan? lease = null) =>
    [
        ("ConnectionStrings:outreach", Database),
        ("ConnectionStrings:rabbitmq", Broker.ToString()),
        ("services:campaign:http:0", Neighbours.Address),
        ("services:connections:http:0", Neighbours.Address),
        ("Outreach:PublicUrl", "http://localhost:5102"),
        ("Authentication:Authority", Neighbours.Address),
        ("Authentication:Audience", "creator-connections"),
        ("Authentication:ClientId", "outreach-service"),
        ("Authentication:ClientSecret", "secret"),
        ("Invitations:SigningKey", Convert.ToBase64String(Enumerable.Range(1, 32).Select(i => (byte)i).ToArray())),
        ("Hub:PublicUrl", "http://localhost:5101"),
        ("Smtp:Host", "127.0.0.1"),
        ("Smtp:Port", Postbox.Port.ToString()),
        ("Smtp:From", "outreach@mail.example"),
        ("Smtp:Timeout", "00:00:04"),
        ("Delivery:Lease", (lease ?? TimeSpan.FromSeconds(30)).ToString()),
        ("Delivery:LookEvery", "00:00:00.050"),
        ("Delivery:FirstRetry", "00:00:00.100"),
        ("Delivery:OutagePause", "00:00:00.100"),
        ("Delivery:MaxAttempts", "3"),
    ];

    /// <summary>The messages of one outreach that went out to the others.</summary>
    public IReadOnlyList<JsonElement> Published(Guid outreach)
    {
        lock (published)
        {
            return [.. published.Select(one => one.Message)
                .Where(message => message.TryGetProperty("outreachId", out var id) && id.GetGuid() == outreach)];
        }
    }

    /// <summary>The messages of one contract about one creator.</summary>
    public IReadOnlyList<JsonElement> Published(string contract, Guid creator)
    {
        lock (published)
        {
            return [.. published.Where(one => one.Contract == contract && one.Message.GetProperty("creatorId").GetGuid() == creator).Select(one => one.Message)];
        }
    }

    /// <summary>The revocations of an invitation that went out to the others.</summary>
    public IReadOnlyList<JsonElement> Revoked(Guid invitation)
    {
        lock (published)
        {
            return [.. published.Where(one => one.Contract == "InvitationRevoked" && one.Message.GetProperty("invitationId").GetGuid() == invitation).Select(one => one.Message)];
        }
    }

    public async ValueTask DisposeAsync()
    {
        await (connection?.DisposeAsync() ?? ValueTask.CompletedTask);
        await Neighbours.DisposeAsync();
        await Postbox.DisposeAsync();
    }

    // A plain AMQP client, as a stranger would be. The marks say that our own services have bound their queues, so the relay need not wait for them.
    private async Task Listen()
    {
        connection = await new ConnectionFactory { Uri = Broker }.CreateConnectionAsync();
        var channel = await connection.CreateChannelAsync();
        foreach (var mark in (string[])
            [
                "campaign:{0}OutreachSent", "connections:{0}OutreachSent", "connections:{0}InvitationRevoked", "campaign:{0}OutreachFailed", "campaign:{0}OutreachBounced",
                "campaign:{0}OutreachClicked", "campaign:{0}OutreachConverted",
            ])
        {
            await channel.ExchangeDeclareAsync($"subscribed:{mark.Replace("{0}", "CreatorConnections.Contracts.Outreach:", StringComparison.Ordinal)}", ExchangeType.Fanout, durable: true);
        }

        var queue = await channel.QueueDeclareAsync();
        foreach (var contract in Contracts)
        {
            var exchange = $"CreatorConnections.Contracts.Outreach:{contract}";
            await channel.ExchangeDeclareAsync(exchange, ExchangeType.Fanout, durable: true);
            await channel.QueueBindAsync(queue.QueueName, exchange, "");
        }

        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, message) =>
        {
            lock (published)
            {
                published.Add((message.Exchange.Split(':')[^1], JsonDocument.Parse(message.Body.ToArray()).RootElement.Clone()));
            }

            return Task.CompletedTask;
        };
        await channel.BasicConsumeAsync(queue.QueueName, autoAck: true, consumer);
    }
}

/// <summary>One replica in this process, on a real socket.</summary>
public sealed class Replica : WebApplicationFactory<Program>
{
    private readonly Surroundings surroundings;
    private readonly (string Key, string Value)[] settings;

    public Replica(Surroundings surroundings, params (string Key, string Value)[] settings)
    {
        (this.surroundings, this.settings) = (surroundings, settings);
        UseKestrel(0);
        StartServer();
    }

    /// <summary>The service's time; runs on like the wall's, and can be moved.</summary>
    public ShiftedClock Clock { get; } = new();

    public Task Publish(object message, Guid? messageId = null) =>
        Services.GetRequiredService<IBus>().Publish(
            message, message.GetType(), Pipe.Execute<PublishContext>(context => context.MessageId = messageId ?? Guid.CreateVersion7()));

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        foreach (var (key, value) in surroundings.Settings().Concat(settings))
        {
            builder.UseSetting(key, value);
        }

        builder.ConfigureTestServices(services => services.AddSingleton<TimeProvider>(Clock).AddSingleton<IStartupFilter>(new DescribedAnswers("outreach")));
    }
}

/// <summary>One replica in a process of its own, which a test may kill.</summary>
public sealed class ReplicaProcess : IDisposable
{
    private const string Listening = "Now listening on: ";
    private readonly Process process;
    private readonly TaskCompletionSource<Uri> address = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ReplicaProcess(Surroundings surroundings, TimeSpan lease)
    {
        var start = new ProcessStartInfo("dotnet", typeof(Program).Assembly.Location) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (key, value) in surroundings.Settings(lease))
        {
            start.Environment[key.Replace(":", "__")] = value;
        }

        start.Environment["ASPNETCORE_URLS"] = "http://127.0.0.1:0";
        process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) =>
        {
            if (line.Data?.IndexOf(Listening, StringComparison.Ordinal) is { } at and >= 0)
            {
                address.TrySetResult(new(line.Data[(at + Listening.Length)..].Trim()));
            }
        };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Where it listens, once it does.</summary>
    public Task<Uri> Address => address.Task.WaitAsync(TimeSpan.FromSeconds(30));

    public void Kill() => process.Kill();

    public void Dispose()
    {
        process.Kill();
        process.Dispose();
    }
}

/// <summary>One service for the tests of the collection. Each test is an organization of its own, so none can see another's data.</summary>
public sealed class Service : IAsyncLifetime
{
    public Surroundings Surroundings { get; private set; } = null!;

    public Replica Replica { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Surroundings = await Surroundings.Build();
        Replica = new(Surroundings);
    }

    public async ValueTask DisposeAsync()
    {
        await Replica.DisposeAsync();
        await Surroundings.DisposeAsync();
    }
}

[CollectionDefinition(nameof(Service))]
public sealed class ServiceCollection : ICollectionFixture<Service>;
