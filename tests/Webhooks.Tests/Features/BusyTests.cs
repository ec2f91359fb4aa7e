using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;
using Testing;

namespace Webhooks.Tests.Features;

/// <summary>Much at once: what is taken ahead and written down together.</summary>
public sealed class BusyTests
{
    private const int Width = 8;
    private const int AtOnce = 40;
    private readonly string organization = Service.AnOrganization();

    [Fact]
    public async Task While_an_outcome_is_being_written_others_are_sent_and_then_written_together()
    {
        await using var receiver = await Receiver.Start();
        await using var surroundings = await Surroundings.Build();
        var desk = (await surroundings.Start()).Desk(organization);
        var (id, _) = await desk.Register(receiver.Url);

        // Whoever writes an attempt waits for this.
        await using var source = NpgsqlDataSource.Create(surroundings.Database);
        await using var connection = await source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var hold = new NpgsqlCommand("lock table webhooks.attempt in share mode", connection, transaction))
        {
            await hold.ExecuteNonQueryAsync();
        }

        await Publish(surroundings, subjects: 60, each: 1);
        await Eventually.Get(() => receiver.Requests.Count, came => came == 60);
        (await desk.Log(id, "&state=Delivered")).ShouldBeEmpty();
        await transaction.CommitAsync();

        await desk.Log(id, "Delivered", 60);
        receiver.Requests.Select(request => request.Id).Distinct().Count().ShouldBe(60);

        // The first, those that came meanwhile, and whichever was still on its way from the receiver.
        (await surroundings.Ask<long>("select count(distinct xmin::text) from webhooks.attempt")).ShouldBeLessThan(30);
        (await surroundings.Ask<long>("select max(n) from (select count(*) n from webhooks.attempt group by xmin::text) one")).ShouldBeGreaterThan(20);
    }

    [Fact]
    public async Task A_receiver_that_asks_for_a_rest_in_full_flight_is_sent_no_more_than_was_under_way()
    {
        await using var receiver = await Receiver.Start();
        await using var surroundings = await Surroundings.Build();
        var replica = await surroundings.Start();
        var desk = replica.Desk(organization);
        var (id, _) = await desk.Register(receiver.Url);
        var count = 0;
        receiver.Answer = (_, http) =>
        {
            if (Interlocked.Increment(ref count) < 100)
            {
                return Task.FromResult(200);
            }

            http.Response.Headers.RetryAfter = "1800";
            return Task.FromResult(StatusCodes.Status429TooManyRequests);
        };
        await Publish(surroundings, subjects: 100, each: 3);
        await Eventually.Get(() => receiver.Requests.Count, came => came >= 100);
        await Eventually.Get(() => surroundings.Ask<long>("select count(*) from webhooks.lane where lease is not null"), held => held == 0);
        await desk.Log(id, "Delivered", 99);

        // Those under way when it said so, and as many that had taken the place of others by then.
        var refused = receiver.Requests.Count - 99;
        refused.ShouldBeInRange(1, 2 * Width);

        receiver.Answer = (_, _) => Task.FromResult(200);
        replica.Time.Move(TimeSpan.FromMinutes(31));
        await Eventually.Get(() => surroundings.Ask<long>("select count(*) from webhooks.delivery where state = 'Delivered'"), delivered => delivered == 300);
        receiver.Requests.Count.ShouldBe(300 + refused);
        OfEachSubject(receiver).ShouldAllBe(sequences => sequences.SequenceEqual(sequences.Order()) && sequences.Distinct().Count() == 3);
    }

    [Fact]
    public async Task A_replica_that_is_killed_in_full_flight_loses_nothing_and_repeats_no_more_than_it_held_each_subject_in_order()
    {
        await using var receiver = await Receiver.Start();
        await using var surroundings = await Surroundings.Build();
        await using (var first = await surroundings.Start())
        {
            await first.Desk(organization).Register(receiver.Url);
        }

        await Eventually.Get(() => surroundings.Consumers("webhooks-events"), consumers => consumers == 0);
        using (var doomed = surroundings.StartProcess(("Sending:AtOnce", $"{AtOnce}")))
        {
            var count = 0;
            receiver.Answer = (_, _) =>
            {
                if (Interlocked.Increment(ref count) == 200)
                {
                    doomed.Kill();
                }

                return Task.FromResult(200);
            };
            await Eventually.Get(() => surroundings.Consumers("webhooks-events"), consumers => consumers == 1);
            await Publish(surroundings, subjects: 150, each: 4);
            await doomed.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        }

        // All else is sent by the other replica before the leases of the dead one end, for it is only this one's time that is moved.
        var held = await surroundings.Ask<Guid[]>("select coalesce(array_agg(distinct lease) filter (where lease is not null), '{}') from webhooks.lane");
        held.Length.ShouldBeLessThanOrEqualTo(AtOnce);
        var second = await surroundings.Start();
        await Eventually.Get(
            () => surroundings.Ask<long>(
                $"select 600 - (select count(*) from webhooks.message) + (select count(*) from webhooks.lane where lease is null or lease <> all ('{{{string.Join(',', held)}}}'))"),
            others => others == 0);
        second.Time.Move(TimeSpan.FromMinutes(1));
        await Eventually.Get(() => surroundings.Ask<long>("select count(*) from webhooks.delivery where state = 'Delivered'"), delivered => delivered == 600);
        receiver.Requests.Select(request => request.Id).Distinct().Count().ShouldBe(600);
        (receiver.Requests.Count - 600).ShouldBeInRange(0, AtOnce);
        (await surroundings.Ask<long>("select count(*) from webhooks.attempt")).ShouldBe(600);
        (await surroundings.Ask<long>("select count(*) from webhooks.lane")).ShouldBe(0);
        OfEachSubject(receiver).ShouldAllBe(sequences => sequences.SequenceEqual(sequences.Order()) && sequences.Distinct().Count() == 4);
    }

    [Fact]
    public async Task A_replay_of_what_is_just_being_settled_waits_for_it_and_not_the_other_way_round()
    {
        await using var receiver = await Receiver.Start();
        await using var surroundings = await Surroundings.Build();
        var desk = (await surroundings.Start()).Desk(organization);
        var (id, _) = await desk.Register(receiver.Url);
        await desk.Change(id, new { url = receiver.Url, paused = true });
        var message = await surroundings.Publish(organization, "ConnectionGranted", Guid.CreateVersion7(), 1);
        await desk.Log(id, "Waiting", 1);

        // As a replica does that settles: the lane first, then its delivery.
        await using var source = NpgsqlDataSource.Create(surroundings.Database);
        await using var connection = await source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await Do("select 1 from webhooks.lane for update");
        var replay = desk.Replay(id, new { messageIds = new[] { message } });
        await Eventually.Get(() => surroundings.Ask<long>("select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"), waiting => waiting == 1);
        await Do("update webhooks.delivery set state = 'Delivered', settled_at = now()");
        await Do("delete from webhooks.lane");
        await transaction.CommitAsync();

        (await replay).GetProperty("replayed").GetInt32().ShouldBe(1);
        (await surroundings.Ask<long>("select count(*) from webhooks.lane")).ShouldBe(1);
        await desk.Change(id, new { url = receiver.Url, paused = false });
        await desk.Log(id, "Delivered", 1);
        receiver.Requests.Count.ShouldBe(1);

        async Task Do(string sql)
        {
            await using var command = new NpgsqlCommand(sql, connection, transaction);
            await command.ExecuteNonQueryAsync();
        }
    }

    [Fact]
    public async Task What_the_intake_could_not_take_in_is_counted_among_dead_letters_until_it_is_gone()
    {
        const string Queue = "webhooks-events-counted";
        await using var surroundings = await Surroundings.Build();
        var replica = await surroundings.Start(("Intake:Queue", Queue));
        using var measuring = new MeterListener { InstrumentPublished = (instrument, listener) => { if (instrument.Name == "dead_letters") { listener.EnableMeasurementEvents(instrument); } } };
        var seen = new List<long>();
        measuring.SetMeasurementEventCallback<long>((_, value, tags, _) => { if (tags.ToArray().Contains(new("queue", Queue))) { seen.Add(value); } });
        measuring.Start();
        (await Counted()).ShouldBe([0]);

        await surroundings.Publish("nonsense", new() { MessageId = "1" }, "?"u8.ToArray());
        await Eventually.Get(() => surroundings.Waiting($"{Queue}_error"), waiting => waiting == 1);
        (await Counted()).ShouldBe([1]);

        using var operators = replica.As(null, "ops", "organizations.any");
        await OperationsTests.Command(operators, "discard", new { queue = Queue, reason = "Not of ours: ticket 42" });
        (await Counted()).ShouldBe([0]);

        async Task<IReadOnlyList<long>> Counted()
        {
            seen.Clear();
            await replica.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
            measuring.RecordObservableInstruments();
            return seen;
        }
    }

    private static IEnumerable<IReadOnlyList<long>> OfEachSubject(Receiver receiver) =>
        receiver.Requests.GroupBy(request => request.Subject).Select(subject => subject.Select(request => request.Sequence).ToArray());

    private async Task Publish(Surroundings surroundings, int subjects, int each)
    {
        Guid[] ids = [.. Enumerable.Range(0, subjects).Select(_ => Guid.CreateVersion7())];
        for (var sequence = 1; sequence <= each; sequence++)
        {
            await Task.WhenAll(ids.Select(id => surroundings.Publish(organization, "ConnectionRenewed", id, sequence)));
        }
    }
}
