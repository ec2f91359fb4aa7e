using System.Diagnostics;
using Connections.Platforms;
using Connections.Upkeep;
using EventSourcing;
using Npgsql;

namespace Connections.Features;

/// <summary>Kept notices of platforms reach every connection of the account they speak of, in every organization, each once.</summary>
internal sealed class ApplyNotices(NpgsqlDataSource source, StreamSessions sessions, UpkeepOptions options, TimeProvider clock, NoticeSignal signal, ILogger<ApplyNotices> logger)
    : ClockWorker(TimeSpan.FromSeconds(2), signal, logger)
{
    private static readonly ActivitySource Spans = new("Connections");

    public static Decision Decide(Connection? state, string reason, string code, DateTimeOffset occurredAt) => state switch
    {
        null or { Standing: Standing.NotConnected } => Decision.Nothing,

        // Platforms date notices in whole seconds. One from before the authorization is about an earlier one: late, repeated or replayed.
        { GrantedAt: { } granted } when occurredAt.ToUnixTimeSeconds() < granted.ToUnixTimeSeconds() => Decision.Nothing,

        // An erasure is owed whatever the connection's standing; anything else tells nothing new about a dead one.
        { Standing: not Standing.Connected } when reason != InvalidReason.DataDeletionRequested || state.Reason == reason => Decision.Nothing,
        _ => Decision.Of(new AccessInvalidated(state.CreatorId, state.Platform, reason, new("webhook", code, occurredAt, "confirmed"))),
    };

    protected override async Task<int> DoPage(CancellationToken ct)
    {
        var page = await LeasePage(ct);
        foreach (var notice in page)
        {
            using var activity = Spans.StartActivity("apply notice", ActivityKind.Consumer, notice.TraceParent);
            foreach (var (organization, connection) in await ConnectionsOf(notice, ct))
            {
                if (notice.Reason == NoticeReading.CheckNow.Reason)
                {
                    await source.Run(UpkeepTable.Check(organization, connection, notice.Code, clock.GetUtcNow()), ct);
                }
                else
                {
                    await Apply(organization, connection, notice, ct);
                }
            }

            await using var done = source.CreateCommand($"update {ConnectionTables.Schema}.platform_notice set applied_at = $3, leased_until = null where platform = $1 and fingerprint = $2");
            done.With(notice.Platform, notice.Fingerprint, clock.GetUtcNow());
            await done.ExecuteNonQueryAsync(ct);
        }

        return page.Count;
    }

    private async Task Apply(string organization, Guid connection, Notice notice, CancellationToken ct)
    {
        Guid? creator = null;
        await using var session = sessions.For(organization);
        await session.DecideAndSave<Connection>(
            connection,
            state =>
            {
                creator = state?.CreatorId;
                return Decide(state, notice.Reason, notice.Code, notice.OccurredAt);
            },
            ct,
            alongside: operations =>
            {
                if (notice.Reason == InvalidReason.DataDeletionRequested && creator is { } known)
                {
                    ConnectionTables.Forget(operations, organization, known, clock.GetUtcNow(), connection);
                }
            },
            within: async (transaction, decision, token) =>
            {
                if (decision is Decision.Recorded)
                {
                    // A locked account may be unlocked, so its tokens are kept and asked now and then. Whatever else was told so plainly is over.
                    await transaction.ExecuteAsync(
                        notice.Reason == InvalidReason.AccountSuspended
                            ? UpkeepTable.Suspend(organization, connection, clock.GetUtcNow(), options.RecoveryEvery)
                            : UpkeepTable.Drop(organization, connection),
                        token);
                }

                return true;
            });
    }

    private async Task<IReadOnlyList<Notice>> LeasePage(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        await using var command = source.CreateCommand($"""
            update {ConnectionTables.Schema}.platform_notice n set leased_until = $2
            from (select platform, fingerprint from {ConnectionTables.Schema}.platform_notice
                  where applied_at is null and (leased_until is null or leased_until < $1)
                  order by received_at limit 50 for update skip locked) due
            where n.platform = due.platform and n.fingerprint = due.fingerprint
            returning n.platform, n.fingerprint, n.account_key, n.reason, n.code, n.occurred_at, n.trace_parent
            """);
        command.With(now, now + Lease);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var page = new List<Notice>();
        while (await reader.ReadAsync(ct))
        {
            page.Add(new(reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetString(3), reader.GetString(4), reader.GetFieldValue<DateTimeOffset>(5), reader.IsDBNull(6) ? null : reader.GetString(6)));
        }

        return page;
    }

    private async Task<IReadOnlyList<(string Organization, Guid Connection)>> ConnectionsOf(Notice notice, CancellationToken ct)
    {
        await using var command = source.CreateCommand($"select tenant_id, connection_id from {ConnectionTables.Schema}.account_key where platform = $1 and key = $2");
        command.With(notice.Platform, notice.AccountKey);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var found = new List<(string, Guid)>();
        while (await reader.ReadAsync(ct))
        {
            found.Add((reader.GetString(0), reader.GetGuid(1)));
        }

        return found;
    }

    private sealed record Notice(string Platform, string Fingerprint, string AccountKey, string Reason, string Code, DateTimeOffset OccurredAt, string? TraceParent);
}
