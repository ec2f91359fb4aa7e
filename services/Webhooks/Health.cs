using EventSourcing;
using EventSourcing.Operations;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;
using Webhooks.Intake;
using Webhooks.Sending;

namespace Webhooks;

/// <summary>Are events taken in, and was anything put aside that could not be read?</summary>
internal sealed class IntakeHealth(TakeInEvents intake, DeadLetters letters) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (!intake.IsConnected)
        {
            return HealthCheckResult.Degraded("No events are taken in: RabbitMQ or the database does not answer. They wait in the queue; start what is away, or mend its connection string.");
        }

        try
        {
            return await letters.Count(cancellationToken) is { Count: > 0 } found
                ? HealthCheckResult.Degraded(
                    $"{found.Sum(queue => queue.Messages)} messages could not be taken in. The log says why, GET /v1/operations/dead-letters which; mend the cause, then POST /v1/operations/dead-letters/requeue, or discard what is no event of ours.")
                : HealthCheckResult.Healthy();
        }
        catch (NpgsqlException)
        {
            return HealthCheckResult.Degraded("The database does not answer, so it is not known whether messages were put aside. Start PostgreSQL or mend the connection string.");
        }
        catch (Exception exception) when (Broker.IsAway(exception))
        {
            return HealthCheckResult.Degraded("RabbitMQ does not answer. Events wait in its queue and are taken in when it is back.");
        }
    }
}

/// <summary>Do deliveries keep up with what is due at endpoints that work?</summary>
internal sealed class SendingHealth(NpgsqlDataSource source, SendingOptions options, TimeProvider clock) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        await using var command = source.CreateCommand("""
            select min(l.due_at) from webhooks.endpoint e cross join lateral (
                select due_at from webhooks.lane l where l.tenant_id = e.tenant_id and l.endpoint_id = e.endpoint_id and not l.is_test order by due_at limit 1) l
            where e.paused is null and e.failing_since is null and (e.hold_until is null or e.hold_until <= $1)
            """).With(clock.GetUtcNow());
        try
        {
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            await reader.ReadAsync(cancellationToken);
            return reader.Value<DateTimeOffset>(0) is { } due && clock.GetUtcNow() - due > options.LateAfter
                ? HealthCheckResult.Degraded($"Deliveries to endpoints that work are late by {(int)(clock.GetUtcNow() - due).TotalSeconds} s. Look for warnings in the log; add replicas, or raise Sending:PerEndpoint.")
                : HealthCheckResult.Healthy();
        }
        catch (Exception exception) when (exception is NpgsqlException or TimeoutException)
        {
            return HealthCheckResult.Degraded("The database does not answer, so nothing is sent. Nothing is lost: it goes on by itself when PostgreSQL is back.");
        }
    }
}

/// <summary>Are there deliveries that were given up and wait for a person?</summary>
internal sealed class DeadLetterHealth(NpgsqlDataSource source) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        await using var command = source.CreateCommand("""
            select count(*), count(distinct (d.tenant_id, d.endpoint_id)) from webhooks.delivery d join webhooks.endpoint e using (tenant_id, endpoint_id) where d.state = 'Exhausted'
            """);
        try
        {
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            await reader.ReadAsync(cancellationToken);
            return reader.GetInt64(0) == 0
                ? HealthCheckResult.Healthy()
                : HealthCheckResult.Degraded(
                    $"{reader.GetInt64(0)} deliveries to {reader.GetInt64(1)} endpoints were tried as often as they are tried. Their organizations find them at GET /v1/webhook-dead-letters; once the receiver is mended, POST /v1/webhook-endpoints/{{id}}/replay sends them again.");
        }
        catch (Exception exception) when (exception is NpgsqlException or TimeoutException)
        {
            return HealthCheckResult.Degraded("The database does not answer, so it is not known whether deliveries were given up. Start PostgreSQL or mend the connection string.");
        }
    }
}
