namespace Outreach.Tests.Decisions;

public sealed class CandidateTests
{
    private static readonly Guid Creator = Guid.CreateVersion7();
    private static readonly Template Invitation = Template.Find("creator-hub-invitation")!;
    private static readonly Template Reconnect = Template.Find("reconnect-request")!;
    private static readonly Template Marketplace = Template.Find("ttcm-invite-link")!;
    private static readonly KnownCampaign Both = new(Guid.CreateVersion7(), "Summer", ["InstagramInsights", "YouTubeInsights", "TikTokMarketplace"], 1);
    private static readonly Candidate OnRoster = new(new KnownCreator(Creator, 1), new RosterPlace(Guid.CreateVersion7(), true, 1), null);

    [Fact]
    public void A_creator_on_the_roster_who_has_yet_to_opt_in_is_invited() => OnRoster.Obstacle(Invitation, Both).ShouldBeNull();

    [Fact]
    public void A_creator_nobody_has_told_us_of_is_not() => (OnRoster with { Creator = null }).Obstacle(Invitation, Both).ShouldBe("unknown-creator");

    [Fact]
    public void A_creator_who_was_never_on_the_roster_is_not() => (OnRoster with { Place = null }).Obstacle(Invitation, Both).ShouldBe("not-on-roster");

    [Fact]
    public void A_creator_who_has_left_the_roster_is_not() =>
        (OnRoster with { Place = new(Guid.CreateVersion7(), false, 2) }).Obstacle(Invitation, Both).ShouldBe("not-on-roster");

    [Fact]
    public void A_creator_connected_on_every_required_platform_needs_no_invitation() =>
        With(("instagram", true), ("youtube", true)).Obstacle(Invitation, Both).ShouldBe("already-connected");

    [Fact]
    public void A_creator_who_lacks_one_required_platform_is_invited() => With(("instagram", true)).Obstacle(Invitation, Both).ShouldBeNull();

    [Fact]
    public void A_creator_whose_connection_died_is_invited() => With(("instagram", true), ("youtube", false)).Obstacle(Invitation, Both).ShouldBeNull();

    [Fact]
    public void A_campaign_that_requires_nothing_invites_who_lacks_any_platform()
    {
        var open = Both with { RequiredConnections = [] };
        With(("instagram", true), ("youtube", true)).Obstacle(Invitation, open).ShouldBeNull();
        With(("instagram", true), ("youtube", true), ("tiktok", true)).Obstacle(Invitation, open).ShouldBe("already-connected");
    }

    [Fact]
    public void A_creator_who_never_connected_has_nothing_to_reconnect() =>
        OnRoster.Obstacle(Reconnect, Both).ShouldBe("nothing-to-reconnect");

    [Fact]
    public void A_creator_whose_connections_all_work_has_nothing_to_reconnect() =>
        With(("instagram", true)).Obstacle(Reconnect, Both).ShouldBe("nothing-to-reconnect");

    [Fact]
    public void A_creator_whose_connection_died_is_asked_to_reconnect() => With(("instagram", true), ("tiktok", false)).Obstacle(Reconnect, Both).ShouldBeNull();

    [Theory]
    [InlineData(null, null)]
    [InlineData("NotInvited", null)]
    [InlineData("Invited", null)]
    [InlineData("InviteExpired", null)]
    [InlineData("Declined", null)]
    [InlineData("SomethingNew", null)]
    [InlineData("Joined", "marketplace-joined")]
    [InlineData("NotEligible", "marketplace-not-eligible")]
    public void Whoever_is_in_the_marketplace_or_cannot_be_taken_is_not_invited_to_it(string? status, string? expected) =>
        (OnRoster with { Marketplace = status is null ? null : new(Guid.CreateVersion7(), status, 1) }).Obstacle(Marketplace, Both).ShouldBe(expected);

    [Fact]
    public void The_marketplace_has_no_say_in_other_messages() =>
        (OnRoster with { Marketplace = new(Guid.CreateVersion7(), "NotEligible", 1) }).Obstacle(Invitation, Both).ShouldBeNull();

    [Fact]
    public void Nobody_is_written_to_in_a_campaign_whose_connections_are_off()
    {
        foreach (var template in (Template[])[Invitation, Reconnect, Marketplace])
        {
            (With(("instagram", false)) with { Switches = Off("component") }).Obstacle(template, Both).ShouldBe("component-off", template.Key);
        }
    }

    [Fact]
    public void A_platform_that_is_off_is_not_asked_for()
    {
        (With(("instagram", true)) with { Switches = Off("YouTubeInsights") }).Obstacle(Invitation, Both).ShouldBe("already-connected");
        (With(("youtube", true)) with { Switches = Off("YouTubeInsights") }).Obstacle(Invitation, Both).ShouldBeNull();
        (OnRoster with { Switches = Off("YouTubeInsights", "InstagramInsights") }).Obstacle(Invitation, Both).ShouldBe("component-off");
        (OnRoster with { Switches = Off("TikTokInsights") }).Obstacle(Invitation, Both).ShouldBeNull();
    }

    [Fact]
    public void A_campaign_that_requires_nothing_is_glad_of_what_is_on()
    {
        var open = Both with { RequiredConnections = [] };
        (With(("instagram", true), ("youtube", true)) with { Switches = Off("TikTokInsights") }).Obstacle(Invitation, open).ShouldBe("already-connected");
        (OnRoster with { Switches = Off("InstagramInsights", "YouTubeInsights", "TikTokInsights") }).Obstacle(Invitation, open).ShouldBe("component-off");
    }

    [Fact]
    public void What_is_lost_where_it_is_off_is_not_reconnected()
    {
        (With(("tiktok", false), ("instagram", true)) with { Switches = Off("TikTokInsights") }).Obstacle(Reconnect, Both).ShouldBe("component-off");
        (With(("tiktok", false), ("instagram", false)) with { Switches = Off("TikTokInsights") }).Obstacle(Reconnect, Both).ShouldBeNull();
        (With(("instagram", true)) with { Switches = Off("TikTokInsights") }).Obstacle(Reconnect, Both).ShouldBe("nothing-to-reconnect");
    }

    [Fact]
    public void Nobody_is_invited_to_a_marketplace_that_is_off()
    {
        (OnRoster with { Switches = Off("TikTokMarketplace") }).Obstacle(Marketplace, Both).ShouldBe("component-off");
        (OnRoster with { Switches = Off("TikTokMarketplace") }).Obstacle(Invitation, Both).ShouldBeNull();
        (OnRoster with { Switches = Off("TikTokInsights") }).Obstacle(Marketplace, Both).ShouldBeNull();
    }

    [Theory]
    [InlineData(null, null, true)]
    [InlineData(false, null, false)]
    [InlineData(true, null, true)]
    [InlineData(false, true, true)]
    [InlineData(true, false, false)]
    [InlineData(null, false, false)]
    public void A_campaigns_own_switch_goes_before_its_organizations(bool? organization, bool? campaign, bool on)
    {
        CampaignSwitches type = new(Switches(null, organization), Switches(null, campaign)), component = new(Switches(organization, null), Switches(campaign, null));
        (type.IsOn("TikTokInsights"), component.IsOn("TikTokInsights"), component.IsComponentOn).ShouldBe((on, on, on));

        static ConnectionSwitches Switches(bool? component, bool? tiktok) =>
            new(Guid.CreateVersion7(), component, tiktok is { } set ? new Dictionary<string, bool> { ["TikTokInsights"] = set } : new Dictionary<string, bool>(), 1);
    }

    private static CampaignSwitches Off(params IEnumerable<string> switches) => new(
        new(Guid.CreateVersion7(), switches.Contains("component") ? false : null, switches.Where(one => one != "component").ToDictionary(one => one, _ => false), 1), null);

    private static Candidate With(params IEnumerable<(string Platform, bool Connected)> platforms) => OnRoster with
    {
        Standing = new(Guid.CreateVersion7(), platforms.ToDictionary(platform => platform.Platform, platform => new OptIn(platform.Connected, 1))),
    };
}
