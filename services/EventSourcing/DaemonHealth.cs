using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Marten;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace EventSourcing;

/// <summary>
/// Is the database there, and does every projection and the relay keep up? A shard that stands still behind committed events for longer
/// than <see cref="EventStoreOptions.StuckAfter"/> is named; progress that is merely behind shows in the gauge <c>event_store.shard.lag</c>.
/// </summary>
internal sealed class DaemonHealth : IHealthCheck, IDisposable
{
    private readonly NpgsqlDataSource source;
    private readonly EventStoreOptions settings;
    private readonly TimeProvider clock;
    private readonly string schema;
    private readonly string[] shards;
    private readonly ConcurrentDictionary<string, (long Position, DateTimeOffset Since)> seen = new();
    private readonly ConcurrentDictionary<string, long> lag = new();
    private readonly Meter meter = new(EventMetadata.SourceName);

    public DaemonHealth(IDocumentStore store, NpgsqlDataSource source, EventStoreOptions settings, TimeProvider clock)
    {
        (this.source, this.settings, this.clock) = (source, settings, clock);
        schema = store.Options.Events.DatabaseSchemaName;
        shards = [.. ((StoreOptions)store.Options).Projections.AllShards().Select(shard => shard.Name.Identity)];
        meter.CreateObservableGauge(
            "event_store.shard.lag",
            () => lag.Select(shard => new Measurement<long>(shard.Value, new KeyValuePair<string, object?>("shard", shard.Key))),
            unit: "{event}",
            description: "Committed events that a projection or the relay has not taken in yet.");
    }

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await using var command = source.CreateCommand($"""
                select 'HighWaterMark', coalesce(max(seq_id), 0) from {schema}.mt_events
                union all select name, last_seq_id from {schema}.mt_event_progression where name <> 'HighWaterMark'
                """);
            var positions = new Dictionary<string, long>();
            await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
            {
                while (await reader.ReadAsync(cancellationToken))
                {
                    positions[reader.GetString(0)] = reader.GetInt64(1);
                }
            }

            var now = clock.GetUtcNow();
            var stuck = shards.Where(shard => IsStuck(shard, positions.GetValueOrDefault(shard), positions["HighWaterMark"], now)).ToArray();
            return stuck.Length == 0
                ? HealthCheckResult.Healthy()
                : HealthCheckResult.Degraded($"Standing still behind committed events: {string.Join(", ", stuck)}. Look for its error in the log; it goes on by itself once the cause is gone.");
        }
        catch (Exception exception) when (exception is NpgsqlException or TimeoutException)
        {
            return HealthCheckResult.Unhealthy("The event store's database does not answer. Start PostgreSQL or mend the connection string; nothing is lost meanwhile.");
        }
    }

    public void Dispose() => meter.Dispose();

    private bool IsStuck(string shard, long position, long committed, DateTimeOffset now)
    {
        lag[shard] = Math.Max(0, committed - position);
        var (last, since) = seen.AddOrUpdate(shard, (position, now), (_, before) => before.Position == position && position < committed ? before : (position, now));
        return last < committed && now - since > settings.StuckAfter;
    }
}
