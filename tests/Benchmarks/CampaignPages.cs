using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using Campaigns;
using JasperFx.Events;
using Marten;
using Npgsql;
using Testing;
using static Benchmarks.Statistics;

namespace Benchmarks;

/// <summary>
/// The campaign pages as the organization grows to a million creators in a thousand campaigns: the times of dashboard, list, facets and detail beside a look-up by
/// primary key through the same HTTP stack and beside the bare query for the same rows; and what the projection folds beside raw upserts of the same rows.
/// </summary>
internal static class CampaignPages
{
    private const string Mine = "bench";
    private const string LookUp = "look-up by primary key";
    private const string Dashboard = "dashboard";
    private const string AfterChange = ", changed before each call";
    // Three letters of a first name find one creator in sixteen, one letter one in seven.
    private const string Broad = "many found";
    private const int Campaigns = 1_000;
    private const int WarmUp = 30;
    private const int Samples = 200;
    private const int SamplesOfBar = 2_000;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);
    private const int FoldPage = 2_000;
    private const int FoldPages = 12;
    private static readonly int[] AllSizes = [1_000, 10_000, 100_000, 1_000_000];

    /// <param name="servers">Of this run.</param>
    /// <param name="most">The largest organization.</param>
    public static async Task<int> Run(Servers servers, int most)
    {
        int[] sizes = [.. AllSizes.Where(size => size <= most)];
        await using var host = new ServiceHost<Campaign>("campaign", await servers.Database("campaign"), await servers.VirtualHost());
        using var client = host.As(Mine, "campaigns.read");
        (await client.GetAsync("/health")).EnsureSuccessStatusCode();
        var source = (NpgsqlDataSource)host.Services.GetService(typeof(NpgsqlDataSource))!;
        var large = Guid.CreateVersion7();
        await Plan(source, large);
        var table = new Dictionary<string, List<Times>>();
        var mover = new Mover(host, source, large);
        foreach (var (before, size) in sizes.Prepend(0).Zip(sizes))
        {
            var started = Stopwatch.GetTimestamp();
            await Grow(source, large, before, size);
            var disk = await Scalar<long>(source, "select pg_database_size(current_database())");
            Console.WriteLine($"{size,9:n0} creators, {size / 10:n0} of them in the large campaign (seeded in {Stopwatch.GetElapsedTime(started).TotalSeconds:0} s; {disk / 1_048_576.0:n0} MiB of disk)");
            foreach (var (name, look) in await Looks(client, source, large))
            {
                // A bar that compares two of the quickest needs more than the second longest of 200.
                var times = await Measure(look, name is LookUp or Dashboard ? SamplesOfBar : Samples, name.EndsWith(AfterChange, StringComparison.Ordinal) ? mover.Move : null);
                (table.TryGetValue(name, out var row) ? row : table[name] = []).Add(times);
                Console.WriteLine($"    {name,-46} p50 {times.P50,7:0.00} ms  p99 {times.P99,7:0.00} ms");
            }
        }

        var fold = await Fold(host, source, large);
        Console.WriteLine($"projection {fold.Folded:n0} events/s, raw upserts of the same rows {fold.Raw:n0}/s, ratio {fold.Folded / fold.Raw:0.00}");

        Console.WriteLine();
        Console.WriteLine($"| p50 / p99 ms, up to {Samples} calls, {SamplesOfBar:n0} of the bar's two | {string.Join(" | ", sizes.Select(size => $"{size:n0}"))} |");
        Console.WriteLine($"|---|{string.Concat(sizes.Select(_ => "---|"))}");
        foreach (var (name, row) in table)
        {
            Console.WriteLine($"| {name} | {string.Join(" | ", row.Select(times => $"{times.P50:0.0} / {times.P99:0.0}"))} |");
        }

        Console.WriteLine();
        var look0 = table[LookUp][^1];
        var dashboard = table[Dashboard][^1];
        var (slowest, slowestOfAll) = (Slowest("list,"), Slowest("list of all"));
        var steady = Grown(row => !row.Contains(Broad, StringComparison.Ordinal));
        var broad = Grown(row => row.Contains(Broad, StringComparison.Ordinal));
        return Bars.Report(
            ($"dashboard p99 at most twice a look-up by primary key ({dashboard.P99 / look0.P99:0.00})", dashboard.P99 <= 2 * look0.P99),
            ($"every list page of a campaign with one filter p99 at most 20 ms at {sizes[^1]:n0} (slowest: {slowest.Name} {slowest.P99:0.0} ms)", slowest.P99 <= 20),
            ($"and of the organization (slowest: {slowestOfAll.Name} {slowestOfAll.P99:0.0} ms)", slowestOfAll.P99 <= 20),
            ($"none grows faster than log n from the first size at which it answers as many rows as at {sizes[^1]:n0} ({steady})", steady.Kept),
            ($"nor does one that finds a share of the roster ({broad})", broad.Kept),
            ($"the projection folds at least 0.4 of raw upserts of the same rows ({fold.Folded / fold.Raw:0.00})", fold.Folded >= 0.4 * fold.Raw));

        (string Name, double P99) Slowest(string of) => table.Where(row => row.Key.StartsWith(of, StringComparison.Ordinal)).Select(row => (row.Key, row.Value[^1].P99)).MaxBy(row => row.P99);

        // A small roster's page has fewer rows than asked for: compared is what answers as many.
        Growth Grown(Func<string, bool> which) =>
            (from row in table
             where which(row.Key) && !row.Key.StartsWith("bare", StringComparison.Ordinal)
             let first = row.Value.FindIndex(times => times.Rows == row.Value[^1].Rows)
             select new Growth(row.Key, sizes[first], row.Value[^1].P50 / row.Value[first].P50, Math.Log(sizes[^1]) / Math.Log(sizes[first]))).MaxBy(growth => growth.Times / growth.Log)!;
    }

    private sealed record Growth(string Name, int From, double Times, double Log)
    {
        public bool Kept => Times <= Log;

        public override string ToString() => $"nearest to it: {Name} {Times:0.0} times from {From:n0} on, where log n grows {Log:0.0} times; medians";
    }

    private sealed record Times(double P50, double P99, int Rows);

    // What is slow is looked at less often: the run must end.
    private static async Task<Times> Measure(Func<Task<byte[]>> look, int samples, Func<Task>? before = null)
    {
        var rows = Rows(await look());
        var began = Stopwatch.GetTimestamp();
        for (var i = 0; i < WarmUp && Stopwatch.GetElapsedTime(began) < Longest; i++)
        {
            await (before?.Invoke() ?? Task.CompletedTask);
            await look();
        }

        var times = new List<double>(samples);
        for (began = Stopwatch.GetTimestamp(); times.Count < samples && Stopwatch.GetElapsedTime(began) < Longest;)
        {
            await (before?.Invoke() ?? Task.CompletedTask);
            var started = Stopwatch.GetTimestamp();
            await look();
            times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }

        times.Sort();
        return new(Percentile([.. times], 0.5), Percentile([.. times], 0.99), rows);
    }

    private static int Rows(byte[] answer) =>
        answer.Length > 0 && JsonDocument.Parse(answer).RootElement.TryGetProperty("items", out var items) ? items.GetArrayLength() : 0;

    private static async Task<IReadOnlyList<(string Name, Func<Task<byte[]>> Look)>> Looks(HttpClient client, NpgsqlDataSource source, Guid large)
    {
        var list = $"/v1/campaigns/{large}/creators";
        var item = (await client.GetFromJsonAsync<JsonElement>(list)).GetProperty("items")[7];
        var (some, name, handle) = (item.GetProperty("creatorId").GetGuid(), item.GetProperty("name").GetString()!, item.GetProperty("handles").GetProperty("instagram").GetString()!);
        var deep = await Deep(source, large);
        return
        [
            (LookUp, () => Get($"/v1/creators/{some}")),
            (Dashboard, () => Get($"/v1/campaigns/{large}/dashboard")),
            (Dashboard + AfterChange, () => Get($"/v1/campaigns/{large}/dashboard")),
            ("dashboard of the organization", () => Get("/v1/organization/dashboard")),
            ("trend of 30 days", () => Get($"/v1/campaigns/{large}/trend")),
            ("facets", () => Get($"{list}/facets")),
            ("facets under a filter", () => Get($"{list}/facets?connection=InstagramInsights:Expired&missing=true")),
            ("facets under a filter" + AfterChange, () => Get($"{list}/facets?connection=InstagramInsights:Expired&missing=true")),
            ("list, no filter", () => Get(list)),
            ("list, a frequent status", () => Get($"{list}?connection=InstagramInsights:Connected")),
            ("list, a rare status", () => Get($"{list}?connection=YouTubeInsights:Invalidated")),
            ("list, two conditions", () => Get($"{list}?connection=InstagramInsights:Expired&connection=TikTokInsights:Connected")),
            ("list, missing connections", () => Get($"{list}?missing=true")),
            ("list, expiring within 14 days", () => Get($"{list}?expiringWithin=14")),
            ("list, clicked", () => Get($"{list}?outreach=Clicked")),
            ("list, search for a name", () => Get($"{list}?search={Uri.EscapeDataString(name)}")),
            ("list, search for part of a handle", () => Get($"{list}?search={handle[2..]}")),
            ($"list, {Broad} by three letters", () => Get($"{list}?search=kim")),
            ($"list, {Broad} by one letter", () => Get($"{list}?search=k")),
            ($"facets, {Broad} by three letters", () => Get($"{list}/facets?search=kim")),
            ($"list of all creators, {Broad} by three letters", () => Get("/v1/organization/creators?search=kim")),
            ("list, sorted by a status", () => Get($"{list}?sort=InstagramInsights")),
            ("list, sorted by the newest message", () => Get($"{list}?sort=lastOutreach")),
            ("list, deep page", () => Get($"{list}?cursor={deep}")),
            ("list of all creators", () => Get("/v1/organization/creators")),
            ("list of all creators, a rare status", () => Get("/v1/organization/creators?connection=YouTubeInsights:Invalidated")),
            ("bare query for the page of the list", () => Bare(source, PageSql, large)),
            ($"bare queries for the page and the number of {Broad} by three letters", () => Bare(source, SearchSql, large)),
            ($"bare queries for the same among all creators", () => Bare(source, SearchSql, CampaignTables.Everyone(Mine))),
        ];

        async Task<byte[]> Get(string address)
        {
            using var answer = await client.GetAsync(address);
            answer.EnsureSuccessStatusCode();
            return await answer.Content.ReadAsByteArrayAsync();
        }
    }

    // A creator of the large campaign loses or gets back a connection, folded and committed as the daemon does it.
    private sealed class Mover(ServiceHost<Campaign> host, NpgsqlDataSource source, Guid large)
    {
        private const int Creators = 50;
        private readonly IDocumentStore store = (IDocumentStore)host.Services.GetService(typeof(IDocumentStore))!;
        private Guid[] creators = [];
        private long sequence = 5_000_000;

        public async Task Move()
        {
            if (creators.Length == 0)
            {
                creators = await Scalar<Guid[]>(source, $"select array(select creator_id from campaign.roster_a where campaign_id = '{large}' order by creator_id limit {Creators})");
            }

            await using var session = store.LightweightSession(Mine);
            sequence++;
            var status = sequence / Creators % 2 == 0 ? "Expired" : "Connected";
            await CampaignViews.Fold(session, "a", [Event(new AccessNoted(Guid.NewGuid(), creators[sequence % creators.Length], "instagram", status, null, sequence, DateTimeOffset.UtcNow), sequence)], default);
            await session.SaveChangesAsync();
        }
    }

    // From the middle of the roster; the cursor is the one an answer before it would have given.
    private static async Task<string> Deep(NpgsqlDataSource source, Guid large)
    {
        await using var command = source.CreateCommand("select creator_id from campaign.roster where campaign_id = $1 and on_roster order by sort_name, creator_id offset (select count(*) / 2 from campaign.roster where campaign_id = $1) limit 1");
        command.Parameters.AddWithValue(large);
        var middle = (Guid)(await command.ExecuteScalarAsync())!;
        return new CreatorCursor(0, 0, middle).ToString();
    }

    private const string PageSql = """
        select r.creator_id, r.standing, p.data::text, c.type, c.status, c.reason, c.since
        from (select * from campaign.roster_a where campaign_id = $1 and on_roster order by sort_name, creator_id limit 50) r
        join campaign.mt_doc_creatorprofile p on p.tenant_id = r.tenant_id and p.id = r.creator_id
        left join campaign.creator_connection_a c on c.tenant_id = r.tenant_id and c.creator_id = r.creator_id
        order by r.sort_name, r.creator_id
        """;

    // The rows themselves, and how many there are, by the same index: who is found is in no order that the page is in, so all of them have to be looked at.
    private const string SearchSql = """
        select r.creator_id, r.standing, p.data::text, c.type, c.status, c.reason, c.since
        from (select * from campaign.roster_search_a s where campaign.search_index(s.campaign_id, s.search_text) @> campaign.search_hashes($1, '{kim}') order by search_text, creator_id limit 50) r
        join campaign.mt_doc_creatorprofile p on p.tenant_id = r.tenant_id and p.id = r.creator_id
        left join campaign.creator_connection_a c on c.tenant_id = r.tenant_id and c.creator_id = r.creator_id
        order by r.search_text, r.creator_id;
        select count(*) from campaign.roster_search_a s where campaign.search_index(s.campaign_id, s.search_text) @> campaign.search_hashes($1, '{kim}')
        """;

    private static async Task<byte[]> Bare(NpgsqlDataSource source, string sql, Guid roster)
    {
        await using var connection = await source.OpenConnectionAsync();
        await using var batch = new NpgsqlBatch(connection);
        foreach (var statement in sql.Split(';'))
        {
            batch.BatchCommands.Add(new(statement) { Parameters = { new() { Value = roster } } });
        }

        await using var reader = await batch.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            reader.GetString(2);
        }

        return await reader.NextResultAsync() && await reader.ReadAsync() && reader.GetInt64(0) == 0 ? throw new InvalidOperationException("Nobody was found.") : [];
    }

    private static async Task Plan(NpgsqlDataSource source, Guid large)
    {
        await Execute(source, $$"""
            insert into campaign.plan_a (tenant_id, campaign_id, name, starts_on, ends_on, required_connections, planned_at)
            select '{{Mine}}', case when n = 0 then '{{large}}'::uuid else md5('campaign' || n)::uuid end, 'Campaign ' || n, current_date, current_date + 60,
                   '{InstagramInsights,YouTubeInsights,TikTokInsights,TikTokMarketplace}', now()
            from generate_series(0, {{Campaigns - 1}}) n
            """);
    }

    /// <summary>
    /// One in so many creators is in the large campaign, everybody in one of the others, and everybody among everyone. Of the connections 62 % are green, 20 % never were, 12 %
    /// expired, 6 % were invalidated; one in fifty of the green ends soon; two in five were written to. Rosters come in one after the other, as imports do it.
    /// </summary>
    internal static async Task Grow(NpgsqlDataSource source, Guid large, int from, int to, string organization = Mine, int oneIn = 10)
    {
        await Execute(source, $"""
            create temp table made as
            select n, md5('creator' || n)::uuid as id, lower(first) || ' ' || lower(last) || ' ' || n as sort_name, first || ' ' || last || ' ' || n as name,
                   mix(n, 1) as ig, mix(n, 2) as yt, mix(n, 3) as tt, (hash(n, 4) % 6)::int as mp, case when hash(n, 5) % 5 < 2 then 1 + (hash(n, 6) % 4)::int else 0 end as asked
            from (select n, (array['Ana','Bo','Cleo','Dan','Eva','Finn','Gia','Hugo','Ines','Jon','Kim','Leo','Mara','Noor','Olga','Pia'])[1 + hash(n, 7) % 16] as first,
                         (array['Vega','Silva','Berg','Kaya','Rossi','Novak','Haddad','Meyer','Costa','Lund','Mori','Okoye'])[1 + hash(n, 8) % 12] as last
                  from generate_series({from} + 1, {to}) n) names;
            insert into campaign.mt_doc_creatorprofile (tenant_id, id, data, mt_dotnet_type, email_key, sort_name)
            select '{organization}', id, jsonb_build_object('Id', id, 'Name', name, 'Email', 'c' || n || '@example.com', 'Locale', 'en', 'Handles', jsonb_build_object('instagram', replace(sort_name, ' ', '.')),
                   'EmailKey', 'c' || n || '@example.com', 'SortName', sort_name, 'SearchText', sort_name || e'\n' || replace(sort_name, ' ', '.')), 'Campaigns.CreatorProfile', 'c' || n || '@example.com', sort_name
            from made;
            drop index campaign.{CampaignTables.SearchIndex("a")};
            insert into campaign.creator_connection_a (tenant_id, creator_id, type, status, reason, since, connection_id, sequence, noted_at, expiring_at, expiry_sequence)
            select '{organization}', id, type, (array['NotConnected','Connected','Expired','Invalidated'])[1 + status], case status when 3 then 'Revoked' end, now() - interval '30 days', md5(type || n)::uuid, 3, now(),
                   case when status = 1 and hash(n, 9) % 50 = 0 then now() + interval '1 day' * (1 + hash(n, 10) % 14) end, case when status = 1 and hash(n, 9) % 50 = 0 then 4 else 0 end
            from made cross join lateral (values ('InstagramInsights', ig), ('YouTubeInsights', yt), ('TikTokInsights', tt)) as column_of (type, status) where status > 0;
            insert into campaign.roster_a (tenant_id, campaign_id, creator_id, on_roster, since, sequence, standing, sort_name, expiring_at, contacted_at, outreach_id, delivery_id, template)
            select '{organization}', campaign, id, true, now() - interval '40 days', 1, (ig + 4 * yt + 16 * tt + 64 * mp + 512 * case when everyone then 0 else asked end)::smallint, sort_name,
                   case when (ig = 1 or yt = 1 or tt = 1) and hash(n, 9) % 50 = 0 then now() + interval '1 day' * (1 + hash(n, 10) % 14) end,
                   case when asked > 0 and not everyone then now() - interval '1 minute' * (hash(n, 11) % 40000) end,
                   case when asked > 0 and not everyone then md5('outreach' || n)::uuid end, case when asked > 0 and not everyone then md5('delivery' || n)::uuid end,
                   case when asked > 0 and not everyone then 'creator-hub-invitation' end
            from made cross join lateral (
                select '{CampaignTables.Everyone(organization)}'::uuid as campaign, true as everyone
                union all select '{large}'::uuid, false where n % {oneIn} = 0
                union all select md5('campaign' || 1 + n % {Campaigns - 1})::uuid, false) places
            order by campaign, id;
            insert into campaign.roster_change_a (tenant_id, campaign_id, seq, creator_id, at, standing)
            select tenant_id, campaign_id, 1, creator_id, since, standing from campaign.roster_a where campaign_id = '{large}' on conflict do nothing;
            create index {CampaignTables.SearchIndex("a")} on campaign.roster_search_a using gin (campaign.search_index(campaign_id, search_text));
            delete from campaign.standing_count_a;
            insert into campaign.standing_count_a (tenant_id, campaign_id, standing, creators) select tenant_id, campaign_id, standing, count(*) from campaign.roster_a where on_roster group by 1, 2, 3;
            delete from campaign.campaign_pulse_a;
            insert into campaign.campaign_pulse_a (tenant_id, campaign_id, seq, changed_at)
            select tenant_id, campaign_id, coalesce((select max(seq) from campaign.roster_change_a c where c.tenant_id = n.tenant_id and c.campaign_id = n.campaign_id), 1), now()
            from (select distinct tenant_id, campaign_id from campaign.standing_count_a) n;
            create table campaign.standing_day_a as
            select tenant_id, campaign_id, current_date - (hash(creator_number, 12) % 40)::int as day, (standing & 511)::smallint as standing, count(*) as change
            from (select tenant_id, campaign_id, standing, ('x' || substr(creator_id::text, 1, 7))::bit(28)::int as creator_number from campaign.roster_a where on_roster) one group by 1, 2, 3, 4;
            create index on campaign.standing_day_a (campaign_id, day);
            analyze campaign.standing_day_a;
            delete from campaign.campaign_day_a;
            drop table made;
            {ViewGenerations.Sum("a")};
            drop table campaign.standing_day_a
            """);
        foreach (var name in (string[])["roster_a", "roster_search_a", "creator_connection_a", "standing_count_a", "campaign_pulse_a", "campaign_day_a", "roster_change_a", "mt_doc_creatorprofile"])
        {
            await Execute(source, $"vacuum analyze campaign.{name}");
        }
    }

    // Half a page of changes of status in the large campaign, half anywhere, folded and committed as the daemon does it; and the rows that came of it, upserted raw.
    private static async Task<(double Folded, double Raw)> Fold(ServiceHost<Campaign> host, NpgsqlDataSource source, Guid large)
    {
        var store = (IDocumentStore)host.Services.GetService(typeof(IDocumentStore))!;
        var creators = new List<Guid>();
        await using (var command = source.CreateCommand("select creator_id from campaign.roster_a where campaign_id = $1 order by creator_id limit $2"))
        {
            command.Parameters.AddWithValue(large);
            command.Parameters.AddWithValue(FoldPage * FoldPages);
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync())
            {
                creators.Add(reader.GetGuid(0));
            }
        }

        var (folded, raw, sequence) = (new List<double>(), new List<double>(), 10_000_000L);
        foreach (var (page, index) in creators.Chunk(Math.Clamp(creators.Count / FoldPages, 1, FoldPage)).Select((page, index) => (page, index)))
        {
            IEvent[] events = [.. page.Select(creator => Event(new AccessNoted(Guid.NewGuid(), creator, "instagram", index % 2 == 0 ? "Expired" : "Connected", null, 100 + index, DateTimeOffset.UtcNow), ++sequence))];
            var started = Stopwatch.GetTimestamp();
            await using (var session = store.LightweightSession(Mine))
            {
                await CampaignViews.Fold(session, "a", events, default);
                await session.SaveChangesAsync();
            }

            folded.Add(page.Length / Stopwatch.GetElapsedTime(started).TotalSeconds);
            raw.Add(page.Length / await Upsert(source, page, sequence - page.Length));
        }

        return (Median(folded.Skip(2)), Median(raw.Skip(2)));
    }

    // The rows as they are after the fold are read out (not counted) and written once more, in one batch: what the tables and their indexes cost, and nothing else.
    private static async Task<double> Upsert(NpgsqlDataSource source, Guid[] creators, long after)
    {
        await using var connection = await source.OpenConnectionAsync();
        await Run(connection, "create temp table c as select * from campaign.creator_connection_a where creator_id = any ($1) and type = 'InstagramInsights'", creators);
        await Run(connection, "create temp table r as select * from campaign.roster_a where creator_id = any ($1)", creators);
        await Run(connection, "update r set standing = standing # 1");
        await Run(connection, $"create temp table p as select tenant_id, campaign_id, (select array_agg(1::bigint) from generate_series(1, {StandingSums.Places})) as sums from r group by 1, 2");
        await Run(connection, "create temp table n as select tenant_id, campaign_id, standing, count(*) as creators from r group by 1, 2, 3");
        await Run(connection, $"create temp table h as select tenant_id, campaign_id, seq + 20000000 as seq, creator_id, at, standing from campaign.roster_change_a where seq > {after} and creator_id = any ($1)", creators);
        var started = Stopwatch.GetTimestamp();
        await using (var transaction = await connection.BeginTransactionAsync())
        {
            await Run(connection, """
                insert into campaign.creator_connection_a select * from c on conflict (tenant_id, creator_id, type) do update set status = excluded.status, sequence = excluded.sequence + 1000000, noted_at = excluded.noted_at;
                insert into campaign.roster_a select * from r on conflict (tenant_id, campaign_id, creator_id) do update set standing = excluded.standing;
                insert into campaign.standing_count_a as old select * from n on conflict (tenant_id, campaign_id, standing) do update set creators = old.creators + excluded.creators;
                insert into campaign.campaign_pulse_a as old select tenant_id, campaign_id, 1, now(), sums from p on conflict (tenant_id, campaign_id) do update set changed_at = excluded.changed_at, sums = excluded.sums;
                insert into campaign.campaign_day_a as old select tenant_id, campaign_id, current_date, sums from p on conflict (tenant_id, campaign_id, day) do update set changes = excluded.changes;
                insert into campaign.roster_change_a select * from h
                """);
            await transaction.CommitAsync();
        }

        var took = Stopwatch.GetElapsedTime(started).TotalSeconds;
        await Run(connection, "update campaign.roster_a o set standing = r.standing # 1 from r where (o.tenant_id, o.campaign_id, o.creator_id) = (r.tenant_id, r.campaign_id, r.creator_id); drop table c, r, n, h, p");
        return took;
    }

    private static IEvent Event<T>(T data, long sequence)
        where T : class
        => new Event<T>(data) { Sequence = sequence, Version = sequence, Timestamp = DateTimeOffset.UtcNow, TenantId = Mine };

    internal static async Task Execute(NpgsqlDataSource source, string sql)
    {
        await using var connection = await source.OpenConnectionAsync();
        await Run(connection, """
            create or replace function public.hash(n bigint, salt int) returns bigint language sql immutable parallel safe as $$ select abs(hashint8extended(n, salt)) $$;
            create or replace function public.mix(n bigint, salt int) returns int language sql immutable parallel safe as
            $$ select case when public.hash(n, salt) % 100 < 62 then 1 when public.hash(n, salt) % 100 < 82 then 0 when public.hash(n, salt) % 100 < 94 then 2 else 3 end $$
            """);
        await Run(connection, sql);
    }

    private static async Task Run(NpgsqlConnection connection, string sql, Guid[]? creators = null)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 1200 };
        if (creators is not null)
        {
            command.Parameters.AddWithValue(creators);
        }

        await command.ExecuteNonQueryAsync();
    }

    internal static async Task<T> Scalar<T>(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        command.CommandTimeout = 600;
        return (T)(await command.ExecuteScalarAsync())!;
    }
}
