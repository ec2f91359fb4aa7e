using Shouldly;

namespace Campaigns.Tests.Decisions;

public sealed class EffectiveConnectionsTests
{
    private static readonly Campaign Spring = new(Guid.NewGuid(), "Spring", new(2027, 3, 1), new(2027, 3, 31), ["InstagramInsights", "TikTokInsights", "TikTokMarketplace"]);

    [Fact]
    public void Everything_is_on_by_default_and_what_a_campaign_requires_is_shown()
    {
        var spring = EffectiveConnections.Of(Spring, null, null);
        spring.Component.ShouldBe(new(true, "default", "On: the default, nobody has set it.", null));
        spring.Types.ShouldAllBe(type => type.On && type.Source == "default" && type.Set == null);
        spring.Types.Select(type => type.Type).ShouldBe(["InstagramInsights", "YouTubeInsights", "TikTokInsights", "TikTokMarketplace"]);
        spring.Shown.ShouldBe(Spring.RequiredConnections);
    }

    [Fact]
    public void A_campaign_inherits_what_it_does_not_set()
    {
        var spring = EffectiveConnections.Of(Spring, Row(null, ("TikTokInsights", false), ("YouTubeInsights", true)), Row(null));
        Of(spring, "TikTokInsights").ShouldBe((false, "organization", "Off: inherited from the organization.", null));
        Of(spring, "YouTubeInsights").ShouldBe((true, "organization", "On: inherited from the organization.", null));
        Of(spring, "InstagramInsights").ShouldBe((true, "default", "On: the default, nobody has set it.", null));
        spring.Shown.ShouldBe(["InstagramInsights", "TikTokMarketplace"]);
    }

    [Fact]
    public void What_a_campaign_sets_goes_before_what_its_organization_says()
    {
        var spring = EffectiveConnections.Of(Spring, Row(false, ("TikTokInsights", false)), Row(true, ("TikTokInsights", true), ("InstagramInsights", false)));
        spring.Component.ShouldBe(new(true, "campaign", "On: set for this campaign.", true));
        Of(spring, "TikTokInsights").ShouldBe((true, "campaign", "On: set for this campaign.", true));
        Of(spring, "InstagramInsights").ShouldBe((false, "campaign", "Off: set for this campaign.", false));
        spring.Shown.ShouldBe(["TikTokInsights", "TikTokMarketplace"]);
    }

    [Fact]
    public void While_the_component_is_off_nothing_is_shown_whatever_is_set()
    {
        var inherited = EffectiveConnections.Of(Spring, Row(false), Row(null, ("TikTokInsights", true)));
        inherited.Shown.ShouldBeEmpty();
        Of(inherited, "TikTokInsights").ShouldBe((false, "organization", "Off: with it all connections are off, inherited from the organization.", true));

        var own = EffectiveConnections.Of(Spring, null, Row(false));
        own.Shown.ShouldBeEmpty();
        Of(own, "InstagramInsights").ShouldBe((false, "campaign", "Off: with it all connections are off, set for this campaign.", null));
    }

    [Fact]
    public void An_organization_shows_every_type_that_is_on()
    {
        var aurora = EffectiveConnections.OfOrganization(Row(null, ("TikTokInsights", false)));
        aurora.Shown.ShouldBe(["InstagramInsights", "YouTubeInsights", "TikTokMarketplace"]);
        Of(aurora, "TikTokInsights").ShouldBe((false, "organization", "Off: set for the organization.", false));
    }

    private static SwitchRow Row(bool? component, params (string Type, bool On)[] types) => new(component, types.ToDictionary(type => type.Type, type => type.On), 1);

    private static (bool, string, string, bool?) Of(EffectiveConnections connections, string type)
    {
        var one = connections.Types.Single(candidate => candidate.Type == type);
        return (one.On, one.Source, one.Explanation, one.Set);
    }
}
