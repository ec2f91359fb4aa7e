using Connections.Insights;
using Connections.Platforms;
using Connections.Upkeep;
using EventSourcing;
using Npgsql;

namespace Connections.Features;

/// <summary>Insights of one platform's green connections that are due are pulled, several at a time, each by one replica only.</summary>
internal sealed class PullInsights(
    IInsightsSource insights, NpgsqlDataSource source, Gathering gathering, PlatformWatch watch, InsightsOptions options, TimeProvider clock, ILogger<PullInsights> logger)
    : ClockWorker(options.LookEvery, null, logger)
{
    private DateTimeOffset? lookedForAll;

    /// <summary>A pull is done, or has begun to fail.</summary>
    /// <param name="state">How it was.</param>
    /// <param name="row">The row as it stands after that.</param>
    public static Decision Decide(InsightsFeed? state, PullRow row)
    {
        if (row.IsFailing)
        {
            return state is { IsFailing: true } ? Decision.Nothing : Decision.Of(new InsightsFailed(row.ConnectionId, row.CreatorId, row.Platform, row.Code!, row.FailingSince!.Value));
        }

        var pulled = new InsightsPulled(
            row.ConnectionId, row.CreatorId, row.Platform, row.Pulled.ToString(), row.Last.AccountMetrics, row.Last.ContentItems, row.Last.ContentMetrics, row.Last.Through);
        return state is { IsFailing: true } ? Decision.Of(new InsightsResumed(row.ConnectionId, row.CreatorId, row.Platform), pulled) : Decision.Of(pulled);
    }

    protected override async Task<int> DoPage(CancellationToken ct)
    {
        if (!options.Enabled)
        {
            return 0;
        }

        var (platform, now) = (insights.Options.Key, clock.GetUtcNow());
        await Adopt(platform, now, ct);
        var state = watch.StateOf(platform);
        if (!state.MayCall(now) || state.IsHolding)
        {
            return 0;
        }

        var page = await source.Read(PullTable.LeaseDue(platform, now, now + options.Lease, options.PageSize), PullTable.RowOf, ct);
        await Parallel.ForEachAsync(page.Where(leased => leased.Lease is not null), new ParallelOptions { MaxDegreeOfParallelism = options.Parallel }, async (leased, _) =>
        {
            try
            {
                await gathering.Gather(leased.Lease!.Value, leased.Row, ct);
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                // One connection must not hold up the others of its page. Its lease runs out, and it goes on where it was.
                logger.LogError(exception, "Pulling the insights of connection {Connection} failed and will be tried again.", leased.Row.ConnectionId);
            }
        });
        return page.Count;
    }

    // What was granted a moment ago is found by an index at every look; all the others are compared now and then.
    private async Task Adopt(string platform, DateTimeOffset now, CancellationToken ct)
    {
        await source.Run(PullTable.AdoptGranted(platform, now - options.AdoptEvery - options.AdoptEvery, now, options.FirstWithin), ct);
        if (lookedForAll + options.AdoptEvery > now)
        {
            return;
        }

        await source.Run(PullTable.TakeUp(platform, now, options.FirstWithin), ct);
        if (await source.Run(PullTable.AdoptMissing(platform, now, insights.Options.Insights.Every), ct) < PullTable.AdoptAtOnce)
        {
            lookedForAll = now;
        }
    }
}
