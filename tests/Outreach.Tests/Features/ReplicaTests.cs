namespace Outreach.Tests.Features;

public sealed class ReplicaTests
{
    [Fact]
    public async Task Two_replicas_write_to_each_recipient_once()
    {
        await using var surroundings = await Surroundings.Build();
        await using var one = new Replica(surroundings);
        await using var other = new Replica(surroundings);
        var scene = await Scene.Of(surroundings, one, creators: 250);

        var ids = new List<Guid>();
        foreach (var half in scene.Creators.Chunk(125))
        {
            ids.Add(await scene.Send(half));
        }

        foreach (var id in ids)
        {
            (await scene.Finish(id)).GetProperty("counts").ToString().ShouldBe("""{"queued":0,"sent":125,"skipped":0,"failed":0,"opened":0,"clicked":0,"connected":0}""");
            (await scene.Published(id, 125)).Select(message => message.GetProperty("creatorId").GetGuid()).Distinct().Count().ShouldBe(125);
        }

        foreach (var creator in scene.Creators)
        {
            scene.Postbox.For(scene.AddressOf(creator)).Count.ShouldBe(1);
        }

        // Connections are kept: two replicas with four lines each have no use for one per message.
        surroundings.Postbox.Conversations.ShouldBeLessThan(50);
    }

    [Fact]
    public async Task A_replica_killed_before_it_saved_the_answer_leaves_the_message_in_doubt_and_the_others_are_sent()
    {
        await using var surroundings = await Surroundings.Build();
        Scene scene;
        Guid id;
        await using (var first = new Replica(surroundings))
        {
            scene = await Scene.Of(surroundings, first, creators: 20);
        }

        using (var doomed = new ReplicaProcess(surroundings, lease: TimeSpan.FromSeconds(10)))
        {
            var killedAt = new TaskCompletionSource<string>();
            surroundings.Postbox.BodyCame = address =>
            {
                if (surroundings.Postbox.Bodies >= 5 && killedAt.TrySetResult(address))
                {
                    doomed.Kill();
                }

                return Task.CompletedTask;
            };
            id = await scene.SendTo(await doomed.Address);
            await killedAt.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        }

        await using var survivor = new Replica(surroundings);
        var after = scene.On(survivor);
        await after.Finish(id);
        var verdicts = await after.Verdicts(id);
        var doubts = verdicts.Where(one => one.Value.Verdict == "InDoubt").Select(one => one.Key).ToArray();
        doubts.Length.ShouldBeInRange(1, 4);
        verdicts.Values.Count(verdict => verdict.Verdict == "Sent").ShouldBe(20 - doubts.Length);
        foreach (var creator in scene.Creators)
        {
            scene.Postbox.For(scene.AddressOf(creator)).Count.ShouldBeInRange(doubts.Contains(creator) ? 0 : 1, 1);
        }
    }
}
