using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace EventSourcing.Operations;

/// <summary>One connection for what operators and health checks ask of queues, opened when first needed and again when it broke.</summary>
public sealed class Broker(IConnectionFactory factory) : IAsyncDisposable
{
    private static readonly CreateChannelOptions Confirmed = new(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true);
    private readonly SemaphoreSlim gate = new(1, 1);
    private IConnection? connection;

    /// <summary>Does the exception say that the broker is away?</summary>
    public static bool IsAway(Exception exception) => exception is BrokerUnreachableException or OperationInterruptedException or AlreadyClosedException or IOException;

    /// <summary>A channel on which every publish waits for the broker's word, and throws where no queue took the message.</summary>
    public async Task<IChannel> Channel(CancellationToken ct)
    {
        await gate.WaitAsync(ct);
        try
        {
            if (connection is not { IsOpen: true })
            {
                if (connection is not null)
                {
                    await connection.DisposeAsync();
                }

                connection = await factory.CreateConnectionAsync("operations", ct);
            }

            return await connection.CreateChannelAsync(Confirmed, ct);
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>How many messages a queue holds; null where there is none of this name.</summary>
    public async Task<long?> Count(string queue, CancellationToken ct)
    {
        try
        {
            await using var channel = await Channel(ct);
            return (await channel.QueueDeclarePassiveAsync(queue, ct)).MessageCount;
        }
        catch (OperationInterruptedException exception) when (exception.ShutdownReason?.ReplyCode == 404)
        {
            // MassTransit makes an error queue with the first message for it.
            return null;
        }
    }

    /// <summary>Puts one message into one queue and waits until the broker has it.</summary>
    public static ValueTask Send(IChannel channel, string queue, BasicProperties properties, ReadOnlyMemory<byte> body, CancellationToken ct) =>
        channel.BasicPublishAsync("", queue, mandatory: true, properties, body, ct);

    public async ValueTask DisposeAsync()
    {
        if (connection is not null)
        {
            await connection.DisposeAsync();
        }
    }
}
