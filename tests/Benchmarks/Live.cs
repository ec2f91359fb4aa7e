using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using CreatorConnections.Contracts.Campaigns;
using CreatorConnections.Contracts.Connections;
using Npgsql;
using Testing;
using static Benchmarks.Statistics;

namespace Benchmarks;

/// <summary>
/// Two hundred watch one campaign while fifty connections a second change: how long after the commit of a change, and after the publishing of the message that
/// brought it, each of them has it; beside a bare LISTEN/NOTIFY from one connection to another.
/// </summary>
internal static class Live
{
    private const string Organization = "aurora";
    private const int Clients = 200;
    private const int Creators = 200;
    private const int PerSecond = 50;
    private const int BareTrips = 500;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan MeasuredFor = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>A change as one client had it: which change it was, and when.</summary>
    private sealed record Arrival(int Change, long Seq, DateTime At);

    public static async Task<int> Run(Servers servers)
    {
        var (database, broker) = (await servers.Database("campaign"), await servers.VirtualHost());
        await using var around = await Around.Start();
        await using var bus = await PlainAmqp.Connect(broker);
        await bus.Listen(["connections", "outreach"], typeof(CreatorRegistered), typeof(CampaignCreated), typeof(CreatorAddedToCampaign));
        await using var service = await ServiceProcess.Start(
            "Campaign",
            ("ConnectionStrings:campaign", database), ("ConnectionStrings:rabbitmq", broker.ToString()), ("Authentication:Authority", around.Address), ("Authentication:Audience", "creator-connections"));
        using var client = around.Client(service.Address, Organization, "campaigns.read campaigns.write");
        client.Timeout = Timeout.InfiniteTimeSpan;
        var (campaign, creators) = await Seed(client);
        await using var source = NpgsqlDataSource.Create(database);
        var bare = await BareTrip(source);

        using var stopping = new CancellationTokenSource();
        var (ready, arrivals) = (0, new ConcurrentBag<Arrival>());
        var watchers = Enumerable.Range(0, Clients).Select(_ => Task.Run(() => Watch(client, campaign, arrivals, () => Interlocked.Increment(ref ready), stopping.Token))).ToArray();
        await Until(() => ready == Clients);

        var connections = creators.Select(_ => Guid.NewGuid()).ToArray();
        var warm = await Change(bus, creators, connections, 0, WarmUp);
        await Until(() => arrivals.Count >= warm.Count * Clients);
        arrivals.Clear();
        var before = service.Resident();
        var published = await Change(bus, creators, connections, warm.Count, MeasuredFor);
        await Until(() => arrivals.Count >= published.Count * Clients);
        var grown = (service.Resident() - before) / (1024.0 * 1024);
        await stopping.CancelAsync();
        await Task.WhenAll(watchers);

        // The server and the clients share one clock: the machine's.
        var committed = await Commits(source);
        double[] fromCommit = [.. arrivals.Select(one => (one.At - committed[one.Seq]).TotalMilliseconds).Order()];
        double[] fromPublish = [.. arrivals.Select(one => (one.At - published[one.Change]).TotalMilliseconds).Order()];
        Console.WriteLine();
        Console.WriteLine($"| {Clients} clients, {PerSecond} changes/s for {MeasuredFor.TotalSeconds:0} s, {fromCommit.Length:n0} arrivals | p50 | p99 | most |");
        Console.WriteLine("|---|---|---|---|");
        Console.WriteLine($"| bare LISTEN/NOTIFY, one connection to another | {Percentile(bare, 0.5):0.0} ms | {Percentile(bare, 0.99):0.0} ms | {bare[^1]:0.0} ms |");
        Console.WriteLine($"| from the commit of the change to the client | {Percentile(fromCommit, 0.5):0.0} ms | {Percentile(fromCommit, 0.99):0.0} ms | {fromCommit[^1]:0.0} ms |");
        Console.WriteLine($"| from the publishing of the message to the client | {Percentile(fromPublish, 0.5):0.0} ms | {Percentile(fromPublish, 0.99):0.0} ms | {fromPublish[^1]:0.0} ms |");
        Console.WriteLine();
        Console.WriteLine($"The service grew by {grown:0} MB while they watched.");
        return Bars.Report(
            ("every change reached every client", arrivals.GroupBy(one => one.Change).Count(change => change.Count() == Clients) == published.Count),
            ("p99 from the commit under 1 s", Percentile(fromCommit, 0.99) < 1000),
            ("p99 from the publishing under 1 s", Percentile(fromPublish, 0.99) < 1000));
    }

    private static async Task<(Guid Campaign, Guid[] Creators)> Seed(HttpClient client)
    {
        var campaign = await Post(client, "/v1/campaigns", new { name = "Spring", startsOn = "2027-03-01", endsOn = "2027-12-31", requiredConnections = new[] { "InstagramInsights" } });
        var creators = new List<Guid>();
        for (var n = 0; n < Creators; n++)
        {
            creators.Add(await Post(client, "/v1/creators", new { name = $"Creator {n}", email = $"creator-{n}@creators.example", locale = "en" }));
        }

        (await client.PostAsJsonAsync($"/v1/campaigns/{campaign}/creators", new { creatorIds = creators })).EnsureSuccessStatusCode();
        await Eventually.Get(
            async () => (await client.GetFromJsonAsync<JsonElement>($"/v1/campaigns/{campaign}")).GetProperty("creators").GetInt64(), shown => shown == Creators, within: Patience);
        return (campaign, [.. creators]);
    }

    private static async Task<Guid> Post(HttpClient client, string address, object body)
    {
        var answer = await client.PostAsJsonAsync(address, body);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetGuid();
    }

    // A change is known by the time it names: the beginning of 2027 and as many seconds as its number.
    private static readonly DateTimeOffset Beginning = new(2027, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static async Task<Dictionary<int, DateTime>> Change(PlainAmqp bus, Guid[] creators, Guid[] connections, int first, TimeSpan during)
    {
        var published = new Dictionary<int, DateTime>();
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / PerSecond));
        for (var n = first; n < first + (PerSecond * during.TotalSeconds) && await timer.WaitForNextTickAsync(); n++)
        {
            published[n] = DateTime.UtcNow;
            await bus.Say(new ConnectionGranted
            {
                OrganizationId = Organization,
                ConnectionId = connections[n % Creators],
                CreatorId = creators[n % Creators],
                Platform = "instagram",
                AccountId = "17841400000000001",
                Scopes = ["instagram_business_basic"],
                Sequence = n + 1,
                OccurredAt = Beginning.AddSeconds(n),
            });
        }

        return published;
    }

    private static async Task Watch(HttpClient client, Guid campaign, ConcurrentBag<Arrival> arrivals, Action isReady, CancellationToken ct)
    {
        try
        {
            using var response = await client.GetAsync($"/v1/campaigns/{campaign}/events", HttpCompletionOption.ResponseHeadersRead, ct);
            response.EnsureSuccessStatusCode();
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(ct));
            var (name, id) = ("", "");
            while (await reader.ReadLineAsync(ct) is { } line)
            {
                var at = DateTime.UtcNow;
                if (line.StartsWith("event: ", StringComparison.Ordinal))
                {
                    name = line[7..];
                }
                else if (line.StartsWith("id: ", StringComparison.Ordinal))
                {
                    id = line[4..];
                }
                else if (line.StartsWith("data: ", StringComparison.Ordinal) && name == "ready")
                {
                    isReady();
                }
                else if (line.StartsWith("data: ", StringComparison.Ordinal) && name == "creator")
                {
                    const string Since = "\"since\":\"";
                    var start = line.IndexOf(Since, StringComparison.Ordinal) + Since.Length;
                    var since = DateTimeOffset.Parse(line.AsSpan(start, line.IndexOf('"', start) - start), CultureInfo.InvariantCulture);
                    arrivals.Add(new((int)(since - Beginning).TotalSeconds, long.Parse(id, CultureInfo.InvariantCulture), at));
                }
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // It is over.
        }
    }

    private static async Task<double[]> BareTrip(NpgsqlDataSource source)
    {
        await using var listening = await source.OpenConnectionAsync();
        await using var telling = await source.OpenConnectionAsync();
        await using (var listen = new NpgsqlCommand("listen bare", listening))
        {
            await listen.ExecuteNonQueryAsync();
        }

        var trips = new List<double>();
        for (var n = 0; n < BareTrips; n++)
        {
            var started = Stopwatch.GetTimestamp();
            await using var tell = new NpgsqlCommand("notify bare", telling);
            await tell.ExecuteNonQueryAsync();
            await listening.WaitAsync();
            trips.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }

        return [.. trips.Order()];
    }

    private static async Task<Dictionary<long, DateTime>> Commits(NpgsqlDataSource source)
    {
        // A view has no xmin of its own: the generation that counts from the start is a.
        await using var command = source.CreateCommand("select seq, max(pg_xact_commit_timestamp(xmin)) from campaign.roster_change_a group by seq");
        await using var reader = await command.ExecuteReaderAsync();
        var times = new Dictionary<long, DateTime>();
        while (await reader.ReadAsync())
        {
            times[reader.GetInt64(0)] = reader.GetDateTime(1);
        }

        return times;
    }

    private static Task Until(Func<bool> isSo) => Eventually.Get(isSo, came => came, "everything came", Patience);
}
