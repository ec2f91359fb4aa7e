using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net.Http.Json;
using System.Text.Json;
using Testing;

namespace Webhooks.Tests.Features;

[Collection(nameof(Service))]
public sealed class DeliveryTests(Service service)
{
    private readonly string organization = Service.AnOrganization();

    [Fact]
    public async Task An_event_arrives_signed_in_the_shape_of_the_feed_and_within_its_trace()
    {
        await using var receiver = await Receiver.Start();
        var desk = service.Replica.Desk(organization);
        var (id, secret) = await desk.Register(receiver.Url);
        var subject = Guid.CreateVersion7();
        var message = await service.Surroundings.Publish(organization, "ConnectionGranted", subject, 3, trace: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", text: "Zoë");

        var delivered = (await desk.Log(id, "Delivered", 1)).Single();
        var request = receiver.Requests.ShouldHaveSingleItem();
        request.Id.ShouldBe(message.ToString());
        request.IsSignedWith(secret).ShouldBeTrue();
        request.IsSignedWith("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").ShouldBeFalse();
        DateTimeOffset.FromUnixTimeSeconds(request.Timestamp).ShouldBe(DateTimeOffset.UtcNow, TimeSpan.FromSeconds(30));
        request.ContentType.ShouldBe("application/json");
        request.Trace.ShouldNotBeNull().ShouldStartWith("00-4bf92f3577b34da6a3ce929d0e0e4736-");
        request.Json.GetProperty("messageId").GetGuid().ShouldBe(message);
        request.Json.GetProperty("routingKey").GetString().ShouldBe($"{organization}.connections.ConnectionGranted");
        request.Json.GetProperty("correlationId").GetString().ShouldBe("4bf92f35-77b3-4da6-a3ce-929d0e0e4736");
        request.Json.GetProperty("headers").EnumerateObject().Select(header => header.Name).ShouldBe(["organization", "subject", "traceparent"]);
        request.Json.GetProperty("body").GetProperty("text").GetString().ShouldBe("Zoë");

        delivered.GetProperty("messageId").GetGuid().ShouldBe(message);
        delivered.GetProperty("subject").GetString().ShouldBe(subject.ToString());
        delivered.GetProperty("lastStatus").GetInt32().ShouldBe(200);
        var attempt = (await desk.Attempts(id, message)).ShouldHaveSingleItem();
        (attempt.GetProperty("number").GetInt32(), attempt.GetProperty("outcome").GetString()).ShouldBe((1, "Delivered"));
        (await service.Surroundings.Everything()).ShouldNotContain("what a receiver says");
    }

    [Fact]
    public async Task A_delivery_is_a_span_of_the_event_s_trace_and_is_counted_by_its_outcome_alone()
    {
        await using var receiver = await Receiver.Start();
        var desk = service.Replica.Desk(organization);
        var (id, _) = await desk.Register(receiver.Url);
        var spans = new ConcurrentQueue<Activity>();
        using var tracing = new ActivityListener { ShouldListenTo = source => source.Name == "Webhooks", Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded, ActivityStopped = spans.Enqueue };
        ActivitySource.AddActivityListener(tracing);
        var labels = new ConcurrentQueue<(string Instrument, string Labels)>();
        using var measuring = new MeterListener { InstrumentPublished = (instrument, listener) => { if (instrument.Meter.Name == "Webhooks") { listener.EnableMeasurementEvents(instrument); } } };
        measuring.SetMeasurementEventCallback<long>((instrument, _, tags, _) => labels.Enqueue((instrument.Name, string.Join(',', tags.ToArray().Select(tag => tag.Key)))));
        measuring.SetMeasurementEventCallback<double>((instrument, _, tags, _) => labels.Enqueue((instrument.Name, string.Join(',', tags.ToArray().Select(tag => tag.Key)))));
        measuring.Start();

        var message = await service.Surroundings.Publish(organization, "ConnectionGranted", Guid.CreateVersion7(), 1, trace: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
        await desk.Log(id, "Delivered", 1);

        var span = (await Eventually.Get(() => spans.SingleOrDefault(one => message.Equals(one.GetTagItem("messaging.message.id"))), one => one is not null))!;
        span.ParentId.ShouldBe("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
        receiver.Requests.Single().Trace.ShouldBe(span.Id);
        span.TagObjects.Select(tag => $"{tag.Value}").ShouldAllBe(value => !value.Contains("127.0.0.1", StringComparison.Ordinal));
        labels.ShouldContain(("webhook.deliveries", "outcome"));
        labels.ShouldContain(("webhook.delivery.duration", "outcome"));
        labels.Select(one => one.Labels).Distinct().ShouldBeSubsetOf(["outcome", ""]);
    }

    [Fact]
    public async Task Each_endpoint_gets_the_types_it_asked_for_and_those_of_the_future_where_it_asked_for_all()
    {
        await using var some = await Receiver.Start();
        await using var all = await Receiver.Start();
        var desk = service.Replica.Desk(organization);
        var (picky, _) = await desk.Register(some.Url, "ConnectionGranted", "ConnectionExpired");
        var (greedy, _) = await desk.Register(all.Url);
        foreach (var type in (string[])["ConnectionGranted", "ConnectionInvalidated", "NotInventedYet"])
        {
            await service.Surroundings.Publish(organization, type, Guid.CreateVersion7(), 1);
        }

        await service.Surroundings.Publish(Service.AnOrganization(), "ConnectionGranted", Guid.CreateVersion7(), 1);

        await desk.Log(greedy, "Delivered", 3);
        all.Requests.Select(request => request.Type).ShouldBe(["ConnectionGranted", "ConnectionInvalidated", "NotInventedYet"], ignoreOrder: true);
        (await desk.Log(picky)).Select(one => one.GetProperty("type").GetString()).ShouldBe(["ConnectionGranted"]);

        // A type that there was a message of can be asked for.
        await desk.Register(some.Url, "NotInventedYet");
    }

    [Fact]
    public async Task A_receiver_that_fails_stalls_and_comes_back_has_everything_once_and_each_subject_in_order()
    {
        await using var receiver = await Receiver.Start();
        await using var surroundings = await Surroundings.Build();
        var desk = (await surroundings.Start(("Sending:Timeout", "00:00:00.500"), ("Sending:Retries:3", "00:00:00.300"), ("Sending:Retries:4", "00:00:00.300"))).Desk(organization);
        var (id, secret) = await desk.Register(receiver.Url);
        var accepted = new List<Request>();
        var step = 0;
        receiver.Answer = async (request, http) =>
        {
            switch (Interlocked.Increment(ref step))
            {
                case <= 6:
                    return 500;
                case <= 8:
                    var abandoned = new TaskCompletionSource();
                    http.RequestAborted.Register(abandoned.SetResult);
                    await abandoned.Task;
                    return 200;
                case <= 10:
                    http.Abort();
                    return 0;
                default:
                    lock (accepted)
                    {
                        accepted.Add(request);
                    }

                    return 200;
            }
        };
        Guid[] subjects = [.. Enumerable.Range(0, 8).Select(_ => Guid.CreateVersion7())];
        for (var sequence = 1; sequence <= 5; sequence++)
        {
            foreach (var subject in subjects)
            {
                await surroundings.Publish(organization, "ConnectionRenewed", subject, sequence);
            }
        }

        // Whoever was exhausted meanwhile is sent once more: nothing may be missing in the end.
        await Eventually.Get(async () => (await desk.Log(id, "&state=Waiting")).Length, waiting => waiting == 0);
        if ((await desk.Log(id, "&state=Exhausted")).Select(one => one.GetProperty("messageId").GetGuid()).ToArray() is { Length: > 0 } exhausted)
        {
            await desk.Replay(id, new { messageIds = exhausted });
        }

        await desk.Log(id, "Delivered", 40);
        accepted.Select(request => request.Id).Distinct().Count().ShouldBe(40);
        accepted.Count.ShouldBe(40);
        accepted.ShouldAllBe(request => request.IsSignedWith(secret));
        foreach (var subject in subjects)
        {
            accepted.Where(request => request.Subject == subject.ToString()).Select(request => request.Sequence).ShouldBe([1, 2, 3, 4, 5]);
        }

        var log = await desk.Log(id);
        log.Sum(one => one.GetProperty("attempts").GetInt32()).ShouldBe(receiver.Requests.Count);
        log.Select(one => one.GetProperty("attempts").GetInt32()).Max().ShouldBeGreaterThan(1);
        (await desk.Endpoint(id)).GetProperty("failingSince").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Fact]
    public async Task What_is_tried_as_often_as_it_is_tried_is_a_dead_letter_its_subject_goes_on_and_a_replay_sends_it()
    {
        await using var receiver = await Receiver.Start();
        var desk = service.Replica.Desk(organization);
        var (id, _) = await desk.Register(receiver.Url);
        var mended = false;
        receiver.Answer = (request, _) => Task.FromResult(request.Sequence == 1 && !mended ? 422 : 200);
        var subject = Guid.CreateVersion7();
        var first = await service.Surroundings.Publish(organization, "ConnectionGranted", subject, 1);
        await service.Surroundings.Publish(organization, "ConnectionInvalidated", subject, 2);

        await desk.Log(id, "Delivered", 1);
        receiver.Requests.Select(request => request.Sequence).ShouldBe([1, 1, 1, 1, 2]);
        var letter = (await desk.Http.GetFromJsonAsync<JsonElement>("/v1/webhook-dead-letters")).GetProperty("items").EnumerateArray().ShouldHaveSingleItem();
        letter.GetProperty("endpointId").GetGuid().ShouldBe(id);
        letter.GetProperty("delivery").GetProperty("messageId").GetGuid().ShouldBe(first);
        letter.GetProperty("delivery").GetProperty("lastOutcome").GetString().ShouldBe("Rejected");

        mended = true;
        (await desk.Replay(id, new { messageIds = new[] { first } })).GetProperty("replayed").GetInt32().ShouldBe(1);
        await desk.Log(id, "Delivered", 2);
        (await desk.Attempts(id, first)).Select(attempt => attempt.GetProperty("outcome").GetString()).ShouldBe(["Rejected", "Rejected", "Rejected", "Rejected", "Delivered"]);
        (await desk.Http.GetFromJsonAsync<JsonElement>("/v1/webhook-dead-letters")).GetProperty("items").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task A_receiver_that_keeps_requests_waiting_starves_nobody_else()
    {
        await using var slow = await Receiver.Start();
        await using var quick = await Receiver.Start();
        var desk = service.Replica.Desk(organization);
        var (stalled, _) = await desk.Register(slow.Url);
        var (good, _) = await desk.Register(quick.Url);
        var release = new TaskCompletionSource();
        slow.Answer = async (_, _) =>
        {
            await release.Task;
            return 200;
        };
        for (var i = 0; i < 60; i++)
        {
            await service.Surroundings.Publish(organization, "ConnectionGranted", Guid.CreateVersion7(), 1);
        }

        // The quick one has all of them while the slow one still holds on to its first.
        await desk.Log(good, "Delivered", 60);
        slow.Requests.Count.ShouldBeLessThanOrEqualTo(8);
        (await desk.Log(stalled, "&state=Delivered")).ShouldBeEmpty();

        release.SetResult();
        await desk.Log(stalled, "Delivered", 60);
    }
}
