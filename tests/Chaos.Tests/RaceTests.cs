using Chaos.Tests.Kit;
using Connections;
using Connections.Upkeep;
using Testing;

namespace Chaos.Tests;

/// <summary>Eight workers: two replicas, each a process of its own, with four refreshes under way at once in each.</summary>
public sealed class RaceTests
{
    [Fact]
    public async Task A_thousand_due_connections_with_rotating_tokens_are_refreshed_once_each_by_eight_workers_in_two_processes()
    {
        // Small pages, so that the two meet often; answers that take a moment, so that they meet while refreshes are under way.
        await using var scene = await Scene.Build(doors: 2, ("Upkeep:Parallel", "4"), ("Upkeep:PageSize", "25"));
        var crowd = await scene.Seed("tiktok", 1000, TimeSpan.FromMinutes(100));
        await scene.Platforms.Order("platforms/tiktok/delay", new { milliseconds = 20, where = "Token", when = "After" });
        await using var one = await scene.Replica(0);
        await using var other = await scene.Replica(1);
        await one.Address();
        await other.Address();

        // The second time shows that what the first one stored is what the platform takes.
        foreach (var time in (int[])[1, 2])
        {
            (await scene.MakeDue("tiktok")).ShouldBe(1000);
            await Eventually.Get(() => scene.AtVersion("tiktok", time + 1), stored => stored == 1000, within: TimeSpan.FromMinutes(2));
            (await scene.Platforms.Refreshes("tiktok")).ShouldBe(new(
                Total: 1000 * time, Succeeded: 1000 * time, Failed: 0, Accounts: 1000, MostPerAccount: time, MostSucceededPerAccount: time, MostAtOncePerAccount: 1, Unattributed: 0));
        }

        scene.Platforms.RefreshesBy(0).ShouldBeGreaterThan(100);
        scene.Platforms.RefreshesBy(1).ShouldBeGreaterThan(100);
        var rows = await scene.Rows(crowd);
        rows.Count(each => each.Row is { State: UpkeepState.Green, AnswerLost: false, Suspicion: null } && scene.Platforms.IsLive(scene.TokensOf(each.Row).RefreshToken)).ShouldBe(1000);
        (await scene.Events<AccessGranted>()).Count.ShouldBe(1000);
        (await scene.Count("select count(*) from connections.mt_events")).ShouldBe(1000);
    }
}
