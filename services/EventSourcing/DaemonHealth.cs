using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using EventSourcing.Operations;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace EventSourcing;

/// <summary>
/// Is the database there, and does every projection and the relay keep up? A shard that stands still behind committed events for longer
/// than <see cref="EventStoreOptions.StuckAfter"/> is named; progress that is merely behind shows in the gauges <c>event_store.shard.lag</c>
/// and <c>event_store.shard.delay</c>.
/// </summary>
internal sealed class DaemonHealth : IHealthCheck, IDisposable
{
    private readonly Shards shards;
    private readonly EventStoreOptions settings;
    private readonly TimeProvider clock;
    private readonly ConcurrentDictionary<string, (long Position, DateTimeOffset Since)> seen = new();
    private readonly Meter meter = new(EventMetadata.SourceName);
    private volatile IReadOnlyList<ShardStatus> measured = [];

    public DaemonHealth(Shards shards, EventStoreOptions settings, TimeProvider clock)
    {
        (this.shards, this.settings, this.clock) = (shards, settings, clock);
        meter.CreateObservableGauge(
            "event_store.shard.lag", () => measured.Select(shard => new Measurement<long>(shard.LagEvents, Tag(shard))), "{event}", "Committed events that a projection or the relay has not taken in yet.");
        meter.CreateObservableGauge(
            "event_store.shard.delay", () => measured.Select(shard => new Measurement<double>(shard.LagSeconds, Tag(shard))), "s", "How long the oldest event waits that a projection or the relay has not taken in yet.");
    }

    /// <summary>Looks how far each shard is, for the gauges.</summary>
    public async Task<IReadOnlyList<ShardStatus>> Measure(CancellationToken ct) => measured = await shards.Read(ct);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            var now = clock.GetUtcNow();
            var stuck = (await Measure(cancellationToken)).Where(shard => IsStuck(shard, now)).Select(Words).ToArray();
            return stuck.Length == 0
                ? HealthCheckResult.Healthy()
                : HealthCheckResult.Degraded(
                    $"Standing still behind committed events: {string.Join("; ", stuck)}. Mend what the error names (the log has it in full); it goes on by itself then, or at once by POST /v1/operations/relay/redrive.");
        }
        catch (Exception exception) when (exception is NpgsqlException or TimeoutException)
        {
            return HealthCheckResult.Unhealthy("The event store's database does not answer. Start PostgreSQL or mend the connection string; nothing is lost meanwhile.");
        }
    }

    public void Dispose() => meter.Dispose();

    private static KeyValuePair<string, object?> Tag(ShardStatus shard) => new("shard", shard.Shard);

    private static string Words(ShardStatus shard) =>
        $"{shard.Shard}, {shard.State.ToLowerInvariant()}, {shard.LagEvents} events behind{(shard.LastErrorType is null ? "" : $", last error {shard.LastErrorType}")}";

    private bool IsStuck(ShardStatus shard, DateTimeOffset now)
    {
        var (_, since) = seen.AddOrUpdate(
            shard.Shard, (shard.Position, now), (_, before) => before.Position == shard.Position && shard.LagEvents > 0 ? before : (shard.Position, now));
        return shard.LagEvents > 0 && now - since > settings.StuckAfter;
    }
}
