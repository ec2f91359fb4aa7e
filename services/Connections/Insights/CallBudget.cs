using System.Globalization;
using Connections.Platforms;
using EventSourcing;
using Npgsql;
using Weasel.Postgresql.Tables;

namespace Connections.Insights;

/// <summary>What our app may still call, counted in the database so that all replicas share it.</summary>
public sealed class CallBudget(NpgsqlDataSource source, TimeProvider clock)
{
    private const string Name = $"{ConnectionTables.Schema}.insights_budget";

    internal static void AddTo(EventStoreBuilder store)
    {
        var table = new Table(Name);
        table.AddColumn("platform", "text").NotNull().AsPrimaryKey();
        table.AddColumn("bucket", "text").NotNull().AsPrimaryKey();
        table.AddColumn("window_start", "timestamptz").NotNull();
        table.AddColumn("used", "integer").NotNull();
        store.Table(table);
    }

    /// <summary>Takes calls from the budget before they are made. Null when they may be made; else when to ask again.</summary>
    public async Task<DateTimeOffset?> Take(PlatformOptions platform, IReadOnlyList<CallCost> costs, CancellationToken ct)
    {
        foreach (var cost in costs)
        {
            if (platform.Insights.Limits.GetValueOrDefault(cost.Bucket) is not { } limit)
            {
                continue;
            }

            var (start, end) = limit.WindowOf(clock.GetUtcNow());
            if (cost.Calls > limit.Calls || await source.Run(Count(platform.Key, cost, start, limit.Calls), ct) == 0)
            {
                return end;
            }
        }

        return null;
    }

    /// <summary>What is left of every allowance, for a gauge: of a window that nobody has begun it is all.</summary>
    internal static string Headroom(IServiceProvider services)
    {
        var now = services.GetRequiredService<TimeProvider>().GetUtcNow();
        var limits = services.GetRequiredService<PlatformList>().All.SelectMany(platform => platform.Options.Insights.Limits.Select(limit => string.Create(
            CultureInfo.InvariantCulture, $"('{platform.Options.Key}', '{limit.Key.Replace("'", "''", StringComparison.Ordinal)}', {limit.Value.Calls}, timestamptz '{limit.Value.WindowOf(now).Start:O}')"))).ToList();
        return limits.Count == 0 ? "select '', '', 0 where false" : $"""
            select l.platform, l.bucket, greatest(0, 1 - coalesce(b.used, 0)::float8 / nullif(l.calls, 0))
            from (values {string.Join(", ", limits)}) as l (platform, bucket, calls, began)
            left join {Name} b on b.platform = l.platform and b.bucket = l.bucket and b.window_start = l.began
            """;
    }

    // A window that has begun takes the place of the last. No row is touched where the calls would be too many, or another clock is ahead.
    private static NpgsqlCommand Count(string platform, CallCost cost, DateTimeOffset start, int limit) => new NpgsqlCommand($"""
        insert into {Name} as b (platform, bucket, window_start, used) values ($1, $2, $3, $4)
        on conflict (platform, bucket) do update set
            used = case when b.window_start = excluded.window_start then b.used + excluded.used else excluded.used end, window_start = excluded.window_start
        where b.window_start < excluded.window_start or (b.window_start = excluded.window_start and b.used + excluded.used <= $5)
        """).With(platform, cost.Bucket, start, cost.Calls, limit);
}
