using System.Diagnostics;
using System.Text.Json;
using CreatorConnections.Contracts.Connections;
using Npgsql;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Benchmarks;

/// <summary>What the machine gives without event store and bus library: the same rows and the same bytes through the bare clients, each stage alone.</summary>
internal sealed record Floors(double Insert, double Publish, double Consume, double Upsert)
{
    private const int Batch = 100;
    private const int Connections = 4;

    /// <summary>All four stages sharing the cores: one event passes each once.</summary>
    public double Composition => 1 / ((1 / Insert) + (1 / Publish) + (1 / Consume) + (1 / Upsert));

    public static async Task<Floors> Measure(Servers servers, int events)
    {
        await using var source = NpgsqlDataSource.Create(await servers.Database("floors"));
        await Execute(source, """
            create table event (seq bigserial primary key, id uuid not null, stream_id uuid not null, version bigint not null, data jsonb not null, type text not null, at timestamptz not null, tenant_id text not null, headers jsonb);
            create unique index on event (tenant_id, stream_id, version);
            create table row (tenant_id text, creator_id uuid, type text, status text not null, reason text, since timestamptz not null, connection_id uuid not null, sequence bigint not null, noted_at timestamptz not null, primary key (tenant_id, creator_id, type));
            """);
        var body = JsonSerializer.SerializeToUtf8Bytes(Sample(), JsonSerializerOptions.Web);
        var data = System.Text.Encoding.UTF8.GetString(body);

        await InBatches(source, Batch * 10, InsertOf(data));
        var insert = await Rate(events, () => InBatches(source, events, InsertOf(data)));
        await InBatches(source, Batch * 10, UpsertOf);
        var upsert = await Rate(events, () => InBatches(source, events, UpsertOf));
        var (publish, consume) = await Broker(await servers.VirtualHost(), body, events);
        return new(insert, publish, consume, upsert);
    }

    private static ConnectionGranted Sample() => new()
    {
        OrganizationId = "aurora",
        ConnectionId = Guid.CreateVersion7(),
        CreatorId = Guid.CreateVersion7(),
        Platform = "instagram",
        AccountId = "17841400000000001",
        Scopes = ["instagram_business_basic", "instagram_business_manage_insights"],
        ExpiresAt = DateTimeOffset.UtcNow,
        Sequence = 1,
        OccurredAt = DateTimeOffset.UtcNow,
    };

    private static Func<NpgsqlBatchCommand> InsertOf(string data) => () => new("insert into event (id, stream_id, version, data, type, at, tenant_id) values ($1, $2, 1, $3::jsonb, 'access_granted', now(), 'aurora')")
    {
        Parameters = { new() { Value = Guid.CreateVersion7() }, new() { Value = Guid.CreateVersion7() }, new() { Value = data } },
    };

    private static NpgsqlBatchCommand UpsertOf() => new(
        """
        insert into row values ('aurora', $1, 'InstagramInsights', 'Connected', null, now(), $2, 1, now())
        on conflict (tenant_id, creator_id, type) do update set status = excluded.status, sequence = excluded.sequence where excluded.sequence > row.sequence
        """)
    {
        Parameters = { new() { Value = Guid.CreateVersion7() }, new() { Value = Guid.CreateVersion7() } },
    };

    private static Task InBatches(NpgsqlDataSource source, int events, Func<NpgsqlBatchCommand> command) => Task.WhenAll(Enumerable.Range(0, Connections).Select(async _ =>
    {
        await using var connection = await source.OpenConnectionAsync();
        for (var done = 0; done < events / Connections; done += Batch)
        {
            await using var batch = new NpgsqlBatch(connection);
            for (var i = 0; i < Batch; i++)
            {
                batch.BatchCommands.Add(command());
            }

            await batch.ExecuteNonQueryAsync();
        }
    }));

    private static async Task<(double Publish, double Consume)> Broker(Uri uri, byte[] body, int events)
    {
        await using var connection = await new ConnectionFactory { Uri = uri }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));
        await channel.ExchangeDeclareAsync("floor", ExchangeType.Fanout, durable: true);
        await channel.QueueDeclareAsync("floor", durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?> { ["x-queue-type"] = "quorum" });
        await channel.QueueBindAsync("floor", "floor", "");
        var properties = new BasicProperties { DeliveryMode = DeliveryModes.Persistent, ContentType = "application/json" };

        var publish = await Rate(events, async () =>
        {
            using var inFlight = new SemaphoreSlim(Batch);
            var confirms = new List<Task>(events);
            for (var i = 0; i < events; i++)
            {
                await inFlight.WaitAsync();
                confirms.Add(Confirm(channel.BasicPublishAsync("floor", "", mandatory: false, properties, body), inFlight));
            }

            await Task.WhenAll(confirms);
        });

        await using var consuming = await connection.CreateChannelAsync();
        await consuming.BasicQosAsync(0, 500, global: false);
        var all = new TaskCompletionSource();
        var seen = 0;
        var consumer = new AsyncEventingBasicConsumer(consuming);
        consumer.ReceivedAsync += async (_, message) =>
        {
            await consuming.BasicAckAsync(message.DeliveryTag, multiple: false);
            if (Interlocked.Increment(ref seen) == events)
            {
                all.SetResult();
            }
        };
        var consume = await Rate(events, async () =>
        {
            await consuming.BasicConsumeAsync("floor", autoAck: false, consumer);
            await all.Task;
        });
        return (publish, consume);
    }

    private static async Task Confirm(ValueTask publish, SemaphoreSlim inFlight)
    {
        await publish;
        inFlight.Release();
    }

    private static async Task<double> Rate(int events, Func<Task> work)
    {
        var started = Stopwatch.GetTimestamp();
        await work();
        return events / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static async Task Execute(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
