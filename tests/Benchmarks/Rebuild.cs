using System.Diagnostics;
using Campaigns;
using Npgsql;
using Testing;
using static Benchmarks.Statistics;

namespace Benchmarks;

/// <summary>
/// The views of an organization with so many events (a tenth registrations, a tenth rosters, the rest news of connections) are built anew beside the living ones, which are the daemon's work:
/// how fast, as a ratio to reading the same events raw, and whether the two are equal, row by row.
/// </summary>
internal static class Rebuild
{
    private const string Mine = "bench";
    private const int Rounds = 3;

    public static async Task<int> Run(Servers servers, int events)
    {
        await using var host = new ServiceHost<Campaign>("campaign", await servers.Database("campaign"), await servers.VirtualHost());
        using var client = host.As(Mine, "ops");
        (await client.GetAsync("/health")).EnsureSuccessStatusCode();
        var source = (NpgsqlDataSource)host.Services.GetService(typeof(NpgsqlDataSource))!;
        await CampaignPages.Execute(source, $$"""
            create temp table made as
            select n as seq_id, md5('event' || n)::uuid as id, md5(kind || case when kind = 'access_noted' then creator || '-' || n % 3 else creator::text end)::uuid as stream_id,
                   case when kind = 'access_noted' then n else 1 end as version,
                   case kind
                       when 'creator_admitted' then jsonb_build_object('CreatorId', md5('c' || creator)::uuid)
                       when 'joined_roster' then jsonb_build_object('MembershipId', md5(kind || creator)::uuid, 'CampaignId', md5('campaign' || creator % 20)::uuid, 'CreatorId', md5('c' || creator)::uuid)
                       else jsonb_build_object('ConnectionId', md5(kind || creator || '-' || n % 3)::uuid, 'CreatorId', md5('c' || creator)::uuid, 'Platform', (array['instagram','youtube','tiktok'])[1 + n % 3],
                                               'Status', (array['Connected','Connected','Expired','Invalidated'])[1 + hash(n, 1) % 4], 'Reason', null, 'Sequence', n, 'Since', now()) end as data,
                   kind, now() - interval '1 second' * ({{events}} - n) as timestamp
            from (select n, case when n <= {{events}} / 10 then 'creator_admitted' when n <= {{events}} / 5 then 'joined_roster' else 'access_noted' end as kind,
                         (n - 1) % ({{events}} / 10) as creator from generate_series(1, {{events}}) n) one;
            insert into campaign.mt_streams (id, tenant_id, version) select stream_id, '{{Mine}}', max(version) from made group by 1;
            insert into campaign.mt_events (seq_id, id, stream_id, version, data, type, timestamp, tenant_id, mt_dotnet_type, is_archived)
            select seq_id, id, stream_id, version, data, kind, timestamp, '{{Mine}}', 'Campaigns.' || initcap(kind), false from made;
            select setval('campaign.mt_events_sequence', {{events}});
            analyze campaign.mt_events
            """);
        var rebuild = (ViewRebuild)host.Services.GetService(typeof(ViewRebuild))!;
        var began = Stopwatch.GetTimestamp();
        using var pulse = new PeriodicTimer(TimeSpan.FromMilliseconds(500));
        while (await CampaignPages.Scalar<long>(source, $"select coalesce(max(last_seq_id), 0)::bigint from campaign.mt_event_progression where name = '{CampaignViews.Shard}'") < events)
        {
            await pulse.WaitForNextTickAsync();
        }

        Console.WriteLine($"the daemon folded {events:n0} events into the living views, {events / Stopwatch.GetElapsedTime(began).TotalSeconds:n0}/s");
        var (reads, rebuilds, differences) = (new List<double>(), new List<double>(), 0L);
        for (var round = 0; round < Rounds; round++)
        {
            reads.Add(events / (await ReadRaw(source)).TotalSeconds);
            var outcome = (await rebuild.Run(default))!;
            rebuilds.Add(outcome.Events / outcome.Elapsed.TotalSeconds);
            differences += await Differences(source);
            Console.WriteLine($"round {round + 1}: rebuilt {rebuilds[^1]:n0}/s, read raw {reads[^1]:n0}/s");
        }

        Console.WriteLine();
        Console.WriteLine($"| {events:n0} events, median of {Rounds} | |");
        Console.WriteLine("|---|---|");
        Console.WriteLine($"| reading them raw | {Median(reads):n0}/s |");
        Console.WriteLine($"| rebuilding every view of them | {Median(rebuilds):n0}/s |");
        Console.WriteLine($"| ratio | {Median(rebuilds) / Median(reads):0.00} |");
        Console.WriteLine($"| rows that differ from the living views | {differences:n0} |");
        Console.WriteLine();
        return Bars.Report(($"the rebuilt views equal the living ones ({differences:n0} differences)", differences == 0));
    }

    private static async Task<TimeSpan> ReadRaw(NpgsqlDataSource source)
    {
        var started = Stopwatch.GetTimestamp();
        await using var command = source.CreateCommand("select id, seq_id, stream_id, version, data::text, type, timestamp, tenant_id from campaign.mt_events order by seq_id");
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            reader.GetString(4);
        }

        return Stopwatch.GetElapsedTime(started);
    }

    // Each table exists twice: the one that was shown and the one that was built anew, whichever is which.
    private static async Task<long> Differences(NpgsqlDataSource source)
    {
        var differences = 0L;
        foreach (var (name, where) in ((string, string)[])[("plan", ""), ("roster", ""), ("creator_connection", ""), ("standing_count", "where creators <> 0"), ("campaign_day", ""), ("roster_change", ""), ("campaign_pulse", "")])
        {
            differences += await CampaignPages.Scalar<long>(source, $"select count(*) from ((table a_{name} except table b_{name}) union all (table b_{name} except table a_{name})) d"
                .Replace($"table a_{name}", $"select * from campaign.{name}_a {where}", StringComparison.Ordinal).Replace($"table b_{name}", $"select * from campaign.{name}_b {where}", StringComparison.Ordinal));
        }

        return differences;
    }
}
