using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using EventSourcing;
using MailKit.Net.Smtp;
using Microsoft.Extensions.DependencyInjection;
using MimeKit;
using Npgsql;
using Outreach;
using Testing;
using static Benchmarks.Statistics;

namespace Benchmarks;

/// <summary>
/// One outreach to 100,000 creators by a replica in a process of its own, beside a bare MailKit loop with as many connections to the same sink, and beside one that writes down the least there is; the same where the sink takes its time; how soon the request is
/// accepted and what memory that takes; and how long ten recipients of another organization wait meanwhile.
/// </summary>
internal static class BulkSend
{
    private const int Connections = 4;
    private const int BareMails = 10_000;
    private const int BareRounds = 3;
    private const int SmallOutreaches = 5;
    private const int WarmUp = 2_000;
    private const int Patient = 1_500;
    private static readonly int[] Pauses = [2, 5, 20];
    private const string Big = "big";
    private const string Small = "small";

    public static async Task<int> Run(Servers servers, int recipients)
    {
        var (database, broker) = (await servers.Database("outreach"), await servers.VirtualHost());
        await using var around = await Around.Start();
        await using var sink = await ServiceProcess.Start("Mail", ("Smtp:Port", "0"), ("Mailbox:Capacity", "1000"), ("Logging:LogLevel:Mail", "Information"));
        var smtp = sink.PortBehind("Taking mail on port");
        (string, string)[] settings =
        [
            ("services:campaign:http:0", around.Address),
            ("Authentication:ClientId", "outreach-service"),
            ("Authentication:ClientSecret", "secret"),
            ("Hub:PublicUrl", "http://localhost:1"),
            ("Invitations:SigningKey", Convert.ToBase64String(new byte[32])),
            ("Smtp:Host", "127.0.0.1"),
            ("Smtp:Port", smtp),
            ("Smtp:From", "outreach@mail.example"),
            ("Smtp:Security", "None"),
            ("Outreach:PublicUrl", "http://localhost:1"),
            ("services:connections:http:0", around.Address),
            ("Delivery:Lines", Connections.ToString(CultureInfo.InvariantCulture)),
        ];
        var (big, small) = await Seed(database, broker, settings, Math.Max(recipients, WarmUp + (Pauses.Length * BareRounds * Patient)));

        await using var service = await ServiceProcess.Start(
            "Outreach",
            [
                .. settings, ("ConnectionStrings:outreach", database), ("ConnectionStrings:rabbitmq", broker.ToString()), ("Authentication:Authority", around.Address),
                ("Authentication:Audience", "creator-connections"),
            ]);
        await using var source = NpgsqlDataSource.Create(database);
        using var mine = around.Client(service.Address, Big);
        using var theirs = around.Client(service.Address, Small);

        // Once without counting: first connections, and the compiler.
        await Finish(source, await Send(mine, big.Campaign, "reconnect-request", big.Creators[..WarmUp]), patience: TimeSpan.FromMinutes(2));
        await Finish(source, await Send(theirs, small.Campaign, "reconnect-request", small.Creators[..10]), patience: TimeSpan.FromMinutes(2));

        await using var floor = await MailFloor.Open(await servers.Database("floor"), await servers.VirtualHost());
        var (bare, least) = (new List<double>(), new List<double>());
        await Round();

        var (before, watch) = (service.Resident(), Stopwatch.StartNew());
        var outreach = await Send(mine, big.Campaign, "creator-hub-invitation", big.Creators[..recipients]);
        var accepted = watch.Elapsed;
        var grown = (service.Peak() - before) / (1024.0 * 1024);

        var waits = new List<double>();
        for (var n = 0; n < SmallOutreaches; n++)
        {
            var started = Stopwatch.GetTimestamp();
            await Finish(source, await Send(theirs, small.Campaign, "creator-hub-invitation", small.Creators[(n * 10)..((n + 1) * 10)]), TimeSpan.FromMinutes(2));
            waits.Add(Stopwatch.GetElapsedTime(started).TotalSeconds);
        }

        await Finish(source, outreach, TimeSpan.FromMinutes(10));
        var rate = recipients / watch.Elapsed.TotalSeconds;
        await Round();

        // A server that has to keep a message before it says so (RFC 5321, 6.1) takes its time for each; the one above says so at once.
        var patient = new Dictionary<int, List<double>>();
        using var faults = new HttpClient { BaseAddress = sink.Address };
        foreach (var (pause, crowd) in Pauses.SelectMany(pause => Enumerable.Repeat(pause, BareRounds)).Zip(big.Creators[WarmUp..].Chunk(Patient)))
        {
            (await faults.PostAsJsonAsync("/control/faults", new { at = "Content", times = int.MaxValue, delayMilliseconds = pause })).EnsureSuccessStatusCode();
            var loop = await BareLoop(smtp, Patient);
            var started = Stopwatch.StartNew();
            await Finish(source, await Send(mine, big.Campaign, "reconnect-request", crowd), TimeSpan.FromMinutes(5));
            var ours = crowd.Length / started.Elapsed.TotalSeconds;
            (patient.TryGetValue(pause, out var ratios) ? ratios : patient[pause] = []).Add(ours / loop);
            (await faults.DeleteAsync("/control/faults")).EnsureSuccessStatusCode();
            Console.WriteLine($"a server that takes {pause} ms: bare loop {loop:n0}/s, the outreach to {crowd.Length:n0} {ours:n0}/s");
        }

        var sent = await Scalar(source, "select count(*) from outreach.recipients where outreach_id = $1 and verdict = 'Sent'", outreach);
        var ratio = rate / Median(bare);
        Console.WriteLine();
        Console.WriteLine($"| {recipients:n0} recipients, {Connections} connections | |");
        Console.WriteLine("|---|---|");
        Console.WriteLine($"| bare MailKit loop, median of {bare.Count} | {Median(bare):n0}/s |");
        Console.WriteLine($"| the outreach, from the request to the last verdict | {rate:n0}/s |");
        Console.WriteLine($"| ratio | {ratio:0.00} |");
        Console.WriteLine($"| the loop that writes down the least there is, median of {least.Count} | {Median(least):n0}/s |");
        Console.WriteLine($"| it beside the bare loop; the outreach beside it | {Median(least) / Median(bare):0.00}; {rate / Median(least):0.00} |");
        Console.WriteLine($"| the request was accepted after | {accepted.TotalSeconds:0.00} s |");
        Console.WriteLine($"| memory of the process grew meanwhile by | {grown:0} MB |");
        Console.WriteLine($"| ten recipients of another organization waited, median and longest of {SmallOutreaches} | {Median(waits):0.0} s, {waits.Max():0.0} s |");
        Console.WriteLine($"| sent | {sent:n0} |");
        foreach (var (pause, ratios) in patient)
        {
            Console.WriteLine($"| beside a bare loop where the server takes {pause} ms for each message, median of {ratios.Count} | {Median(ratios):0.00} |");
        }

        Console.WriteLine();
        return Bars.Report(
            ("everybody was written to", sent == recipients),
            ("mails at least 0.7 of the bare loop's", ratio >= 0.7),
            ("accepted within 2 s", accepted.TotalSeconds < 2),
            ("memory grew by less than 100 MB", grown < 100),
            ("another organization's ten waited no more than 5 s", waits.Max() <= 5));

        async Task Round()
        {
            for (var round = 0; round < BareRounds; round++)
            {
                bare.Add(await BareLoop(smtp));
                least.Add(await Connected(smtp, lines => floor.Send(lines, BareMails / Connections, Compose)));
                Console.WriteLine($"bare loop: {bare[^1]:n0}/s, and with the least written down: {least[^1]:n0}/s");
            }
        }
    }

    private sealed record Crowd(Guid Campaign, Guid[] Creators);

    private static async Task<(Crowd Big, Crowd Small)> Seed(string database, Uri broker, (string, string)[] settings, int recipients)
    {
        await using var host = new ServiceHost<KnownCampaign>("outreach", database, broker, [.. settings, ("EventStore:RunDaemon", "false")]);
        using var client = host.CreateClient();
        var sessions = host.Services.GetRequiredService<StreamSessions>();
        return (await Tell(sessions, Big, recipients), await Tell(sessions, Small, SmallOutreaches * 10));
    }

    private static async Task<Crowd> Tell(StreamSessions sessions, string organization, int creators)
    {
        await using var session = sessions.For(organization);
        var crowd = new Crowd(Guid.CreateVersion7(), [.. Enumerable.Range(0, creators).Select(_ => Guid.CreateVersion7())]);
        await session.DecideAndSave<KnownOrganization>(
            KnownOrganization.IdOf(organization), _ => Decision.Of(new SenderNamed(KnownOrganization.IdOf(organization), "Aurora Collective", 1)), default);
        await session.DecideAndSave<KnownCampaign>(crowd.Campaign, _ => Decision.Of(new CampaignBecameKnown(crowd.Campaign, "Summer", ["InstagramInsights"], 1)), default);
        foreach (var page in crowd.Creators.Chunk(1000))
        {
            var places = page.ToDictionary(creator => RosterPlace.IdOf(organization, crowd.Campaign, creator));
            var standings = page.ToDictionary(creator => CreatorStanding.IdOf(organization, creator));
            await session.DecideAllAndSave<KnownCreator>(page, (id, _) => Decision.Of(new CreatorBecameKnown(id, 1)), default);
            await session.DecideAllAndSave<RosterPlace>(places.Keys, (id, _) => Decision.Of(new RosterJoined(id, crowd.Campaign, places[id], 1)), default);

            // They have lost a connection, so that they may be sent a reconnect request as well as an invitation.
            await session.DecideAllAndSave<CreatorStanding>(standings.Keys, (id, _) => Decision.Of(new OptInLost(id, "instagram", 1)), default);
        }

        return crowd;
    }

    private static async Task<Guid> Send(HttpClient http, Guid campaign, string template, Guid[] creators)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/outreach") { Content = JsonContent.Create(new { campaignId = campaign, template, creatorIds = creators }) };
        request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
        using var response = await http.SendAsync(request);
        return (await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetGuid();
    }

    // Asked of the database and seldom: counting through the API would be part of the load.
    private static async Task Finish(NpgsqlDataSource source, Guid outreach, TimeSpan patience)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        for (var started = Stopwatch.StartNew(); await Scalar(source, "select count(*) from outreach.batch where outreach_id = $1", outreach) > 0;)
        {
            if (started.Elapsed > patience)
            {
                throw new TimeoutException($"The outreach is not over after {patience}.");
            }

            await timer.WaitForNextTickAsync();
        }
    }

    private static async Task<long> Scalar(NpgsqlDataSource source, string sql, Guid outreach)
    {
        await using var command = source.CreateCommand(sql);
        command.Parameters.Add(new() { Value = outreach });
        return (long)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>The same messages, one after the other on each connection, and nothing written down.</summary>
    private static Task<double> BareLoop(string port, int mails = BareMails) => Connected(port, lines => Task.WhenAll(lines.Select(line => Task.Run(async () =>
    {
        for (var n = 0; n < mails / Connections; n++)
        {
            await line(Compose());
        }
    }))), mails);

    private static async Task<double> Connected(string port, Func<IReadOnlyList<Func<MimeMessage, Task>>, Task> send, int mails = BareMails)
    {
        var clients = await Task.WhenAll(Enumerable.Range(0, Connections).Select(async _ =>
        {
            var client = new SmtpClient();
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync("127.0.0.1", int.Parse(port, CultureInfo.InvariantCulture));
            await client.ConnectAsync(socket, "127.0.0.1", int.Parse(port, CultureInfo.InvariantCulture), MailKit.Security.SecureSocketOptions.None);
            return client;
        }));
        var watch = Stopwatch.StartNew();
        await send([.. clients.Select(client => (Func<MimeMessage, Task>)(message => client.SendAsync(message)))]);
        var rate = mails / watch.Elapsed.TotalSeconds;
        foreach (var client in clients)
        {
            await client.DisconnectAsync(true);
            client.Dispose();
        }

        return rate;
    }

    private static MimeMessage Compose()
    {
        var message = new MimeMessage { Subject = "Ana, connect your accounts for Summer", MessageId = $"{Guid.NewGuid():N}@mail.example" };
        message.From.Add(new MailboxAddress("Aurora Collective", "outreach@mail.example"));
        message.To.Add(new MailboxAddress("Ana Lima", $"{Guid.NewGuid():N}@creators.example"));
        message.Body = new MultipartAlternative
        {
            new TextPart("plain") { Text = Text, ContentTransferEncoding = ContentEncoding.QuotedPrintable },
            new TextPart("html") { Text = Html, ContentTransferEncoding = ContentEncoding.QuotedPrintable },
        };
        return message;
    }

    private static readonly string Text = string.Concat(Enumerable.Repeat("Please open the Creator Hub and connect your accounts for the campaign. ", 10));
    private static readonly string Html = $"<!doctype html><html><body>{string.Concat(Enumerable.Repeat("<p style=\"margin:0 0 16px\">Please open the Creator Hub and connect your accounts.</p>", 30))}</body></html>";
}
