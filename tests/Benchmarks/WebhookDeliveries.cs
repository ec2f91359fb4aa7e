using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using Testing;
using Webhooks;
using Webhooks.Intake;
using static Benchmarks.Statistics;

namespace Benchmarks;

/// <summary>
/// Events from the broker to one receiver through a replica in a process of its own, to one endpoint and to many, beside a bare HttpClient loop of the same signed posts with as
/// many connections to the same receiver; and how long an event takes where they come at a modest pace.
/// </summary>
internal static class WebhookDeliveries
{
    private const string One = "aurora";
    private const string Many = "borealis";

    // As many requests as an endpoint gets of one replica where nobody says otherwise.
    private const int Connections = 8;
    private const int PerSubject = 4;
    private const int Endpoints = 20;
    private const int Rounds = 3;
    private const int PerSecond = 50;
    private static readonly TimeSpan MeasuredFor = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>An event as it was published, and where it is to come.</summary>
    private sealed record Sent(string Id, Guid Subject, long Sequence, DateTime At, string Endpoint = "/0");

    public static async Task<int> Run(Servers servers, int messages)
    {
        var (database, broker) = (await servers.Database("webhooks"), await servers.VirtualHost());
        await using var around = await Around.Start();
        await using var receiver = await Receiver.Start();
        await using var service = await ServiceProcess.Start(
            "Webhooks",
            ("ConnectionStrings:webhooks", database), ("ConnectionStrings:rabbitmq", broker.ToString()), ("Authentication:Authority", around.Address),
            ("Authentication:Audience", "creator-connections"), ("Secrets:Key", Convert.ToBase64String(new byte[32])), ("Destinations:AllowHttp", "true"),
            ("Destinations:AnyPort", "true"), ("Destinations:AllowedNetworks:0", "127.0.0.0/8"), ("Sending:PerEndpoint", Connections.ToString(CultureInfo.InvariantCulture)));
        using var client = around.Client(service.Address, One, "webhooks.read webhooks.manage");
        await Register(client, $"{receiver.Address}0");
        using var other = around.Client(service.Address, Many, "webhooks.read webhooks.manage");
        for (var endpoint = 0; endpoint < Endpoints; endpoint++)
        {
            await Register(other, $"{receiver.Address}{endpoint}");
        }

        await Eventually.Get(() => client.GetFromJsonAsync<JsonElement>("/health"), health => health.GetProperty("status").GetString() == "Healthy", within: Patience);

        await using var connection = await new ConnectionFactory { Uri = broker }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync(new(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));

        // Once without counting: first connections, and the compiler.
        await BareLoop(receiver, 2_000);
        await Arrive(receiver, await Publish(channel, One, 2_000));

        var (bare, one, many, all) = (new List<double>(), new List<Figures>(), new List<Figures>(), new List<Sent>());
        for (var round = 0; round < Rounds; round++)
        {
            bare.Add(await BareLoop(receiver, messages));
            one.Add(await Through(One, messages, 1));
            many.Add(await Through(Many, messages / Endpoints, Endpoints));
            Console.WriteLine($"round {round + 1}: bare loop {bare[^1]:n0}/s; through the service to one endpoint {one[^1]}, to {Endpoints} {many[^1]}");
        }

        var paced = await Pace(channel);
        await Arrive(receiver, paced);
        double[] delays = [.. paced.Select(one => (receiver.Arrivals[("/0", one.Id)].At - one.At).TotalMilliseconds).Order()];
        all.AddRange(paced);

        var inOrder = all.GroupBy(one => (one.Endpoint, one.Subject)).All(subject =>
            subject.OrderBy(one => receiver.Arrivals[(one.Endpoint, one.Id)].Place).Select(one => one.Sequence).SequenceEqual(subject.Select(one => one.Sequence).Order()));
        var (toOne, toMany) = (Median(one.Select(figures => figures.PerSecond)), Median(many.Select(figures => figures.PerSecond)));
        Console.WriteLine();
        Console.WriteLine($"| {messages:n0} deliveries, {PerSubject} of each subject, over {Connections} connections an endpoint; medians of {Rounds} | |");
        Console.WriteLine("|---|---|");
        Console.WriteLine($"| bare HttpClient loop of the same signed posts | {Median(bare):n0}/s |");
        Console.WriteLine($"| through the service to one endpoint: published, taken in, sent; to the last receipt | {toOne:n0}/s |");
        Console.WriteLine($"| ratio | {toOne / Median(bare):0.00} |");
        Console.WriteLine($"| the same to {Endpoints} endpoints | {toMany:n0}/s |");
        Console.WriteLine($"| CPU a delivery, service and database, to one / to {Endpoints} | {Median(one.Select(figures => figures.Cpu)):0.0} ms / {Median(many.Select(figures => figures.Cpu)):0.0} ms |");
        Console.WriteLine($"| from publishing to the receiver at {PerSecond}/s for {MeasuredFor.TotalSeconds:0} s, p50 / p99 / most | {Percentile(delays, 0.5):0} ms / {Percentile(delays, 0.99):0} ms / {delays[^1]:0} ms |");
        Console.WriteLine();
        return Bars.Report(
            ("every event came, and once", receiver.Repeats == 0),
            ("events of one subject came in their order", inOrder),
            ("at least 300 deliveries a second to one endpoint", toOne >= 300),
            ("p99 from publishing under 1 s", Percentile(delays, 0.99) < 1000));

        async Task<Figures> Through(string organization, int events, int endpoints)
        {
            var (service0, database0) = (service.Worked(), await Servers.Worked(database));
            var sent = await Publish(channel, organization, events);
            Sent[] expected = [.. Enumerable.Range(0, endpoints).SelectMany(endpoint => sent.Select(one => one with { Endpoint = $"/{endpoint}" }))];
            await Arrive(receiver, expected);
            all.AddRange(expected);
            return new(
                expected.Length / (expected.Max(one => receiver.Arrivals[(one.Endpoint, one.Id)].At) - sent[0].At).TotalSeconds,
                (service.Worked() - service0).TotalMilliseconds / expected.Length, (await Servers.Worked(database) - database0).TotalMilliseconds / expected.Length);
        }
    }

    private static async Task Register(HttpClient client, string url) =>
        (await client.PostAsJsonAsync("/v1/webhook-endpoints", new { url, description = "Benchmark" })).EnsureSuccessStatusCode();

    /// <summary>Deliveries a second, and milliseconds of processors for each.</summary>
    private sealed record Figures(double PerSecond, double ServiceCpu, double DatabaseCpu)
    {
        public double Cpu => ServiceCpu + DatabaseCpu;

        public override string ToString() => $"{PerSecond:n0}/s ({ServiceCpu:0.00} + {DatabaseCpu:0.00} ms)";
    }

    /// <summary>As fast as the broker confirms them, in their order.</summary>
    private static async Task<List<Sent>> Publish(IChannel channel, string organization, int messages)
    {
        var subjects = Enumerable.Range(0, messages / PerSubject).Select(_ => Guid.CreateVersion7()).ToArray();
        using var inFlight = new SemaphoreSlim(200);
        var (sent, confirms) = (new List<Sent>(messages), new List<Task>(messages));
        for (var n = 0; n < messages; n++)
        {
            await inFlight.WaitAsync();
            sent.Add(new(Guid.CreateVersion7().ToString(), subjects[n % subjects.Length], (n / subjects.Length) + 1, DateTime.UtcNow));
            confirms.Add(Confirm(Say(channel, organization, sent[^1]), inFlight));
        }

        await Task.WhenAll(confirms);
        return sent;

        static async Task Confirm(ValueTask publish, SemaphoreSlim inFlight)
        {
            await publish;
            inFlight.Release();
        }
    }

    private static async Task<List<Sent>> Pace(IChannel channel)
    {
        var sent = new List<Sent>();
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / PerSecond));
        while (sent.Count < PerSecond * MeasuredFor.TotalSeconds && await timer.WaitForNextTickAsync())
        {
            sent.Add(new(Guid.CreateVersion7().ToString(), Guid.CreateVersion7(), 1, DateTime.UtcNow));
            await Say(channel, One, sent[^1]);
        }

        return sent;
    }

    private static ValueTask Say(IChannel channel, string organization, Sent one) => channel.BasicPublishAsync(
        "events",
        KeyOf(organization),
        mandatory: true,
        new BasicProperties
        {
            MessageId = one.Id,
            CorrelationId = one.Id,
            ContentType = "application/json",
            DeliveryMode = DeliveryModes.Persistent,
            Headers = new Dictionary<string, object?> { ["organization"] = organization, ["subject"] = one.Subject.ToString() },
        },
        Body(organization, one.Subject, one.Sequence));

    private static string KeyOf(string organization) => $"{organization}.connections.ConnectionGranted";

    private static byte[] Body(string organization, Guid subject, long sequence) => JsonSerializer.SerializeToUtf8Bytes(
        new
        {
            OrganizationId = organization,
            ConnectionId = subject,
            CreatorId = subject,
            Platform = "instagram",
            AccountId = "17841400000000001",
            Scopes = (string[])["instagram_business_basic", "instagram_business_manage_insights"],
            Sequence = sequence,
            OccurredAt = DateTimeOffset.UtcNow,
        },
        JsonSerializerOptions.Web);

    private static Task Arrive(Receiver receiver, IReadOnlyList<Sent> sent)
    {
        var last = 0;
        return Eventually.Get(
            () =>
            {
                while (last < sent.Count && receiver.Arrivals.ContainsKey((sent[last].Endpoint, sent[last].Id)))
                {
                    last++;
                }

                return last;
            },
            arrived => arrived == sent.Count,
            within: Patience);
    }

    /// <summary>The same posts, one after the other on each connection, and nothing written down.</summary>
    private static async Task<double> BareLoop(Receiver receiver, int messages)
    {
        var (subject, secrets) = (Guid.CreateVersion7(), (byte[][])[new byte[32]]);
        var headers = new Dictionary<string, string> { ["organization"] = One, ["subject"] = subject.ToString() };
        var body = new WebhookBody(subject, "ConnectionGranted", KeyOf(One), subject.ToString(), headers, JsonElement.Parse(Body(One, subject, 1))).ToBytes();
        using var http = new HttpMessageInvoker(new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false, MaxConnectionsPerServer = Connections });
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(_ => Task.Run(async () =>
        {
            for (var n = 0; n < messages / Connections; n++)
            {
                var (id, now) = (Guid.CreateVersion7().ToString(), DateTimeOffset.UtcNow.ToUnixTimeSeconds());
                using var request = new HttpRequestMessage(HttpMethod.Post, receiver.Address);
                request.Content = new ByteArrayContent(body) { Headers = { ContentType = new("application/json") } };
                request.Headers.Add("webhook-id", id);
                request.Headers.Add("webhook-timestamp", now.ToString(CultureInfo.InvariantCulture));
                request.Headers.Add("webhook-signature", SigningSecret.Sign(secrets, id, now, body));
                using var response = await http.SendAsync(request, CancellationToken.None);
                if (!response.IsSuccessStatusCode)
                {
                    throw new InvalidOperationException($"The receiver answered {response.StatusCode}.");
                }
            }
        })));
        return messages / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    /// <summary>Notes what came, and when, and as the how manieth.</summary>
    private sealed class Receiver(WebApplication app) : IAsyncDisposable
    {
        private int came;
        private int repeats;

        public ConcurrentDictionary<(string Path, string Id), (int Place, DateTime At)> Arrivals { get; } = new();

        public int Repeats => repeats;

        public string Address => $"{app.Urls.Single()}/";

        public static async Task<Receiver> Start()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            var app = builder.Build();
            var receiver = new Receiver(app);
            app.Run(receiver.Take);
            await app.StartAsync();
            return receiver;
        }

        public ValueTask DisposeAsync() => app.DisposeAsync();

        private async Task Take(HttpContext http)
        {
            await http.Request.Body.CopyToAsync(Stream.Null);
            if (!Arrivals.TryAdd((http.Request.Path.Value!, http.Request.Headers["webhook-id"].ToString()), (Interlocked.Increment(ref came), DateTime.UtcNow)))
            {
                Interlocked.Increment(ref repeats);
            }

            http.Response.StatusCode = StatusCodes.Status204NoContent;
        }
    }
}
