using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Testing;

namespace Webhooks.Tests.Features;

[Collection(nameof(Service))]
public sealed class ReplayTests(Service service)
{
    private readonly string organization = Service.AnOrganization();

    [Fact]
    public async Task A_new_endpoint_gets_what_happened_before_it_was_there_oldest_first()
    {
        await using var receiver = await Receiver.Start();
        var subject = Guid.CreateVersion7();
        for (var sequence = 1; sequence <= 5; sequence++)
        {
            await service.Surroundings.Publish(organization, sequence % 2 == 0 ? "ConnectionInvalidated" : "ConnectionGranted", subject, sequence);
        }

        await Eventually.Get(() => service.Surroundings.Ask<long>($"select count(*) from webhooks.message where tenant_id = '{organization}'"), count => count == 5);
        var desk = service.Replica.Desk(organization);
        var (id, _) = await desk.Register(receiver.Url, "ConnectionGranted");

        (await desk.Replay(id, new { since = DateTimeOffset.UtcNow.AddDays(-1) })).GetProperty("replayed").GetInt32().ShouldBe(3);
        await desk.Log(id, "Delivered", 3);
        receiver.Requests.Select(request => request.Sequence).ShouldBe([1, 3, 5]);

        (await desk.Replay(id, new { since = DateTimeOffset.UtcNow.AddDays(-1), types = new[] { "ConnectionInvalidated" } })).GetProperty("replayed").GetInt32().ShouldBe(2);
        await desk.Log(id, "Delivered", 5);
        (await desk.Replay(id, new { since = DateTimeOffset.UtcNow.AddMinutes(10) })).GetProperty("replayed").GetInt32().ShouldBe(0);
    }

    [Fact]
    public async Task What_was_delivered_is_sent_once_more_under_the_same_id_and_what_still_waits_is_not_sent_twice()
    {
        await using var receiver = await Receiver.Start();
        var desk = service.Replica.Desk(organization);
        var (id, _) = await desk.Register(receiver.Url);
        var message = await service.Surroundings.Publish(organization, "ConnectionGranted", Guid.CreateVersion7(), 1);
        await desk.Log(id, "Delivered", 1);

        await desk.Change(id, new { url = receiver.Url, paused = true });
        (await desk.Replay(id, new { messageIds = new[] { message, message } })).GetProperty("replayed").GetInt32().ShouldBe(1);
        (await desk.Replay(id, new { messageIds = new[] { message } })).GetProperty("replayed").GetInt32().ShouldBe(0);
        await desk.Change(id, new { url = receiver.Url, paused = false });

        await desk.Log(id, "Delivered", 1);
        receiver.Requests.Select(request => request.Id).ShouldBe([message.ToString(), message.ToString()]);
        (await desk.Attempts(id, message)).Select(attempt => attempt.GetProperty("number").GetInt32()).ShouldBe([1, 2]);
    }

    [Fact]
    public async Task A_wish_that_cannot_be_met_is_refused_and_nothing_is_sent()
    {
        await using var receiver = await Receiver.Start();
        var desk = service.Replica.Desk(organization);
        var (id, _) = await desk.Register(receiver.Url);
        var at = $"/v1/webhook-endpoints/{id}/replay";

        (await Desk.Refusal(await desk.Http.PostAsJsonAsync(at, new { }), HttpStatusCode.UnprocessableEntity)).ShouldBe("replay.ambiguous");
        (await Desk.Refusal(await desk.Http.PostAsJsonAsync(at, new { messageIds = Array.Empty<Guid>() }), HttpStatusCode.UnprocessableEntity)).ShouldBe("replay.too-many");
        (await Desk.Refusal(await desk.Http.PostAsJsonAsync(at, new { since = DateTimeOffset.UtcNow, after = "elsewhere" }), HttpStatusCode.UnprocessableEntity)).ShouldBe("cursor.invalid");
        (await Desk.Refusal(await desk.Http.PostAsJsonAsync(at, new { messageIds = new[] { Guid.CreateVersion7() } }), HttpStatusCode.NotFound)).ShouldBe("message.unknown");
        receiver.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_test_event_goes_to_its_endpoint_alone_signed_like_all_others_even_while_it_is_paused()
    {
        await using var receiver = await Receiver.Start();
        await using var other = await Receiver.Start();
        var desk = service.Replica.Desk(organization);
        var (id, secret) = await desk.Register(receiver.Url, "ConnectionExpired");
        var (greedy, _) = await desk.Register(other.Url);
        await desk.Change(id, new { url = receiver.Url, types = new[] { "ConnectionExpired" }, paused = true });

        var answer = await desk.Http.PostAsync($"/v1/webhook-endpoints/{id}/test", null);
        answer.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        var message = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("messageId").GetGuid();
        await desk.Log(id, "Delivered", 1);
        var request = receiver.Requests.ShouldHaveSingleItem();
        (request.Id, request.Type, request.IsSignedWith(secret)).ShouldBe((message.ToString(), "WebhookTest", true));
        request.Json.GetProperty("body").GetProperty("endpointId").GetGuid().ShouldBe(id);

        (await desk.Replay(greedy, new { since = DateTimeOffset.UnixEpoch })).GetProperty("replayed").GetInt32().ShouldBe(0);
        (await desk.Log(greedy)).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_log_is_read_page_by_page_by_state_type_and_since()
    {
        await using var receiver = await Receiver.Start();
        var desk = service.Replica.Desk(organization);
        var (id, _) = await desk.Register(receiver.Url);
        var sent = new List<Guid>();
        for (var i = 0; i < 25; i++)
        {
            sent.Add(await service.Surroundings.Publish(organization, i < 20 ? "ConnectionGranted" : "ConnectionExpired", Guid.CreateVersion7(), 1));
        }

        await desk.Log(id, "Delivered", 25);
        var read = new List<Guid>();
        var cursor = "";
        while (true)
        {
            var page = await desk.Http.GetFromJsonAsync<JsonElement>($"/v1/webhook-endpoints/{id}/deliveries?limit=10{cursor}");
            read.AddRange(page.GetProperty("items").EnumerateArray().Select(one => one.GetProperty("messageId").GetGuid()));
            if (page.GetProperty("next").GetString() is not { } next)
            {
                break;
            }

            cursor = $"&cursor={next}";
        }

        read.ShouldBe(Enumerable.Reverse(sent));
        (await desk.Log(id, "&type=ConnectionExpired")).Length.ShouldBe(5);
        (await desk.Log(id, "&state=Exhausted")).ShouldBeEmpty();
        var tenth = (await desk.Log(id))[9].GetProperty("takenInAt").GetString();
        (await desk.Log(id, $"&since={Uri.EscapeDataString(tenth!)}")).Length.ShouldBe(10);
        (await desk.Http.GetAsync($"/v1/webhook-endpoints/{id}/deliveries?state=Nonsense")).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }
}
