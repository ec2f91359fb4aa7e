using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace EventSourcing;

/// <summary>
/// Which of our services have bound a queue to a message. A service that has bound its queues leaves a durable mark on the broker, an
/// exchange nobody publishes to; the relay publishes nothing that a service depends on before it finds that service's mark. So events from
/// before a subscriber's very first start wait in the event store instead of being dropped by a broker that has no queue for them.
/// For all others there is one exchange, <see cref="Events"/>, into which every contract's own exchange leads.
/// </summary>
internal sealed partial class SubscriberRegister(IConnectionFactory broker, ILogger<SubscriberRegister> logger) : IAsyncDisposable
{
    /// <summary>The topic exchange of all events, with the organization, the area and the name of the message as routing key.</summary>
    public const string Events = "events";

    private static readonly TimeSpan AskEvery = TimeSpan.FromMilliseconds(500);
    private readonly ConcurrentDictionary<(string Service, Type Message), bool> known = new();
    private readonly ConcurrentDictionary<Type, bool> bound = new();
    private readonly SemaphoreSlim gate = new(1, 1);
    private IConnection? connection;

    /// <summary>Waits until the service has bound its queue for the message.</summary>
    public async ValueTask WaitFor(string service, Type message, CancellationToken ct)
    {
        if (known.ContainsKey((service, message)))
        {
            return;
        }

        await gate.WaitAsync(ct);
        try
        {
            for (var told = false; !known.ContainsKey((service, message)); told = true)
            {
                if (await IsMarked(service, message, ct))
                {
                    known[(service, message)] = true;
                    return;
                }

                if (!told)
                {
                    Waiting(message.Name, service);
                }

                await Task.Delay(AskEvery, ct);
            }
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>Leads a contract's exchange into the one of all events. Before its first message goes out, so that a queue bound there misses none.</summary>
    public async ValueTask BindToEvents(Type message, CancellationToken ct)
    {
        if (bound.ContainsKey(message))
        {
            return;
        }

        await gate.WaitAsync(ct);
        try
        {
            if (!bound.ContainsKey(message))
            {
                await using var channel = await Channel(ct);
                await channel.ExchangeDeclareAsync(Events, ExchangeType.Topic, durable: true, autoDelete: false, cancellationToken: ct);
                await channel.ExchangeDeclareAsync(ExchangeOf(message), ExchangeType.Fanout, durable: true, autoDelete: false, cancellationToken: ct);
                await channel.ExchangeBindAsync(Events, ExchangeOf(message), "", cancellationToken: ct);
                bound[message] = true;
            }
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>Leaves this service's marks. Call only once its queues are bound.</summary>
    public async Task Mark(string service, IEnumerable<Type> messages, CancellationToken ct)
    {
        await using var channel = await Channel(ct);
        foreach (var message in messages)
        {
            await channel.ExchangeDeclareAsync(MarkOf(service, message), ExchangeType.Fanout, durable: true, autoDelete: false, cancellationToken: ct);
        }
    }

    /// <summary>Asks again next time: the broker may have been replaced by an empty one.</summary>
    public void Forget()
    {
        known.Clear();
        bound.Clear();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (connection is not null)
        {
            await connection.DisposeAsync();
        }
    }

    private static string ExchangeOf(Type message) => $"{message.Namespace}:{message.Name}";

    private static string MarkOf(string service, Type message) => $"subscribed:{service}:{ExchangeOf(message)}";

    private async Task<bool> IsMarked(string service, Type message, CancellationToken ct)
    {
        try
        {
            await using var channel = await Channel(ct);
            await channel.ExchangeDeclarePassiveAsync(MarkOf(service, message), ct);
            return true;
        }
        catch (OperationInterruptedException exception) when (exception.ShutdownReason?.ReplyCode == 404)
        {
            return false;
        }
    }

    private async Task<IChannel> Channel(CancellationToken ct)
    {
        if (connection is not { IsOpen: true })
        {
            if (connection is not null)
            {
                await connection.DisposeAsync();
            }

            connection = await broker.CreateConnectionAsync("subscriber-register", ct);
        }

        return await connection.CreateChannelAsync(cancellationToken: ct);
    }

    [LoggerMessage(LogLevel.Warning, "{Message} waits in the event store until the service {Service} has been started once and bound its queue.")]
    private partial void Waiting(string message, string service);
}
