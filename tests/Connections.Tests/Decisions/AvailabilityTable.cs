using Connections.Insights;
using Connections.Platforms;
using Shouldly;
using Xunit;

namespace Connections.Tests.Decisions;

public sealed class AvailabilityTable
{
    private const string Scope = "insights";
    private static readonly InstagramOptions Platform = new();

    private static readonly DataType[] Types =
    [
        new("audience", DataType.Data, "Audience", Scope, "follower_demographics") { LeastFollowers = 100 },
        new("stories", DataType.Content, "Stories", Scope, "reach") { LiveFor = TimeSpan.FromHours(24) },
        new("hidden", DataType.Data, "Hidden", Scope) { IsOffered = false },
    ];

    public static TheoryData<Standing, string?, string?, bool, string?, string?> Reasons => new()
    {
        // Status, reason of an invalidation, of the last declined visit, scope granted, what the last pull found -> why not.
        { Standing.NotConnected, null, null, false, null, Availability.NotConnected },
        { Standing.NotConnected, null, DeclineReason.PersonalAccount, false, null, Availability.PersonalAccount },
        { Standing.NotConnected, null, DeclineReason.Denied, false, null, Availability.NotConnected },
        { Standing.Expired, null, null, true, Finding.Ok, Availability.Expired },
        { Standing.Expired, null, DeclineReason.PersonalAccount, true, Finding.Ok, Availability.PersonalAccount },
        { Standing.Invalidated, InvalidReason.Revoked, null, true, Finding.Ok, Availability.Invalidated },
        { Standing.Invalidated, InvalidReason.PermissionRemoved, null, true, Finding.Ok, Availability.Invalidated },
        { Standing.Connected, null, null, false, Finding.Ok, Availability.ScopeMissing },
        { Standing.Connected, null, null, true, null, Availability.NotPulledYet },
        { Standing.Connected, null, null, true, Finding.FewFollowers, Finding.FewFollowers },
        { Standing.Connected, null, null, true, Finding.FewViewers, Finding.FewViewers },
        { Standing.Connected, null, null, true, Finding.NoneLive, Finding.NoneLive },
        { Standing.Connected, null, null, true, Finding.NoChannel, Finding.NoChannel },
        { Standing.Connected, null, null, true, Finding.Withheld, Finding.Withheld },
        { Standing.Connected, null, null, true, Finding.NothingPublished, Finding.NothingPublished },
        { Standing.Connected, null, null, true, Finding.NoData, Finding.NoData },
        { Standing.Connected, null, null, true, Finding.Ok, null },
    };

    [Theory]
    [MemberData(nameof(Reasons))]
    public void Each_type_is_available_or_says_why_not(Standing standing, string? reason, string? declined, bool granted, string? found, string? expected)
    {
        var facts = new AvailabilityFacts(
            standing, reason, declined, granted ? [Scope] : ["other"], found is null ? new Dictionary<string, string>() : new() { ["audience"] = found, ["stories"] = found, ["hidden"] = found });

        var matrix = Availability.Of(Types, Platform, facts);

        matrix.Select(row => (row.Key, row.Reason)).ShouldBe([("audience", expected), ("stories", expected), ("hidden", Availability.NotOffered)]);
        matrix.ShouldAllBe(row => row.IsAvailable == (row.Reason == null) && (row.IsAvailable || row.Words!.Length > 10));
    }

    [Fact]
    public void A_connection_never_made_has_nothing_and_says_so() =>
        Availability.Of(Types, Platform, AvailabilityFacts.NeverMade).Select(row => row.Reason).ShouldBe([Availability.NotConnected, Availability.NotConnected, Availability.NotOffered]);

    [Fact]
    public void What_lives_for_a_day_says_so_even_when_it_is_available()
    {
        var facts = new AvailabilityFacts(Standing.Connected, null, null, [Scope], Types.ToDictionary(type => type.Key, _ => Finding.Ok));

        Availability.Of(Types, Platform, facts)[1].ShouldSatisfyAllConditions(row => row.IsAvailable.ShouldBeTrue(), row => row.Words!.ShouldContain("24 hours"));
    }

    [Fact]
    public void Settings_can_take_the_place_of_a_types_metrics()
    {
        var platform = new InstagramOptions();
        platform.Insights.Metrics["stories"] = ["views"];

        Availability.Of(Types, platform, AvailabilityFacts.NeverMade).Select(row => row.Metrics).ShouldBe([["follower_demographics"], ["views"], []]);
    }
}
