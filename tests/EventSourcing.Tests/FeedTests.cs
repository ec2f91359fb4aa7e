using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json;
using Npgsql;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using Shouldly;
using Testing;
using Xunit;

namespace EventSourcing.Tests;

public sealed class FeedTests : IAsyncLifetime
{
    private FeedHost host = null!;
    private IConnection? stranger;

    private Service Workshop => host.Workshop;

    public async ValueTask InitializeAsync() => host = await FeedHost.Start();

    public async ValueTask DisposeAsync()
    {
        await (stranger?.DisposeAsync() ?? ValueTask.CompletedTask);
        await host.DisposeAsync();
    }

    [Fact]
    public async Task The_feed_says_what_went_out_on_the_broker_in_the_same_words()
    {
        var heard = await Listen("aurora.#");
        using var request = new Activity("request").Start();
        var lamp = await Workshop.Make("red");
        await Workshop.Light(lamp);
        await Workshop.Make("blue", "borealis");
        await Eventually.Get(() => heard.Count, count => count == 2);

        var (items, _) = await host.Everything();

        items.Count.ShouldBe(2);
        foreach (var (item, message) in items.Zip(heard))
        {
            item.MessageId.ToString().ShouldBe(message.BasicProperties.MessageId);
            item.CorrelationId.ShouldBe(message.BasicProperties.CorrelationId);
            item.RoutingKey.ShouldBe(message.RoutingKey);
            JsonElement.DeepEquals(item.Body, JsonDocument.Parse(message.Body).RootElement).ShouldBeTrue($"{item.Body}");
            foreach (var (name, value) in item.Headers)
            {
                Encoding.UTF8.GetString((byte[])message.BasicProperties.Headers![name]!).ShouldBe(value);
            }
        }

        items.Select(item => (item.Type, item.RoutingKey)).ShouldBe([("LampMade", "aurora.wire.LampMade"), ("LampLit", "aurora.wire.LampLit")]);
        items.ShouldAllBe(item => item.Headers["organization"] == "aurora" && item.Headers["subject"] == lamp.ToString());
        items.ShouldAllBe(item => item.Headers["traceparent"].Contains(request.TraceId.ToHexString()) && !item.Headers.ContainsKey("causation-id"));
    }

    [Fact]
    public async Task Every_page_goes_on_where_the_one_before_ended_and_the_last_one_waits_for_what_comes()
    {
        var lamps = new List<Guid>();
        for (var lamp = 0; lamp < 7; lamp++)
        {
            lamps.Add(await Workshop.Make());
        }

        await Told(7);
        var (items, cursor) = await host.Everything(limit: 3);
        items.Select(Lamp).ShouldBe(lamps);
        items.Select(item => item.Cursor).ShouldBeUnique();
        (await host.Page($"?after={items[4].Cursor}")).Items.Select(Lamp).ShouldBe(lamps[5..]);
        (await host.Page($"?after={cursor}")).Items.ShouldBeEmpty();

        var late = await Workshop.Make();
        (await host.Page($"?after={cursor}&wait=20")).Items.Select(Lamp).ShouldBe([late]);
    }

    [Fact]
    public async Task An_organization_sees_its_own_events_and_only_the_types_it_asks_for()
    {
        var (ours, theirs) = (await Workshop.Make("red"), await Workshop.Make("red", "borealis"));
        await Workshop.Light(ours);
        await Workshop.Make("secret");
        await Told(2);

        (await host.Everything(types: "LampLit")).Items.Select(item => (item.Type, Lamp(item))).ShouldBe([("LampLit", ours)]);
        (await host.Everything(types: "LampLit,LampMade")).Items.Count.ShouldBe(2);
        (await host.Everything(organization: "borealis")).Items.Select(Lamp).ShouldBe([theirs]);
    }

    [Fact]
    public async Task An_event_whose_number_an_open_transaction_may_still_precede_is_not_told_yet()
    {
        var first = await Workshop.Make();
        await Told(1);
        var cursor = (await host.Everything()).Cursor;
        await using var connection = await Workshop.Get<NpgsqlDataSource>().OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(TestContext.Current.CancellationToken);
        var slow = Guid.CreateVersion7();
        var within = Marten.Services.SessionOptions.ForTransaction(transaction);
        within.TenantId = "aurora";
        await using (var session = Workshop.Store.LightweightSession(within))
        {
            session.Events.StartStream(slow, new Made("slow"));
            await session.SaveChangesAsync(TestContext.Current.CancellationToken);
        }

        var quick = await Workshop.Make("quick");
        var meanwhile = await host.Page($"?after={cursor}&wait=1");
        await transaction.CommitAsync(TestContext.Current.CancellationToken);

        meanwhile.Items.ShouldBeEmpty();
        await Told(3);
        (await host.Everything(meanwhile.Cursor)).Items.Select(Lamp).ShouldBe([slow, quick]);
        (await host.Everything()).Items.Select(Lamp).ShouldBe([first, slow, quick]);
    }

    [Fact]
    public async Task Who_follows_while_many_write_sees_every_event_once_and_each_streams_in_order()
    {
        var seen = new List<FeedItem>();
        var writing = Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            for (var lamp = 0; lamp < 25; lamp++)
            {
                await Workshop.Light(await Workshop.Make());
            }
        }));

        var cursor = "";
        while (seen.Count < 400)
        {
            var page = await host.Page($"?after={cursor}&limit=37&wait=20");
            (page.Items.Count > 0 || page.More).ShouldBeTrue($"Only {seen.Count} of 400 came.");
            seen.AddRange(page.Items);
            cursor = page.Cursor;
        }

        await writing;
        seen.Select(item => item.MessageId).ShouldBeUnique();
        seen.GroupBy(item => item.Headers["subject"]).ShouldAllBe(lamp => lamp.Select(item => item.Body.GetProperty("sequence").GetInt64()).SequenceEqual(new long[] { 1, 2 }));
    }

    [Fact]
    public async Task Who_waits_is_told_of_their_own_news_at_once_and_not_woken_by_others()
    {
        var waiting = host.Page("?wait=25");
        var theirs = host.Page("?wait=1", "borealis");

        var lamp = await Workshop.Make();

        (await waiting.WaitAsync(TimeSpan.FromSeconds(15), TestContext.Current.CancellationToken)).Items.Select(Lamp).ShouldBe([lamp]);
        (await theirs).Items.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_stream_goes_on_behind_the_last_event_its_reader_saw()
    {
        var lamp = await Workshop.Make();
        await Workshop.Light(lamp);
        string? last = null;
        await foreach (var item in host.Stream())
        {
            (item.EventType, item.Data.GetProperty("body").GetProperty("lampId").GetGuid()).ShouldBe(("LampMade", lamp));
            last = item.EventId;
            break;
        }

        var types = new List<string>();
        await foreach (var item in host.Stream("?types=LampMade,LampLit", last))
        {
            types.Add(item.EventType);
            if (types.Count == 1)
            {
                await Workshop.Make();
            }
            else
            {
                break;
            }
        }

        types.ShouldBe(["LampLit", "LampMade"]);
    }

    [Fact]
    public async Task What_only_a_newer_version_can_tell_ends_the_page_before_it_and_is_passed_by_nobody()
    {
        var lamp = await Workshop.Make();
        await Workshop.Light(lamp);
        await Workshop.Make();
        await Told(3);
        await Execute($"update workshop.mt_events set type = 'dimmed', mt_dotnet_type = 'Workshop.Dimmed, Workshop' where stream_id = '{lamp}' and version = 2");

        var page = await host.Page("?types=LampMade");
        using var refused = await host.Ask($"?after={page.Cursor}");
        using var waiting = await host.Ask($"?after={page.Cursor}&wait=20");
        var streamed = new List<string>();
        await foreach (var item in host.Stream())
        {
            streamed.Add(item.EventType);
        }

        (page.Items.Select(Lamp).ShouldHaveSingleItem(), page.More).ShouldBe((lamp, true));
        foreach (var answer in (HttpResponseMessage[])[refused, waiting])
        {
            (answer.StatusCode, answer.Headers.RetryAfter!.Delta).ShouldBe((HttpStatusCode.ServiceUnavailable, TimeSpan.FromSeconds(5)));
            JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement.GetProperty("code").GetString().ShouldBe("feed.newer-version");
        }

        streamed.ShouldBe(["LampMade"]);

        // The newer version knows it.
        await Execute("update workshop.mt_events set type = 'lit' where type = 'dimmed'");
        (await host.Everything(page.Cursor)).Items.Select(item => item.Type).ShouldBe(["LampLit", "LampMade"]);
    }

    [Theory]
    [InlineData("?after=nonsense", "cursor.invalid")]
    [InlineData("?after=c2hvcCAx", "cursor.invalid")] // "shop 1": another service's
    [InlineData("?after=d29ya3Nob3AgOTk5OTk5", "cursor.invalid")] // "workshop 999999": not reached yet
    [InlineData("?types=LampMade,LampStolen", "type.unknown")]
    [InlineData("?limit=0", "limit.invalid")]
    [InlineData("?limit=501", "limit.invalid")]
    [InlineData("?wait=26", "wait.invalid")]
    public async Task What_cannot_be_answered_is_refused_with_a_code(string query, string code)
    {
        using var answer = await host.Ask(query);

        answer.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement;
        problem.GetProperty("code").GetString().ShouldBe(code);
        problem.GetProperty("errors").EnumerateObject().Single().Name.ShouldBe(query.TrimStart('?').Split('=')[0]);
    }

    [Fact]
    public async Task More_who_wait_than_an_organization_may_are_told_to_come_back()
    {
        var waiting = Enumerable.Range(0, FeedWatch.MostPerOrganization).Select(_ => Workshop.Get<FeedWatch>().Join("aurora")!).ToList();

        using var refused = await host.Ask("?wait=1");
        using var others = await host.Ask("?wait=0", "borealis");
        waiting[0].Dispose();
        using var taken = await host.Ask("?wait=1");

        refused.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        refused.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(5));
        others.StatusCode.ShouldBe(HttpStatusCode.OK);
        taken.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task However_rare_a_type_is_a_page_reads_a_bounded_number_of_events_by_the_index_of_the_organization()
    {
        await Seed("aurora", 10_500);
        await Seed("borealis", 500);
        var rare = await Workshop.Make();
        await Eventually.Get(() => host.Page("?types=LampLit"), page => page.More, within: TimeSpan.FromSeconds(60));

        var first = await host.Page("?types=LampMade");
        (first.Items.Count, first.More).ShouldBe((0, true));
        await Eventually.Get(() => host.Everything(types: "LampMade"), feed => feed.Items.Count == 1);
        (await host.Everything(types: "LampMade")).Items.Select(Lamp).ShouldBe([rare]);

        var plan = await Plan("borealis");
        plan.ShouldContain($"Index Scan using {FeedIndex.Name}");
        plan.ShouldNotContain("Seq Scan on mt_events");
    }

    private static Guid Lamp(FeedItem item) => item.Body.GetProperty("lampId").GetGuid();

    private Task Told(int events) => Eventually.Get(() => host.Everything(), feed => feed.Items.Count == events);

    private async Task Seed(string organization, int events)
    {
        await using var session = Workshop.Store.LightweightSession(organization);
        session.Events.StartStream(Guid.CreateVersion7(), Enumerable.Repeat(new Lit(), events));
        await session.SaveChangesAsync(TestContext.Current.CancellationToken);
    }

    private async Task Execute(string sql)
    {
        await using var command = Workshop.Get<NpgsqlDataSource>().CreateCommand(sql);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    private async Task<string> Plan(string organization)
    {
        await using var connection = await Workshop.Get<NpgsqlDataSource>().OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using (var analyze = new NpgsqlCommand("analyze workshop.mt_events", connection))
        {
            await analyze.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        await using var explain = new NpgsqlCommand($"explain {EventFeed.Sql("workshop")}", connection)
        {
            Parameters = { new("organization", organization), new("after", value: 0L), new("most", value: 10_000), new("types", new[] { "lit" }), new("known", new[] { "made", "lit" }), new("limit", value: 101) },
        };
        await using var reader = await explain.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        var plan = new StringBuilder();
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
        {
            plan.AppendLine(reader.GetString(0));
        }

        return plan.ToString();
    }

    /// <summary>As a stranger listens: a queue of one's own, bound to the exchange of all events.</summary>
    private async Task<ConcurrentQueue<BasicDeliverEventArgs>> Listen(string routingKey)
    {
        var heard = new ConcurrentQueue<BasicDeliverEventArgs>();
        stranger = await new ConnectionFactory { Uri = host.Broker }.CreateConnectionAsync(TestContext.Current.CancellationToken);
        var channel = await stranger.CreateChannelAsync(cancellationToken: TestContext.Current.CancellationToken);
        await channel.ExchangeDeclareAsync("events", ExchangeType.Topic, durable: true);
        var queue = await channel.QueueDeclareAsync();
        await channel.QueueBindAsync(queue.QueueName, "events", routingKey);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, message) =>
        {
            // Its buffer is taken back by the client afterwards.
            heard.Enqueue(new(message.ConsumerTag, message.DeliveryTag, message.Redelivered, message.Exchange, message.RoutingKey, message.BasicProperties, message.Body.ToArray()));
            return Task.CompletedTask;
        };
        await channel.BasicConsumeAsync(queue.QueueName, autoAck: true, consumer, TestContext.Current.CancellationToken);
        return heard;
    }
}
