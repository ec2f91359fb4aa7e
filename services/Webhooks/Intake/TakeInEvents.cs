using System.Threading.Channels;
using EventSourcing;
using Npgsql;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Webhooks.Intake;

/// <summary>
/// Takes in every event there is: a queue of our own at the exchange of all events, bound to everything. One replica at a time consumes it (single active consumer), so
/// messages are taken in in the order in which the broker has them; another goes on when it ends. A message is acknowledged when it is committed.
/// </summary>
public sealed partial class TakeInEvents(IConnectionFactory broker, MessageTable messages, WorkSignal signal, IntakeOptions options, TimeProvider clock, ILogger<TakeInEvents> logger)
    : BackgroundService
{
    private const string AllEvents = "events";

    /// <summary>Is there a consumer at the queue? Standing by behind another replica counts.</summary>
    public bool IsConnected { get; private set; }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await Consume(stoppingToken);
                Disconnected("closed");
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                // What was not acknowledged comes again.
                Disconnected(exception.GetType().Name);
            }

            IsConnected = false;
            await Task.Delay(options.ReconnectAfter, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task Consume(CancellationToken ct)
    {
        // What is taken while nothing can be committed goes back when the broker's patience (consumer_timeout) ends, again and again, and RabbitMQ 4 counts that: after
        // twenty times it lays a message aside. So an outage of the database costs each message one return at most, and not one every half hour.
        await messages.Answers(ct);
        await using var connection = await broker.CreateConnectionAsync(ct);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: ct);
        await Declare(channel, ct);
        await channel.BasicQosAsync(0, (ushort)Math.Min(2 * options.Batch, ushort.MaxValue), false, ct);

        // Bounded by what the broker lets us have unacknowledged.
        var received = Channel.CreateUnbounded<Received>(new() { SingleReader = true });
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, message) =>
        {
            // The library takes the body back after this call, so it is read here.
            var read = IncomingMessage.Read(message.RoutingKey, message.BasicProperties, message.Body, out var flaw);
            received.Writer.TryWrite(new(message.DeliveryTag, read, flaw));
            return Task.CompletedTask;
        };
        consumer.UnregisteredAsync += (_, _) => End();
        channel.ChannelShutdownAsync += (_, _) => End();
        await channel.BasicConsumeAsync(options.Queue, autoAck: false, consumer, ct);
        IsConnected = true;
        while (await received.Reader.WaitToReadAsync(ct))
        {
            var batch = new List<Received>();
            while (batch.Count < options.Batch && received.Reader.TryRead(out var one))
            {
                batch.Add(one);
            }

            await TakeIn(channel, batch, ct);
        }

        Task End()
        {
            received.Writer.TryComplete();
            return Task.CompletedTask;
        }
    }

    private async Task Declare(IChannel channel, CancellationToken ct)
    {
        await channel.ExchangeDeclareAsync(AllEvents, ExchangeType.Topic, durable: true, cancellationToken: ct);
        await channel.QueueDeclareAsync(
            options.Unreadable, durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?> { ["x-queue-type"] = "quorum" }, cancellationToken: ct);
        await channel.QueueDeclareAsync(
            options.Queue, durable: true, exclusive: false, autoDelete: false,
            new Dictionary<string, object?>
            {
                ["x-queue-type"] = "quorum",
                ["x-single-active-consumer"] = true,
                ["x-dead-letter-exchange"] = "",
                ["x-dead-letter-routing-key"] = options.Unreadable,
            },
            cancellationToken: ct);
        await channel.QueueBindAsync(options.Queue, AllEvents, "#", cancellationToken: ct);
    }

    private async Task TakeIn(IChannel channel, IReadOnlyList<Received> batch, CancellationToken ct)
    {
        var readable = batch.Where(one => one.Message is not null).ToList();
        foreach (var one in batch.Where(one => one.Message is null))
        {
            await PutAside(channel, one, one.Flaw!, ct);
        }

        if (readable.Count == 0)
        {
            return;
        }

        try
        {
            await Commit(channel, [.. readable.Select(one => one.Message!)], ct);
            await channel.BasicAckAsync(readable[^1].Tag, multiple: true, ct);
            signal.Pulse();
        }
        catch (PostgresException exception) when (IsOfTheMessage(exception) && readable.Count > 1)
        {
            // One of them cannot be stored, for ever. The others must not wait for it.
            foreach (var one in readable)
            {
                await TakeIn(channel, [one], ct);
            }
        }
        catch (PostgresException exception) when (IsOfTheMessage(exception))
        {
            await PutAside(channel, readable[0], $"the database refuses it ({exception.SqlState})", ct);
        }
    }

    // The database may be away for long: as long as the channel lives, the same batch is tried again and the broker keeps the rest.
    private async Task Commit(IChannel channel, IReadOnlyList<IncomingMessage> batch, CancellationToken ct)
    {
        while (true)
        {
            try
            {
                await messages.TakeIn(batch, ct);
                return;
            }
            catch (Exception exception) when (exception is NpgsqlException or TimeoutException && !(exception is PostgresException refused && IsOfTheMessage(refused)) && channel.IsOpen)
            {
                NotCommitted(batch.Count, exception.GetType().Name);
                await Task.Delay(options.ReconnectAfter, clock, ct);
            }
        }
    }

    private async Task PutAside(IChannel channel, Received one, string flaw, CancellationToken ct)
    {
        Unreadable(options.Unreadable, flaw);
        await channel.BasicRejectAsync(one.Tag, requeue: false, ct);
    }

    // Data exceptions, violated constraints, limits exceeded: the same again would end the same.
    private static bool IsOfTheMessage(PostgresException exception) => exception.SqlState[..2] is "22" or "23" or "54";

    private sealed record Received(ulong Tag, IncomingMessage? Message, string? Flaw);

    [LoggerMessage(LogLevel.Warning, "No events are taken in for a moment ({Fault}); they wait in the broker.")]
    private partial void Disconnected(string fault);

    [LoggerMessage(LogLevel.Warning, "{Count} messages are not committed yet ({Fault}); trying again.")]
    private partial void NotCommitted(int count, string fault);

    [LoggerMessage(LogLevel.Error, "A message was put aside into {Queue}: {Flaw}.")]
    private partial void Unreadable(string queue, string flaw);
}
