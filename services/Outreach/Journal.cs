using System.Threading.Channels;
using Npgsql;
using NpgsqlTypes;
using Outreach.Channels;

namespace Outreach;

/// <summary>
/// What the lines are doing, written into <see cref="UnderWay"/> before and after each message: the next may begin only once the answer to the one before it and
/// its own beginning are written. So a process that dies leaves in doubt the one message it had under way on each line, and every other one is known to have left or not.
/// </summary>
/// <remarks>One connection writes for all lines. Whatever they say while a statement runs goes with the next one, so that busy lines share their round trips.</remarks>
internal sealed class Journal(NpgsqlDataSource source, TimeProvider clock) : IAsyncDisposable
{
    private readonly Channel<Entry> entries = Channel.CreateUnbounded<Entry>(new() { SingleReader = true });
    private readonly List<Answered> unwritten = [];
    private NpgsqlConnection? connection;
    private NpgsqlBatch? answers;
    private NpgsqlBatch? beginnings;
    private NpgsqlBatch? both;
    private Task? writing;

    /// <summary>May this message leave now? Not if the outreach was paused or cancelled, the creator unsubscribed, or the worker no longer holds them.</summary>
    public async Task<bool> Begin(QueuedRecipient next, int attempt)
    {
        var beginning = new Beginning(next, attempt);
        entries.Writer.TryWrite(beginning);
        return await beginning.Done.Task;
    }

    /// <summary>Keeps the answer, to be written with the next beginning of any line.</summary>
    public void Note(QueuedRecipient sent, Answer answer) => entries.Writer.TryWrite(new Answered(sent, answer));

    /// <summary>Writes the answers that no beginning has taken along.</summary>
    public async Task Flush()
    {
        var flush = new Flushing();
        entries.Writer.TryWrite(flush);
        await flush.Done.Task;
    }

    public void Start() => writing = Task.Run(Write);

    public async ValueTask DisposeAsync()
    {
        entries.Writer.TryComplete();
        await (writing ?? Task.CompletedTask);
        await Close();
    }

    /// <summary>An answer as it was written.</summary>
    public static Answer Read(string answer, string? reason) => answer switch
    {
        nameof(Answer.Accepted) => new Answer.Accepted(),
        nameof(Answer.TryLater) => new Answer.TryLater(reason ?? "server-busy"),
        nameof(Answer.Refused) => new Answer.Refused(reason ?? "rejected"),
        _ => new Answer.Unknown(),
    };

    private static string ReasonOf(Answer answer) => answer switch
    {
        Answer.TryLater later => later.Reason,
        Answer.Refused refused => refused.Reason,
        _ => "",
    };

    private async Task Write()
    {
        while (await entries.Reader.WaitToReadAsync())
        {
            var (beginning, waiting) = (new List<Beginning>(), new List<Flushing>());
            while (entries.Reader.TryRead(out var entry))
            {
                switch (entry)
                {
                    case Beginning b: beginning.Add(b); break;
                    case Flushing f: waiting.Add(f); break;
                    case Answered a: unwritten.Add(a); break;
                }
            }

            if (beginning.Count == 0 && waiting.Count == 0)
            {
                continue;
            }

            try
            {
                var mayLeave = await Write(beginning);
                unwritten.Clear();
                beginning.ForEach(one => one.Done.SetResult(mayLeave.Contains(one.Next.Recipient.DeliveryId)));
                waiting.ForEach(one => one.Done.SetResult());
            }
            catch (Exception e)
            {
                // The answers stay, for the next time. Whether the beginnings were written or not, none of their messages leaves.
                await Close();
                beginning.ForEach(one => one.Done.SetException(e));
                waiting.ForEach(one => one.Done.SetException(e));
            }
        }
    }

    private async Task<HashSet<Guid>> Write(List<Beginning> beginning)
    {
        var mayLeave = new HashSet<Guid>();
        if (beginning.Count == 0 && unwritten.Count == 0)
        {
            return mayLeave;
        }

        await Open();
        var batch = beginning.Count == 0 ? answers! : unwritten.Count == 0 ? beginnings! : both!;
        if (unwritten.Count > 0)
        {
            Fill(
                batch.BatchCommands[0], unwritten.Select(one => one.Sent.Recipient.DeliveryId), unwritten.Select(one => one.Sent.Lease),
                unwritten.Select(one => one.Answer.GetType().Name), unwritten.Select(one => ReasonOf(one.Answer)));
        }

        if (beginning.Count > 0)
        {
            Fill(
                batch.BatchCommands[^1], beginning.Select(one => one.Next.Recipient.DeliveryId), beginning.Select(one => one.Next.Lease), beginning.Select(one => one.Attempt),
                beginning.Select(one => one.Next.Organization), beginning.Select(one => one.Next.Recipient.OutreachId), beginning.Select(one => one.Next.Recipient.CreatorId),
                beginning.Select(one => one.Next.Recipient.CampaignId), new[] { clock.GetUtcNow() });
        }

        await using var reader = await batch.ExecuteReaderAsync();
        do
        {
            while (await reader.ReadAsync())
            {
                mayLeave.Add(reader.GetGuid(0));
            }
        }
        while (await reader.NextResultAsync());
        return mayLeave;
    }

    // A row that somebody has locked is just being recorded for good, with this very answer, or is another worker's by now. To wait for it would be to wait for one who may wait for us.
    private const string AnswerSql = """
        with told as materialized (
            select told.* from unnest($1, $2, $3, $4) as told(delivery_id, lease, answer, reason)
            join outreach.under_way u on u.delivery_id = told.delivery_id and u.lease = told.lease
            where u.begun_at is not null for update of u skip locked)
        update outreach.under_way u set answer = told.answer, answer_reason = nullif(told.reason, '')
        from told where u.delivery_id = told.delivery_id
        """;

    private const string BeginSql = """
        update outreach.under_way u set begun_at = $8[1], attempt = next.attempt
        from unnest($1, $2, $3, $4, $5, $6, $7) as next(delivery_id, lease, attempt, tenant_id, outreach_id, creator_id, campaign_id)
        where u.delivery_id = next.delivery_id and u.lease = next.lease and u.begun_at is null
          and exists (select from outreach.batch b where b.tenant_id = next.tenant_id and b.outreach_id = next.outreach_id and not b.is_paused and not b.is_cancelled)
          and not exists (select from outreach.suppression s
              where s.tenant_id = next.tenant_id and s.creator_id = next.creator_id and s.campaign_id in (next.campaign_id, '00000000-0000-0000-0000-000000000000'))
        returning u.delivery_id
        """;

    private async Task Open()
    {
        if (connection is { State: System.Data.ConnectionState.Open })
        {
            return;
        }

        await Close();
        connection = await source.OpenConnectionAsync();

        // A handful of rows by their keys, whatever the database believes of a table that fills and empties all the time.
        await using (var plain = new NpgsqlCommand("set enable_hashjoin = off; set enable_mergejoin = off; set enable_seqscan = off", connection))
        {
            await plain.ExecuteNonQueryAsync();
        }

        answers = await Prepared(AnswerCommand());
        beginnings = await Prepared(BeginCommand());
        both = await Prepared(AnswerCommand(), BeginCommand());
    }

    private async Task Close()
    {
        try
        {
            await (connection?.DisposeAsync() ?? ValueTask.CompletedTask);
        }
        catch (Exception e) when (e is NpgsqlException or InvalidOperationException or IOException)
        {
            // It is gone already.
        }

        connection = null;
    }

    private async Task<NpgsqlBatch> Prepared(params NpgsqlBatchCommand[] commands)
    {
        var batch = new NpgsqlBatch(connection);
        foreach (var command in commands)
        {
            batch.BatchCommands.Add(command);
        }

        await batch.PrepareAsync();
        return batch;
    }

    private static NpgsqlBatchCommand AnswerCommand() => Command(AnswerSql, NpgsqlDbType.Uuid, NpgsqlDbType.Uuid, NpgsqlDbType.Text, NpgsqlDbType.Text);

    private static NpgsqlBatchCommand BeginCommand() => Command(
        BeginSql, NpgsqlDbType.Uuid, NpgsqlDbType.Uuid, NpgsqlDbType.Integer, NpgsqlDbType.Text, NpgsqlDbType.Uuid, NpgsqlDbType.Uuid, NpgsqlDbType.Uuid, NpgsqlDbType.TimestampTz);

    private static NpgsqlBatchCommand Command(string sql, params NpgsqlDbType[] arrays)
    {
        var command = new NpgsqlBatchCommand(sql);
        command.Parameters.AddRange(arrays.Select(type => new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Array | type }).ToArray());
        return command;
    }

    private static void Fill(NpgsqlBatchCommand command, params System.Collections.IEnumerable[] columns)
    {
        foreach (var (column, at) in columns.Select((column, at) => (column, at)))
        {
            command.Parameters[at].Value = column switch
            {
                IEnumerable<Guid> ids => ids.ToArray(),
                IEnumerable<int> numbers => numbers.ToArray(),
                IEnumerable<DateTimeOffset> times => times.ToArray(),
                IEnumerable<string> words => words.ToArray(),
                _ => throw new ArgumentException("No column of the journal."),
            };
        }
    }

    private abstract record Entry;

    private sealed record Beginning(QueuedRecipient Next, int Attempt) : Entry
    {
        public TaskCompletionSource<bool> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed record Answered(QueuedRecipient Sent, Answer Answer) : Entry;

    private sealed record Flushing : Entry
    {
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
