using System.Diagnostics;
using Marten;
using Marten.Events;
using Npgsql;

namespace Campaigns;

/// <summary>
/// Builds the campaign views anew from the events, beside those that are read meanwhile, and turns to the new ones when they have caught up. Nobody waits: readers
/// change over between two statements, and the projection goes on writing what counts. Killed in the middle it has changed nothing; run it again.
/// </summary>
public sealed partial class ViewRebuild(IDocumentStore store, NpgsqlDataSource source, ILogger<ViewRebuild> logger)
{
    private const int PageSize = 10_000;

    /// <summary>So close behind that the rest can be done while the projection holds its next page back.</summary>
    private const int Close = 2_000;

    /// <param name="Generation">The generation that counts now.</param>
    /// <param name="Events">How many events were folded.</param>
    /// <param name="Elapsed">How long it took.</param>
    public sealed record Outcome(string Generation, long Events, TimeSpan Elapsed);

    /// <summary>Holds a page of the projection back while a rebuild turns around, and refuses one that was folded for the other generation: the daemon brings it again.</summary>
    public static void Guard(IDocumentOperations operations, string generation)
    {
        operations.QueueSqlCommand("select pg_advisory_xact_lock_shared(hashtextextended('campaign.views', 0))");
        operations.QueueSqlCommand(
            $"select 1 / (case when ({ViewGenerations.CurrentSql}) = ? then 1 else 0 end)", generation);
    }

    /// <summary>Rebuilds; null when another rebuild is under way.</summary>
    public async Task<Outcome?> Run(CancellationToken ct)
    {
        var startedAt = Stopwatch.GetTimestamp();
        await using var connection = await source.OpenConnectionAsync(ct);
        if (await Scalar<bool>("select pg_try_advisory_lock(hashtextextended('campaign.view_rebuild', 0))") is false)
        {
            return null;
        }

        try
        {
            await using var query = store.QuerySession();
            var target = ViewGenerations.Other(await ViewGenerations.Current(query, ct));
            await Run(ViewGenerations.Clear(target));
            var (position, events) = (0L, 0L);
            while (await Progress() is var end && end - position > Close)
            {
                (position, var folded) = await Fold(target, position, end, ct);
                events += folded;
            }

            // Between this lock and the commit the projection waits with its next page; readers do not.
            await using var transaction = await connection.BeginTransactionAsync(ct);
            await Run("select pg_advisory_xact_lock(hashtextextended('campaign.views', 0))");
            for (var end = await Progress(); position < end;)
            {
                (position, var folded) = await Fold(target, position, end, ct);
                events += folded;
            }

            foreach (var statement in ViewGenerations.Turn(target))
            {
                await Run(statement);
            }

            await transaction.CommitAsync(ct);
            var outcome = new Outcome(target, events, Stopwatch.GetElapsedTime(startedAt));
            Rebuilt(outcome.Events, outcome.Elapsed.TotalSeconds);
            return outcome;
        }
        finally
        {
            await Run("select pg_advisory_unlock(hashtextextended('campaign.view_rebuild', 0))");
        }

        Task<long> Progress() => Scalar<long>($"select coalesce((select last_seq_id from {CampaignTables.Schema}.mt_event_progression where name = '{CampaignViews.Shard}'), 0)");

        async Task<T> Scalar<T>(string sql)
        {
            await using var command = new NpgsqlCommand(sql, connection);
            return (T)(await command.ExecuteScalarAsync(ct))!;
        }

        async Task Run(string sql)
        {
            await using var command = new NpgsqlCommand(sql, connection);
            await command.ExecuteNonQueryAsync(CancellationToken.None);
        }
    }

    // The next page after a position, whole organizations side by side in it; answers how far it came.
    private async Task<(long Position, long Folded)> Fold(string target, long position, long end, CancellationToken ct)
    {
        await using var query = store.QuerySession();
        var page = await query.Events.QueryAllRawEvents()
            .Where(e => e.AnyTenant() && e.Sequence > position && e.Sequence <= end && e.EventTypesAre(CampaignViews.EventTypes.ToArray()))
            .OrderBy(e => e.Sequence).Take(PageSize).ToListAsync(ct);
        foreach (var organization in page.GroupBy(e => e.TenantId))
        {
            await using var session = store.LightweightSession(organization.Key);
            await CampaignViews.Fold(session, target, [.. organization], ct);
            await session.SaveChangesAsync(ct);
        }

        return (page.Count < PageSize ? end : page[^1].Sequence, page.Count);
    }

    [LoggerMessage(LogLevel.Information, "The campaign views were rebuilt from {Events} events in {Seconds:0.0} s.")]
    private partial void Rebuilt(long events, double seconds);
}
