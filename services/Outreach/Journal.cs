using Npgsql;
using NpgsqlTypes;
using Outreach.Channels;

namespace Outreach;

/// <summary>
/// What one line is doing, written down before and after each message: the next may begin only once the answer to the one before it and its own beginning are on
/// disk. So a process that dies leaves in doubt the one message it had under way on each line, and every other one is known to have left or not.
/// </summary>
/// <remarks>A row and one small commit per message. As events these marks would cost many times as much, and nobody reads them once the answer is known.</remarks>
internal sealed class Journal(NpgsqlDataSource source, string owner) : IAsyncDisposable
{
    private NpgsqlConnection? connection;
    private NpgsqlBatch? begin;
    private NpgsqlBatch? answerAndBegin;
    private (Recipient Recipient, string Organization, Answer Answer)? pending;

    /// <summary>May this message leave now? Not if the outreach was paused or cancelled, the creator unsubscribed, or the lease is over.</summary>
    public async Task<bool> Begin(QueuedRecipient next, DateTimeOffset now, DateTimeOffset leaseEnd)
    {
        await Open();
        var batch = pending is null ? begin! : answerAndBegin!;
        if (pending is { } before)
        {
            Fill(batch.BatchCommands[0], before);
        }

        var parameters = batch.BatchCommands[^1].Parameters;
        parameters[0].Value = next.Organization;
        parameters[1].Value = next.Recipient.OutreachId;
        parameters[2].Value = next.Recipient.DeliveryId;
        parameters[3].Value = owner;
        parameters[4].Value = leaseEnd;
        parameters[5].Value = now;
        await batch.ExecuteNonQueryAsync();
        pending = null;
        return batch.BatchCommands[^1].Rows == 1;
    }

    /// <summary>Keeps the answer, to be written with the next message's beginning.</summary>
    public void Note(QueuedRecipient sent, Answer answer) => pending = (sent.Recipient, sent.Organization, answer);

    /// <summary>Writes the answer that no next message has taken along.</summary>
    public async Task Flush()
    {
        if (pending is { } last)
        {
            await Open();
            await using var command = new NpgsqlCommand(AnswerSql, connection);
            command.Parameters.AddRange(Fields());
            Fill(command.Parameters, last);
            await command.ExecuteNonQueryAsync();
            pending = null;
        }
    }

    /// <summary>An answer as it was written.</summary>
    public static Answer Read(string answer, string? reason) => answer switch
    {
        nameof(Answer.Accepted) => new Answer.Accepted(),
        nameof(Answer.TryLater) => new Answer.TryLater(reason ?? "server-busy"),
        nameof(Answer.Refused) => new Answer.Refused(reason ?? "rejected"),
        _ => new Answer.Unknown(),
    };

    public async ValueTask DisposeAsync()
    {
        await (connection?.DisposeAsync() ?? ValueTask.CompletedTask);
        connection = null;
    }

    private const string AnswerSql = """
        update outreach.recipients set answer = $5, answer_reason = nullif($6, '')
        where delivery_id = $3 and tenant_id = $1 and outreach_id = $2 and lease_owner = $4 and verdict = 'Queued' and begun_at is not null
        """;

    private const string BeginSql = """
        update outreach.recipients r set begun_at = $6
        where r.delivery_id = $3 and r.tenant_id = $1 and r.outreach_id = $2 and r.lease_owner = $4 and r.due_at = $5 and r.due_at > $6
          and r.verdict = 'Queued' and r.begun_at is null
          and exists (select from outreach.batch b where b.tenant_id = $1 and b.outreach_id = $2 and not b.is_paused and not b.is_cancelled)
          and not exists (select from outreach.suppression s
              where s.tenant_id = $1 and s.creator_id = r.creator_id and s.campaign_id in (r.campaign_id, '00000000-0000-0000-0000-000000000000'))
        """;

    private async Task Open()
    {
        if (connection is { State: System.Data.ConnectionState.Open })
        {
            return;
        }

        await DisposeAsync();
        connection = await source.OpenConnectionAsync();
        begin = await Prepared(BeginCommand());
        answerAndBegin = await Prepared(AnswerCommand(), BeginCommand());
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

    private static NpgsqlBatchCommand BeginCommand()
    {
        var command = new NpgsqlBatchCommand(BeginSql);
        command.Parameters.AddRange((NpgsqlParameter[])
        [
            .. Fields()[..4], new() { NpgsqlDbType = NpgsqlDbType.TimestampTz }, new() { NpgsqlDbType = NpgsqlDbType.TimestampTz },
        ]);
        return command;
    }

    private static NpgsqlBatchCommand AnswerCommand()
    {
        var command = new NpgsqlBatchCommand(AnswerSql);
        command.Parameters.AddRange(Fields());
        return command;
    }

    private static NpgsqlParameter[] Fields() =>
    [
        new() { NpgsqlDbType = NpgsqlDbType.Text }, new() { NpgsqlDbType = NpgsqlDbType.Uuid }, new() { NpgsqlDbType = NpgsqlDbType.Uuid },
        new() { NpgsqlDbType = NpgsqlDbType.Text }, new() { NpgsqlDbType = NpgsqlDbType.Text }, new() { NpgsqlDbType = NpgsqlDbType.Text },
    ];

    private void Fill(NpgsqlBatchCommand command, (Recipient Recipient, string Organization, Answer Answer) noted) => Fill(command.Parameters, noted);

    private void Fill(NpgsqlParameterCollection parameters, (Recipient Recipient, string Organization, Answer Answer) noted)
    {
        parameters[0].Value = noted.Organization;
        parameters[1].Value = noted.Recipient.OutreachId;
        parameters[2].Value = noted.Recipient.DeliveryId;
        parameters[3].Value = owner;
        parameters[4].Value = noted.Answer.GetType().Name;
        parameters[5].Value = noted.Answer switch
        {
            Answer.TryLater later => later.Reason,
            Answer.Refused refused => refused.Reason,
            _ => "",
        };
    }
}
