using System.Threading.Channels;
using EventSourcing;
using MimeKit;
using Npgsql;
using NpgsqlTypes;
using RabbitMQ.Client;

namespace Benchmarks;

/// <summary>
/// The least that whoever sends mail must write down so that a crash mails nobody twice and everybody hears of it, by the bare clients: a mark, committed before a message leaves and shared by the lines that
/// wait for one; then, a hundred messages at a time, an event and a verdict for each in one transaction, the marks taken away, and a message on the broker, confirmed.
/// </summary>
internal sealed class MailFloor : IAsyncDisposable
{
    private const int Page = 100;
    private readonly NpgsqlDataSource source;
    private readonly IConnection broker;
    private readonly IChannel publishing;

    private MailFloor(NpgsqlDataSource source, IConnection broker, IChannel publishing) => (this.source, this.broker, this.publishing) = (source, broker, publishing);

    public static async Task<MailFloor> Open(string database, Uri virtualHost)
    {
        var source = NpgsqlDataSource.Create(database);
        await using (var tables = source.CreateCommand(
            """
            create unlogged table mark (id uuid primary key, at timestamptz not null);
            create table recipient (id uuid primary key, verdict text not null, at timestamptz not null);
            create table event (seq bigserial primary key, id uuid not null, stream_id uuid not null, version bigint not null, data jsonb not null, type text not null, at timestamptz not null, tenant_id text not null);
            create unique index on event (tenant_id, stream_id, version)
            """))
        {
            await tables.ExecuteNonQueryAsync();
        }

        var broker = await new ConnectionFactory { Uri = virtualHost }.CreateConnectionAsync();
        var publishing = await broker.CreateChannelAsync(new(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));
        await publishing.QueueDeclareAsync("floor", durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?> { ["x-queue-type"] = "quorum" });
        return new(source, broker, publishing);
    }

    /// <summary>Sends so many messages over each of the lines; done when the last one is written down.</summary>
    public async Task Send(IReadOnlyList<Func<MimeMessage, Task>> lines, int each, Func<MimeMessage> compose)
    {
        var (marks, told) = (Channel.CreateUnbounded<(Guid Id, TaskCompletionSource Done)>(new() { SingleReader = true }), Channel.CreateUnbounded<Guid>(new() { SingleReader = true }));
        await Invite(lines.Count * each);
        var (marking, recording) = (Task.Run(() => Mark(marks.Reader)), Task.Run(() => Record(told.Reader)));
        await Task.WhenAll(lines.Select((line, place) => Task.Run(async () =>
        {
            for (var n = 0; n < each; n++)
            {
                var (id, done) = (IdOf((place * each) + n), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
                marks.Writer.TryWrite((id, done));
                await done.Task;
                await line(compose());
                told.Writer.TryWrite(id);
            }
        })));
        marks.Writer.Complete();
        told.Writer.Complete();
        await Task.WhenAll(marking, recording);
    }

    public async ValueTask DisposeAsync()
    {
        await publishing.DisposeAsync();
        await broker.DisposeAsync();
        await source.DisposeAsync();
    }

    private static Guid IdOf(int recipient) => StreamId.Of("floor", recipient.ToString(System.Globalization.CultureInfo.InvariantCulture));

    // Not counted by anybody: they are there before the first message leaves, and nobody remembers the round before.
    private async Task Invite(int recipients)
    {
        await using var connection = await source.OpenConnectionAsync();
        await using (var clear = new NpgsqlCommand("truncate recipient, event", connection))
        {
            await clear.ExecuteNonQueryAsync();
        }

        await using var command = new NpgsqlCommand("insert into recipient select id, 'Queued', now() from unnest($1) as one(id)", connection);
        command.Parameters.Add(Ids(Enumerable.Range(0, recipients).Select(IdOf)));
        await command.ExecuteNonQueryAsync();
    }

    private async Task Mark(ChannelReader<(Guid Id, TaskCompletionSource Done)> waiting)
    {
        await using var connection = await source.OpenConnectionAsync();
        await using var command = new NpgsqlCommand("insert into mark select id, now() from unnest($1) as one(id)", connection);
        command.Parameters.Add(Ids([]));
        await command.PrepareAsync();
        while (await waiting.WaitToReadAsync())
        {
            var now = new List<(Guid Id, TaskCompletionSource Done)>();
            while (waiting.TryRead(out var one))
            {
                now.Add(one);
            }

            command.Parameters[0].Value = now.Select(one => one.Id).ToArray();
            await command.ExecuteNonQueryAsync();
            now.ForEach(one => one.Done.SetResult());
        }
    }

    private async Task Record(ChannelReader<Guid> told)
    {
        await using var connection = await source.OpenConnectionAsync();
        while (await told.WaitToReadAsync())
        {
            var page = new List<Guid>(Page);
            while (page.Count < Page && await told.WaitToReadAsync())
            {
                while (page.Count < Page && told.TryRead(out var id))
                {
                    page.Add(id);
                }
            }

            await using (var transaction = await connection.BeginTransactionAsync())
            {
                await using var batch = new NpgsqlBatch(connection, transaction)
                {
                    BatchCommands =
                    {
                        Command($$"""insert into event (id, stream_id, version, data, type, at, tenant_id) select gen_random_uuid(), id, 1, '{{Data}}', 'message_accepted', now(), 'aurora' from unnest($1) as one(id)""", page),
                        Command("update recipient r set verdict = 'Sent', at = now() from unnest($1) as one(id) where r.id = one.id", page),
                        Command("delete from mark where id = any ($1)", page),
                    },
                };
                await batch.ExecuteNonQueryAsync();
                await transaction.CommitAsync();
            }

            await Task.WhenAll(page.Select(_ => publishing.BasicPublishAsync("", "floor", mandatory: false, new BasicProperties { Persistent = true }, Body).AsTask()));
        }
    }

    private static NpgsqlBatchCommand Command(string sql, IEnumerable<Guid> ids) => new(sql) { Parameters = { Ids(ids) } };

    private static NpgsqlParameter Ids(IEnumerable<Guid> ids) => new() { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid, Value = ids.ToArray() };

    private const string Data =
        """{"Recipient":{"DeliveryId":"8d1f5ac5-3a17-4a36-9c56-2c0f7a0f3f11","OutreachId":"0198c7a2-0c60-7d0c-a1b5-4f0f6d1a2b3c","CampaignId":"0198c7a2-0c60-7d0c-a1b5-4f0f6d1a2b3d","CreatorId":"0198c7a2-0c60-7d0c-a1b5-4f0f6d1a2b3e","Template":"creator-hub-invitation"},"Attempt":1}""";

    private static readonly byte[] Body = System.Text.Encoding.UTF8.GetBytes(Data);
}
