using CreatorConnections.Contracts.Campaigns;
using CreatorConnections.Contracts.Connections;
using Outreach.Features;

namespace Outreach.Tests.Decisions;

/// <summary>Messages may come twice and in any order; what is recorded is the newest news and nothing else.</summary>
public sealed class ForeignFactTests
{
    private static readonly DateTimeOffset At = new(2026, 5, 4, 10, 0, 0, TimeSpan.Zero);
    private static readonly Guid Campaign = Guid.CreateVersion7();
    private static readonly Guid Creator = Guid.CreateVersion7();
    private static readonly Guid Place = RosterPlace.IdOf("aurora", Campaign, Creator);
    private static readonly Guid Standing = CreatorStanding.IdOf("aurora", Creator);

    [Fact]
    public void A_registered_creator_is_known_once()
    {
        var message = new CreatorRegistered { OrganizationId = "aurora", CreatorId = Creator, Sequence = 1, OccurredAt = At };
        new Given<KnownCreator>().When(state => OnCreatorRegistered.Decide(state, message)).Then(new CreatorBecameKnown(Creator, 1));
        new Given<KnownCreator>(new CreatorBecameKnown(Creator, 1)).When(state => OnCreatorRegistered.Decide(state, message)).ThenNothing();
    }

    [Fact]
    public void A_campaign_is_known_once()
    {
        var message = new CampaignCreated
        {
            OrganizationId = "aurora",
            CampaignId = Campaign,
            Name = "Summer",
            StartsOn = new(2026, 5, 1),
            EndsOn = new(2026, 6, 1),
            RequiredConnections = ["InstagramInsights"],
            Sequence = 1,
            OccurredAt = At,
        };
        var known = new Given<KnownCampaign>().When(state => OnCampaignCreated.Decide(state, message)).Decision
            .ShouldBeOfType<EventSourcing.Decision.Recorded>().Events.ShouldHaveSingleItem().ShouldBeOfType<CampaignBecameKnown>();
        (known.CampaignId, known.Name, known.Sequence).ShouldBe((Campaign, "Summer", 1));
        known.RequiredConnections.ShouldBe(["InstagramInsights"]);
        new Given<KnownCampaign>(known).When(state => OnCampaignCreated.Decide(state, message)).ThenNothing();
    }

    [Fact]
    public void An_older_name_of_the_organization_does_not_replace_a_newer_one()
    {
        var id = KnownOrganization.IdOf("aurora");
        new Given<KnownOrganization>().When(state => OnOrganizationNamed.Decide(state, Named("Aurora Collective", 2)))
            .Then(new SenderNamed(id, "Aurora Collective", 2));
        new Given<KnownOrganization>(new SenderNamed(id, "Aurora Collective", 2)).When(state => OnOrganizationNamed.Decide(state, Named("Aurora", 1))).ThenNothing();
        new Given<KnownOrganization>(new SenderNamed(id, "Aurora", 1)).When(state => OnOrganizationNamed.Decide(state, Named("Aurora Collective", 2)))
            .Then(new SenderNamed(id, "Aurora Collective", 2));
    }

    [Fact]
    public void Leaving_the_roster_holds_although_the_joining_arrives_after_it()
    {
        var left = new RosterLeft(Place, Campaign, Creator, 2);
        new Given<RosterPlace>().When(state => OnCreatorRemovedFromCampaign.Decide(state, Removed(2))).Then(left);
        new Given<RosterPlace>(left).When(state => OnCreatorAddedToCampaign.Decide(state, Added(1))).ThenNothing();
        new Given<RosterPlace>(left).When(state => OnCreatorAddedToCampaign.Decide(state, Added(3))).Then(new RosterJoined(Place, Campaign, Creator, 3));
    }

    [Fact]
    public void Joining_the_roster_twice_is_joining_it_once() =>
        new Given<RosterPlace>(new RosterJoined(Place, Campaign, Creator, 1)).When(state => OnCreatorAddedToCampaign.Decide(state, Added(1))).ThenNothing();

    [Fact]
    public void A_connection_that_died_stays_dead_although_its_grant_arrives_after_it()
    {
        var lost = new OptInLost(Standing, "instagram", 5);
        new Given<CreatorStanding>().When(state => OnConnectionInvalidated.Decide(state, Invalidated("instagram", 5))).Then(lost);
        new Given<CreatorStanding>(lost).When(state => OnConnectionGranted.Decide(state, Granted("instagram", 3))).ThenNothing();
        new Given<CreatorStanding>(lost).When(state => OnConnectionGranted.Decide(state, Granted("instagram", 6))).Then(new OptInGranted(Standing, "instagram", 6));
    }

    [Fact]
    public void Each_platform_has_its_own_sequence() =>
        new Given<CreatorStanding>(new OptInGranted(Standing, "instagram", 9)).When(state => OnConnectionExpired.Decide(state, Expired("youtube", 2)))
            .Then(new OptInLapsed(Standing, "youtube", 2));

    [Fact]
    public void The_newest_settings_of_connections_hold_whatever_arrives_after_them()
    {
        var organization = new OrganizationConnectionsConfigured { OrganizationId = "aurora", Component = false, TikTokInsights = true, Sequence = 2, OccurredAt = At };
        var heard = Heard(new Given<ConnectionSwitches>().When(state => OnOrganizationConnectionsConfigured.Decide(state, organization)));
        (heard.SwitchesId, heard.Component, heard.Sequence).ShouldBe((ConnectionSwitches.IdOf("aurora"), false, 2));
        heard.Types.ShouldBe(new Dictionary<string, bool> { ["TikTokInsights"] = true });
        new Given<ConnectionSwitches>(heard).When(state => OnOrganizationConnectionsConfigured.Decide(state, organization)).ThenNothing();
        new Given<ConnectionSwitches>(heard).When(state => OnOrganizationConnectionsConfigured.Decide(state, organization with { Sequence = 1, Component = null })).ThenNothing();

        var campaign = new CampaignConnectionsConfigured { OrganizationId = "aurora", CampaignId = Campaign, YouTubeInsights = false, TikTokMarketplace = false, Sequence = 1, OccurredAt = At };
        var first = Heard(new Given<ConnectionSwitches>().When(state => OnCampaignConnectionsConfigured.Decide(state, campaign)));
        (first.SwitchesId, first.Component).ShouldBe((ConnectionSwitches.IdOf("aurora", Campaign), null));
        first.Types.ShouldBe(new Dictionary<string, bool> { ["YouTubeInsights"] = false, ["TikTokMarketplace"] = false });
        new Given<ConnectionSwitches>(first).When(state => OnCampaignConnectionsConfigured.Decide(state, campaign)).ThenNothing();
        Heard(new Given<ConnectionSwitches>(first).When(state => OnCampaignConnectionsConfigured.Decide(state, campaign with { YouTubeInsights = null, TikTokMarketplace = null, Sequence = 2 })))
            .Types.ShouldBeEmpty();

        static SwitchesHeard Heard(Decided decided) => decided.Decision.ShouldBeOfType<EventSourcing.Decision.Recorded>().Events.ShouldHaveSingleItem().ShouldBeOfType<SwitchesHeard>();
    }

    private static OrganizationNamed Named(string name, long sequence) => new() { OrganizationId = "aurora", Name = name, Sequence = sequence, OccurredAt = At };

    private static CreatorAddedToCampaign Added(long sequence) =>
        new() { OrganizationId = "aurora", CampaignId = Campaign, CreatorId = Creator, Sequence = sequence, OccurredAt = At };

    private static CreatorRemovedFromCampaign Removed(long sequence) =>
        new() { OrganizationId = "aurora", CampaignId = Campaign, CreatorId = Creator, Sequence = sequence, OccurredAt = At };

    private static ConnectionGranted Granted(string platform, long sequence) => new()
    {
        OrganizationId = "aurora",
        ConnectionId = Guid.CreateVersion7(),
        CreatorId = Creator,
        Platform = platform,
        AccountId = "1",
        Scopes = [],
        Sequence = sequence,
        OccurredAt = At,
    };

    private static ConnectionInvalidated Invalidated(string platform, long sequence) => new()
    {
        OrganizationId = "aurora",
        ConnectionId = Guid.CreateVersion7(),
        CreatorId = Creator,
        Platform = platform,
        Reason = "Revoked",
        Confidence = "confirmed",
        Sequence = sequence,
        OccurredAt = At,
    };

    private static ConnectionExpired Expired(string platform, long sequence) => new()
    {
        OrganizationId = "aurora",
        ConnectionId = Guid.CreateVersion7(),
        CreatorId = Creator,
        Platform = platform,
        ExpiredAt = At,
        Sequence = sequence,
        OccurredAt = At,
    };
}
