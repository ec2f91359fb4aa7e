using Connections.Upkeep;
using EventSourcing;
using Npgsql;

namespace Connections.Features;

/// <summary>Known ends of life are announced when they come near, and turn green connections red when they have passed.</summary>
internal sealed class WatchLifetimes(
    NpgsqlDataSource source, StreamSessions sessions, PlatformWatch watch, Warnings warnings, ExpiryOptions expiry, UpkeepOptions options, TimeProvider clock, ILogger<WatchLifetimes> logger)
    : ClockWorker(expiry.LookEvery, null, logger)
{
    private static readonly TimeSpan HeldAgain = TimeSpan.FromMinutes(1);

    /// <summary>The clock of an end of life was looked at.</summary>
    /// <param name="state">The connection.</param>
    /// <param name="endsAt">Its end of life as the tokens have it, which may be later than the stream was told.</param>
    /// <param name="warning">The warning that is due, in days; null where none is.</param>
    /// <param name="now">The moment (UTC).</param>
    /// <param name="skew">Allowance for clocks that disagree.</param>
    public static Decision Decide(Connection? state, DateTimeOffset endsAt, int? warning, DateTimeOffset now, TimeSpan skew) => state switch
    {
        not { Standing: Standing.Connected } => Decision.Nothing,
        _ when endsAt + skew <= now => Decision.Of(new AccessExpired(state.CreatorId, state.Platform, endsAt)),
        _ when warning is { } days => Decision.Of(new ExpiryApproached(state.CreatorId, state.Platform, endsAt, days)),
        _ => Decision.Nothing,
    };

    /// <summary>What becomes of the row whose clock is due: null when the end has passed, and the warning to give, if one is.</summary>
    public static (UpkeepRow? Row, int? Warning) Weigh(UpkeepRow row, Warnings warnings, bool isHolding, DateTimeOffset now)
    {
        if (row.EndsAt is not { } end)
        {
            return (row with { ClockAt = null }, null);
        }

        if (isHolding)
        {
            // Renewals may be failing for everybody: nothing is announced and nothing ends before that is over.
            return (row with { ClockAt = now + HeldAgain }, null);
        }

        if (end + warnings.Skew <= now)
        {
            return (null, null);
        }

        var warning = warnings.DueAt(now, end, row.WarnedDays);
        var warned = warning ?? row.WarnedDays;
        return (row with { WarnedDays = warned, ClockAt = warnings.NextAt(end, warned) }, warning);
    }

    protected override async Task<int> DoPage(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var page = await source.Read(UpkeepTable.LeaseClock(now, now + options.Lease, 100), UpkeepTable.RowOf, ct);
        foreach (var (lease, row) in page)
        {
            await Look(row, lease!.Value, ct);
        }

        return page.Count;
    }

    private async Task Look(UpkeepRow row, Guid lease, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var (next, warning) = Weigh(row, warnings, watch.StateOf(row.Platform).IsHolding, now);
        if (next is not null && warning is null)
        {
            await source.Wrote(UpkeepTable.Save(next, lease, row.Version, keepLease: false), ct);
            return;
        }

        await using var session = sessions.For(row.Organization);
        await session.DecideAndSave<Connection>(
            row.ConnectionId,
            connection => Decide(connection, row.EndsAt!.Value, warning, now, warnings.Skew),
            ct,
            within: (transaction, _, token) => transaction.Wrote(
                next is null ? UpkeepTable.Remove(row, lease, row.Version) : UpkeepTable.Save(next, lease, row.Version, keepLease: false), token));
    }
}
