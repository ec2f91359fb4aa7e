using System.Net;
using System.Net.ServerSentEvents;
using System.Text.Json;

namespace Outreach.Tests.Features;

[Collection(nameof(Service))]
public sealed class SteerOutreachTests(Service service)
{
    [Fact]
    public async Task A_paused_outreach_sends_nothing_and_a_resumed_one_sends_the_rest()
    {
        await using var surroundings = await Surroundings.Build();
        await using var replica = new Replica(surroundings);
        var scene = await Scene.Of(surroundings, replica, creators: 30);
        var bodies = 0;
        var paused = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var asked = new TaskCompletionSource<Guid>(TaskCreationOptions.RunContinuationsAsynchronously);
        surroundings.Postbox.BodyCame = async _ =>
        {
            var number = Interlocked.Increment(ref bodies);
            if (number == 5)
            {
                await scene.Steer(await asked.Task, "pause");
                paused.SetResult();
            }
            else if (number > 5)
            {
                await paused.Task;
            }
        };
        var id = await scene.Send();
        asked.SetResult(id);
        await paused.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        // What had begun when it was paused is seen to its end; each of the four lines may have had one.
        var held = await Eventually.Get(() => scene.Get($"/v1/outreach/{id}"), answer => Sent(answer) >= 5, "the messages under way have their verdict");
        held.GetProperty("status").GetString().ShouldBe("Paused");
        Sent(held).ShouldBeLessThanOrEqualTo(8);
        surroundings.Postbox.Bodies.ShouldBe(Sent(held));

        // Those that were just being announced to the server were held back, one on each line at most; none of the others spoke to it.
        surroundings.Postbox.Broken.ShouldBeLessThanOrEqualTo(4);
        surroundings.Postbox.Asked.ShouldBe(surroundings.Postbox.Bodies + surroundings.Postbox.Broken);

        // A replica counts what waits when it starts, and every minute from then on.
        await using (new Replica(surroundings))
        {
            await Eventually.Get(() => Task.FromResult(Testing.Gauges.Of("outreach.recipients.waiting")), found => found.GetValueOrDefault("paused") >= 30 - Sent(held), "those who wait are counted");
            await Eventually.Get(() => Task.FromResult(Testing.Gauges.Of("outreach.batches")), found => found.GetValueOrDefault("paused") >= 1, "the paused outreach is counted");
        }

        await scene.Steer(id, "resume");
        Sent(await scene.Finish(id)).ShouldBe(30);
        surroundings.Postbox.Bodies.ShouldBe(30);
        (await scene.Events(id)).Select(fact => fact.GetType()).ShouldBe(
            [typeof(OutreachRequested), typeof(OutreachPaused), typeof(OutreachResumed), typeof(OutreachCompleted)]);
    }

    [Fact]
    public async Task A_cancelled_outreach_skips_whom_it_has_not_written_to()
    {
        await using var surroundings = await Surroundings.Build();
        await using var replica = new Replica(surroundings);
        var scene = await Scene.Of(surroundings, replica, creators: 30);
        var bodies = 0;
        var asked = new TaskCompletionSource<Guid>(TaskCreationOptions.RunContinuationsAsynchronously);
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        surroundings.Postbox.BodyCame = async _ =>
        {
            var number = Interlocked.Increment(ref bodies);
            if (number == 5)
            {
                await scene.Steer(await asked.Task, "cancel");
                cancelled.SetResult();
            }
            else if (number > 5)
            {
                await cancelled.Task;
            }
        };
        var id = await scene.Send();
        asked.SetResult(id);
        var answer = await scene.Settled(id);
        answer.GetProperty("status").GetString().ShouldBe("Cancelled");
        Sent(answer).ShouldBeInRange(5, 8);
        (await scene.Verdicts(id)).Values.Count(verdict => verdict == ("Skipped", "cancelled")).ShouldBe(30 - Sent(answer));

        // Nobody who was skipped is kept from being written to.
        var next = await scene.SendAndFinish();
        (await scene.Verdicts(next)).Values.Count(verdict => verdict.Verdict == "Sent").ShouldBe(30 - Sent(answer));
        surroundings.Postbox.Bodies.ShouldBe(30);
    }

    [Fact]
    public async Task What_is_over_cannot_be_steered_and_cancelling_twice_is_cancelling_once()
    {
        var scene = await Scene.Of(service, creators: 1);
        var done = await scene.SendAndFinish();
        foreach (var verb in (string[])["pause", "resume", "cancel"])
        {
            await ShouldBe(await scene.Post($"/v1/outreach/{done}/{verb}", new StringContent("")), HttpStatusCode.Conflict, "outreach.over");
            await ShouldBe(await scene.Post($"/v1/outreach/{Guid.NewGuid()}/{verb}", new StringContent("")), HttpStatusCode.NotFound, "outreach.unknown");
        }

        var scheduled = await scene.SendAs(new { campaignId = scene.Campaign, template = "reconnect-request", creatorIds = scene.Creators, sendAt = DateTimeOffset.UtcNow.AddHours(1) });
        await scene.Steer(scheduled, "cancel");
        await scene.Steer(scheduled, "cancel");
        (await scene.Events(scheduled)).Count(fact => fact is OutreachCancelled).ShouldBe(1);
        await ShouldBe(await scene.Post($"/v1/outreach/{scheduled}/pause", new StringContent("")), HttpStatusCode.Conflict, "outreach.over");
    }

    [Fact]
    public async Task Another_organizations_outreach_cannot_be_steered()
    {
        var (theirs, ours) = (await Scene.Of(service, creators: 1), await Scene.Of(service, creators: 1));
        var id = await theirs.SendAs(new { campaignId = theirs.Campaign, template = "creator-hub-invitation", creatorIds = theirs.Creators, sendAt = DateTimeOffset.UtcNow.AddHours(1) });
        await ShouldBe(await ours.Post($"/v1/outreach/{id}/cancel", new StringContent("")), HttpStatusCode.NotFound, "outreach.unknown");
        (await theirs.Get($"/v1/outreach/{id}")).GetProperty("status").GetString().ShouldBe("Scheduled");
    }

    [Fact]
    public async Task Progress_is_told_as_it_is_made_and_ends_with_the_outreach()
    {
        var scene = await Scene.Of(service, creators: 20);
        var id = await scene.Send();
        await using var stream = await scene.Http.GetStreamAsync($"/v1/outreach/{id}/progress", TestContext.Current.CancellationToken);
        var told = new List<SseItem<string>>();
        await foreach (var item in SseParser.Create(stream).EnumerateAsync(TestContext.Current.CancellationToken))
        {
            told.Add(item);
        }

        told[^1].EventType.ShouldBe("over");
        told.SkipLast(1).ShouldAllBe(item => item.EventType == "progress");
        var last = JsonDocument.Parse(told[^1].Data).RootElement;
        last.GetProperty("status").GetString().ShouldBe("Completed");
        Sent(last).ShouldBe(20);
        (await scene.Http.GetAsync($"/v1/outreach/{Guid.NewGuid()}/progress", TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    private static int Sent(JsonElement answer) => answer.GetProperty("counts").GetProperty("sent").GetInt32();

    private static async Task ShouldBe(HttpResponseMessage response, HttpStatusCode status, string code)
    {
        response.StatusCode.ShouldBe(status, await response.Content.ReadAsStringAsync());
        (await Scene.Json(response)).GetProperty("code").GetString().ShouldBe(code);
    }
}
