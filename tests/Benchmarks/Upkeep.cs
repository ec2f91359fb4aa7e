using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using Connections;
using Connections.Platforms;
using Connections.Upkeep;
using EventSourcing;
using Npgsql;
using Testing;
using static Benchmarks.Statistics;

namespace Benchmarks;

/// <summary>
/// Keeping a million connections alive: what it takes to find those that are due as the store grows, and how many refreshes a second one
/// replica does beside a bare HttpClient that makes the same calls as many at a time.
/// </summary>
internal static class Upkeep
{
    private const string Mine = "bench";
    private const int Page = 100;
    private const int Pages = 100;
    private const int Parallel = 16;
    private const int Crowd = 3000;
    private const int Rounds = 5;

    // What a replica must be able to do: the bare client beside it stores nothing, so how much slower it may be says little; how much work there is says all.
    private const int Headroom = 10;
    private const double NeededPerSecond = 1_000_000 / 86_400.0;
    private static readonly int[] Sizes = [1_000, 10_000, 100_000, 1_000_000];

    public static async Task<int> Run(Servers servers)
    {
        var (database, broker) = (await servers.Database("connections"), await servers.VirtualHost());
        await using var platforms = await ServiceProcess.Start("Platforms");
        (string, string)[] settings = [.. Settings(platforms.Address), ("ConnectionStrings:keys", await servers.Database("keys"))];

        // At rest: it looks so rarely that it leaves the pages to us.
        var pages = new List<double>();
        await using (var resting = new ServiceHost<Connection>("connections", database, broker, [.. settings, ("Upkeep:LookEvery", "00:10:00"), ("Expiry:LookEvery", "01:00:00")]))
        {
            using var _ = resting.CreateClient();
            var source = (NpgsqlDataSource)resting.Services.GetService(typeof(NpgsqlDataSource))!;
            foreach (var (before, size) in Sizes.Prepend(0).Zip(Sizes))
            {
                await Grow(source, before, size);
                pages.Add(await TimeOfAPage(source));
                Console.WriteLine($"{size,9:n0} connections: {pages[^1]:0.00} ms for a page of {Page} due ones");
            }

            await source.Run(new($"update {UpkeepTable.Name} set due_at = now() + interval '1 day' where platform = 'tiktok' and due_at <= now()"), default);
        }

        var (bare, kept) = (new List<double>(), new List<double>());
        await using (var working = new ServiceHost<Connection>("connections", database, broker, [.. settings, ("Upkeep:LookEvery", "00:00:00.050"), ("Upkeep:Parallel", $"{Parallel}")]))
        {
            using var _ = working.CreateClient();
            var source = (NpgsqlDataSource)working.Services.GetService(typeof(NpgsqlDataSource))!;
            await Seed(working.Services, source, await Open(platforms.Address, "kept", Crowd));
            var loop = new BareLoop(platforms.Address, await Open(platforms.Address, "bare", Crowd));

            // Once without counting: first connections, and the compiler, which rewrites what runs often.
            await loop.Rate(Parallel);
            await Rate(source, version: 1);
            for (var round = 0; round < Rounds; round++)
            {
                bare.Add(await loop.Rate(Parallel));
                kept.Add(await Rate(source, version: round + 2));
                Console.WriteLine($"round {round + 1}: bare {bare[^1]:n0}/s, kept alive {kept[^1]:n0}/s, ratio {kept[^1] / bare[^1]:0.00}");
            }
        }

        var (growth, ratio) = (pages[^1] / pages[0], Median(kept.Zip(bare, (k, b) => k / b)));
        Console.WriteLine();
        Console.WriteLine($"| a page of {Page} due connections, median of {Pages} | |");
        Console.WriteLine("|---|---|");
        foreach (var (size, page) in Sizes.Zip(pages))
        {
            Console.WriteLine($"| of {size:n0} | {page:0.00} ms |");
        }

        Console.WriteLine($"| refreshes of rotating tokens, {Parallel} at a time, bare HttpClient | {Median(bare):n0}/s |");
        Console.WriteLine($"| the same by a replica, {Sizes[^1]:n0} connections in the store | {Median(kept):n0}/s |");
        Console.WriteLine($"| ratio, median of {Rounds} pairs | {ratio:0.00} |");
        Console.WriteLine();
        return Bars.Report(
            ($"a page of {Sizes[^1]:n0} takes at most twice as long as one of {Sizes[0]:n0} ({growth:0.00})", growth <= 2),
            ($"a replica refreshes {Headroom} times as fast as {Sizes[^1]:n0} connections come due whose tokens live a day ({Median(kept) / NeededPerSecond:0.0})", Median(kept) >= Headroom * NeededPerSecond));
    }

    // Due when their platform's tokens make them due: Instagram's within a week, YouTube's within a month, TikTok's within hours.
    private static async Task Grow(NpgsqlDataSource source, int from, int to)
    {
        await Execute(source, $"""
            insert into {UpkeepTable.Name} (tenant_id, connection_id, creator_id, platform, state, version, sealed, scopes, granted_at, issued_at, access_ends_at, ends_at,
                refresh_at, probe_at, due_at, answer_lost, failures, is_held, told_ends_at, clock_at)
            select 'organization-' || n % 500, gen_random_uuid(), gen_random_uuid(), (array['instagram', 'youtube', 'tiktok'])[1 + n % 3], 0, 1, decode(repeat(md5(n::text), 40), 'hex'),
                array['user.info.basic', 'user.info.stats', 'video.list'], now(), now(), now() + interval '1 day', now() + interval '60 days', due, null, due, false, 0, false,
                now() + interval '60 days', now() + interval '46 days'
            from (select n, now() + interval '6 hours' + random() * (array[interval '7 days', '30 days', '2 hours'])[1 + n % 3] as due from generate_series({from} + 1, {to}) n) as one
            """);
        if (from == 0)
        {
            await Execute(source, $"update {UpkeepTable.Name} set due_at = now() - random() * interval '1 minute' where connection_id in (select connection_id from {UpkeepTable.Name} where platform = 'tiktok' limit {2 * Page})");
        }

        await Execute(source, $"vacuum analyze {UpkeepTable.Name}");
    }

    private static async Task<double> TimeOfAPage(NpgsqlDataSource source)
    {
        var times = new List<double>();
        for (var i = 0; i < Pages + 10; i++)
        {
            var now = DateTimeOffset.UtcNow;
            var started = Stopwatch.GetTimestamp();
            var page = await source.Read(UpkeepTable.LeaseDue("tiktok", now, now.AddMinutes(2), Page), UpkeepTable.RowOf, default);
            times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            if (page.Count != Page)
            {
                throw new InvalidOperationException($"{page.Count} rows in a page.");
            }

            await using var back = new NpgsqlCommand($"update {UpkeepTable.Name} set lease = null, leased_until = null, due_at = $2 where connection_id = any($1) and tenant_id = any($3)");
            await source.Run(back.With(page.Select(one => one.Row.ConnectionId).ToArray(), now.AddSeconds(-30), page.Select(one => one.Row.Organization).Distinct().ToArray()), default);
        }

        return Median(times.Skip(10));
    }

    private static async Task Seed(IServiceProvider services, NpgsqlDataSource source, IReadOnlyList<Account> accounts)
    {
        T Get<T>() => (T)services.GetService(typeof(T))!;
        var (options, vault, warnings, now) = (Get<PlatformList>().Find("tiktok")!.Options, Get<TokenVault>(), Get<Warnings>(), DateTimeOffset.UtcNow);
        await System.Threading.Tasks.Parallel.ForEachAsync(accounts, async (account, ct) =>
        {
            var id = Guid.CreateVersion7();
            var tokens = new TokenSet(account.AccessToken, account.AccessExpiresAt, account.RefreshToken, account.RefreshExpiresAt, now.AddMinutes(-100));
            await vault.SealAndSave(
                Mine,
                id,
                id,
                tokens,
                sealedTokens => source.Wrote(
                    UpkeepTable.Put(UpkeepRow.Of(Mine, id, id, options, tokens, sealedTokens.ToBytes(), options.Scopes, now, warnings, jitter: 0) with { DueAt = null }, sealedTokens), ct),
                ct);
        });
    }

    private static async Task<double> Rate(NpgsqlDataSource source, int version)
    {
        var started = Stopwatch.GetTimestamp();
        await Execute(source, $"update {UpkeepTable.Name} set refresh_at = now(), due_at = now() where tenant_id = '{Mine}'");

        // Asking costs what is being measured, so not often.
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        var until = DateTime.UtcNow.AddMinutes(3);
        while ((await source.Read(new($"select count(*) from {UpkeepTable.Name} where tenant_id = '{Mine}' and version = {version}"), reader => reader.GetInt64(0), default))[0] > 0)
        {
            if (DateTime.UtcNow > until)
            {
                throw new TimeoutException("Not every connection was refreshed.");
            }

            await timer.WaitForNextTickAsync();
        }

        return Crowd / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static (string, string)[] Settings(Uri platforms) =>
    [
        .. EndToEnd.Settings(),
        ("Insights:Enabled", "false"),
        ("Platforms:TikTok:ApiBase", $"{platforms}tiktok/open"),
        ("Platforms:TikTok:ClientKey", "tt-client-key"),
        ("Platforms:TikTok:ClientSecret", "tt-client-secret"),
    ];

    private static async Task Execute(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        command.CommandTimeout = 600;
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>The same refreshes with nothing around them: the client sends the token, and keeps the one that comes back.</summary>
    private sealed class BareLoop(Uri platforms, IReadOnlyList<Account> accounts)
    {
        private readonly HttpClient http = new();
        private readonly string[] tokens = [.. accounts.Select(account => account.RefreshToken!)];

        public async Task<double> Rate(int parallel)
        {
            var started = Stopwatch.GetTimestamp();
            await System.Threading.Tasks.Parallel.ForAsync(0, tokens.Length, new ParallelOptions { MaxDegreeOfParallelism = parallel }, async (i, ct) =>
            {
                using var form = new FormUrlEncodedContent(
                    [new("client_key", "tt-client-key"), new("client_secret", "tt-client-secret"), new("grant_type", "refresh_token"), new("refresh_token", tokens[i])]);
                using var response = await http.PostAsync(new Uri(platforms, "tiktok/open/v2/oauth/token/"), form, ct);
                var answer = await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>(ct);
                tokens[i] = answer.GetProperty("refresh_token").GetString()!;
            });
            return tokens.Length / Stopwatch.GetElapsedTime(started).TotalSeconds;
        }
    }

    private static async Task<IReadOnlyList<Account>> Open(Uri platforms, string prefix, int count)
    {
        using var http = new HttpClient { BaseAddress = platforms };
        using var response = await http.PostAsJsonAsync("/control/accounts/bulk", new { platform = "tiktok", count, prefix, ageSeconds = 6000 });
        return (await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<Crowded>())!.Items;
    }

    private sealed record Account(string AccessToken, DateTimeOffset? AccessExpiresAt, string? RefreshToken, DateTimeOffset? RefreshExpiresAt);

    private sealed record Crowded(IReadOnlyList<Account> Items);
}
