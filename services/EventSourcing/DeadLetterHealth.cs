using EventSourcing.Operations;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace EventSourcing;

/// <summary>Counts this service's dead letters: facts that were not taken in and wait for a person.</summary>
internal sealed class DeadLetterHealth(DeadLetters letters) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            var found = await letters.Count(cancellationToken);
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
}
