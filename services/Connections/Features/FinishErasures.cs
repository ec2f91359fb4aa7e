using Connections.Vault;
using EventSourcing;
using Npgsql;

namespace Connections.Features;

/// <summary>Erasures whose events are recorded and whose keys are not destroyed yet: those of platforms' notices, and any that was interrupted.</summary>
internal sealed class FinishErasures(NpgsqlDataSource source, Erasures erasures, TimeProvider clock, ILogger<FinishErasures> logger) : ClockWorker(TimeSpan.FromSeconds(2), null, logger)
{
    protected override async Task<int> DoPage(CancellationToken ct)
    {
        var page = await LeasePage(ct);
        foreach (var (organization, creator) in page)
        {
            await erasures.Finish(organization, creator, ct);
        }

        return page.Count;
    }

    private async Task<IReadOnlyList<(string Organization, Guid Creator)>> LeasePage(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        await using var command = source.CreateCommand($"""
            update {ConnectionTables.Schema}.erasure_due e set leased_until = $2
            from (select tenant_id, creator_id from {ConnectionTables.Schema}.erasure_due
                  where leased_until is null or leased_until < $1
                  order by due_at limit 20 for update skip locked) due
            where e.tenant_id = due.tenant_id and e.creator_id = due.creator_id
            returning e.tenant_id, e.creator_id
            """);
        command.With(now, now + Lease);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var page = new List<(string, Guid)>();
        while (await reader.ReadAsync(ct))
        {
            page.Add((reader.GetString(0), reader.GetGuid(1)));
        }

        return page;
    }
}
