using Testing;

namespace Webhooks.Tests.Features;

public sealed class IntakeTests
{
    private readonly string organization = Service.AnOrganization();

    [Fact]
    public async Task A_message_that_comes_again_is_taken_in_once()
    {
        await using var receiver = await Receiver.Start();
        await using var surroundings = await Surroundings.Build();
        var desk = (await surroundings.Start()).Desk(organization);
        var (id, _) = await desk.Register(receiver.Url);
        var message = Guid.CreateVersion7();
        var subject = Guid.CreateVersion7();
        for (var i = 0; i < 20; i++)
        {
            await surroundings.Publish(organization, "ConnectionGranted", subject, 1, message);
        }

        await surroundings.Publish(organization, "ConnectionExpired", subject, 2);
        await desk.Log(id, "Delivered", 2);
        receiver.Requests.Select(request => request.Type).ShouldBe(["ConnectionGranted", "ConnectionExpired"]);
        (await surroundings.Waiting("webhooks-events")).ShouldBe(0u);
    }

    [Fact]
    public async Task A_process_that_is_killed_between_its_commit_and_its_acknowledgement_makes_no_double()
    {
        await using var receiver = await Receiver.Start();
        await using var surroundings = await Surroundings.Build();
        Guid id;
        await using (var first = await surroundings.Start())
        {
            (id, _) = await first.Desk(organization).Register(receiver.Url);
        }

        // The database takes its time over the commit. It goes on when its client is dead: committed, and nobody there to acknowledge.
        await surroundings.Do("create function webhooks.linger() returns trigger language plpgsql as 'begin perform pg_sleep(3); return null; end'; create trigger linger after insert on webhooks.message for each statement execute function webhooks.linger()");
        await Eventually.Get(() => surroundings.Consumers("webhooks-events"), consumers => consumers == 0);
        using (var doomed = surroundings.StartProcess())
        {
            await Eventually.Get(() => surroundings.Consumers("webhooks-events"), consumers => consumers == 1);
            await surroundings.Publish(organization, "ConnectionGranted", Guid.CreateVersion7(), 1);
            await Eventually.Get(() => surroundings.Ask<long>("select count(*) from pg_stat_activity where wait_event = 'PgSleep'"), lingering => lingering == 1);
            doomed.Kill();
            await doomed.WaitForExitAsync();
        }

        await Eventually.Get(() => surroundings.Ask<long>("select count(*) from webhooks.message"), messages => messages == 1);
        receiver.Requests.ShouldBeEmpty();
        await surroundings.Do("drop trigger linger on webhooks.message");

        var second = await surroundings.Start();
        await second.Desk(organization).Log(id, "Delivered", 1);
        await Eventually.Get(() => surroundings.Waiting("webhooks-events"), waiting => waiting == 0);
        await surroundings.Publish(organization, "ConnectionExpired", Guid.CreateVersion7(), 1);
        await second.Desk(organization).Log(id, "Delivered", 2);
        receiver.Requests.Select(request => request.Type).ShouldBe(["ConnectionGranted", "ConnectionExpired"]);
        (await surroundings.Ask<long>("select count(*) from webhooks.message")).ShouldBe(2);
    }

    [Fact]
    public async Task A_connection_that_the_broker_ends_is_made_again_and_nothing_is_missed_or_sent_twice()
    {
        await using var receiver = await Receiver.Start();
        await using var surroundings = await Surroundings.Build();
        var desk = (await surroundings.Start()).Desk(organization);
        var (id, _) = await desk.Register(receiver.Url);
        var cut = 0;
        for (var i = 0; i < 300; i++)
        {
            await surroundings.Publish(organization, "ConnectionGranted", Guid.CreateVersion7(), 1);
            if (i is 100 or 200)
            {
                // The broker lists its connections with a delay.
                cut += await Eventually.Get(surroundings.CutConnections, ended => ended > 0);
            }
        }

        cut.ShouldBeGreaterThanOrEqualTo(2);
        await Eventually.Get(() => surroundings.Ask<long>("select count(*) from webhooks.delivery where state = 'Delivered'"), delivered => delivered == 300);
        receiver.Requests.Select(request => request.Id).Distinct().Count().ShouldBe(300);
        receiver.Requests.Count.ShouldBe(300);
        (await desk.Endpoint(id)).GetProperty("failingSince").ValueKind.ShouldBe(System.Text.Json.JsonValueKind.Null);
    }

    [Fact]
    public async Task While_the_database_is_away_nothing_is_taken_that_could_only_be_given_back()
    {
        await using var receiver = await Receiver.Start();
        await using var surroundings = await Surroundings.Build();
        var desk = (await surroundings.Start()).Desk(organization);
        var (id, _) = await desk.Register(receiver.Url);
        await surroundings.Allow(connections: false);
        await surroundings.Publish(organization, "ConnectionGranted", Guid.CreateVersion7(), 1);

        // As the broker does with a channel that has held messages for too long.
        await Eventually.Get(surroundings.CutConnections, ended => ended > 0);

        // For several times as long as the replica waits before it connects again.
        await Eventually.Get(() => surroundings.Consumers("webhooks-events"), consumers => consumers == 0);
        var looks = 0;
        await Eventually.Get(async () =>
        {
            (await surroundings.Consumers("webhooks-events")).ShouldBe(0u);
            return ++looks;
        }, enough => enough >= 40);
        (await surroundings.Waiting("webhooks-events")).ShouldBe(1u);

        await surroundings.Allow(connections: true);
        await desk.Log(id, "Delivered", 1);
    }

    [Fact]
    public async Task What_comes_while_no_replica_runs_waits_in_the_broker_and_what_cannot_be_stored_holds_nothing_up()
    {
        await using var receiver = await Receiver.Start();
        await using var surroundings = await Surroundings.Build();
        Guid id;
        await using (var first = await surroundings.Start())
        {
            (id, _) = await first.Desk(organization).Register(receiver.Url);
        }

        await Eventually.Get(() => surroundings.Consumers("webhooks-events"), consumers => consumers == 0);
        await surroundings.Do("alter table webhooks.message add constraint no_expiry check (type <> 'ConnectionExpired')");
        foreach (var type in (string[])["ConnectionGranted", "ConnectionExpired", "ConnectionRenewed"])
        {
            await surroundings.Publish(organization, type, Guid.CreateVersion7(), 1);
        }

        var second = await surroundings.Start();
        await second.Desk(organization).Log(id, "Delivered", 2);
        receiver.Requests.Select(request => request.Type).ShouldBe(["ConnectionGranted", "ConnectionRenewed"], ignoreOrder: true);
        await Eventually.Get(() => surroundings.Waiting("webhooks-events_error"), waiting => waiting == 1);
    }

    [Fact]
    public async Task A_message_is_kept_for_its_time_and_then_forgotten_with_all_that_came_of_it()
    {
        await using var receiver = await Receiver.Start();
        await using var surroundings = await Surroundings.Build();
        var replica = await surroundings.Start(("Retention:LookEvery", "00:00:01"), ("Retention:Page", "2"));
        var desk = replica.Desk(organization);
        var (id, _) = await desk.Register(receiver.Url);
        for (var i = 0; i < 5; i++)
        {
            await surroundings.Publish(organization, "ConnectionGranted", Guid.CreateVersion7(), 1);
        }

        await desk.Log(id, "Delivered", 5);
        replica.Time.Move(TimeSpan.FromDays(29));
        await surroundings.Publish(organization, "ConnectionGranted", Guid.CreateVersion7(), 1);
        await desk.Log(id, "Delivered", 6);

        replica.Time.Move(TimeSpan.FromDays(1));
        await desk.Log(id, "Delivered", 1);
        await Eventually.Get(() => surroundings.Ask<long>("select (select count(*) from webhooks.message) + (select count(*) from webhooks.attempt)"), left => left == 2);
    }
}
