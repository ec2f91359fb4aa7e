using Connections.Insights;
using Connections.Platforms;
using Npgsql;

namespace Connections.Features;

/// <summary>Numbers that may not be kept any longer are deleted, connection by connection: too old, or not read again in time.</summary>
internal sealed class SweepInsights(NpgsqlDataSource source, PlatformList platforms, InsightsOptions options, TimeProvider clock, ILogger<SweepInsights> logger)
    : ClockWorker(options.SweepLookEvery, null, logger)
{
    protected override async Task<int> DoPage(CancellationToken ct)
    {
        var (now, swept) = (clock.GetUtcNow(), 0);
        foreach (var platform in platforms.All.Select(platform => platforms.InsightsOf(platform.Options.Key)!))
        {
            var policy = platform.Options.Insights;
            var passing = platform.DataTypes.Where(type => type.LiveFor is not null).ToList();
            var liveFor = passing.Select(type => type.LiveFor!.Value).DefaultIfEmpty().Max();
            var page = await source.Read(
                PullTable.LeaseSweep(platform.Options.Key, now - options.SweepEvery, now, 50), reader => new Owner(reader.GetString(0), reader.GetGuid(1)), ct);
            foreach (var owner in page)
            {
                var readSince = policy.RefreshWithin is { } within ? now - within : DateTimeOffset.UnixEpoch;
                foreach (var statement in SeriesTables.Sweep(owner, now - policy.Keep, readSince, [.. passing.Select(type => type.Key)], now - liveFor))
                {
                    await source.Run(statement, ct);
                }

                await source.Run(PullTable.RemoveIfEmpty(owner), ct);
            }

            swept += page.Count;
        }

        return swept;
    }
}
