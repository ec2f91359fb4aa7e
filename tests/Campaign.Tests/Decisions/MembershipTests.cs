using Campaigns.Features;
using EventSourcing;
using Shouldly;

namespace Campaigns.Tests.Decisions;

public sealed class MembershipTests
{
    private static readonly Guid Campaign = new("0190a000-0000-7000-8000-000000000002");
    private static readonly Guid Creator = new("0190a000-0000-7000-8000-000000000001");
    private static readonly Guid Id = Membership.StreamOf("aurora", Campaign, Creator);
    private static readonly JoinedRoster Joined = new(Id, Campaign, Creator);
    private static readonly LeftRoster Left = new(Id, Campaign, Creator);

    [Fact]
    public void A_creator_joins_a_roster() => Given.Nothing<Membership>().When(Add).Then(Joined);

    [Fact]
    public void Whoever_is_on_the_roster_stays_on_it_once() => Given.Events<Membership>(Joined).When(Add).ThenNothing();

    [Fact]
    public void Whoever_left_may_come_back_to_the_same_membership() => Given.Events<Membership>(Joined, Left).When(Add).Then(Joined);

    [Fact]
    public void A_creator_leaves_a_roster() => Given.Events<Membership>(Joined).When(RemoveFromRoster.Decide).Then(Left);

    [Fact]
    public void Leaving_twice_is_leaving_once() => Given.Events<Membership>(Joined, Left).When(RemoveFromRoster.Decide).ThenNothing();

    [Fact]
    public void Whoever_was_never_on_the_roster_cannot_leave_it() =>
        Given.Nothing<Membership>().When(RemoveFromRoster.Decide).ThenRefused(RefusalKind.Unknown, "membership.unknown");

    [Fact]
    public void The_same_creator_and_campaign_of_two_organizations_are_two_memberships() => Membership.StreamOf("borealis", Campaign, Creator).ShouldNotBe(Id);

    private static Decision Add(Membership? state) => AddToRoster.Decide(state, Id, Campaign, Creator);
}
