using System.ComponentModel.DataAnnotations;
using EventSourcing;
using Npgsql;

namespace Connections.Features;

/// <summary>When a connection's end of life counts as passed. Section <c>Expiry</c>.</summary>
public sealed class ExpiryOptions
{
    /// <summary>Allowance for clocks that disagree: a connection is called expired only this long after its end.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan Skew { get; set; } = TimeSpan.FromSeconds(120);

    /// <summary>How often to look for ends of life that have passed.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan LookEvery { get; set; } = TimeSpan.FromSeconds(15);
}

/// <summary>Green connections whose known end of life has passed turn red.</summary>
internal sealed class ExpireConnections(NpgsqlDataSource source, StreamSessions sessions, ExpiryOptions options, TimeProvider clock, ILogger<ExpireConnections> logger)
    : ClockWorker(options.LookEvery, null, logger)
{
    public static Decision Decide(Connection? state, DateTimeOffset now, TimeSpan skew) => state is not null && state.IsPast(now, skew)
        ? Decision.Of(new AccessExpired(state.CreatorId, state.Platform, state.EndsAt!.Value))
        : Decision.Nothing;

    protected override async Task<int> DoPage(CancellationToken ct)
    {
        var page = await LeasePage(ct);
        foreach (var (organization, connection) in page)
        {
            await using var session = sessions.For(organization);
            var now = clock.GetUtcNow();
            await session.DecideAndSave<Connection>(connection, state => Decide(state, now, options.Skew), ct, alongside: operations =>
                // Only the end that was looked at: a reconnection in between has set a new one.
                operations.QueueSqlCommand(
                    $"delete from {ConnectionTables.Schema}.connection_lifetime where tenant_id = ? and connection_id = ? and ends_at <= ?", organization, connection, now - options.Skew));
        }

        return page.Count;
    }

    private async Task<IReadOnlyList<(string Organization, Guid Connection)>> LeasePage(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        await using var command = source.CreateCommand($"""
            update {ConnectionTables.Schema}.connection_lifetime l set leased_until = $2
            from (select tenant_id, connection_id from {ConnectionTables.Schema}.connection_lifetime
                  where ends_at <= $3 and (leased_until is null or leased_until < $1)
                  order by ends_at limit 100 for update skip locked) due
            where l.tenant_id = due.tenant_id and l.connection_id = due.connection_id
            returning l.tenant_id, l.connection_id
            """);
        command.With(now, now + Lease, now - options.Skew);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var page = new List<(string, Guid)>();
        while (await reader.ReadAsync(ct))
        {
            page.Add((reader.GetString(0), reader.GetGuid(1)));
        }

        return page;
    }
}
