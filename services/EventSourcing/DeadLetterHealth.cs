using System.Diagnostics.Metrics;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace EventSourcing;

/// <summary>Counts the messages in this service's error queues: facts that were not taken in and wait for a person.</summary>
internal sealed class DeadLetterHealth : IHealthCheck, IAsyncDisposable
{
    private readonly string[] queues;
    private readonly IConnectionFactory broker;
    private readonly SemaphoreSlim gate = new(1, 1);
    private readonly Meter meter = new(EventMetadata.SourceName);
    private long waiting;
    private IConnection? connection;

    public DeadLetterHealth(string service, IntegrationMap map, IConnectionFactory broker)
    {
        this.broker = broker;
        queues = [.. map.Subscriptions.Select(subscription => $"{subscription.QueueIn(service)}_error")];
        meter.CreateObservableGauge("dead_letters", () => Interlocked.Read(ref waiting), "{message}", "Messages in this service's error queues, as of the last health check.");
    }

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        await gate.WaitAsync(cancellationToken);
        try
        {
            if (connection is not { IsOpen: true })
            {
                connection = await broker.CreateConnectionAsync("dead-letters", cancellationToken);
            }

            var found = new List<string>();
            var total = 0L;
            foreach (var queue in queues)
            {
                var count = await Count(connection, queue, cancellationToken);
                total += count;
                if (count > 0)
                {
                    found.Add($"{queue} ({count})");
                }
            }

            Interlocked.Exchange(ref waiting, total);
            return total == 0
                ? HealthCheckResult.Healthy()
                : HealthCheckResult.Degraded($"Messages wait in error queues: {string.Join(", ", found)}. Read the fault in their headers, mend its cause, then move them back to their queue.");
        }
        catch (Exception exception) when (exception is BrokerUnreachableException or OperationInterruptedException or AlreadyClosedException or IOException)
        {
            return HealthCheckResult.Degraded("RabbitMQ does not answer. Events wait in the event store and go out when it is back.");
        }
        finally
        {
            gate.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        meter.Dispose();
        if (connection is not null)
        {
            await connection.DisposeAsync();
        }
    }

    private static async Task<long> Count(IConnection connection, string queue, CancellationToken ct)
    {
        try
        {
            await using var channel = await connection.CreateChannelAsync(cancellationToken: ct);
            return (await channel.QueueDeclarePassiveAsync(queue, ct)).MessageCount;
        }
        catch (OperationInterruptedException exception) when (exception.ShutdownReason?.ReplyCode == 404)
        {
            // MassTransit makes the error queue with the first message for it.
            return 0;
        }
    }
}
