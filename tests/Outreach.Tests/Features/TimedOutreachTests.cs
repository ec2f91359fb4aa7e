using CreatorConnections.Contracts.Connections;

namespace Outreach.Tests.Features;

/// <summary>What waits for a time: scheduled outreach, follow-ups.</summary>
public sealed class TimedOutreachTests : IAsyncLifetime
{
    private Surroundings surroundings = null!;
    private Replica replica = null!;

    public async ValueTask InitializeAsync()
    {
        surroundings = await Surroundings.Build();

        // Longer than any test waits: nothing here may depend on a lease running out.
        replica = new(surroundings, ("Delivery:Lease", "00:05:00"));
    }

    public async ValueTask DisposeAsync()
    {
        await replica.DisposeAsync();
        await surroundings.DisposeAsync();
    }

    [Fact]
    public async Task What_a_replica_of_the_version_before_left_in_its_rows_is_understood()
    {
        var scene = await Scene.Of(surroundings, replica, creators: 3);
        var (answered, unanswered, notBegun) = (scene.Creators[0], scene.Creators[1], scene.Creators[2]);
        var id = await scene.SendAs(new { campaignId = scene.Campaign, template = "creator-hub-invitation", creatorIds = scene.Creators, sendAt = scene.Clock.GetUtcNow().AddHours(2) });
        await scene.Until(async () => await scene.Query("select 'all' from outreach.recipients where outreach_id = $1 having count(*) = 3", id) is not null);

        // As it kept them: who holds them and what is under way in the row itself, without a lease and with nothing beside it.
        foreach (var (creator, marks) in ((Guid, string)[])[(answered, "begun_at = now(), answer = 'Accepted'"), (unanswered, "begun_at = now()"), (notBegun, "begun_at = null")])
        {
            await scene.Query($"update outreach.recipients set lease_owner = 'before', was_taken = true, {marks} where delivery_id = $1 returning 'done'", Recipient.DeliveryOf(id, creator));
        }

        scene.Clock.Move(TimeSpan.FromHours(2));
        await scene.Finish(id);
        (await scene.Verdicts(id)).ShouldBe(new Dictionary<Guid, (string, string?)>
        {
            [answered] = ("Sent", null),
            [unanswered] = ("InDoubt", "in-doubt"),
            [notBegun] = ("Sent", null),
        }, ignoreOrder: true);
        scene.Creators.Select(creator => scene.Postbox.For(scene.AddressOf(creator)).Count).ShouldBe([0, 0, 1]);
    }

    [Fact]
    public async Task A_scheduled_outreach_waits_for_its_time()
    {
        var scene = await Scene.Of(surroundings, replica, creators: 3);
        var id = await scene.SendAs(new { campaignId = scene.Campaign, template = "creator-hub-invitation", creatorIds = scene.Creators, sendAt = scene.Clock.GetUtcNow().AddHours(2) });
        (await scene.Get($"/v1/outreach/{id}")).GetProperty("status").GetString().ShouldBe("Scheduled");

        // Another one goes out meanwhile, so the workers have looked and left this one alone.
        await scene.SendAndFinish(scene.Creators[..1]);
        (await scene.Get($"/v1/outreach/{id}")).GetProperty("counts").GetProperty("queued").GetInt32().ShouldBe(3);
        surroundings.Postbox.Bodies.ShouldBe(1);

        scene.Clock.Move(TimeSpan.FromHours(2));
        (await scene.Finish(id)).GetProperty("counts").GetProperty("sent").GetInt32().ShouldBe(2);
        (await scene.Verdicts(id))[scene.Creators[0]].ShouldBe(("Skipped", "already-invited"));
    }

    [Fact]
    public async Task Those_who_do_not_answer_are_asked_again_as_often_as_was_said()
    {
        var scene = await Scene.Of(surroundings, replica, creators: 3);
        var first = await scene.SendAs(new { campaignId = scene.Campaign, template = "creator-hub-invitation", creatorIds = scene.Creators, followUp = new { afterDays = 2, times = 2 } });
        await scene.Finish(first);

        await scene.Publish(new ConnectionGranted
        {
            OrganizationId = scene.Organization,
            ConnectionId = Guid.CreateVersion7(),
            CreatorId = scene.Creators[0],
            Platform = "instagram",
            AccountId = "1",
            Scopes = [],
            Sequence = 1,
            OccurredAt = DateTimeOffset.UtcNow,
        });
        await scene.Until(async () => (await scene.Load<CreatorStanding>(CreatorStanding.IdOf(scene.Organization, scene.Creators[0])))?.IsConnected("instagram") == true);

        scene.Clock.Move(TimeSpan.FromDays(2.1));
        var second = EventSourcing.StreamId.Of("follow-up", first.ToString("N"));
        var answer = await scene.Finish(second);
        answer.GetProperty("parent").GetGuid().ShouldBe(first);
        var verdicts = await scene.Verdicts(second);
        verdicts[scene.Creators[0]].ShouldBe(("Skipped", "already-connected"));
        verdicts.Values.Count(verdict => verdict.Verdict == "Sent").ShouldBe(2);

        scene.Clock.Move(TimeSpan.FromDays(2.1));
        var third = EventSourcing.StreamId.Of("follow-up", second.ToString("N"));
        (await scene.Finish(third)).GetProperty("counts").GetProperty("sent").GetInt32().ShouldBe(2);

        (await scene.Load<OutreachBatch>(EventSourcing.StreamId.Of("follow-up", third.ToString("N")))).ShouldBeNull();
        scene.Postbox.For(scene.AddressOf(scene.Creators[0])).Count.ShouldBe(1);
        scene.Postbox.For(scene.AddressOf(scene.Creators[1])).Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_follow_up_ends_with_its_campaign()
    {
        var scene = await Scene.Of(surroundings, replica, creators: 1);
        var first = await scene.SendAs(new { campaignId = scene.Campaign, template = "creator-hub-invitation", creatorIds = scene.Creators, followUp = new { afterDays = 40, times = 1 } });
        await scene.Finish(first);
        scene.Clock.Move(TimeSpan.FromDays(40.1));
        var second = EventSourcing.StreamId.Of("follow-up", first.ToString("N"));
        await scene.Finish(second);
        (await scene.VerdictOf(second)).ShouldBe(("Skipped", "campaign-ended"));
    }

    [Fact]
    public async Task A_cancelled_outreach_is_not_followed_up()
    {
        var scene = await Scene.Of(surroundings, replica, creators: 1);
        var id = await scene.SendAs(new
        {
            campaignId = scene.Campaign,
            template = "creator-hub-invitation",
            creatorIds = scene.Creators,
            followUp = new { afterDays = 1, times = 1 },
            sendAt = scene.Clock.GetUtcNow().AddHours(1),
        });
        await scene.Steer(id, "cancel");
        await scene.Settled(id);
        await scene.Until(async () => (await scene.Load<OutreachBatch>(id))!.IsCompleted);
        (await scene.Load<OutreachBatch>(EventSourcing.StreamId.Of("follow-up", id.ToString("N")))).ShouldBeNull();
    }

    [Fact]
    public async Task A_filter_names_everybody_it_matches_and_nobody_else()
    {
        var scene = await Scene.Of(surroundings, replica, creators: 250);
        var id = await scene.SendAs(new { campaignId = scene.Campaign, template = "creator-hub-invitation", filter = "search=Ana1&limit=3" });
        await scene.Finish(id);

        // Ana1, Ana10 to Ana19, Ana100 to Ana199.
        var verdicts = await scene.Verdicts(id);
        verdicts.Count.ShouldBe(111);
        verdicts.Values.ShouldAllBe(verdict => verdict.Verdict == "Sent");

        var all = await scene.SendAs(new { campaignId = scene.Campaign, template = "creator-hub-invitation", filter = "" });
        var counts = (await scene.Finish(all)).GetProperty("counts");
        (counts.GetProperty("sent").GetInt32(), counts.GetProperty("skipped").GetInt32()).ShouldBe((139, 111));
    }

    [Fact]
    public async Task A_filter_is_read_to_its_end_though_Campaign_fails_in_between()
    {
        var scene = await Scene.Of(surroundings, replica, creators: 5);
        var id = await scene.SendAs(new { campaignId = scene.Campaign, template = "creator-hub-invitation", filter = "search=Ana", sendAt = scene.Clock.GetUtcNow().AddMinutes(1) });
        // More than the client repeats by itself, so that one look at the list fails as a whole.
        scene.Neighbours.Fail(scene.Organization, 5);
        scene.Clock.Move(TimeSpan.FromMinutes(2));
        (await scene.Finish(id)).GetProperty("counts").GetProperty("sent").GetInt32().ShouldBe(5);
    }
}
