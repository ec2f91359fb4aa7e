using System.Diagnostics.Metrics;
using EventSourcing.Operations;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace EventSourcing;

/// <summary>Counts this service's dead letters: facts that were not taken in and wait for a person.</summary>
internal sealed class DeadLetterHealth : IHealthCheck, IDisposable
{
    private readonly DeadLetters letters;
    private readonly Meter meter = new(EventMetadata.SourceName);
    private volatile IReadOnlyDictionary<string, long> waiting;

    public DeadLetterHealth(DeadLetters letters)
    {
        this.letters = letters;
        waiting = letters.Queues.ToDictionary(queue => queue, _ => 0L);
        meter.CreateObservableGauge(
            "dead_letters", () => waiting.Select(queue => new Measurement<long>(queue.Value, new KeyValuePair<string, object?>("queue", queue.Key))), "{message}", "Messages that were not taken in, as of the last health check.");
    }

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            var found = await letters.Count(cancellationToken);
            waiting = letters.Queues.ToDictionary(queue => queue, queue => found.FirstOrDefault(one => one.Queue == queue)?.Messages ?? 0);
            return found.Count == 0
                ? HealthCheckResult.Healthy()
                : HealthCheckResult.Degraded(
                    $"Messages were not taken in: {string.Join(", ", found.Select(one => $"{one.Queue} ({one.Messages})"))}. GET /v1/operations/dead-letters says why; mend the cause, then POST /v1/operations/dead-letters/requeue.");
        }
        catch (Exception exception) when (Broker.IsAway(exception))
        {
            return HealthCheckResult.Degraded("RabbitMQ does not answer. Start it or mend the connection string; events wait in the event store and go out when it is back.");
        }
        catch (NpgsqlException)
        {
            return HealthCheckResult.Degraded("Dead letters cannot be counted while the database does not answer.");
        }
    }

    public void Dispose() => meter.Dispose();
}
