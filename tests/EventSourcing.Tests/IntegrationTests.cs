using System.Diagnostics;
using System.Text;
using System.Text.Json;
using EventSourcing.Operations;
using EventSourcing.Tests.Wire;
using MassTransit;
using Npgsql;
using RabbitMQ.Client;
using Shouldly;
using Testing;
using Xunit;

namespace EventSourcing.Tests;

public sealed class IntegrationTests : IAsyncLifetime
{
    private readonly List<Service> services = [];
    private string workshopDatabase = "";
    private string shopDatabase = "";
    private Uri broker = null!;

    public async ValueTask InitializeAsync()
    {
        workshopDatabase = await BackingServices.CreateDatabase("workshop");
        shopDatabase = await BackingServices.CreateDatabase("shop");
        broker = await BackingServices.CreateVirtualHost();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var service in services)
        {
            await service.DisposeAsync();
        }
    }

    [Fact]
    public async Task An_event_of_one_service_becomes_an_event_of_the_other()
    {
        var (workshop, shop) = (await Workshop(), await Shop());

        var id = await workshop.Make("red");
        await workshop.Light(id);

        var display = await Eventually.Get(() => shop.Display(id), display => display is { IsLit: true });
        display!.Sequence.ShouldBe(2);
    }

    [Fact]
    public async Task What_happened_before_a_subscriber_ever_started_waits_for_it()
    {
        var workshop = await Workshop();
        var id = await workshop.Make("red");
        await workshop.Light(id);

        var shop = await Shop();

        (await Eventually.Get(() => shop.Display(id), display => display is { Sequence: 2 })).ShouldNotBeNull();
    }

    [Fact]
    public async Task The_message_is_the_contracts_json_with_the_events_id_for_any_client_to_read()
    {
        await using var connection = await new ConnectionFactory { Uri = broker }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        await channel.ExchangeDeclareAsync("EventSourcing.Tests.Wire:LampMade", ExchangeType.Fanout, durable: true);
        await channel.QueueDeclareAsync("plain", durable: true, exclusive: false, autoDelete: false);
        await channel.QueueBindAsync("plain", "EventSourcing.Tests.Wire:LampMade", "");
        var (workshop, _) = (await Workshop(), await Shop());

        var id = await workshop.Make("red");

        var message = await Eventually.Get(() => channel.BasicGetAsync("plain", autoAck: true), message => message is not null);
        var body = JsonDocument.Parse(message!.Body).RootElement;
        body.EnumerateObject().Select(property => property.Name).ShouldBe(["organizationId", "lampId", "colour", "sequence"]);
        body.GetProperty("lampId").GetGuid().ShouldBe(id);
        body.GetProperty("sequence").GetInt64().ShouldBe(1);
        var stored = (await workshop.Events(id)).Single();
        message.BasicProperties.MessageId.ShouldBe(stored.Id.ToString());
        message.BasicProperties.CorrelationId.ShouldBe(stored.CorrelationId);
        message.BasicProperties.ContentType.ShouldBe("application/json");
        Encoding.UTF8.GetString((byte[])message.BasicProperties.Headers!["organization"]!).ShouldBe("aurora");
    }

    [Fact]
    public async Task Cause_correlation_and_trace_run_from_the_first_event_to_the_last()
    {
        var spans = new System.Collections.Concurrent.ConcurrentBag<Activity>();
        var trace = "";
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is "EventSourcing" or "MassTransit" or "test",
            // A listener hears the whole process: the spans of tests that run beside this one would be in their messages.
            Sample = (ref ActivityCreationOptions<ActivityContext> options) =>
                options.Source.Name is "test" || options.Parent.TraceId.ToHexString() == trace ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.None,
            ActivityStopped = spans.Add,
        };
        ActivitySource.AddActivityListener(listener);
        using var source = new ActivitySource("test");
        var (workshop, shop) = (await Workshop(), await Shop());

        Guid id;
        using (var request = source.StartActivity("request"))
        {
            trace = request!.TraceId.ToHexString();
            id = await workshop.Make("red");
        }

        await Eventually.Get(() => shop.Display(id), display => display is not null);
        var cause = (await workshop.Events(id)).Single();
        var effect = (await shop.Events(id)).Single();
        effect.CausationId.ShouldBe(cause.Id.ToString());
        effect.CorrelationId.ShouldBe(cause.CorrelationId);
        effect.GetHeader("traceparent")!.ToString()!.Split('-')[1].ShouldBe(trace);
        spans.Where(span => span.TraceId.ToHexString() == trace).Select(span => span.OperationName).ShouldContain("relay LampMade");
    }

    [Fact]
    public async Task A_message_delivered_again_changes_nothing()
    {
        var (workshop, shop) = (await Workshop(), await Shop());
        var id = await workshop.Make("red");
        await Eventually.Get(() => shop.Display(id), display => display is not null);
        var messageId = (await workshop.Events(id)).Single().Id;

        // Ten copies, then a different message as the mark that they were all taken in.
        for (var copy = 0; copy < 10; copy++)
        {
            await Publish(workshop, Made(id, 1), messageId);
        }

        await Publish(workshop, new LampLit { OrganizationId = "aurora", LampId = id, Sequence = 7 }, Guid.CreateVersion7());
        await Eventually.Get(() => shop.Display(id), display => display is { Sequence: 7 });
        await Eventually.Get(() => Task.FromResult(QueueDepth("shop-lamp-made")), depth => depth == 0);

        (await shop.Events(id)).Count.ShouldBe(2);
        (await InboxCount()).ShouldBe(2);
    }

    [Fact]
    public async Task Older_news_that_arrives_late_is_not_taken_for_new()
    {
        var (workshop, shop) = (await Workshop(), await Shop());
        var id = Guid.CreateVersion7();

        await Publish(workshop, new LampLit { OrganizationId = "aurora", LampId = id, Sequence = 2 }, Guid.CreateVersion7());
        await Eventually.Get(() => shop.Display(id), display => display is { Sequence: 2 });
        await Publish(workshop, Made(id, 1), Guid.CreateVersion7());
        await Eventually.Get(InboxCount, count => count == 2);

        (await shop.Display(id)).ShouldBe(new Display(Guid.Empty, 2, IsLit: true, Changes: 1));
    }

    [Fact]
    public async Task A_message_nobody_can_understand_ends_in_the_error_queue_and_stops_no_other()
    {
        var (workshop, shop) = (await Workshop(), await Shop());
        Guid[] good = [.. Enumerable.Range(0, 20).Select(_ => Guid.CreateVersion7())];
        var (poison, refused) = (Guid.CreateVersion7(), Guid.CreateVersion7());

        await Task.WhenAll(
            Publish(workshop, Made(poison, 1, "poison"), Guid.CreateVersion7()),
            Publish(workshop, Made(refused, 1, "refused"), Guid.CreateVersion7()),
            Task.WhenAll(good.Select(id => Publish(workshop, Made(id, 1), Guid.CreateVersion7()))));

        foreach (var id in good)
        {
            await Eventually.Get(() => shop.Display(id), display => display is not null);
        }

        await Eventually.Get(() => Task.FromResult(QueueDepth("shop-lamp-made_error")), depth => depth == 2);
        (await shop.Display(poison)).ShouldBeNull();
        (await shop.Display(refused)).ShouldBeNull();
        (await InboxCount()).ShouldBe(20);
    }

    [Fact]
    public async Task After_a_crash_between_publish_and_progress_everything_goes_out_again_and_nothing_doubles()
    {
        var shop = await Shop();
        Guid[] lamps;
        await using (var workshop = await Service.Workshop(workshopDatabase, broker))
        {
            lamps = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => workshop.Make()));
            await Eventually.Get(InboxCount, count => count == 30);
        }

        // What such a crash leaves behind: the broker has confirmed, the progress is still where it was.
        await Execute(workshopDatabase, "update workshop.mt_event_progression set last_seq_id = 0 where name like 'IntegrationRelay%'");
        var again = await Workshop();
        var last = await again.Make();
        await Eventually.Get(() => shop.Display(last), display => display is not null);
        await Eventually.Get(() => Task.FromResult(QueueDepth("shop-lamp-made")), depth => depth == 0);

        foreach (var id in lamps)
        {
            (await shop.Events(id)).Count.ShouldBe(1);
        }

        (await InboxCount()).ShouldBe(31);
    }

    [Fact]
    public async Task Two_consumers_of_one_message_each_take_it_in_once_and_a_failure_of_one_is_not_the_others()
    {
        var (workshop, shop) = (await Workshop(), Keep(await Service.OrderingShop(shopDatabase, broker)));
        var (fine, poison, repeated) = (Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7());

        await Publish(workshop, Made(fine, 1), repeated);
        await Publish(workshop, Made(fine, 1), repeated);
        await Publish(workshop, Made(poison, 1, "poison"), Guid.CreateVersion7());

        await Eventually.Get(() => Task.FromResult(QueueDepth("shop-lamp-made_error")), depth => depth == 1);
        await Eventually.Get(InboxCount, count => count == 3);
        (await shop.Display(fine)).ShouldBe(new Display(Guid.Empty, 1, IsLit: false, Changes: 1));
        (await shop.Events(Order.IdOf(fine))).ShouldHaveSingleItem().Data.ShouldBe(new Ordered("green"));
        (await shop.Events(Order.IdOf(poison))).ShouldHaveSingleItem().Data.ShouldBe(new Ordered("poison"));
        (await shop.Display(poison)).ShouldBeNull();
    }

    [Fact]
    public void A_further_consumer_of_a_message_on_the_same_queue_is_refused()
    {
        var map = new IntegrationMap().Consume<LampMade, OnLampMade>();
        Should.Throw<ArgumentException>(() => map.Consume<LampMade, OnLampMadeOrder>()).Message.ShouldContain("a part of its own");
    }

    [Fact]
    public async Task Two_replicas_of_each_service_lose_nothing_and_double_nothing()
    {
        Service[] workshops = [await Workshop(), await Workshop()];
        Service[] shops = [await Shop(), await Shop()];

        var lamps = await Task.WhenAll(Enumerable.Range(0, 60).Select(async n =>
        {
            var workshop = workshops[n % 2];
            var id = await workshop.Make();
            await workshop.Light(id);
            return id;
        }));

        foreach (var id in lamps)
        {
            await Eventually.Get(() => shops[0].Display(id), display => display is { Sequence: 2 });
        }

        await Eventually.Get(InboxCount, count => count == 120);
    }

    [Fact]
    public async Task When_the_leading_replica_ends_the_other_takes_over()
    {
        var shop = await Shop();
        var first = await Service.Workshop(workshopDatabase, broker);
        var second = await Workshop();
        var before = await first.Make();
        await Eventually.Get(() => shop.Display(before), display => display is not null);

        await first.DisposeAsync();
        var after = await second.Make();

        (await Eventually.Get(() => shop.Display(after), display => display is not null)).ShouldNotBeNull();
    }

    [Fact]
    public async Task A_message_whose_consumer_fails_twice_is_taken_in_at_the_third_try()
    {
        var (workshop, shop) = (await Workshop(), await Shop());
        var id = Guid.CreateVersion7();

        await Publish(workshop, Made(id, 1, OnLampMade.FailsTwice), Guid.CreateVersion7());

        (await Eventually.Get(() => shop.Display(id), display => display is not null))!.Sequence.ShouldBe(1);
        (await InboxCount()).ShouldBe(1);
    }

    [Fact]
    public async Task What_was_taken_in_long_ago_is_forgotten_and_the_rest_is_not()
    {
        var (workshop, shop) = (await Workshop(), await Shop());
        Guid[] lamps = [await workshop.Make(), await workshop.Make()];
        await Eventually.Get(InboxCount, count => count == 2);
        await Execute(shopDatabase, "update shop.inbox set received_at = now() - interval '31 days' where message_id = (select min(message_id::text)::uuid from shop.inbox)");

        (await shop.Get<InboxRetention>().ForgetPage(default)).ShouldBe(1);

        (await InboxCount()).ShouldBe(1);
        (await shop.Display(lamps[0])).ShouldNotBeNull();
    }

    [Fact]
    public async Task What_a_newer_version_records_while_an_older_one_leads_is_published_when_the_older_one_is_gone()
    {
        var older = await Service.OlderWorkshop(workshopDatabase, broker);
        Guid first, second;
        await using (older)
        {
            var shop = await Shop();
            first = await older.Make();
            await Eventually.Get(() => shop.Display(first), display => display is not null);

            // Both versions are in this process; what the newer one records must look to the older one as if it had never heard of it.
            await Execute(workshopDatabase, """
                create function workshop.from_elsewhere() returns trigger language plpgsql as $$ begin new.mt_dotnet_type := 'Workshop.Lit, Newer'; return new; end $$;
                create trigger from_elsewhere before insert on workshop.mt_events for each row when (new.type = 'lit') execute function workshop.from_elsewhere()
                """);
            var newer = await Workshop();
            await newer.Light(first);
            second = await older.Make();

            await Eventually.Get(() => older.Get<Shards>().Read(default), shards => shards.Single().LastErrorType is not null);
            var relay = (await older.Get<Shards>().Read(default)).Single();
            (relay.LastErrorType, relay.LagEvents).ShouldBe(("Marten.Exceptions.UnknownEventTypeException", 2));
        }

        (await Eventually.Get(() => services[0].Display(first), display => display is { Sequence: 2 }))!.IsLit.ShouldBeTrue();
        await Eventually.Get(() => services[0].Display(second), display => display is not null);
    }

    [Fact]
    public async Task A_message_about_a_stream_that_a_newer_version_wrote_to_is_taken_in()
    {
        var (workshop, shop) = (await Workshop(), await Shop());
        var id = await workshop.Make();
        await Eventually.Get(() => shop.Display(id), display => display is not null);
        await Execute(shopDatabase, "update shop.mt_events set type = 'hung', mt_dotnet_type = 'Shop.Hung, Shop'");

        await workshop.Light(id);

        (await Eventually.Get(() => shop.Display(id), display => display is not null)).ShouldBe(new(Guid.Empty, Sequence: 2, IsLit: true, Changes: 1));
        (await InboxCount()).ShouldBe(2);
    }

    private static LampMade Made(Guid id, long sequence, string colour = "green") => new() { OrganizationId = "aurora", LampId = id, Colour = colour, Sequence = sequence };

    private static Task Publish<T>(Service from, T message, Guid messageId)
        where T : class
        => from.Get<IBus>().Publish(message, context => context.MessageId = messageId);

    private async Task<Service> Workshop() => Keep(await Service.Workshop(workshopDatabase, broker));

    private async Task<Service> Shop() => Keep(await Service.Shop(shopDatabase, broker));

    private Service Keep(Service service)
    {
        services.Add(service);
        return service;
    }

    private uint QueueDepth(string queue)
    {
        using var connection = new ConnectionFactory { Uri = broker }.CreateConnectionAsync().GetAwaiter().GetResult();
        using var channel = connection.CreateChannelAsync().GetAwaiter().GetResult();
        try
        {
            return channel.MessageCountAsync(queue).GetAwaiter().GetResult();
        }
        catch (RabbitMQ.Client.Exceptions.OperationInterruptedException)
        {
            return uint.MaxValue;
        }
    }

    private async Task<long> InboxCount()
    {
        await using var connection = new NpgsqlConnection(shopDatabase);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("select count(*) from shop.inbox", connection);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private static async Task Execute(string database, string sql)
    {
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
