using System.Net;
using System.Text;
using System.Text.Json;
using EventSourcing.Operations;
using Npgsql;
using RabbitMQ.Client;
using Shouldly;
using Testing;
using Xunit;

namespace EventSourcing.Tests;

public sealed class ReplayTests : IAsyncLifetime
{
    private readonly List<OperatedHost> hosts = [];
    private string workshopDatabase = "";
    private Uri broker = null!;

    public async ValueTask InitializeAsync() => (workshopDatabase, broker) = (await BackingServices.CreateDatabase("workshop"), await BackingServices.CreateVirtualHost());

    public async ValueTask DisposeAsync()
    {
        foreach (var host in hosts)
        {
            await host.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_subscriber_that_lost_its_database_gets_back_what_its_queue_receives_and_twice_is_as_good_as_once()
    {
        var workshop = await Workshop();
        var first = await OperatedHost.Shop(await BackingServices.CreateDatabase("shop"), broker);
        var lamps = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => workshop.Service.Make()));
        await workshop.Service.Light(lamps[0]);
        await Eventually.Get(() => first.Service.Display(lamps[0]), display => display is { IsLit: true });
        await first.DisposeAsync();
        var shop = Keep(await OperatedHost.Shop(await BackingServices.CreateDatabase("shop"), broker));

        var replay = await workshop.Begin(new { queue = "shop-lamp-made" });

        replay.Types.ShouldBe(["LampMade"]);
        foreach (var lamp in lamps)
        {
            (await Eventually.Get(() => shop.Service.Display(lamp), display => display is not null)).ShouldBe(new Display(Guid.Empty, 1, IsLit: false, Changes: 1));
        }

        var done = await Done(workshop, replay.Id);
        done.ShouldSatisfyAllConditions(() => done.Sent.ShouldBe(5), () => done.Position.ShouldBe(done.Until), () => done.By.ShouldBe("olga"));

        // Again, and then news as the mark that it was all taken in.
        await Done(workshop, (await workshop.Begin(new { queue = "shop-lamp-made" })).Id);
        var last = await workshop.Service.Make();
        await Eventually.Get(() => shop.Service.Display(last), display => display is not null);
        (await shop.Service.Events(lamps[0])).Count.ShouldBe(1);
        (await workshop.Get<AuditPage>("/audit")).Items.Select(entry => (entry.Command, entry.On)).ShouldBe([("replays.begin", "shop-lamp-made"), ("replays.begin", "shop-lamp-made")]);
    }

    [Fact]
    public async Task A_queue_of_anybody_gets_the_types_and_the_organization_asked_for_from_a_moment_on_as_they_went_out()
    {
        var (workshop, shop) = (await Workshop(), Keep(await OperatedHost.Shop(await BackingServices.CreateDatabase("shop"), broker)));
        await workshop.Service.Make();
        var since = await Committed();
        var mine = await workshop.Service.Make("red");
        await workshop.Service.Make(organization: "borealis");
        await workshop.Service.Light(mine);
        await Eventually.Get(() => shop.Service.Display(mine), display => display is { IsLit: true });
        await using var connection = await new ConnectionFactory { Uri = broker }.CreateConnectionAsync(TestContext.Current.CancellationToken);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: TestContext.Current.CancellationToken);
        await channel.QueueDeclareAsync("somebodys", durable: true, exclusive: false, autoDelete: false, cancellationToken: TestContext.Current.CancellationToken);

        var replay = await workshop.Begin(new { queue = "somebodys", organization = "aurora", since, types = new[] { "LampMade", "LampLit" } });

        (await Done(workshop, replay.Id)).Sent.ShouldBe(2);
        var events = await workshop.Service.Events(mine);
        foreach (var (stored, type) in events.Zip(["LampMade", "LampLit"]))
        {
            var message = (await channel.BasicGetAsync("somebodys", autoAck: true, TestContext.Current.CancellationToken))!;
            message.BasicProperties.MessageId.ShouldBe(stored.Id.ToString());
            message.BasicProperties.CorrelationId.ShouldBe(stored.CorrelationId);
            Text(message, "organization").ShouldBe("aurora");
            Text(message, "subject").ShouldBe(mine.ToString());
            Text(message, "MT-MessageType").ShouldBe($"urn:message:EventSourcing.Tests.Wire:{type}");
            JsonDocument.Parse(message.Body).RootElement.GetProperty("sequence").GetInt64().ShouldBe(stored.Version);
        }

        (await channel.BasicGetAsync("somebodys", autoAck: true, TestContext.Current.CancellationToken)).ShouldBeNull();
    }

    [Fact]
    public async Task From_a_cursor_of_the_feed_on_a_queue_gets_what_lies_behind_it_and_neither_that_event_nor_any_before()
    {
        var (workshop, shop) = (await Workshop(), Keep(await OperatedHost.Shop(await BackingServices.CreateDatabase("shop"), broker)));
        var lamps = new List<Guid>();
        foreach (var organization in (string[])["aurora", "aurora", "borealis", "aurora", "aurora"])
        {
            lamps.Add(await workshop.Service.Make(organization: organization));
        }

        await workshop.Service.Light(lamps[0]);
        var feed = (await Eventually.Get(() => workshop.Feed("aurora"), page => page.Items.Count == 5)).Items;
        await using var connection = await new ConnectionFactory { Uri = broker }.CreateConnectionAsync(TestContext.Current.CancellationToken);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: TestContext.Current.CancellationToken);
        await channel.QueueDeclareAsync("latecomers", durable: true, exclusive: false, autoDelete: false, cancellationToken: TestContext.Current.CancellationToken);

        // Behind the second event: two more lamps and the light, and between them another organization's lamp, which this one is not asked for.
        var replay = await workshop.Begin(new { queue = "latecomers", organization = "aurora", after = feed[1].Cursor });

        (await Done(workshop, replay.Id)).Sent.ShouldBe(3);
        (await Heard()).ShouldBe(feed.Skip(2).Select(item => item.MessageId.ToString()));
        var everybodys = await workshop.Begin(new { queue = "latecomers", after = feed[1].Cursor });
        (await Done(workshop, everybodys.Id)).Sent.ShouldBe(4);
        (await Heard()).Except(feed.Select(item => item.MessageId.ToString())).ShouldHaveSingleItem().ShouldBe((await workshop.Service.Events(lamps[2], "borealis")).Single().Id.ToString());

        // The end of the feed is a place too, with nothing behind it yet.
        var nothing = await workshop.Begin(new { queue = "latecomers", after = feed[^1].Cursor });
        (await Done(workshop, nothing.Id)).Sent.ShouldBe(0);
        (await Heard()).ShouldBeEmpty();

        async Task<List<string>> Heard()
        {
            var ids = new List<string>();
            while (await channel.BasicGetAsync("latecomers", autoAck: true, TestContext.Current.CancellationToken) is { } message)
            {
                ids.Add(message.BasicProperties.MessageId!);
            }

            return ids;
        }
    }

    [Fact]
    public async Task One_that_a_crash_cut_short_goes_on_and_there_is_one_at_a_time_to_a_queue()
    {
        var database = await BackingServices.CreateDatabase("shop");
        var (workshop, shop) = (await Workshop(), await OperatedHost.Shop(database, broker));
        var lamps = await Task.WhenAll(Enumerable.Range(0, 250).Select(_ => workshop.Service.Make()));
        await Eventually.Get(() => Task.WhenAll(lamps.Select(lamp => shop.Service.Display(lamp))), displays => displays.All(display => display is not null));
        await shop.DisposeAsync();

        var replay = await workshop.Begin(new { queue = "shop-lamp-made", perSecond = 50 });
        await Eventually.Get(() => workshop.Get<Replay>($"/replays/{replay.Id}"), seen => seen.Sent >= 100);
        (await workshop.Refused("/replays", new { queue = "shop-lamp-made" })).ShouldBe((HttpStatusCode.Conflict, "replay.under-way"));
        await workshop.DisposeAsync();
        hosts.Remove(workshop);

        // As it is once the dead replica's lease has run out.
        await Execute("update workshop.replay set leased_until = now() - interval '1 second', per_second = 2000");
        var next = await Workshop();

        var done = await Done(next, replay.Id);
        done.Sent.ShouldBeGreaterThanOrEqualTo(250);
        var again = Keep(await OperatedHost.Shop(await BackingServices.CreateDatabase("shop"), broker));
        await Eventually.Get(() => Task.WhenAll(lamps.Select(lamp => again.Service.Display(lamp))), displays => displays.All(display => display is { Changes: 1 }));
    }

    [Fact]
    public async Task One_that_is_cancelled_stops_and_what_it_cannot_mean_is_refused()
    {
        var (workshop, shop) = (await Workshop(), Keep(await OperatedHost.Shop(await BackingServices.CreateDatabase("shop"), broker)));
        var lamps = await Task.WhenAll(Enumerable.Range(0, 120).Select(_ => workshop.Service.Make()));
        await Eventually.Get(() => Task.WhenAll(lamps.Select(lamp => shop.Service.Display(lamp))), displays => displays.All(display => display is not null));

        var replay = await workshop.Begin(new { queue = "shop-lamp-made", perSecond = 10 });
        await Eventually.Get(() => workshop.Get<Replay>($"/replays/{replay.Id}"), seen => seen.Sent > 0);
        (await workshop.Do($"/replays/{replay.Id}/cancel")).Affected.ShouldBe(1);

        var cancelled = await workshop.Get<Replay>($"/replays/{replay.Id}");
        cancelled.ShouldSatisfyAllConditions(() => cancelled.State.ShouldBe("Cancelled"), () => cancelled.Sent.ShouldBe(100), () => cancelled.EndedAt.ShouldNotBeNull());
        foreach (var (body, code) in (IEnumerable<(object, string)>)
        [
            (new { }, "queue.missing"), (new { queue = "nobodys" }, "queue.unknown"), (new { queue = "shop-lamp-made", organization = "No Such" }, "organization.malformed"),
            (new { queue = "shop-lamp-made", after = "nonsense" }, "cursor.invalid"), (new { queue = "shop-lamp-made", after = "x", since = DateTimeOffset.UtcNow }, "place.ambiguous"),
            (new { queue = "shop-lamp-made", types = new[] { "Nothing" } }, "type.unknown"), (new { queue = "shop-lamp-made", perSecond = 0 }, "pace.invalid"),
        ])
        {
            (await workshop.Refused("/replays", body)).ShouldBe((HttpStatusCode.UnprocessableEntity, code));
        }

        (await workshop.Refused($"/replays/{Guid.NewGuid()}/cancel")).ShouldBe((HttpStatusCode.NotFound, "replay.unknown"));
        (await workshop.Get<ReplayList>("/replays")).Items.Select(one => one.Id).ShouldBe([replay.Id]);
    }

    private static string? Text(BasicGetResult message, string header) => message.BasicProperties.Headers![header] is byte[] bytes ? Encoding.UTF8.GetString(bytes) : null;

    private static Task<Replay> Done(OperatedHost workshop, Guid id) => Eventually.Get(() => workshop.Get<Replay>($"/replays/{id}"), replay => replay.State == "Done");

    private async Task<OperatedHost> Workshop() => Keep(await OperatedHost.Workshop(workshopDatabase, broker));

    private OperatedHost Keep(OperatedHost host)
    {
        hosts.Add(host);
        return host;
    }

    /// <summary>A moment behind everything that is stored by now.</summary>
    private async Task<DateTimeOffset> Committed()
    {
        await using var connection = new NpgsqlConnection(workshopDatabase);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("select max(timestamp) + interval '1 microsecond' from workshop.mt_events", connection);
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        return reader.GetFieldValue<DateTimeOffset>(0);
    }

    private async Task Execute(string sql)
    {
        await using var connection = new NpgsqlConnection(workshopDatabase);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
