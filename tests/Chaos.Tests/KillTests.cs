using Chaos.Tests.Kit;
using Connections;
using Connections.Upkeep;
using Testing;

namespace Chaos.Tests;

/// <summary>Two replicas at work, each killed again and again with refreshes under way, and started again.</summary>
public sealed class KillTests(ITestOutputHelper output)
{
    private const int Parallel = 4;
    private const int Lease = 6;

    [Theory]
    [InlineData(30, 0)]
    [InlineData(20, 600)]
    public async Task Replicas_killed_in_the_middle_of_refreshes_lose_nothing_but_answers_that_a_rotating_platform_had_given(int kills, int graceSeconds)
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"Seed {seed}");
        await using var scene = await Scene.Build(
            doors: 2,
            ("Upkeep:Parallel", $"{Parallel}"),
            ("Upkeep:PageSize", "10"),
            ("Upkeep:Lease", $"00:00:0{Lease}"),
            ("Upkeep:Plain:Asks", "2"),
            ("Upkeep:Plain:Over", "00:00:01"),
            ("Breaker:LeastFailed", "1000000"));
        var tiktok = await scene.Seed("tiktok", 300, TimeSpan.FromMinutes(100));
        var youtube = await scene.Seed("youtube", 100, TimeSpan.FromDays(31));
        var instagram = await scene.Seed("instagram", 400, TimeSpan.FromDays(2));
        await scene.Platforms.Switch(new { tiktok = new { rotationGraceSeconds = graceSeconds } });
        await SlowDown(scene.Platforms, tiktok);

        await Task.WhenAll(KillAgainAndAgain(scene, 0, kills / 2, new(seed)), KillAgainAndAgain(scene, 1, kills - (kills / 2), new(seed + 1)));

        // Nothing is stuck: what the dead held is taken over when their leases run out.
        await using var survivor = await scene.Replica(0);
        await survivor.Address();
        await Eventually.Get(scene.Unsettled, rows => rows == 0, within: TimeSpan.FromSeconds(45));

        // And once more, since only the platform knows whose tokens are good.
        var before = await scene.Rows([.. tiktok, .. youtube]);
        await scene.MakeDue("tiktok");
        await scene.MakeDue("youtube");
        await Eventually.Get(scene.Unsettled, rows => rows == 0, within: TimeSpan.FromSeconds(45));
        var after = (await scene.Rows([.. tiktok, .. youtube, .. instagram])).ToDictionary(each => each.Row.ConnectionId, each => each.Row);
        after.Count.ShouldBe(800);
        before.Count(each => each.Row.State == UpkeepState.Green && after[each.Row.ConnectionId].Version <= each.Row.Version).ShouldBe(0);

        var lost = after.Values.Where(row => row.State != UpkeepState.Green).ToList();
        output.WriteLine($"{kills} kills, {lost.Count} rotated tokens never seen");
        await EachLossIsAnAnswerThatDiedWithItsHolder(scene, tiktok, lost);
        lost.Count.ShouldBeInRange(graceSeconds == 0 ? 1 : 0, graceSeconds == 0 ? kills * Parallel : 0);
        after.Values.Count(row => row.State == UpkeepState.Green && scene.Platforms.IsLive(scene.TokensOf(row).RefreshToken ?? scene.TokensOf(row).AccessToken)).ShouldBe(800 - lost.Count);

        // One transition per loss, and none for anybody else.
        var invalidated = await scene.Events<AccessInvalidated>();
        invalidated.Select(each => each.Stream).ShouldBe(lost.Select(row => row.ConnectionId), ignoreOrder: true);
        invalidated.ShouldAllBe(each => each.Event.Reason == InvalidReason.Revoked && each.Event.Evidence.Rule == "tt/lost-rotation" && each.Event.Evidence.Confidence == "inferred");
        (await scene.Events<AccessExpired>()).ShouldBeEmpty();
        (await scene.Events<AccessRecovered>()).ShouldBeEmpty();
    }

    // Half of TikTok's accounts are answered late with the rotation done, the other half are let wait before it.
    private static async Task SlowDown(Simulation platforms, IReadOnlyList<Seeded> tiktok)
    {
        foreach (var each in tiktok)
        {
            await platforms.Order($"accounts/tiktok/{each.Account.Handle}/delay", new { milliseconds = 100, when = IsAnsweredLate(each) ? "After" : "Before" });
        }

        await platforms.Order("platforms/youtube/delay", new { milliseconds = 100, when = "After" });
        await platforms.Order("platforms/instagram/delay", new { milliseconds = 100, when = "After" });
    }

    private static bool IsAnsweredLate(Seeded each) => int.Parse(each.Account.Handle.Split('.')[1]) % 2 == 0;

    private static async Task KillAgainAndAgain(Scene scene, int door, int kills, Random random)
    {
        for (var kill = 0; kill < kills; kill++)
        {
            await scene.MakeDue("tiktok", most: 60);
            await scene.MakeDue("youtube", most: 40);
            await scene.MakeDue("instagram", most: 10, onlyNew: true);
            var left = random.Next(1, 50);
            var moment = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            scene.Platforms.Watch(door, () =>
            {
                if (Interlocked.Decrement(ref left) == 0)
                {
                    moment.SetResult();
                }
            });
            await using var replica = await scene.Replica(door);
            await replica.Until(moment.Task);
            await replica.Kill();
        }
    }

    // The platform's log against our rows: a green connection has stored every rotation there was, of a lost one at least the last is missing. A caller
    // that was gone before its request was read is in the log like one that was gone before its answer, so there may be more of them.
    private static async Task EachLossIsAnAnswerThatDiedWithItsHolder(Scene scene, IReadOnlyList<Seeded> tiktok, List<UpkeepRow> lost)
    {
        lost.ShouldAllBe(row => row.Platform == "tiktok" && row.State == UpkeepState.Lost && row.AnswerLost);
        var of = tiktok.ToDictionary(each => each.Id);
        foreach (var row in lost)
        {
            var (succeeded, gone) = await scene.Platforms.RefreshesOf("tiktok", of[row.ConnectionId].Account.Handle);
            (succeeded + (IsAnsweredLate(of[row.ConnectionId]) ? gone : 0)).ShouldBeGreaterThanOrEqualTo((int)row.Version, $"{of[row.ConnectionId].Account.Handle}: {row}");
        }
    }
}
