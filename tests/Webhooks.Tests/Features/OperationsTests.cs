using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using RabbitMQ.Client;
using Testing;

namespace Webhooks.Tests.Features;

/// <summary>What those who run the service do over HTTP.</summary>
public sealed class OperationsTests
{
    private readonly string organization = Service.AnOrganization();

    [Fact]
    public async Task What_could_not_be_taken_in_is_listed_makes_health_speak_and_is_taken_in_after_a_requeue()
    {
        await using var receiver = await Receiver.Start();
        await using var surroundings = await Surroundings.Build();
        var replica = await surroundings.Start();
        var desk = replica.Desk(organization);
        var (id, _) = await desk.Register(receiver.Url);
        using var operators = replica.As(null, "ops", "organizations.any");
        await surroundings.Do("alter table webhooks.message add constraint no_expiry check (type <> 'ConnectionExpired')");
        var message = Guid.CreateVersion7();
        await surroundings.Publish($"{organization}.connections.ConnectionExpired", Properties(message), "{\"sequence\":7}"u8.ToArray());

        var listed = await Eventually.Get(() => Letters(operators), found => found.GetProperty("items").GetArrayLength() == 1, "it is listed");
        var letter = listed.GetProperty("items")[0];
        (letter.GetProperty("queue").GetString(), letter.GetProperty("messageId").GetGuid(), letter.GetProperty("contract").GetString(), letter.GetProperty("organization").GetString(), letter.GetProperty("sequence").GetInt64())
            .ShouldBe(("webhooks-events", message, "ConnectionExpired", organization, 7));
        var health = await (await replica.CreateClient().GetAsync("/health")).Content.ReadFromJsonAsync<JsonElement>();
        health.GetProperty("checks").GetProperty("intake").GetString().ShouldBe("Degraded");
        health.GetProperty("help").GetProperty("intake").GetString()!.ShouldContain("1 messages could not be taken in");

        await surroundings.Do("alter table webhooks.message drop constraint no_expiry");
        (await Command(operators, "requeue", new { ids = new[] { letter.GetProperty("id").GetGuid() } })).ShouldBe(1);

        await desk.Log(id, "Delivered", 1);
        var request = receiver.Requests.Single();
        (request.Id, request.Type).ShouldBe((message.ToString(), "ConnectionExpired"));
        (await Letters(operators)).GetProperty("items").GetArrayLength().ShouldBe(0);
        var audit = (await operators.GetFromJsonAsync<JsonElement>("/v1/operations/audit")).GetProperty("items");
        audit[0].GetProperty("command").GetString().ShouldBe("dead-letters.requeue");
        audit[0].GetProperty("affected").GetInt64().ShouldBe(1);
    }

    [Fact]
    public async Task What_is_no_event_of_ours_is_discarded_with_a_reason()
    {
        await using var surroundings = await Surroundings.Build();
        var replica = await surroundings.Start();
        using var operators = replica.As(null, "ops", "organizations.any");
        await surroundings.Publish("nonsense", new() { MessageId = "1" }, "?"u8.ToArray());
        await Eventually.Get(() => Letters(operators), found => found.GetProperty("items").GetArrayLength() == 1, "it is listed");

        (await Command(operators, "discard", new { queue = "webhooks-events", reason = "Not of ours: ticket 42" })).ShouldBe(1);

        (await Letters(operators)).GetProperty("queues").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task What_another_service_replays_straight_to_the_queue_is_taken_in_as_what_it_was()
    {
        await using var receiver = await Receiver.Start();
        await using var surroundings = await Surroundings.Build();
        var desk = (await surroundings.Start()).Desk(organization);
        var (id, _) = await desk.Register(receiver.Url);

        await surroundings.Publish("webhooks-events", Properties(Guid.CreateVersion7()), "{\"sequence\":7}"u8.ToArray(), exchange: "");

        var log = await desk.Log(id, "Delivered", 1);
        log[0].GetProperty("type").GetString().ShouldBe("ConnectionExpired");
        using var body = JsonDocument.Parse(receiver.Requests.Single().Body);
        body.RootElement.GetProperty("routingKey").GetString().ShouldBe($"{organization}.connections.ConnectionExpired");
    }

    [Fact]
    public async Task Operating_takes_the_scope_of_operators()
    {
        await using var surroundings = await Surroundings.Build();
        var replica = await surroundings.Start();

        (await replica.As(organization, "webhooks.read", "webhooks.manage").GetAsync("/v1/operations/dead-letters")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await replica.As(null, "ops", "organizations.any").GetFromJsonAsync<JsonElement>("/v1/operations/relay")).GetProperty("items").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task What_an_endpoint_can_be_sent_is_listed_by_what_it_is_about()
    {
        await using var surroundings = await Surroundings.Build();
        var replica = await surroundings.Start();

        var items = (await replica.As(organization, "webhooks.read").GetFromJsonAsync<JsonElement>("/v1/webhook-event-types")).GetProperty("items").EnumerateArray()
            .Select(item => (item.GetProperty("area").GetString(), item.GetProperty("type").GetString())).ToList();

        items.ShouldContain(("Connections", "ConnectionGranted"));
        items.ShouldContain(("Outreach", "OutreachSent"));
        items.Select(item => item.Item1).Distinct().ShouldBe(["Campaigns", "Connections", "Outreach"]);
    }

    private BasicProperties Properties(Guid message) => new()
    {
        MessageId = message.ToString(),
        ContentType = "application/json",
        DeliveryMode = DeliveryModes.Persistent,
        Headers = new Dictionary<string, object?>
        {
            ["organization"] = organization,
            ["subject"] = Guid.CreateVersion7().ToString(),
            ["MT-MessageType"] = "urn:message:CreatorConnections.Contracts.Connections:ConnectionExpired",
        },
    };

    private static Task<JsonElement> Letters(HttpClient operators) => operators.GetFromJsonAsync<JsonElement>("/v1/operations/dead-letters");

    internal static async Task<long> Command(HttpClient operators, string verb, object selection)
    {
        var answer = await operators.PostAsJsonAsync($"/v1/operations/dead-letters/{verb}", selection);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("affected").GetInt64();
    }
}
