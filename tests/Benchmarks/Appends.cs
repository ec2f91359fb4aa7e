using System.Diagnostics;
using Connections;
using EventSourcing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Benchmarks;

/// <summary>What waking the daemon quickly costs those who append: many small commits with our signal, with the store's own NOTIFY, and with polling only.</summary>
internal static class Appends
{
    private const int Writers = 8;
    private const int Rounds = 5;
    private static readonly TimeSpan For = TimeSpan.FromSeconds(5);

    public static async Task<int> Run(Servers servers)
    {
        var rates = new Dictionary<string, List<double>> { ["polling only"] = [], ["signal"] = [], ["NOTIFY in every commit"] = [] };
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var (how, measured) in rates)
            {
                measured.Add(await Rate(servers, how));
                Console.WriteLine($"round {round + 1}, {how}: {measured[^1]:n0} commits/s");
            }
        }

        var ratio = Ratio(rates["signal"], rates["polling only"]);
        Console.WriteLine();
        Console.WriteLine($"signal / polling only: {ratio:0.00}; NOTIFY in every commit / polling only: {Ratio(rates["NOTIFY in every commit"], rates["polling only"]):0.00} (medians of {Rounds} pairs)");
        return Bars.Report(("append rate with the wake-up at least 0.8 of that without", ratio >= 0.8));
    }

    private static async Task<double> Rate(Servers servers, string how)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:appends"] = await servers.Database("appends"),
            ["ConnectionStrings:rabbitmq"] = (await servers.VirtualHost()).ToString(),
            ["EventStore:WakeOnCommit"] = (how == "signal").ToString(),
        });
        builder.AddEventStore("appends", store => store.Options.Events.UseListenNotifyForEventAppends = how == "NOTIFY in every commit");

        // The relay runs in all three: what is compared is how it is woken, not whether there is work for it.
        builder.AddIntegration("appends", map => map.Publish<AccessGranted, Said>(e => new Said { Id = e.StreamId }));
        using var host = builder.Build();
        await host.StartAsync();
        var sessions = host.Services.GetRequiredService<StreamSessions>();

        await Write(sessions, TimeSpan.FromSeconds(1));
        var started = Stopwatch.GetTimestamp();
        var commits = await Write(sessions, For);
        var rate = commits / Stopwatch.GetElapsedTime(started).TotalSeconds;
        await host.StopAsync();
        return rate;
    }

    private static async Task<int> Write(StreamSessions sessions, TimeSpan during)
    {
        var until = Stopwatch.GetTimestamp() + (long)(during.TotalSeconds * Stopwatch.Frequency);
        var commits = await Task.WhenAll(Enumerable.Range(0, Writers).Select(async _ =>
        {
            var done = 0;
            while (Stopwatch.GetTimestamp() < until)
            {
                await using var session = sessions.For("aurora");
                await session.DecideAndSave<Connection>(Guid.CreateVersion7(), _ => Decision.Of(EndToEnd.Granted()), default);
                done++;
            }

            return done;
        }));
        return commits.Sum();
    }

    private static double Ratio(List<double> a, List<double> b)
    {
        double[] ratios = [.. a.Zip(b, (x, y) => x / y).Order()];
        return ratios[ratios.Length / 2];
    }

    public sealed record Said
    {
        public required Guid Id { get; init; }
    }
}
