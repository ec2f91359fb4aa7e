using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

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
        var (scene, id) = await KilledInTheMiddle(surroundings);
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

    [Fact]
    public async Task Whom_a_dead_replica_had_in_hand_when_the_database_crashed_is_in_doubt_and_gets_no_second_mail()
    {
        await using var surroundings = await Surroundings.Build();
        var (scene, id) = await KilledInTheMiddle(surroundings);
        await using var survivor = new Replica(surroundings);
        var after = scene.On(survivor);
        (await after.Query("select relpersistence::text from pg_class where oid = 'outreach.under_way'::regclass and $1::uuid is not null", id)).ShouldBe("u");

        // The lease of the dead replica is not over yet.
        (await after.Query("select count(*)::text from outreach.under_way where $1::uuid is not null", id)).ShouldBe("20");
        await after.ForgetWhatIsUnderWay();
        await after.Finish(id);
        (await after.Verdicts(id)).Values.ShouldAllBe(verdict => verdict.Verdict == "InDoubt");
        foreach (var creator in scene.Creators)
        {
            scene.Postbox.For(scene.AddressOf(creator)).Count.ShouldBeInRange(0, 1);
        }
    }

    [Fact]
    public async Task A_replica_goes_on_where_it_was_when_the_database_has_forgotten_what_is_under_way()
    {
        await using var surroundings = await Surroundings.Build();
        await using var replica = new Replica(surroundings);
        var scene = await Scene.Of(surroundings, replica, creators: 50);
        Task? emptied = null;
        surroundings.Postbox.BodyCame = async _ =>
        {
            if (surroundings.Postbox.Bodies >= 10 && emptied is null)
            {
                emptied = scene.ForgetWhatIsUnderWay();
                await emptied;
            }
        };
        var id = await scene.Send();
        await scene.Finish(id);
        await emptied.ShouldNotBeNull();
        (await scene.Verdicts(id)).Values.ShouldAllBe(verdict => verdict.Verdict == "Sent");
        foreach (var creator in scene.Creators)
        {
            scene.Postbox.For(scene.AddressOf(creator)).Count.ShouldBe(1);
        }
    }

    [Fact]
    public async Task Who_is_just_being_recorded_holds_up_no_other_message()
    {
        await using var surroundings = await Surroundings.Build();
        await using var replica = new Replica(surroundings);
        var scene = await Scene.Of(surroundings, replica, creators: 30);
        await using var connection = await replica.Services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync(TestContext.Current.CancellationToken);
        NpgsqlTransaction? recording = null;
        var first = 0;
        surroundings.Postbox.BodyCame = async _ =>
        {
            if (Interlocked.Exchange(ref first, 1) == 0)
            {
                // As the page that a message belongs to does when it is over. The message's answer is still to be noted.
                recording = await connection.BeginTransactionAsync();
                await using var hold = new NpgsqlCommand("select from outreach.under_way where begun_at is not null for update skip locked", connection, recording);
                await hold.ExecuteNonQueryAsync();
            }
        };
        var id = await scene.Send();
        await Eventually.Get(() => surroundings.Postbox.Bodies, bodies => bodies == 30, "all mails have left");
        await recording.ShouldNotBeNull().RollbackAsync(TestContext.Current.CancellationToken);
        await scene.Finish(id);
        (await scene.Verdicts(id)).Values.ShouldAllBe(verdict => verdict.Verdict == "Sent");
    }

    [Fact]
    public async Task Nobody_gets_two_mails_and_everybody_one_though_every_connection_to_the_database_breaks_in_the_middle()
    {
        await using var surroundings = await Surroundings.Build();
        await using var replica = new Replica(surroundings);
        var scene = await Scene.Of(surroundings, replica, creators: 60);
        var breakAfter = new ConcurrentQueue<int>([10, 25, 40]);

        // Through a connection that none of these breaks: a message whose breaker failed would get no answer, and be in doubt as it should.
        await using var breaker = NpgsqlDataSource.Create(surroundings.Database);
        await using var breaking = await breaker.OpenConnectionAsync(TestContext.Current.CancellationToken);
        using var one = new SemaphoreSlim(1);
        surroundings.Postbox.BodyCame = async _ =>
        {
            if (breakAfter.TryPeek(out var bodies) && surroundings.Postbox.Bodies >= bodies && breakAfter.TryDequeue(out var _))
            {
                await one.WaitAsync();
                try
                {
                    await using var command = new NpgsqlCommand("select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()", breaking);
                    await command.ExecuteNonQueryAsync();
                }
                finally
                {
                    one.Release();
                }
            }
        };
        var id = await scene.Send();

        // Asked only then: a question to the API would lose its connection like everybody else.
        await Eventually.Get(() => surroundings.Postbox.Bodies, bodies => bodies == 60 && breakAfter.IsEmpty, "all mails have left");
        await scene.Finish(id);
        (await scene.Verdicts(id)).Values.ShouldAllBe(verdict => verdict.Verdict == "Sent");
        foreach (var creator in scene.Creators)
        {
            scene.Postbox.For(scene.AddressOf(creator)).Count.ShouldBe(1);
        }
    }

    // An outreach to twenty, by a replica that is killed while it takes the answer to one of the first messages.
    private static async Task<(Scene Scene, Guid Outreach)> KilledInTheMiddle(Surroundings surroundings)
    {
        Scene scene;
        await using (var first = new Replica(surroundings))
        {
            scene = await Scene.Of(surroundings, first, creators: 20);
        }

        using var doomed = new ReplicaProcess(surroundings, lease: TimeSpan.FromSeconds(10));
        var killed = new TaskCompletionSource();
        surroundings.Postbox.BodyCame = _ =>
        {
            if (surroundings.Postbox.Bodies >= 5 && killed.TrySetResult())
            {
                doomed.Kill();
            }

            return Task.CompletedTask;
        };
        var id = await scene.SendTo(await doomed.Address);
        await killed.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        return (scene, id);
    }
}
