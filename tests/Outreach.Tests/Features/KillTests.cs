namespace Outreach.Tests.Features;

/// <summary>The plug is pulled, again and again, in the middle of one large outreach.</summary>
public sealed class KillTests
{
    private const int Recipients = 10_000;
    private const int Kills = 20;
    private const int LinesOfAReplica = 4;

    [Fact]
    public async Task Nobody_gets_two_mails_and_everybody_one_or_a_verdict_though_the_service_is_killed_twenty_times()
    {
        await using var surroundings = await Surroundings.Build();
        Scene scene;
        await using (var first = new Replica(surroundings))
        {
            scene = await Scene.Of(surroundings, first, creators: Recipients);
        }

        var random = new Random(20_26);
        Guid? id = null;
        for (var kill = 0; kill < Kills; kill++)
        {
            using var doomed = new ReplicaProcess(surroundings, lease: TimeSpan.FromSeconds(10));
            var address = await doomed.Address;
            id ??= await scene.SendTo(address);
            var enough = surroundings.Postbox.Bodies + random.Next(1, Recipients / Kills);
            await Eventually.Get(() => surroundings.Postbox.Bodies, bodies => bodies >= enough, "some more mails have left");
            doomed.Kill();
        }

        await using var survivor = new Replica(surroundings);
        var after = scene.On(survivor);
        for (var sent = -1; sent < surroundings.Postbox.Bodies;)
        {
            // As long as it gets on, it may take its time.
            sent = surroundings.Postbox.Bodies;
            await Eventually.Get(async () => surroundings.Postbox.Bodies > sent || await IsOver(), over => over, "more mails have left, or it is over");
        }

        await after.Finish(id!.Value);

        async Task<bool> IsOver() => (await after.Get($"/v1/outreach/{id}")).GetProperty("status").GetString() == "Completed";

        var verdicts = await after.AllVerdicts(id.Value);
        verdicts.Count.ShouldBe(Recipients);
        verdicts.Values.Select(one => one.Verdict).Distinct().ShouldBeSubsetOf(["Sent", "InDoubt"]);
        verdicts.Values.Count(one => one.Verdict == "InDoubt").ShouldBeLessThanOrEqualTo(Kills * LinesOfAReplica);
        foreach (var (creator, (verdict, _)) in verdicts)
        {
            scene.Postbox.For(scene.AddressOf(creator)).Count.ShouldBeInRange(verdict == "Sent" ? 1 : 0, 1);
        }
    }
}
