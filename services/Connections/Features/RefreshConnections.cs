using Connections.Platforms;
using Connections.Upkeep;
using EventSourcing;
using Npgsql;

namespace Connections.Features;

/// <summary>Connections of one platform that are due are refreshed or probed, many at a time, each by one replica only.</summary>
internal sealed class RefreshConnections(
    IPlatform platform, NpgsqlDataSource source, Attendance attendance, PlatformWatch watch, UpkeepOptions options, TimeProvider clock, ILogger<RefreshConnections> logger)
    : ClockWorker(options.LookEvery, null, logger)
{
    /// <summary>What a look at the connection records.</summary>
    public static Decision Decide(Connection? state, UpkeepChange? change, DateTimeOffset? endsAt, DateTimeOffset now) => (state, change) switch
    {
        ({ Standing: Standing.Connected }, UpkeepChange.Lost lost) => Decision.Of(new AccessInvalidated(state.CreatorId, state.Platform, lost.Reason, lost.Evidence)),
        ({ Standing: Standing.Connected }, UpkeepChange.Expired expired) => Decision.Of(new AccessExpired(state.CreatorId, state.Platform, endsAt < now ? endsAt.Value : now, expired.Evidence)),
        ({ MayRecover: true }, UpkeepChange.Recovered recovered) => Decision.Of(new AccessRecovered(state.CreatorId, state.Platform, endsAt, recovered.Evidence)),

        // Suspended, and now the platform says that the account is gone: red before and after, for another reason.
        ({ Reason: InvalidReason.AccountSuspended }, UpkeepChange.Lost lost) when lost.Reason != state.Reason => Decision.Of(new AccessInvalidated(state.CreatorId, state.Platform, lost.Reason, lost.Evidence)),
        _ => Decision.Nothing,
    };

    /// <summary>The end of life moved, or what is granted did.</summary>
    public static Decision DecideRenewed(Connection? state, DateTimeOffset? endsAt, IReadOnlyList<string> scopes) => state is { Standing: Standing.Connected }
        ? Decision.Of(new AccessRenewed(state.CreatorId, state.Platform, endsAt, scopes))
        : Decision.Nothing;

    protected override async Task<int> DoPage(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        if (!watch.StateOf(platform.Options.Key).MayCall(now))
        {
            return 0;
        }

        var until = now + options.Lease;
        var page = await source.Read(UpkeepTable.LeaseDue(platform.Options.Key, now, until, options.PageSize), UpkeepTable.RowOf, ct);

        // What was begun is finished even when the process is asked to stop: the answers are already on their way.
        await Parallel.ForEachAsync(page, new ParallelOptions { MaxDegreeOfParallelism = options.Parallel }, async (leased, _) =>
        {
            try
            {
                if (await MayBegin(leased.Row, leased.Lease!.Value, until, ct))
                {
                    await attendance.Attend(leased.Lease!.Value, leased.Row);
                }
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                // One connection must not hold up the others of its page. Its lease runs out, and it is due again.
                logger.LogError(exception, "Upkeep of connection {Connection} failed and will be tried again.", leased.Row.ConnectionId);
            }
        });
        return page.Count;
    }

    // A page may take long. Its last rows must not be asked about on a lease that is nearly over, nor after somebody said stop.
    private async Task<bool> MayBegin(UpkeepRow row, Guid lease, DateTimeOffset until, CancellationToken stopping)
    {
        var now = clock.GetUtcNow();
        if (stopping.IsCancellationRequested || !watch.StateOf(platform.Options.Key).MayCall(now))
        {
            await source.Run(UpkeepTable.GiveBack(row, lease, now), default);
            return false;
        }

        return until - now > options.Lease / 2 || await source.Run(UpkeepTable.Extend(row, lease, now + options.Lease), default) == 1;
    }
}
