using Connections.Upkeep;
using EventSourcing;
using Npgsql;

namespace Connections.Features;

/// <summary>Attempts nobody came back from, and notices that were applied long ago, are forgotten.</summary>
internal sealed class SweepLookups(NpgsqlDataSource source, TimeProvider clock, ILogger<SweepLookups> logger) : ClockWorker(TimeSpan.FromMinutes(10), null, logger)
{
    // Platforms repeat a notice for days; data deletions are looked up by people for weeks.
    private static readonly TimeSpan KeepNotices = TimeSpan.FromDays(90);

    protected override async Task<int> DoPage(CancellationToken ct)
    {
        await using var attempts = source.CreateCommand($"delete from {ConnectionTables.Schema}.authorization_attempt where expires_at < $1");
        attempts.With(clock.GetUtcNow());
        await attempts.ExecuteNonQueryAsync(ct);

        await using var notices = source.CreateCommand($"delete from {ConnectionTables.Schema}.platform_notice where applied_at < $1");
        notices.With(clock.GetUtcNow() - KeepNotices);
        await notices.ExecuteNonQueryAsync(ct);
        await source.Run(PlatformTables.Sweep(clock.GetUtcNow().AddDays(-1)), ct);
        return 0;
    }
}
