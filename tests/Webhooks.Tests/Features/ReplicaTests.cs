using Testing;

namespace Webhooks.Tests.Features;

public sealed class ReplicaTests
{
    private readonly string organization = Service.AnOrganization();

    [Fact]
    public async Task Two_replicas_send_each_message_once_and_each_subject_in_order()
    {
        await using var receiver = await Receiver.Start();
        await using var surroundings = await Surroundings.Build();
        var one = await surroundings.Start();
        await surroundings.Start();
        var desk = one.Desk(organization);
        var (id, _) = await desk.Register(receiver.Url);
        Guid[] subjects = [.. Enumerable.Range(0, 25).Select(_ => Guid.CreateVersion7())];
        for (var sequence = 1; sequence <= 8; sequence++)
        {
            foreach (var subject in subjects)
            {
                await surroundings.Publish(organization, "ConnectionRenewed", subject, sequence);
            }
        }

        await desk.Log(id, "Delivered", 200);
        receiver.Requests.Count.ShouldBe(200);
        receiver.Requests.Select(request => request.Id).Distinct().Count().ShouldBe(200);
        foreach (var subject in subjects)
        {
            receiver.Requests.Where(request => request.Subject == subject.ToString()).Select(request => request.Sequence).ShouldBe([1, 2, 3, 4, 5, 6, 7, 8]);
        }
    }

    [Fact]
    public async Task A_replica_that_dies_with_a_request_under_way_leaves_the_message_to_another_under_the_same_id()
    {
        await using var receiver = await Receiver.Start();
        await using var surroundings = await Surroundings.Build();
        Guid id;
        await using (var first = await surroundings.Start())
        {
            (id, _) = await first.Desk(organization).Register(receiver.Url);
        }

        var arrived = new TaskCompletionSource();
        var over = new TaskCompletionSource();
        receiver.Answer = async (_, _) =>
        {
            arrived.TrySetResult();
            await over.Task;
            return 200;
        };
        using (var doomed = surroundings.StartProcess())
        {
            await Eventually.Get(() => surroundings.Consumers("webhooks-events"), consumers => consumers == 1);
            await surroundings.Publish(organization, "ConnectionGranted", Guid.CreateVersion7(), 1);
            await arrived.Task.WaitAsync(TimeSpan.FromSeconds(60));
            doomed.Kill();
            await doomed.WaitForExitAsync();
        }

        over.SetResult();
        var second = await surroundings.Start();
        second.Time.Move(TimeSpan.FromMinutes(1));
        var delivered = (await second.Desk(organization).Log(id, "Delivered", 1)).Single();
        receiver.Requests.Select(request => request.Id).ShouldBe([delivered.GetProperty("messageId").GetString()!, delivered.GetProperty("messageId").GetString()!]);
    }

    [Fact]
    public async Task A_name_that_leads_inside_by_the_time_of_the_connection_is_not_connected_to()
    {
        await using var receiver = await Receiver.Start();
        await using var surroundings = await Surroundings.Build();
        Guid id;
        await using (var lenient = await surroundings.Start())
        {
            (id, _) = await lenient.Desk(organization).Register(receiver.Url.Replace("127.0.0.1", "localhost"));
        }

        // The same endpoint, sent to by a replica for which this machine is no public place.
        var strict = await surroundings.Start(("Destinations:AllowedNetworks:0", "192.0.2.0/24"), ("Destinations:AllowedNetworks:1", "192.0.2.0/24"));
        await surroundings.Publish(organization, "ConnectionGranted", Guid.CreateVersion7(), 1);
        var exhausted = (await strict.Desk(organization).Log(id, "Exhausted", 1)).Single();
        exhausted.GetProperty("lastOutcome").GetString().ShouldBe("AddressRefused");
        receiver.Requests.ShouldBeEmpty();
        (await Desk.Refusal(await strict.Desk(organization).Change(id, new { url = receiver.Url.Replace("127.0.0.1", "localhost") }), System.Net.HttpStatusCode.UnprocessableEntity))
            .ShouldBe("url.address-refused");
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        await using var receiver = await Receiver.Start();
        await using var surroundings = await Surroundings.Build();
        var desk = (await surroundings.Start()).Desk(organization);
        var (id, _) = await desk.Register(receiver.Url);
        var target = $"{receiver.Url}/elsewhere";
        receiver.Answer = (_, http) =>
        {
            http.Response.Headers.Location = target;
            return Task.FromResult(307);
        };
        await surroundings.Publish(organization, "ConnectionGranted", Guid.CreateVersion7(), 1);

        var exhausted = (await desk.Log(id, "Exhausted", 1)).Single();
        (exhausted.GetProperty("lastStatus").GetInt32(), exhausted.GetProperty("lastOutcome").GetString()).ShouldBe((307, "Redirected"));
        receiver.Requests.Count.ShouldBe(exhausted.GetProperty("attempts").GetInt32());
    }
}
