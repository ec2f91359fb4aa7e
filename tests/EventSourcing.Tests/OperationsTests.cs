using System.Net;
using System.Text;
using System.Text.Json;
using EventSourcing.Operations;
using MassTransit;
using Npgsql;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using Shouldly;
using Testing;
using Xunit;

namespace EventSourcing.Tests;

public sealed class OperationsTests : IAsyncLifetime
{
    private const string Queue = "shop-lamp-made";
    private readonly List<OperatedHost> hosts = [];
    private string shopDatabase = "";
    private string workshopDatabase = "";
    private Uri broker = null!;

    public async ValueTask InitializeAsync() =>
        (shopDatabase, workshopDatabase, broker) = (await BackingServices.CreateDatabase("shop"), await BackingServices.CreateDatabase("workshop"), await BackingServices.CreateVirtualHost());

    public async ValueTask DisposeAsync()
    {
        foreach (var host in hosts)
        {
            await host.DisposeAsync();
        }
    }

    [Fact]
    public async Task What_failed_is_listed_mended_and_requeued_and_takes_effect_once()
    {
        var (workshop, shop) = (await Workshop(), await Shop());
        var lamp = await Fail(workshop, "maya@aurora.example cannot be reached");

        var letter = (await Letters(shop, 1)).Single();
        var made = (await workshop.Service.Events(lamp)).Single();
        letter.ShouldSatisfyAllConditions(
            () => letter.Queue.ShouldBe(Queue),
            () => letter.Kind.ShouldBe("Fault"),
            () => letter.MessageId.ShouldBe(made.Id.ToString()),
            () => letter.Contract.ShouldBe("LampMade"),
            () => letter.Organization.ShouldBe("aurora"),
            () => letter.Subject.ShouldBe(lamp.ToString()),
            () => letter.Sequence.ShouldBe(1),
            () => letter.FaultedAt.ShouldBeGreaterThan(DateTimeOffset.UtcNow.AddMinutes(-5)),
            () => letter.ExceptionType.ShouldBe(typeof(InvalidOperationException).FullName),
            () => letter.Reason.ShouldBeNull());

        OnLampMade.Failing.TryRemove(lamp, out _);
        (await shop.Do("/dead-letters/requeue", new { ids = new[] { letter.Id } })).Affected.ShouldBe(1);

        (await Eventually.Get(() => shop.Service.Display(lamp), display => display is not null)).ShouldBe(new Display(Guid.Empty, 1, IsLit: false, Changes: 1));
        (await Letters(shop, 0)).ShouldBeEmpty();
        (await shop.Service.Events(lamp)).Single().CausationId.ShouldBe(made.Id.ToString());
    }

    [Fact]
    public async Task Nothing_that_a_fault_says_in_words_is_kept_where_an_operator_looks()
    {
        var (workshop, shop) = (await Workshop(), await Shop());
        await Fail(workshop, "maya@aurora.example cannot be reached");
        await Letters(shop, 1);

        await using var connection = new NpgsqlConnection(shopDatabase);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand("select count(*), count(*) filter (where dead_letter::text like '%maya%' or dead_letter::text like '%StackTrace%') from shop.dead_letter", connection);
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        await reader.ReadAsync(TestContext.Current.CancellationToken);
        reader.GetInt64(0).ShouldBe(1);
        reader.GetInt64(1).ShouldBe(0);
    }

    [Fact]
    public async Task A_refusal_is_listed_with_its_code()
    {
        var (workshop, shop) = (await Workshop(), await Shop());

        await workshop.Service.Make("refused");

        var letter = (await Letters(shop, 1)).Single();
        letter.ExceptionType.ShouldBe(typeof(MessageRefusedException).FullName);
        letter.Reason.ShouldBe("lamp.not-for-us");
    }

    [Fact]
    public async Task A_message_goes_back_as_it_came()
    {
        var (workshop, shop) = (await Workshop(), await Shop());
        var lamp = await Fail(workshop);
        await Letters(shop, 1);
        await using var tap = await Tap.On(broker, "EventSourcing.Tests.Wire:LampMade");
        var lost = await Fail(workshop);
        await Letters(shop, 2);
        var first = await Eventually.Get(tap.Next, message => message is not null);

        // The shop is gone, so what is put back stays where it can be looked at.
        await hosts[1].Service.Get<IBusControl>().StopAsync(TestContext.Current.CancellationToken);
        (await shop.Do("/dead-letters/requeue", new { all = true })).Affected.ShouldBe(2);

        var back = new[] { await tap.Take(Queue), await tap.Take(Queue) }.Single(message => message!.BasicProperties.MessageId == first!.BasicProperties.MessageId)!;
        back.Body.ToArray().ShouldBe(first!.Body.ToArray());
        back.BasicProperties.ContentType.ShouldBe(first.BasicProperties.ContentType);
        back.BasicProperties.CorrelationId.ShouldBe(first.BasicProperties.CorrelationId);
        back.BasicProperties.DeliveryMode.ShouldBe(DeliveryModes.Persistent);
        Words(back).ShouldBe(Words(first), ignoreOrder: true);
        OnLampMade.Failing.TryRemove(lamp, out _);
        OnLampMade.Failing.TryRemove(lost, out _);
    }

    [Fact]
    public async Task After_a_crash_between_putting_back_and_letting_go_it_goes_back_again_and_takes_effect_once()
    {
        var (workshop, shop) = (await Workshop(), await Shop());
        var lamp = await Fail(workshop);
        await Letters(shop, 1);
        OnLampMade.Failing.TryRemove(lamp, out _);

        // What such a crash leaves behind: the broker has the message, and the row is still there.
        await Execute("create table shop.kept as table shop.dead_letter");
        await shop.Do("/dead-letters/requeue", new { queue = Queue });
        await Eventually.Get(() => shop.Service.Display(lamp), display => display is not null);
        await Execute("insert into shop.dead_letter select * from shop.kept");

        (await shop.Do("/dead-letters/requeue", new { queue = Queue })).Affected.ShouldBe(1);

        await Letters(shop, 0);
        await Eventually.Get(() => Depth(Queue), depth => depth == 0);
        (await shop.Service.Events(lamp)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task After_a_crash_between_keeping_and_acknowledging_it_is_listed_once()
    {
        var (workshop, shop) = (await Workshop(), await Shop());
        await Fail(workshop);
        await Eventually.Get(() => Depth($"{Queue}_error"), depth => depth == 1);

        // What such a crash leaves behind: the row is kept, and the message comes again.
        await using var tap = await Tap.On(broker, null);
        var letter = (await tap.Take($"{Queue}_error"))!;
        await tap.Put($"{Queue}_error", letter);
        await Letters(shop, 1);
        await tap.Put($"{Queue}_error", letter);

        (await Letters(shop, 1)).ShouldHaveSingleItem();
        (await Depth($"{Queue}_error")).ShouldBe(0);
    }

    [Fact]
    public async Task Discarding_needs_a_reason_that_is_kept_with_who_did_it()
    {
        var (workshop, shop) = (await Workshop(), await Shop());
        await Fail(workshop);
        var letter = (await Letters(shop, 1)).Single();

        (await shop.Refused("/dead-letters/discard", new { ids = new[] { letter.Id } })).ShouldBe((HttpStatusCode.UnprocessableEntity, "reason.missing"));
        (await shop.Refused("/dead-letters/discard", new { ids = new[] { letter.Id }, reason = "of maya@aurora.example" })).ShouldBe((HttpStatusCode.UnprocessableEntity, "reason.invalid"));
        (await Letters(shop, 1)).Single().ShouldBe(letter);
        var done = await shop.Do("/dead-letters/discard", new { ids = new[] { letter.Id }, reason = "Ticket 42: a lamp of a test." }, by: "otto");

        done.Affected.ShouldBe(1);
        (await Letters(shop, 0)).ShouldBeEmpty();
        var entry = (await shop.Get<AuditPage>("/audit")).Items.ShouldHaveSingleItem();
        entry.ShouldBe(new(done.Id, entry.At, "dead-letters.discard", "otto", letter.Id.ToString(), "Ticket 42: a lamp of a test.", "Done", 1, entry.EndedAt));
        entry.EndedAt.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_command_under_a_key_is_carried_out_once_and_the_key_is_good_for_no_other()
    {
        var (workshop, shop) = (await Workshop(), await Shop());
        var lamp = await Fail(workshop);
        await Letters(shop, 1);

        var first = await shop.Do("/dead-letters/requeue", new { queue = Queue }, key: "once");
        await Letters(shop, 1);
        var second = await shop.Do("/dead-letters/requeue", new { queue = Queue }, key: "once");

        second.ShouldBe(first);
        await Letters(shop, 1);
        (await shop.Refused("/dead-letters/requeue", new { queue = "shop-lamp-lit" }, key: "once")).ShouldBe((HttpStatusCode.UnprocessableEntity, "idempotency.key-reused"));
        (await shop.Get<AuditPage>("/audit")).Items.Count.ShouldBe(1);
        OnLampMade.Failing.TryRemove(lamp, out _);
    }

    [Fact]
    public async Task Dead_letters_and_the_audit_come_in_pages()
    {
        var (workshop, shop) = (await Workshop(), await Shop());
        var lamps = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => Fail(workshop)));
        await Letters(shop, 5);

        var letters = new List<DeadLetter>();
        string? cursor = null;
        do
        {
            var page = await shop.Get<DeadLetterPage>($"/dead-letters?limit=2&cursor={cursor}");
            page.Queues.ShouldHaveSingleItem().Messages.ShouldBe(5);
            letters.AddRange(page.Items);
            cursor = page.Next;
        }
        while (cursor is not null);
        letters.Select(letter => letter.Subject).ShouldBe(lamps.Select(lamp => lamp.ToString()), ignoreOrder: true);

        foreach (var letter in letters)
        {
            await shop.Do("/dead-letters/discard", new { ids = new[] { letter.Id }, reason = "Made by a test." });
        }

        var newest = await shop.Get<AuditPage>("/audit?limit=3");
        newest.Items.Select(entry => entry.On).ShouldBe(letters.Select(letter => letter.Id.ToString()).Reverse().Take(3));
        (await shop.Get<AuditPage>($"/audit?limit=3&cursor={newest.Next}")).ShouldSatisfyAllConditions(
            rest => rest.Items.Select(entry => entry.On).ShouldBe(letters.Select(letter => letter.Id.ToString()).Reverse().Skip(3)),
            rest => rest.Next.ShouldBeNull());
    }

    [Theory]
    [InlineData("{}", "selection.invalid")]
    [InlineData("""{"queue":"shop-lamp-made","ids":["019a3c5e-7b1d-7c2a-9f40-2d6c1e8a5b73"]}""", "selection.invalid")]
    [InlineData("""{"ids":[]}""", "selection.invalid")]
    [InlineData("""{"all":false}""", "selection.invalid")]
    [InlineData("""{"all":true,"queue":"shop-lamp-made"}""", "selection.invalid")]
    [InlineData("""{"queue":"somebody-elses"}""", "queue.unknown")]
    public async Task A_selection_that_means_nothing_is_refused_and_leaves_no_trace(string body, string code)
    {
        var shop = await Shop();

        (await shop.Refused("/dead-letters/requeue", JsonSerializer.Deserialize<JsonElement>(body))).ShouldBe((HttpStatusCode.UnprocessableEntity, code));

        (await shop.Get<AuditPage>("/audit")).Items.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_relay_that_stands_still_is_started_anew_by_the_replica_that_leads_whoever_was_asked()
    {
        OperatedHost[] workshops = [await Workshop(), await Workshop()];
        var lamp = await workshops[0].Service.Make();
        await Eventually.Get(() => OperatedHost.Translated.GetValueOrDefault(lamp), times => times == 1);
        var before = await Eventually.Get(() => Relay(workshops[0]), relay => relay is { State: "Running", LagEvents: > 0 });
        before.LagSeconds.ShouldBeGreaterThan(0);
        before.RedriveAskedAt.ShouldBeNull();

        // One of the two does not lead. Each is asked in turn, and each time the one that does obeys.
        foreach (var (asked, times) in workshops.Zip([2, 3]))
        {
            var command = await asked.Do($"/relay/{Uri.EscapeDataString(before.Shard)}/redrive");
            command.Affected.ShouldBe(1);
            var after = await Eventually.Get(() => Relay(asked), relay => relay.RedrivenAt >= relay.RedriveAskedAt);
            after.Node.ShouldBe(before.Node);
            await Eventually.Get(() => OperatedHost.Translated.GetValueOrDefault(lamp), seen => seen == times);
        }

        var shop = await Shop();
        await Eventually.Get(() => shop.Service.Display(lamp), display => display is not null);
        (await Eventually.Get(() => Relay(workshops[1]), relay => relay.LagEvents == 0)).LagSeconds.ShouldBe(0);
        (await workshops[0].Get<AuditPage>("/audit")).Items.Select(entry => (entry.Command, entry.On, entry.State)).ShouldBe([("relay.redrive", before.Shard, "Done"), ("relay.redrive", before.Shard, "Done")]);
        (await workshops[0].Refused("/relay/nobody/redrive")).ShouldBe((HttpStatusCode.NotFound, "shard.unknown"));
    }

    private static async Task<ShardStatus> Relay(OperatedHost host) => (await host.Get<ShardList>("/relay")).Items.Single(shard => shard.Shard.StartsWith("IntegrationRelay", StringComparison.Ordinal));

    private static IEnumerable<KeyValuePair<string, string?>> Words(BasicGetResult message) =>
        message.BasicProperties.Headers!.Where(header => !header.Key.StartsWith("x-", StringComparison.Ordinal)).Select(header => KeyValuePair.Create(header.Key, header.Value is byte[] bytes ? Encoding.UTF8.GetString(bytes) : header.Value?.ToString()));

    private static async Task<IReadOnlyList<DeadLetter>> Letters(OperatedHost shop, int count) =>
        (await Eventually.Get(() => shop.Get<DeadLetterPage>("/dead-letters"), page => page.Items.Count == count && page.Queues.Sum(queue => queue.Messages) == count)).Items;

    private static async Task<Guid> Fail(OperatedHost workshop, string words = "Not yet.")
    {
        var lamp = Guid.CreateVersion7();
        OnLampMade.Failing[lamp] = words;
        await using var session = workshop.Service.Session();
        await session.DecideAndSave<Lamp>(lamp, state => Lamp.Make(state, "green"), default);
        return lamp;
    }

    private async Task<OperatedHost> Workshop() => Keep(await OperatedHost.Workshop(workshopDatabase, broker));

    private async Task<OperatedHost> Shop() => Keep(await OperatedHost.Shop(shopDatabase, broker));

    private OperatedHost Keep(OperatedHost host)
    {
        hosts.Add(host);
        return host;
    }

    private async Task<long> Depth(string queue)
    {
        await using var tap = await Tap.On(broker, null);
        return await tap.Depth(queue);
    }

    private async Task Execute(string sql)
    {
        await using var connection = new NpgsqlConnection(shopDatabase);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>A plain client beside the services: looks at messages, and puts them where a crash would leave them.</summary>
    private sealed class Tap(IConnection connection, IChannel channel, string? queue) : IAsyncDisposable
    {
        public static async Task<Tap> On(Uri broker, string? exchange)
        {
            var connection = await new ConnectionFactory { Uri = broker }.CreateConnectionAsync();
            var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true));
            string? queue = null;
            if (exchange is not null)
            {
                queue = (await channel.QueueDeclareAsync()).QueueName;
                await channel.QueueBindAsync(queue, exchange, "");
            }

            return new(connection, channel, queue);
        }

        public Task<BasicGetResult?> Next() => Take(queue!);

        public Task<BasicGetResult?> Take(string from) => channel.BasicGetAsync(from, autoAck: true);

        public async Task Put(string to, BasicGetResult message) => await channel.BasicPublishAsync("", to, mandatory: true, new BasicProperties(message.BasicProperties), message.Body);

        public async Task<long> Depth(string of)
        {
            try
            {
                return await channel.MessageCountAsync(of);
            }
            catch (OperationInterruptedException)
            {
                // The first message for it makes it.
                return -1;
            }
        }

        public async ValueTask DisposeAsync() => await connection.DisposeAsync();
    }
}
