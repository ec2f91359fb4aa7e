using System.ComponentModel.DataAnnotations;
using EventSourcing;
using Npgsql;
using Webhooks.Intake;

namespace Webhooks;

/// <summary>For how long messages can be replayed. Section <c>Retention</c>.</summary>
public sealed class RetentionOptions
{
    public const string Section = "Retention";

    /// <summary>A message, its deliveries and their log are kept for so long; what is still waiting by then is given up.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "365.00:00:00")]
    public TimeSpan KeepFor { get; init; } = TimeSpan.FromDays(30);

    /// <summary>How often to look for what is older.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan LookEvery { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Messages in one commit.</summary>
    [Range(1, 50_000)]
    public int Page { get; init; } = 2000;
}

/// <summary>Forgets what is older than it is kept for, secrets that have ended, and what belonged to removed endpoints, in pages, so that the tables do not grow for ever and no commit is long.</summary>
public sealed class Retention(NpgsqlDataSource source, RetentionOptions options, TimeProvider clock)
{
    /// <summary>Forgets one page of old messages. Answers how many they were, and how many deliveries had still been waiting.</summary>
    public async Task<(int Messages, int Waiting)> ForgetPage(CancellationToken ct)
    {
        await using var command = source.CreateCommand("""
            with old as materialized (
                select tenant_id, message_id from webhooks.message where position < $1 order by position limit $2 for update skip locked),
            attempts as (
                delete from webhooks.attempt a using webhooks.delivery d, old o
                where d.tenant_id = o.tenant_id and d.message_id = o.message_id and a.tenant_id = d.tenant_id and a.endpoint_id = d.endpoint_id and a.message_id = d.message_id),
            deliveries as (
                delete from webhooks.delivery d using old o where d.tenant_id = o.tenant_id and d.message_id = o.message_id returning d.state),
            messages as (
                delete from webhooks.message m using old o where m.tenant_id = o.tenant_id and m.message_id = o.message_id)
            select (select count(*)::int from old), (select count(*)::int from deliveries where state = 'Waiting')
            """).With(MessageTable.PositionOf(clock.GetUtcNow() - options.KeepFor), options.Page);
        await using var reader = await command.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        return (reader.GetInt32(0), reader.GetInt32(1));
    }

    /// <summary>Forgets the secrets that sign no more.</summary>
    public async Task ForgetSecrets(CancellationToken ct)
    {
        await using var command = source.CreateCommand("delete from webhooks.endpoint_secret where ends_at < $1").With(clock.GetUtcNow());
        await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Forgets one page of what a removed endpoint left behind. False: there was nothing to do.</summary>
    public async Task<bool> ForgetRemoved(CancellationToken ct)
    {
        await using var connection = await source.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await using var pick = new NpgsqlCommand("select tenant_id, endpoint_id from webhooks.removed_endpoint limit 1 for update skip locked", connection, transaction);
        (string Organization, Guid Endpoint) removed;
        await using (var reader = await pick.ExecuteReaderAsync(ct))
        {
            if (!await reader.ReadAsync(ct))
            {
                return false;
            }

            removed = (reader.GetString(0), reader.GetGuid(1));
        }

        await using var forget = new NpgsqlCommand(
            """
            with gone as materialized (select message_id from webhooks.delivery where tenant_id = $1 and endpoint_id = $2 limit $3 for update),
            attempts as (delete from webhooks.attempt a using gone where a.tenant_id = $1 and a.endpoint_id = $2 and a.message_id = gone.message_id),
            deliveries as (delete from webhooks.delivery d using gone where d.tenant_id = $1 and d.endpoint_id = $2 and d.message_id = gone.message_id),
            lanes as (delete from webhooks.lane where tenant_id = $1 and endpoint_id = $2)
            select count(*)::int from gone
            """, connection, transaction).With(removed.Organization, removed.Endpoint, options.Page);
        if ((int)(await forget.ExecuteScalarAsync(ct))! < options.Page)
        {
            await using var done = new NpgsqlCommand("delete from webhooks.removed_endpoint where tenant_id = $1 and endpoint_id = $2", connection, transaction)
                .With(removed.Organization, removed.Endpoint);
            await done.ExecuteNonQueryAsync(ct);
        }

        await transaction.CommitAsync(ct);
        return true;
    }
}
