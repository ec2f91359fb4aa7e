using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Testing;

namespace Webhooks.Tests.Features;

public sealed class PauseTests
{
    private readonly string organization = Service.AnOrganization();

    [Fact]
    public async Task An_endpoint_that_is_gone_is_paused_and_gets_what_waited_when_it_is_resumed()
    {
        await using var receiver = await Receiver.Start();
        await using var surroundings = await Surroundings.Build();
        var desk = (await surroundings.Start()).Desk(organization);
        var (id, _) = await desk.Register(receiver.Url);
        receiver.Answer = (_, _) => Task.FromResult(410);
        await surroundings.Publish(organization, "ConnectionGranted", Guid.CreateVersion7(), 1);

        var paused = await Eventually.Get(() => desk.Endpoint(id), endpoint => endpoint.GetProperty("paused").GetBoolean());
        paused.GetProperty("pausedBecause").GetString().ShouldBe("Gone");
        await surroundings.Publish(organization, "ConnectionGranted", Guid.CreateVersion7(), 1);
        await desk.Log(id, "Waiting", 2);
        receiver.Requests.Count.ShouldBe(1);

        receiver.Answer = (_, _) => Task.FromResult(200);
        await desk.Change(id, new { url = receiver.Url, paused = false });
        await desk.Log(id, "Delivered", 2);
        (await surroundings.Ask<string>("select string_agg(type, ' ' order by seq_id) from webhooks.mt_events")).ShouldBe("endpoint_registered endpoint_paused endpoint_resumed");
    }

    [Fact]
    public async Task An_endpoint_that_nothing_got_through_to_for_days_is_paused_and_says_so()
    {
        await using var receiver = await Receiver.Start();
        await using var surroundings = await Surroundings.Build();
        var replica = await surroundings.Start(("Sending:Retries:1", "00:30:00"));
        var desk = replica.Desk(organization);
        var (id, _) = await desk.Register(receiver.Url);
        receiver.Answer = (_, _) => Task.FromResult(500);
        var message = await surroundings.Publish(organization, "ConnectionGranted", Guid.CreateVersion7(), 1);
        await Eventually.Get(() => desk.Attempts(id, message), attempts => attempts.Length == 2);
        var failing = await desk.Endpoint(id);
        failing.GetProperty("failingSince").GetDateTimeOffset().ShouldBe(DateTimeOffset.UtcNow, TimeSpan.FromMinutes(1));
        failing.GetProperty("paused").GetBoolean().ShouldBeFalse();

        replica.Time.Move(TimeSpan.FromDays(5));
        var paused = await Eventually.Get(() => desk.Endpoint(id), endpoint => endpoint.GetProperty("paused").GetBoolean());
        paused.GetProperty("pausedBecause").GetString().ShouldBe("Failing");
        (await desk.Attempts(id, message)).Length.ShouldBe(3);
        (await surroundings.Ask<string>("select data::text from webhooks.mt_events order by seq_id desc limit 1")).ShouldContain("Failing");
    }

    [Fact]
    public async Task A_receiver_that_says_when_to_come_back_is_sent_nothing_before()
    {
        await using var receiver = await Receiver.Start();
        await using var surroundings = await Surroundings.Build();
        var replica = await surroundings.Start();
        var desk = replica.Desk(organization);
        var (id, _) = await desk.Register(receiver.Url);
        receiver.Answer = (_, http) =>
        {
            http.Response.Headers.RetryAfter = "1800";
            return Task.FromResult(StatusCodes.Status429TooManyRequests);
        };
        await surroundings.Publish(organization, "ConnectionGranted", Guid.CreateVersion7(), 1);
        var waiting = await Eventually.Get(() => desk.Log(id, "&state=Waiting"), log => log is [var one] && one.GetProperty("attempts").GetInt32() == 1);
        waiting[0].GetProperty("lastOutcome").GetString().ShouldBe("Throttled");
        waiting[0].GetProperty("nextAt").GetDateTimeOffset().ShouldBe(DateTimeOffset.UtcNow.AddMinutes(30), TimeSpan.FromMinutes(1));

        // Another subject is held too: it is the receiver that wants a rest. A test that was asked for is not.
        receiver.Answer = (_, _) => Task.FromResult(200);
        await surroundings.Publish(organization, "ConnectionGranted", Guid.CreateVersion7(), 1);
        await desk.Log(id, "Waiting", 2);
        await desk.Http.PostAsync($"/v1/webhook-endpoints/{id}/test", null);
        await desk.Log(id, "Delivered", 1);
        receiver.Requests.Select(request => request.Type).ShouldBe(["ConnectionGranted", "WebhookTest"]);

        replica.Time.Move(TimeSpan.FromMinutes(31));
        await desk.Log(id, "Delivered", 3);
    }

    [Fact]
    public async Task Health_tells_of_dead_letters_and_of_what_could_not_be_read_and_what_helps()
    {
        await using var receiver = await Receiver.Start();
        await using var surroundings = await Surroundings.Build();
        var replica = await surroundings.Start();
        var desk = replica.Desk(organization);
        await Eventually.Get(() => Health(replica), health => health.Status == HealthStatus.Healthy);

        var (id, _) = await desk.Register(receiver.Url);
        receiver.Answer = (_, _) => Task.FromResult(404);
        await surroundings.Publish(organization, "ConnectionGranted", Guid.CreateVersion7(), 1);
        await desk.Log(id, "Exhausted", 1);
        await surroundings.Publish($"{organization}.connections", new() { MessageId = Guid.NewGuid().ToString() }, "{}"u8.ToArray());
        await Eventually.Get(() => surroundings.Waiting("webhooks-events_error"), waiting => waiting == 1);

        var health = await Health(replica);
        health.Status.ShouldBe(HealthStatus.Degraded);
        health.Entries["dead-letters"].Description.ShouldNotBeNull().ShouldContain("replay");
        health.Entries["intake"].Description.ShouldNotBeNull().ShouldContain("POST /v1/operations/dead-letters/requeue");
        health.Entries["deliveries"].Status.ShouldBe(HealthStatus.Healthy);
    }

    [Fact]
    public async Task Health_tells_when_deliveries_to_an_endpoint_that_works_come_late()
    {
        await using var receiver = await Receiver.Start();
        await using var surroundings = await Surroundings.Build();
        var replica = await surroundings.Start(("Sending:PerEndpoint", "1"), ("Sending:Timeout", "00:01:00"));
        var desk = replica.Desk(organization);
        var (id, _) = await desk.Register(receiver.Url);
        var release = new TaskCompletionSource();
        receiver.Answer = async (_, _) =>
        {
            await release.Task;
            return 200;
        };
        await surroundings.Publish(organization, "ConnectionGranted", Guid.CreateVersion7(), 1);
        await surroundings.Publish(organization, "ConnectionGranted", Guid.CreateVersion7(), 1);
        await desk.Log(id, "Waiting", 2);
        (await Health(replica)).Entries["deliveries"].Status.ShouldBe(HealthStatus.Healthy);

        replica.Time.Move(TimeSpan.FromMinutes(3));
        var late = (await Health(replica)).Entries["deliveries"];
        late.Status.ShouldBe(HealthStatus.Degraded);
        late.Description.ShouldNotBeNull().ShouldContain("PerEndpoint");

        release.SetResult();
        await desk.Log(id, "Delivered", 2);
        (await Health(replica)).Entries["deliveries"].Status.ShouldBe(HealthStatus.Healthy);
    }

    private static Task<HealthReport> Health(Replica replica) => replica.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
}
