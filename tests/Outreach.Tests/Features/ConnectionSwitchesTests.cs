using System.Net;
using System.Net.Http.Json;
using CreatorConnections.Contracts.Campaigns;

namespace Outreach.Tests.Features;

/// <summary>What Campaign says is off is not asked for, neither in a preview nor in a message.</summary>
[Collection(nameof(Service))]
public sealed class ConnectionSwitchesTests(Service service)
{
    private static readonly DateTimeOffset At = DateTimeOffset.UtcNow;

    [Fact]
    public async Task News_told_twice_and_out_of_order_end_in_the_newest()
    {
        var scene = await Scene.Of(service, creators: 1, "InstagramInsights", "YouTubeInsights");
        await Tell(scene, Organization(scene, 2, component: false), Organization(scene, 1, component: null));
        await Tell(scene, Campaign(scene, 3, youTube: false), Campaign(scene, 1, youTube: true), Campaign(scene, 2, youTube: null));

        (await scene.Events(ConnectionSwitches.IdOf(scene.Organization))).ShouldHaveSingleItem().ShouldBeOfType<SwitchesHeard>().Component.ShouldBe(false);
        var campaign = (await scene.Events(ConnectionSwitches.IdOf(scene.Organization, scene.Campaign))).ShouldHaveSingleItem().ShouldBeOfType<SwitchesHeard>();
        campaign.Types.ShouldBe(new Dictionary<string, bool> { ["YouTubeInsights"] = false });
        (await Preview(scene, "creator-hub-invitation")).ShouldBe("component-off");
    }

    [Fact]
    public async Task Where_everything_is_off_all_are_skipped_and_told_why()
    {
        var scene = await Scene.Of(service, creators: 2);
        await Tell(scene, Organization(scene, 1, component: false));
        foreach (var template in (string[])["creator-hub-invitation", "reconnect-request"])
        {
            (await Preview(scene, template)).ShouldBe("component-off");
            var outreach = await scene.SendAndFinish(template: template);
            (await scene.Verdicts(outreach)).Values.ShouldBe([("Skipped", "component-off"), ("Skipped", "component-off")]);
        }

        scene.Creators.ShouldAllBe(creator => !scene.Postbox.For(scene.AddressOf(creator)).Any());

        await Tell(scene, Campaign(scene, 1, component: true));
        (await Preview(scene, "creator-hub-invitation")).ShouldBeNull();
        (await scene.Verdicts(await scene.SendAndFinish())).Values.ShouldAllBe(verdict => verdict.Verdict == "Sent");
    }

    [Fact]
    public async Task Only_platforms_that_are_on_count_as_yet_to_opt_in()
    {
        var scene = await Scene.Of(service, creators: 1, "InstagramInsights", "YouTubeInsights", "TikTokMarketplace");
        await Tell(scene, new CreatorConnections.Contracts.Connections.ConnectionGranted
        {
            OrganizationId = scene.Organization,
            ConnectionId = Guid.CreateVersion7(),
            CreatorId = scene.Creators[0],
            Platform = "instagram",
            AccountId = "1",
            Scopes = [],
            Sequence = 1,
            OccurredAt = At,
        });
        await scene.Until(async () => (await scene.Load<CreatorStanding>(CreatorStanding.IdOf(scene.Organization, scene.Creators[0])))?.IsConnected("instagram") == true);
        (await Preview(scene, "creator-hub-invitation")).ShouldBeNull();

        await Tell(scene, Campaign(scene, 1, youTube: false));
        (await Preview(scene, "creator-hub-invitation")).ShouldBe("already-connected");
        (await scene.VerdictOf(await scene.SendAndFinish())).ShouldBe(("Skipped", "already-connected"));
        (await Preview(scene, "ttcm-invite-link")).ShouldBeNull();

        await Tell(scene, Campaign(scene, 2, marketplace: false));
        (await Preview(scene, "creator-hub-invitation")).ShouldBeNull();
        (await Preview(scene, "ttcm-invite-link")).ShouldBe("component-off");
    }

    private static OrganizationConnectionsConfigured Organization(Scene scene, long sequence, bool? component) =>
        new() { OrganizationId = scene.Organization, Component = component, Sequence = sequence, OccurredAt = At };

    private static CampaignConnectionsConfigured Campaign(Scene scene, long sequence, bool? component = null, bool? youTube = null, bool? marketplace = null) => new()
    {
        OrganizationId = scene.Organization,
        CampaignId = scene.Campaign,
        Component = component,
        YouTubeInsights = youTube,
        TikTokMarketplace = marketplace,
        Sequence = sequence,
        OccurredAt = At,
    };

    // One after the other and each twice, the second time under another id too, as after a repair by hand.
    private static async Task Tell(Scene scene, params object[] messages)
    {
        foreach (var message in messages)
        {
            var (first, again) = (Guid.CreateVersion7(), Guid.CreateVersion7());
            await scene.Publish(message, first);
            await scene.Publish(message, first);
            await scene.Publish(message, again);
            await scene.Until(async () => await IsTaken(first) && await IsTaken(again));
        }

        async Task<bool> IsTaken(Guid id) => await scene.Query("select 'taken' from outreach.inbox where message_id = $1 limit 1", id) is not null;
    }

    /// <summary>Why all of them would be skipped; null when they would be written to.</summary>
    private static async Task<string?> Preview(Scene scene, string template)
    {
        var answer = await scene.Post("/v1/outreach/preview", JsonContent.Create(scene.Body(template: template)));
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        return (await Scene.Json(answer)).GetProperty("items").EnumerateArray().Select(item => item.GetProperty("reason").GetString()).Distinct().ShouldHaveSingleItem();
    }
}
