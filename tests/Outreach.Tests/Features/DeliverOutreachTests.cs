using System.Net.Http.Json;
using CreatorConnections.Contracts.Campaigns;
using CreatorConnections.Contracts.Connections;

namespace Outreach.Tests.Features;

[Collection(nameof(Service))]
public sealed class DeliverOutreachTests(Service service)
{
    private static readonly DateTimeOffset At = DateTimeOffset.UtcNow;

    [Fact]
    public async Task A_second_outreach_skips_whom_the_first_one_has_written_to_and_writes_to_the_others()
    {
        var scene = await Scene.Of(service, creators: 2);
        await scene.SendAndFinish([scene.Creators[0]]);
        var second = await scene.SendAndFinish();
        (await scene.Verdicts(second)).ShouldBe(new Dictionary<Guid, (string, string?)>
        {
            [scene.Creators[0]] = ("Skipped", "already-invited"),
            [scene.Creators[1]] = ("Sent", null),
        }, ignoreOrder: true);
        scene.Postbox.For(scene.AddressOf(scene.Creators[0])).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Outreaches_sent_at_the_same_moment_write_to_each_creator_once()
    {
        var scene = await Scene.Of(service, creators: 3);
        var outreaches = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => scene.Send()));
        foreach (var outreach in outreaches)
        {
            await scene.Finish(outreach);
        }

        foreach (var creator in scene.Creators)
        {
            scene.Postbox.For(scene.AddressOf(creator)).Count.ShouldBe(1);
        }

        var verdicts = await Task.WhenAll(outreaches.Select(scene.Verdicts));
        verdicts.SelectMany(one => one.Values).CountBy(verdict => verdict).ToDictionary().ShouldBe(new Dictionary<(string, string?), int>
        {
            [("Sent", null)] = 3,
            [("Skipped", "already-invited")] = 9,
        }, ignoreOrder: true);
    }

    [Fact]
    public async Task Who_is_not_to_be_written_to_is_skipped_with_the_reason()
    {
        var scene = await Scene.Of(service, creators: 6, "InstagramInsights");
        var (fine, left, connected, noAddress, noName) = (scene.Creators[0], scene.Creators[1], scene.Creators[2], scene.Creators[3], scene.Creators[4]);
        var goneFromCampaign = scene.Creators[5];
        var stranger = Guid.CreateVersion7();
        scene.Neighbours.Know(scene.Organization, new(noAddress, "Ben Osei", null, "en-GB"));
        scene.Neighbours.Know(scene.Organization, new(noName, "", scene.AddressOf(noName), "en-GB"));
        scene.Neighbours.Forget(scene.Organization, goneFromCampaign);
        await scene.Publish(new CreatorRemovedFromCampaign
        {
            OrganizationId = scene.Organization,
            CampaignId = scene.Campaign,
            CreatorId = left,
            Sequence = 2,
            OccurredAt = At,
        });
        await scene.Publish(Granted(scene, connected, 4));
        await scene.Until(async () => await scene.Load<RosterPlace>(RosterPlace.IdOf(scene.Organization, scene.Campaign, left)) is { IsTaken: false });
        await scene.Until(async () => await scene.Load<CreatorStanding>(CreatorStanding.IdOf(scene.Organization, connected)) is not null);

        Guid[] everybody = [.. scene.Creators, stranger];
        var expected = new Dictionary<Guid, (string, string?)>
        {
            [fine] = ("Sent", null),
            [left] = ("Skipped", "not-on-roster"),
            [connected] = ("Skipped", "already-connected"),
            [noAddress] = ("Skipped", "no-email"),
            [noName] = ("Skipped", "merge-field-empty"),
            [goneFromCampaign] = ("Skipped", "unknown-creator"),
            [stranger] = ("Skipped", "unknown-creator"),
        };

        var response = await scene.Post("/v1/outreach/preview", JsonContent.Create(scene.Body(everybody)));
        var preview = (await Scene.Json(response)).GetProperty("items").EnumerateArray().ToArray();
        preview.Select(item => item.GetProperty("creatorId").GetGuid()).ShouldBe(everybody);
        preview.ToDictionary(item => item.GetProperty("creatorId").GetGuid(), item => item.GetProperty("reason").GetString())
            .ShouldBe(expected.ToDictionary(one => one.Key, one => one.Value.Item2), ignoreOrder: true);
        preview.Where(item => item.GetProperty("willSend").GetBoolean()).ShouldHaveSingleItem().GetProperty("text").GetString()
            .ShouldNotBeNull().ShouldContain("http://localhost:5101/hub/i/preview");
        scene.Postbox.For(scene.AddressOf(fine)).ShouldBeEmpty();

        var id = await scene.SendAndFinish(everybody);
        (await scene.Verdicts(id)).ShouldBe(expected, ignoreOrder: true);
        (await scene.DeliveryEvents(left)).ShouldHaveSingleItem()
            .ShouldBe(new DeliverySkipped(Recipient.Of(id, scene.Campaign, left, "creator-hub-invitation"), "not-on-roster"));
    }

    [Fact]
    public async Task Only_who_lost_a_connection_is_asked_to_reconnect()
    {
        var scene = await Scene.Of(service, creators: 2);
        var (never, lost) = (scene.Creators[0], scene.Creators[1]);
        await scene.Publish(new ConnectionExpired
        {
            OrganizationId = scene.Organization,
            ConnectionId = Guid.CreateVersion7(),
            CreatorId = lost,
            Platform = "youtube",
            ExpiredAt = At,
            Sequence = 5,
            OccurredAt = At,
        });
        await scene.Until(async () => await scene.Load<CreatorStanding>(CreatorStanding.IdOf(scene.Organization, lost)) is not null);
        (await scene.Verdicts(await scene.SendAndFinish(template: "reconnect-request"))).ShouldBe(new Dictionary<Guid, (string, string?)>
        {
            [never] = ("Skipped", "nothing-to-reconnect"),
            [lost] = ("Sent", null),
        }, ignoreOrder: true);
        scene.Postbox.For(scene.AddressOf(lost)).ShouldHaveSingleItem().HtmlBody.ShouldNotBeNull().ShouldContain("Reconnect now");
    }

    [Fact]
    public async Task A_busy_mailbox_is_tried_again()
    {
        var scene = await Scene.Of(service, creators: 1);
        scene.Postbox.Treat(scene.AddressOf(scene.Creators[0]), Manner.BusyOnce);
        var id = await scene.SendAndFinish();
        (await scene.VerdictOf(id)).ShouldBe(("Sent", null));
        (await scene.DeliveryEvents(scene.Creators[0])).Select(fact => fact.GetType())
            .ShouldBe([typeof(AttemptDeferred), typeof(MessageAccepted)]);
        (await scene.Published(id, 1)).ShouldHaveSingleItem().GetProperty("sequence").GetInt64().ShouldBe(2);
    }

    [Theory]
    [InlineData(Manner.NoSuchMailbox, "mailbox-unknown")]
    [InlineData(Manner.RefuseContent, "policy-rejected")]
    public async Task What_the_mail_server_refuses_for_good_has_failed_and_the_others_are_told(Manner manner, string reason)
    {
        var scene = await Scene.Of(service, creators: 1);
        scene.Postbox.Treat(scene.AddressOf(scene.Creators[0]), manner);
        var id = await scene.SendAndFinish();
        (await scene.VerdictOf(id)).ShouldBe(("Failed", reason));
        var failed = (await scene.Published(id, 1)).ShouldHaveSingleItem();
        failed.GetProperty("reason").GetString().ShouldBe(reason);
        failed.GetProperty("creatorId").GetGuid().ShouldBe(scene.Creators[0]);
        (await scene.Get($"/v1/outreach/{id}")).GetProperty("counts").GetProperty("failed").GetInt32().ShouldBe(1);
    }

    [Fact]
    public async Task A_line_that_breaks_before_the_body_is_no_doubt_and_the_message_is_tried_again()
    {
        var scene = await Scene.Of(service, creators: 1);
        scene.Postbox.Treat(scene.AddressOf(scene.Creators[0]), Manner.HangUpBeforeBody);
        (await scene.VerdictOf(await scene.SendAndFinish())).ShouldBe(("Sent", null));
        scene.Postbox.For(scene.AddressOf(scene.Creators[0])).Count.ShouldBe(1);
    }

    [Theory]
    [InlineData(Manner.HangUpAfterBody)]
    [InlineData(Manner.KeepSilentAfterBody)]
    public async Task A_message_that_went_out_without_an_answer_is_in_doubt_and_not_sent_again(Manner manner)
    {
        var scene = await Scene.Of(service, creators: 1);
        scene.Postbox.Treat(scene.AddressOf(scene.Creators[0]), manner);
        var id = await scene.SendAndFinish();
        (await scene.VerdictOf(id)).ShouldBe(("InDoubt", "in-doubt"));
        (await scene.Published(id, 1)).ShouldHaveSingleItem().GetProperty("reason").GetString().ShouldBe("in-doubt");
        (await scene.VerdictOf(await scene.SendAndFinish())).ShouldBe(("Skipped", "already-invited"));
        scene.Postbox.For(scene.AddressOf(scene.Creators[0])).Count.ShouldBe(1);
    }

    [Fact]
    public async Task An_outage_of_the_contacts_delays_and_fails_nobody()
    {
        var scene = await Scene.Of(service, creators: 2);
        scene.Neighbours.Fail(scene.Organization, times: 3);
        var id = await scene.SendAndFinish();
        scene.Neighbours.FailuresLeft(scene.Organization).ShouldBe(0);
        (await scene.Verdicts(id)).Values.ShouldBe([("Sent", null), ("Sent", null)]);
        (await scene.DeliveryEvents(scene.Creators[0])).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_preview_during_an_outage_of_the_contacts_says_so()
    {
        var scene = await Scene.Of(service, creators: 1);
        scene.Neighbours.Fail(scene.Organization, times: 1);
        var response = await scene.Post("/v1/outreach/preview", JsonContent.Create(scene.Body()));
        await SendOutreachTests.ShouldBe(response, 503, "contacts.unavailable");
    }

    [Fact]
    public async Task A_message_from_another_service_that_comes_twice_or_late_changes_nothing()
    {
        var scene = await Scene.Of(service, creators: 1);
        var creator = scene.Creators[0];
        var standing = CreatorStanding.IdOf(scene.Organization, creator);
        var repeated = Guid.CreateVersion7();
        var lost = new ConnectionInvalidated
        {
            OrganizationId = scene.Organization,
            ConnectionId = Guid.CreateVersion7(),
            CreatorId = creator,
            Platform = "instagram",
            Reason = "Revoked",
            Confidence = "confirmed",
            Sequence = 7,
            OccurredAt = At,
        };
        await scene.Publish(lost, repeated);
        await scene.Until(() => scene.Taken(repeated));

        Guid[] later = [Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7()];
        await scene.Publish(lost, repeated);
        await scene.Publish(lost, later[0]);
        await scene.Publish(Granted(scene, creator, 6), later[1]);
        await scene.Publish(Granted(scene, creator, 8, "youtube"), later[2]);
        await scene.Until(() => scene.Taken(later));
        (await scene.Events(standing)).ShouldBe([new OptInLost(standing, "instagram", 7), new OptInGranted(standing, "youtube", 8)]);
    }

    private static ConnectionGranted Granted(Scene scene, Guid creator, long sequence, string platform = "instagram") => new()
    {
        OrganizationId = scene.Organization,
        ConnectionId = Guid.CreateVersion7(),
        CreatorId = creator,
        Platform = platform,
        AccountId = "1",
        Scopes = ["basic"],
        Sequence = sequence,
        OccurredAt = At,
    };
}
