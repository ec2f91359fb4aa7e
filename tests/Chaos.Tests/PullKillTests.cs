using Chaos.Tests.Kit;
using Connections;
using Connections.Insights;
using Testing;

namespace Chaos.Tests;

/// <summary>A replica that pulls insights, killed again and again in the middle of it, and started again.</summary>
public sealed class PullKillTests(ITestOutputHelper output)
{
    private const int Kills = 20;
    private const int Crowd = 24;

    [Fact]
    public async Task A_replica_killed_in_the_middle_of_pulls_goes_on_where_it_was_and_each_pull_is_told_once()
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"Seed {seed}");
        var random = new Random(seed);
        await using var scene = await Scene.Build(
            doors: 1,
            ("Insights:Enabled", "true"),
            ("Insights:LookEvery", "00:00:00.100"),
            ("Insights:FirstWithin", "00:00:00"),
            ("Insights:AdoptEvery", "00:00:01"),
            ("Insights:Lease", "00:00:02"),
            ("Insights:PageSize", "4"),
            ("Platforms:Instagram:Insights:MostContent", "25"));
        var crowd = await scene.Seed("instagram", Crowd, TimeSpan.FromDays(2));
        await scene.Platforms.Order("platforms/instagram/delay", new { milliseconds = 10 });

        for (var kill = 0; kill < Kills; kill++)
        {
            var left = random.Next(1, 40);
            var moment = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            scene.Platforms.WatchApi(0, () =>
            {
                if (Interlocked.Decrement(ref left) == 0)
                {
                    moment.SetResult();
                }
            });
            await using var replica = await scene.Replica(0);
            await MakeDue(scene);
            await replica.Until(moment.Task);
            await replica.Kill();
        }

        // Killed so early each time, it has hardly finished anything: what it had begun is finished now, and nothing waits for the dead.
        scene.Platforms.WatchApi(0, () => { });
        await using var survivor = await scene.Replica(0);
        await Eventually.Get(() => Pulled(scene), pulled => pulled == Crowd, within: TimeSpan.FromSeconds(120));
        var first = await Keys(scene);

        // Once more, undisturbed: there is nothing that was missing, and nothing that was not told.
        (await scene.Run("update connections.insights_pull set due_at = now(), full_at = null, kind = null, cursor = null")).ShouldBe(Crowd);
        await Eventually.Get(() => Told(scene), told => told.Values.Sum() == 2 * Crowd, within: TimeSpan.FromSeconds(120));

        (await Keys(scene)).ShouldBe(first);
        first.ShouldAllBe(count => count > 0);
        (await Told(scene)).ShouldBe(crowd.ToDictionary(each => each.Id, _ => 2), ignoreOrder: true);
        (await scene.Events<InsightsFailed>()).ShouldBeEmpty();
        (await scene.Events<AccessInvalidated>()).ShouldBeEmpty();
    }

    // Connections that are taken in late are spread over the day, which a test has no time for.
    private static async Task MakeDue(Scene scene)
    {
        await Eventually.Get(() => scene.Count("select count(*) from connections.insights_pull"), rows => rows == Crowd);
        await scene.Run("update connections.insights_pull set due_at = now() where last_ok_at is null and lease is null");
    }

    private static Task<long> Pulled(Scene scene) => scene.Count("select count(*) from connections.insights_pull where last_ok_at is not null and lease is null");

    private static async Task<IReadOnlyDictionary<Guid, int>> Told(Scene scene) =>
        (await scene.Events<InsightsPulled>()).GroupBy(each => each.Event.ConnectionId).ToDictionary(pulls => pulls.Key, pulls => pulls.Count());

    private static async Task<long[]> Keys(Scene scene) =>
    [
        await scene.Count("select count(*) from connections.account_metric"),
        await scene.Count("select count(*) from connections.content_item"),
        await scene.Count("select count(*) from connections.content_metric"),
    ];
}
