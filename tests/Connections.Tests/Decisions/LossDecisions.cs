using Connections.Features;
using EventSourcing;
using Shouldly;
using Xunit;
using static Connections.Tests.Given;

namespace Connections.Tests.Decisions;

public sealed class LossDecisions
{
    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(120);

    [Fact]
    public void A_connection_expires_only_after_its_end_and_the_allowance_for_clocks()
    {
        var end = Now;
        var connected = Events(Granted(end));

        WatchLifetimes.Decide(connected, end, null, end + Skew - TimeSpan.FromTicks(1), Skew).ShouldBe(Decision.Nothing);
        WatchLifetimes.Decide(connected, end, null, end + Skew, Skew).ShouldBe(Decision.Of(new AccessExpired(Creator, "instagram", end)));
    }

    [Fact]
    public void The_end_that_counts_is_that_of_the_tokens_and_not_the_one_the_stream_was_told() =>
        WatchLifetimes.Decide(Events(Granted(Now.AddDays(-5))), Now.AddDays(2), 3, Now, Skew).ShouldBe(Decision.Of(new ExpiryApproached(Creator, "instagram", Now.AddDays(2), 3)));

    [Fact]
    public void What_is_already_dead_does_not_expire_again_and_is_not_warned_of()
    {
        var dead = Events(Granted(Now), Invalidated(InvalidReason.Revoked));

        WatchLifetimes.Decide(dead, Now, null, Now.AddDays(1), Skew).ShouldBe(Decision.Nothing);
        WatchLifetimes.Decide(dead, Now.AddDays(2), 3, Now, Skew).ShouldBe(Decision.Nothing);
    }

    [Fact]
    public void A_confirmed_notice_ends_the_access_with_its_evidence() =>
        ApplyNotices.Decide(Events(Granted()), InvalidReason.Revoked, "deauthorize", Now)
            .ShouldBe(Decision.Of(new AccessInvalidated(Creator, "instagram", InvalidReason.Revoked, new("webhook", "deauthorize", Now, "confirmed"))));

    [Fact]
    public void A_notice_from_before_the_grant_is_about_an_earlier_one() =>
        ApplyNotices.Decide(Events(Granted(at: Now)), InvalidReason.Revoked, "deauthorize", Now.AddSeconds(-1)).ShouldBe(Decision.Nothing);

    [Fact]
    public void A_notice_of_the_same_second_as_the_grant_counts() =>
        ApplyNotices.Decide(Events(Granted(at: Now.AddMilliseconds(900))), InvalidReason.Revoked, "deauthorize", Now).ShouldBeOfType<Decision.Recorded>();

    [Fact]
    public void A_repeated_notice_tells_nothing_new() =>
        ApplyNotices.Decide(Events(Granted(), Invalidated(InvalidReason.Revoked)), InvalidReason.Revoked, "deauthorize", Now).ShouldBe(Decision.Nothing);

    [Fact]
    public void A_revocation_after_the_end_leaves_it_expired() =>
        ApplyNotices.Decide(Events(Granted(), new AccessExpired(Creator, "instagram", Now)), InvalidReason.Revoked, "deauthorize", Now).ShouldBe(Decision.Nothing);

    [Fact]
    public void An_erasure_is_owed_to_a_dead_connection_too()
    {
        var dead = Events(Granted(), Invalidated(InvalidReason.Revoked));

        ApplyNotices.Decide(dead, InvalidReason.DataDeletionRequested, "data-deletion", Now).ShouldBeOfType<Decision.Recorded>();
        ApplyNotices.Decide(Events(Granted(), Invalidated(InvalidReason.DataDeletionRequested)), InvalidReason.DataDeletionRequested, "data-deletion", Now).ShouldBe(Decision.Nothing);
    }

    [Fact]
    public void A_notice_about_somebody_who_never_connected_changes_nothing()
    {
        ApplyNotices.Decide(null, InvalidReason.Revoked, "deauthorize", Now).ShouldBe(Decision.Nothing);
        ApplyNotices.Decide(Events(new AuthorizationStarted(Creator, "instagram", null)), InvalidReason.Revoked, "deauthorize", Now).ShouldBe(Decision.Nothing);
    }

    [Fact]
    public void Disconnecting_is_refused_where_nothing_was_connected_and_nothing_where_it_is_done()
    {
        DisconnectConnection.Decide(null, InvalidReason.DisconnectedByUs, "organization", Now).ShouldBeOfType<Decision.Refused>().Code.ShouldBe("connection.unknown");
        DisconnectConnection.Decide(Events(new AuthorizationStarted(Creator, "instagram", null)), InvalidReason.DisconnectedByUs, "organization", Now)
            .ShouldBeOfType<Decision.Refused>().Code.ShouldBe("connection.never-connected");
        DisconnectConnection.Decide(Events(Granted(), Invalidated(InvalidReason.Revoked)), InvalidReason.DisconnectedByUs, "organization", Now).ShouldBe(Decision.Nothing);
        DisconnectConnection.Decide(Events(Granted()), InvalidReason.DisconnectedByUs, "organization", Now)
            .ShouldBe(Decision.Of(new AccessInvalidated(Creator, "instagram", InvalidReason.DisconnectedByUs, new("organization", null, Now, "confirmed"))));
    }

    [Fact]
    public void An_event_of_a_newer_version_leaves_the_state_alone() => Events(Granted(), new object()).ShouldBeOfType<Connection>().Standing.ShouldBe(Standing.Connected);
}
