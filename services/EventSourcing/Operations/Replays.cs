using System.Text.Json;
using JasperFx.Events;
using Marten;
using Marten.Events;
using MassTransit;
using MassTransit.Serialization;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;
using RabbitMQ.Client;

namespace EventSourcing.Operations;

/// <summary>
/// Says again to one queue what was published once: the relay's translation, straight to the queue, with the same message ids and headers. A
/// consumer with an inbox takes in what it never had and drops the rest. Goes on after a crash from the last page it kept.
/// </summary>
internal sealed partial class Replays(IntegrationMap map, IDocumentStore store, NpgsqlDataSource source, ReplayTable table, Broker broker, TimeProvider clock, ILogger<Replays> logger) : BackgroundService
{
    private const int Page = 100;
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(5);
    private readonly string schema = store.Options.Events.DatabaseSchemaName;

    /// <summary>The contracts this service publishes.</summary>
    public IReadOnlyCollection<string> Types { get; } = [.. map.EventsOf.Keys.Order(StringComparer.Ordinal)];

    /// <summary>What a queue of ours receives, told by its name; everything for a queue that is named otherwise.</summary>
    public IReadOnlyList<string> MeantFor(string queue)
    {
        var own = Types.Where(type => KebabCaseEndpointNameFormatter.Instance.SanitizeName(type) is var name
            && (queue.EndsWith($"-{name}", StringComparison.Ordinal) || queue.Contains($"-{name}-", StringComparison.Ordinal))).ToArray();
        return own.Length > 0 ? own : [.. Types];
    }

    /// <summary>Behind which event a moment lies.</summary>
    public async Task<long> Behind(DateTimeOffset moment, CancellationToken ct)
    {
        await using var command = source.CreateCommand($"select coalesce((select min(seq_id) - 1 from {schema}.mt_events where timestamp >= $1), {EventFeed.Mark(schema)})");
        command.Parameters.Add(new() { Value = moment.ToUniversalTime() });
        return (long)(await command.ExecuteScalarAsync(ct))!;
    }

    /// <summary>The last event that may be told now.</summary>
    public async Task<long> Mark(CancellationToken ct)
    {
        await using var command = source.CreateCommand($"select {EventFeed.Mark(schema)}");
        return (long)(await command.ExecuteScalarAsync(ct))!;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(LookEvery);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                var lease = Guid.NewGuid();
                try
                {
                    if (await table.Take(lease, stoppingToken) is { } replay)
                    {
                        await Run(replay, lease, stoppingToken);
                    }
                }
                catch (NpgsqlException exception)
                {
                    NotNow(exception.GetType().Name);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping. The lease runs out, and another replica or the next start goes on.
        }
    }

    private async Task Run(Replay replay, Guid lease, CancellationToken ct)
    {
        var current = replay;
        try
        {
            await using var channel = await broker.Channel(ct);
            while (current is { State: ReplayTable.Running })
            {
                var events = await Load(current, ct);
                await Send(channel, current.Queue, events, ct);
                var isOver = events.Count < Page;
                current = await table.Advance(
                    replay.Id, lease, isOver ? current.Until : events[^1].Sequence, events.Count, isOver ? CommandState.Done : ReplayTable.Running, null, isOver ? clock.GetUtcNow() : null, ct);

                // The machine's time: the pace is for the consumer's sake, whatever a test does to the other clock.
                await Task.Delay(TimeSpan.FromSeconds((double)events.Count / replay.PerSecond), ct);
            }
        }
        catch (Exception exception) when (Broker.IsAway(exception))
        {
            await table.LetGo(replay.Id, lease, AskAgain, ct);
            NotNow(exception.GetType().Name);
        }
        catch (Exception exception) when (exception is not OperationCanceledException and not NpgsqlException)
        {
            Failed(replay.Id, replay.Queue, exception);
            await table.Advance(replay.Id, lease, current?.Position ?? replay.Position, 0, CommandState.Failed, exception.GetType().FullName, clock.GetUtcNow(), ct);
        }
    }

    private async Task<IReadOnlyList<IEvent>> Load(Replay replay, CancellationToken ct)
    {
        var graph = (EventGraph)((StoreOptions)store.Options).Events;
        var found = new List<(long Sequence, string Organization)>();
        await using (var command = source.CreateCommand($"""
            select seq_id, tenant_id from {schema}.mt_events
            where seq_id > $1 and seq_id <= $2 and type = any($3) and ($4::text is null or tenant_id = $4) order by seq_id limit {Page}
            """))
        {
            command.Parameters.Add(new() { Value = replay.Position });
            command.Parameters.Add(new() { Value = replay.Until });
            command.Parameters.Add(new() { Value = replay.Types.SelectMany(type => map.EventsOf.GetValueOrDefault(type) ?? []).Select(kind => graph.EventMappingFor(kind).EventTypeName).ToArray() });
            command.Parameters.Add(new() { Value = (object?)replay.Organization ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
            await using var reader = await command.ExecuteReaderAsync(ct);
            while (await reader.ReadAsync(ct))
            {
                found.Add((reader.GetInt64(0), reader.GetString(1)));
            }
        }

        var events = new List<IEvent>(found.Count);
        foreach (var organization in found.GroupBy(one => one.Organization, one => one.Sequence))
        {
            long[] sequences = [.. organization];
            await using var session = store.QuerySession(organization.Key);
            events.AddRange(await session.Events.QueryAllRawEvents().Where(e => e.Sequence.IsOneOf(sequences)).ToListAsync(ct));
        }

        return [.. events.OrderBy(e => e.Sequence)];
    }

    private async Task Send(IChannel channel, string queue, IReadOnlyList<IEvent> events, CancellationToken ct)
    {
        foreach (var @event in events)
        {
            var publication = map.Publications[@event.EventType];
            if (publication.Translate(@event) is not { } message)
            {
                continue;
            }

            var properties = new BasicProperties
            {
                MessageId = @event.Id.ToString(),
                CorrelationId = @event.CorrelationId,
                ContentType = "application/json",
                DeliveryMode = DeliveryModes.Persistent,
                Headers = MessageHeaders.Of(@event).ToDictionary(header => header.Key, header => (object?)header.Value),
            };
            properties.Headers["MT-MessageType"] = MessageUrn.ForTypeString(publication.Message);
            await Broker.Send(channel, queue, properties, JsonSerializer.SerializeToUtf8Bytes(message, publication.Message, SystemTextJsonMessageSerializer.Options), ct);
        }
    }

    [LoggerMessage(LogLevel.Warning, "A replay waits ({Fault}) and goes on by itself.")]
    private partial void NotNow(string fault);

    [LoggerMessage(LogLevel.Error, "The replay {Replay} to {Queue} failed.")]
    private partial void Failed(Guid replay, string queue, Exception exception);
}
