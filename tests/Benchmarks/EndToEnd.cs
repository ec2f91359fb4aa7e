using System.Security.Cryptography;
using Campaigns;
using Connections;
using EventSourcing;
using Npgsql;
using Testing;
using static Benchmarks.Statistics;

namespace Benchmarks;

/// <summary>From an event's commit in Connections to the commit of its effect in Campaign's view, through both services as they are wired.</summary>
internal static class EndToEnd
{
    private const int PerCommit = 100;
    private const int Writers = 4;
    private const int Rounds = 5;
    private const int PerSecond = 50;
    private static readonly TimeSpan LatencyFor = TimeSpan.FromSeconds(20);
    private static readonly string[] Scopes = ["instagram_business_basic", "instagram_business_manage_insights"];

    public static async Task<int> Run(Servers servers, int events)
    {
        var broker = await servers.VirtualHost();
        var (connectionsDatabase, campaignDatabase) = (await servers.Database("connections"), await servers.Database("campaign"));
        await using var connections = new ServiceHost<Connection>("connections", connectionsDatabase, broker, [.. Settings(), ("ConnectionStrings:keys", await servers.Database("keys"))]);
        await using var campaign = new ServiceHost<CampaignViews>("campaign", campaignDatabase, broker, ("OTEL_TRACES_SAMPLER", "always_off"));
        using var _ = campaign.CreateClient();
        using var __ = connections.CreateClient();
        await using var marks = await PlainAmqp.Connect(broker);
        await marks.Listen(["outreach"], typeof(CreatorConnections.Contracts.Connections.ConnectionGranted));
        var sessions = (StreamSessions)connections.Services.GetService(typeof(StreamSessions))!;
        await using var source = NpgsqlDataSource.Create(connectionsDatabase);
        await using var views = NpgsqlDataSource.Create(campaignDatabase);

        // Both kinds of work once without counting: they pay for first connections, and for the compiler, which rewrites what runs often.
        await Append(sessions, events);
        await Committed(views, events);

        await Latencies(sessions, source, views);

        var latencies = await Latencies(sessions, source, views);
        var floors = new List<Floors>();
        var sustained = new List<double>();
        for (var round = 0; round < Rounds; round++)
        {
            floors.Add(await Floors.Measure(servers, events));
            var before = await Count(views);
            var started = await Now(views);
            await Append(sessions, events);
            await Committed(views, before + events);
            sustained.Add(events / (await LastCommit(views) - started).TotalSeconds);
            Console.WriteLine($"round {round + 1}: insert {floors[^1].Insert:n0}/s, publish {floors[^1].Publish:n0}/s, consume {floors[^1].Consume:n0}/s, upsert {floors[^1].Upsert:n0}/s, composition {floors[^1].Composition:n0}/s; end to end {sustained[^1]:n0}/s, ratio {sustained[^1] / floors[^1].Composition:0.00}");
        }

        var ratio = Median(sustained.Zip(floors, (rate, floor) => rate / floor.Composition));
        Console.WriteLine();
        Console.WriteLine($"| {Rounds} rounds of {events:n0} events, medians | |");
        Console.WriteLine("|---|---|");
        Console.WriteLine($"| batched Npgsql insert, alone | {Median(floors.Select(f => f.Insert)):n0}/s |");
        Console.WriteLine($"| confirmed RabbitMQ.Client publish, alone | {Median(floors.Select(f => f.Publish)):n0}/s |");
        Console.WriteLine($"| consume with ack, alone | {Median(floors.Select(f => f.Consume)):n0}/s |");
        Console.WriteLine($"| batched Npgsql upsert, alone | {Median(floors.Select(f => f.Upsert)):n0}/s |");
        Console.WriteLine($"| their composition on shared cores | {Median(floors.Select(f => f.Composition)):n0}/s |");
        Console.WriteLine($"| end to end, sustained | {Median(sustained):n0}/s |");
        Console.WriteLine($"| ratio to the composition | {ratio:0.00} |");
        Console.WriteLine($"| latency at {PerSecond} events/s, p50 / p99 ({latencies.Length:n0} events) | {Percentile(latencies, 0.50):0.0} ms / {Percentile(latencies, 0.99):0.0} ms |");
        Console.WriteLine();
        return Bars.Report(
            ("sustained at least 0.3 of the composition", ratio >= 0.3),
            ("p50 under 30 ms", Percentile(latencies, 0.50) < 30),
            ("p99 under 100 ms", Percentile(latencies, 0.99) < 100));
    }

    public static (string, string)[] Settings() =>
    [
        // Spans are made where somebody collects them; here nobody does, and the bare clients beside make none either.
        ("OTEL_TRACES_SAMPLER", "always_off"),
        ("Hub:PublicUrl", "http://localhost:1"),
        ("Invitations:SigningKey", Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))),
        ("TokenVault:Key", Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))),
        .. ((string[])["Instagram:AuthorizeBase", "Instagram:TokenBase", "Instagram:GraphBase", "YouTube:AuthorizeBase", "YouTube:TokenBase", "YouTube:DataBase", "YouTube:AnalyticsBase", "YouTube:RiscJwksUri", "TikTok:AuthorizeBase", "TikTok:ApiBase"])
            .Select(key => ($"Platforms:{key}", "http://localhost:1")),
        .. ((string[])["Instagram:ClientId", "Instagram:ClientSecret", "YouTube:ClientId", "YouTube:ClientSecret", "TikTok:ClientKey", "TikTok:ClientSecret"]).Select(key => ($"Platforms:{key}", "unused")),
    ];

    public static AccessGranted Granted() =>
        new(Guid.CreateVersion7(), "instagram", "17841400000000001", Scopes, DateTimeOffset.UtcNow.AddDays(60), Guid.CreateVersion7(), DateTimeOffset.UtcNow);

    private static Task Append(StreamSessions sessions, int events) => Task.WhenAll(Enumerable.Range(0, Writers).Select(async _ =>
    {
        for (var done = 0; done < events / Writers; done += PerCommit)
        {
            await using var session = sessions.For("aurora");
            await session.DecideAllAndSave<Connection>([.. Enumerable.Range(0, PerCommit).Select(_ => Guid.CreateVersion7())], (_, _) => Decision.Of(Granted()), default);
        }
    }));

    private static async Task<double[]> Latencies(StreamSessions sessions, NpgsqlDataSource source, NpgsqlDataSource views)
    {
        var before = await Count(views);
        var ids = new List<Guid>();
        var appends = new List<Task>();
        using (var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / PerSecond)))
        {
            for (var n = 0; n < PerSecond * LatencyFor.TotalSeconds && await timer.WaitForNextTickAsync(); n++)
            {
                var id = Guid.CreateVersion7();
                ids.Add(id);
                appends.Add(One(sessions, id));
            }
        }

        await Task.WhenAll(appends);
        await Committed(views, before + ids.Count);

        // Both databases are of one server: one clock dates both commits.
        var appended = await CommitTimes(source, "select stream_id, pg_xact_commit_timestamp(xmin) from connections.mt_events where stream_id = any($1)", ids);
        var effective = await CommitTimes(views, "select connection_id, pg_xact_commit_timestamp(xmin) from campaign.creator_connection_a where connection_id = any($1)", ids);
        return [.. ids.Select(id => (effective[id] - appended[id]).TotalMilliseconds).Order()];
    }

    private static async Task One(StreamSessions sessions, Guid id)
    {
        await using var session = sessions.For("aurora");
        await session.DecideAndSave<Connection>(id, _ => Decision.Of(Granted()), default);
    }

    private static async Task Committed(NpgsqlDataSource views, long rows)
    {
        // Asking costs what is being measured, so not often; the commits themselves are dated by the server.
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        var until = DateTime.UtcNow.AddMinutes(3);
        while (await Count(views) < rows)
        {
            if (DateTime.UtcNow > until)
            {
                throw new TimeoutException($"Of {rows} rows {await Count(views)} came.");
            }

            await timer.WaitForNextTickAsync();
        }
    }

    private static async Task<long> Count(NpgsqlDataSource views) => (long)(await Scalar(views, "select count(*) from campaign.creator_connection_a"))!;

    private static async Task<DateTime> Now(NpgsqlDataSource views) => (DateTime)(await Scalar(views, "select clock_timestamp()"))!;

    private static async Task<DateTime> LastCommit(NpgsqlDataSource views) => (DateTime)(await Scalar(views, "select max(pg_xact_commit_timestamp(xmin)) from campaign.creator_connection_a"))!;

    private static async Task<object?> Scalar(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }

    private static async Task<Dictionary<Guid, DateTime>> CommitTimes(NpgsqlDataSource source, string sql, List<Guid> ids)
    {
        await using var command = source.CreateCommand(sql);
        command.Parameters.Add(new() { Value = ids.ToArray() });
        await using var reader = await command.ExecuteReaderAsync();
        var times = new Dictionary<Guid, DateTime>();
        while (await reader.ReadAsync())
        {
            times[reader.GetGuid(0)] = reader.GetDateTime(1);
        }

        return times;
    }
}
