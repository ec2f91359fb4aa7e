using Connections.Features;
using Connections.Platforms;
using EventSourcing;
using Shouldly;
using Xunit;
using static Connections.Tests.Given;

namespace Connections.Tests.Decisions;

public sealed class GrantDecisions
{
    private static readonly InstagramOptions Instagram = new();
    private static readonly DateTimeOffset End = Now.AddDays(60);

    // One list: records compare lists by reference.
    private static readonly IReadOnlyList<string> AllScopes = Instagram.Scopes;

    [Fact]
    public void A_creator_who_allows_everything_is_connected_until_the_end_the_platform_named() =>
        Decide(Events(new AuthorizationStarted(Creator, "instagram", Invitation)), GrantOf("account-1"))
            .ShouldBe(Decision.Of(Access("account-1")));

    [Fact]
    public void A_creator_who_grants_again_keeps_the_same_connection_and_account() =>
        Decide(Events(Granted(), Invalidated(InvalidReason.Revoked)), GrantOf("account-1")).ShouldBe(Decision.Of(Access("account-1")));

    [Fact]
    public void A_reconnection_with_another_account_is_declined() =>
        Decide(Events(Granted(), new AccessExpired(Creator, "instagram", Now)), GrantOf("account-2")).ShouldBe(Decision.Of(new AuthorizationDeclined(DeclineReason.OtherAccount, [])));

    [Fact]
    public void An_account_that_another_creator_connected_is_declined() =>
        GrantConnection.Decide(null, Creator, Instagram, GrantOf("account-1"), accountTaken: true, Invitation, Now)
            .ShouldBe(Decision.Of(new AuthorizationDeclined(DeclineReason.AccountTaken, [])));

    [Fact]
    public void A_personal_account_is_declined() =>
        Decide(null, GrantOf("account-1") with { IsPersonal = true }).ShouldBe(Decision.Of(new AuthorizationDeclined(DeclineReason.PersonalAccount, [])));

    [Fact]
    public void A_creator_who_unticks_a_needed_scope_stays_as_they_were_and_is_told_which() =>
        Single<AuthorizationDeclined>(Decide(null, GrantOf("account-1") with { Scopes = [InstagramOptions.BasicScope] }))
            .ShouldSatisfyAllConditions(declined => declined.Reason.ShouldBe(DeclineReason.ScopeMissing), declined => declined.MissingScopes.ShouldBe([InstagramOptions.InsightsScope]));

    [Fact]
    public void A_connected_creator_who_comes_back_with_less_has_taken_a_permission_back()
    {
        var decision = (Decision.Recorded)Decide(Events(Granted()), GrantOf("account-1") with { Scopes = [InstagramOptions.BasicScope] });

        decision.Events[1].ShouldBe(new AccessInvalidated(Creator, "instagram", InvalidReason.PermissionRemoved, new("callback", null, Now, "confirmed")));
    }

    [Fact]
    public void Pressing_connect_twice_opens_one_stream()
    {
        var first = StartConnection.Decide(null, Creator, "instagram", Invitation);

        first.ShouldBe(Decision.Of(new AuthorizationStarted(Creator, "instagram", Invitation)));
        StartConnection.Decide(Events(new AuthorizationStarted(Creator, "instagram", Invitation)), Creator, "instagram", Invitation).ShouldBe(Decision.Nothing);
    }

    [Fact]
    public void The_id_follows_from_organization_creator_and_platform()
    {
        Connection.IdOf("aurora", Creator, "tiktok").ShouldBe(Connection.IdOf("aurora", Creator, "tiktok"));
        new[] { Connection.IdOf("aurora", Creator, "tiktok"), Connection.IdOf("aurora", Creator, "youtube"), Connection.IdOf("borealis", Creator, "tiktok") }.ShouldBeUnique();
    }

    private static Decision Decide(Connection? state, Grant grant) => GrantConnection.Decide(state, Creator, Instagram, grant, accountTaken: false, Invitation, Now);

    private static T Single<T>(Decision decision) => ((Decision.Recorded)decision).Events.ShouldHaveSingleItem().ShouldBeOfType<T>();

    private static Grant GrantOf(string account) =>
        new(account, [account], new("ana", "Ana", null), AllScopes, new("secret", End, null, End, Now), IsPersonal: false);

    private static AccessGranted Access(string account) => new(Creator, "instagram", account, AllScopes, End, Invitation, Now);
}
