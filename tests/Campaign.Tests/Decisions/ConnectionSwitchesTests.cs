using Campaigns.Features;
using EventSourcing;
using Shouldly;

namespace Campaigns.Tests.Decisions;

public sealed class ConnectionSwitchesTests
{
    private static readonly Guid Spring = new("0190a000-0000-7000-8000-000000000002");
    private static readonly Guid Id = ConnectionSwitches.StreamOf("aurora", Spring);

    [Fact]
    public void A_type_is_switched_off() => Given.Nothing<ConnectionSwitches>().When(Put(new() { Types = Set(("TikTokInsights", false)) }))
        .Then(Switched(null, ("TikTokInsights", false)));

    [Fact]
    public void What_a_request_does_not_name_stays_and_the_event_says_it_all() => Given.Events<ConnectionSwitches>(Switched(false, ("TikTokInsights", false)))
        .When(Put(new() { Types = Set(("YouTubeInsights", true)) }))
        .Then(Switched(false, ("TikTokInsights", false), ("YouTubeInsights", true)));

    [Fact]
    public void What_a_request_names_null_is_inherited_again() => Given.Events<ConnectionSwitches>(Switched(false, ("TikTokInsights", false)))
        .When(Put(new() { Component = null, Types = Set(("YouTubeInsights", null)) })).Then(Switched(null, ("TikTokInsights", false)));

    [Fact]
    public void The_last_switch_to_be_inherited_again_resets_everything() => Given.Events<ConnectionSwitches>(Switched(null, ("TikTokInsights", false)))
        .When(Put(new() { Types = Set(("TikTokInsights", null)) })).Then(new CampaignConnectionsReset(Id, Spring));

    [Fact]
    public void What_is_so_already_is_nothing()
    {
        Given.Events<ConnectionSwitches>(Switched(false, ("TikTokInsights", true))).When(Put(new() { Component = false, Types = Set(("TikTokInsights", true)) })).ThenNothing();
        Given.Events<ConnectionSwitches>(Switched(false)).When(Put(new())).ThenNothing();
        Given.Nothing<ConnectionSwitches>().When(Put(new() { Component = null, Types = Set(("TikTokInsights", null)) })).ThenNothing();
        Given.Nothing<ConnectionSwitches>().When(Reset(null)).ThenNothing();
        Given.Events<ConnectionSwitches>(Switched(false), new CampaignConnectionsReset(Id, Spring)).When(Reset(null)).ThenNothing();
        Given.Events<ConnectionSwitches>(Switched(false)).When(Reset("TikTokInsights")).ThenNothing();
    }

    [Fact]
    public void A_type_that_is_none_is_refused()
    {
        Given.Nothing<ConnectionSwitches>().When(Put(new() { Types = Set(("MySpaceInsights", false)) })).ThenRefused(RefusalKind.InvalidValue, "connection-type.unknown", "types");
        Given.Nothing<ConnectionSwitches>().When(Reset("MySpaceInsights")).ThenRefused(RefusalKind.InvalidValue, "connection-type.unknown", "type");
    }

    [Fact]
    public void Resetting_resets_everything() =>
        Given.Events<ConnectionSwitches>(Switched(false, ("TikTokInsights", true))).When(Reset(null)).Then(new CampaignConnectionsReset(Id, Spring));

    [Fact]
    public void Resetting_one_switch_leaves_the_others()
    {
        Given.Events<ConnectionSwitches>(Switched(false, ("TikTokInsights", true))).When(Reset("component")).Then(Switched(null, ("TikTokInsights", true)));
        Given.Events<ConnectionSwitches>(Switched(false, ("TikTokInsights", true))).When(Reset("TikTokInsights")).Then(Switched(false));
    }

    [Fact]
    public void Every_change_is_a_revision() => StreamFold<ConnectionSwitches>.Of([Switched(false), new CampaignConnectionsReset(Id, Spring), Switched(true)])!.Revision.ShouldBe(3);

    [Fact]
    public void An_organization_and_each_of_its_campaigns_have_settings_of_their_own() =>
        new[] { Id, ConnectionSwitches.StreamOf("aurora", null), ConnectionSwitches.StreamOf("borealis", Spring), ConnectionSwitches.StreamOf("borealis", null) }
            .Distinct().Count().ShouldBe(4);

    private static Func<ConnectionSwitches?, Decision> Put(ConfigureConnections.Request request) => state => ConfigureConnections.Decide(state, Id, Spring, request);

    private static Func<ConnectionSwitches?, Decision> Reset(string? only) => state => ResetConnections.Decide(state, Id, Spring, only);

    private static CampaignConnectionsSwitched Switched(bool? component, params (string Type, bool On)[] types) =>
        new(Id, Spring, component, types.ToDictionary(type => type.Type, type => type.On));

    private static Dictionary<string, bool?> Set(params (string Type, bool? On)[] types) => types.ToDictionary(type => type.Type, type => type.On);
}
