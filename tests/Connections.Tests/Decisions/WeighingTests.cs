using Connections.Platforms;
using Connections.Platforms.Instagram;
using Connections.Platforms.TikTok;
using Connections.Upkeep;
using Shouldly;
using Xunit;
using static Connections.Tests.Given;

namespace Connections.Tests.Decisions;

public sealed class WeighingTests
{
    private static readonly Warnings Warnings = new(new());
    private static readonly UpkeepOptions Options = new();
    private static readonly TikTokOptions TikTok = new();
    private static readonly InstagramOptions Instagram = new();

    [Fact]
    public void A_passing_failure_only_waits_longer_each_time()
    {
        var row = Row(TikTok);
        var waits = new List<TimeSpan>();
        for (var time = 0; time < 12; time++)
        {
            var weighed = Fail(row, "refresh", new("internal_error", null, 500));
            weighed.Change.ShouldBeNull();
            waits.Add(weighed.Row!.DueAt!.Value - Now);
            row = weighed.Row;
        }

        row.Failures.ShouldBe(12);
        waits.Take(4).ShouldBe([TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(8), TimeSpan.FromSeconds(16)]);
        waits[^1].ShouldBe(TimeSpan.FromMinutes(15));
    }

    [Fact]
    public void Where_the_platform_says_how_long_to_wait_that_long_is_waited() =>
        Fail(Row(TikTok), "refresh", new("rate_limit_exceeded", null, 429, RetryAfter: TimeSpan.FromMinutes(3))).Row!.DueAt.ShouldBe(Now.AddMinutes(3));

    [Fact]
    public void A_plain_refusal_is_believed_the_second_time_a_minute_later_and_not_before()
    {
        var first = Fail(Row(TikTok), "refresh", new("invalid_grant", null, 400));
        (first.Change, first.CountsAsFailed).ShouldBe((null, true));
        first.Row!.DueAt!.Value.ShouldBeInRange(Now.AddMinutes(1), Now.AddMinutes(1.1));

        Fail(first.Row, "refresh", new("invalid_grant", null, 400), Now.AddSeconds(30)).Change.ShouldBeNull();

        var second = Fail(first.Row, "refresh", new("invalid_grant", null, 400), Now.AddMinutes(1));
        second.Change.ShouldBe(new UpkeepChange.Lost(InvalidReason.Revoked, new("refresh", "invalid_grant", Now.AddMinutes(1), "inferred", "tt/revoked")));
        (second.Row!.State, second.CountsAsFailed).ShouldBe((UpkeepState.Lost, false));
    }

    [Fact]
    public void Ambiguous_words_have_to_be_said_three_times_over_an_hour()
    {
        var row = Row(Instagram);
        foreach (var minutes in (int[])[0, 30, 59])
        {
            var weighed = Fail(row, "probe", new("190", null, 400), Now.AddMinutes(minutes), Instagram);
            weighed.Change.ShouldBeNull();
            row = weighed.Row!;
        }

        Fail(row, "probe", new("190", null, 400), Now.AddMinutes(61), Instagram).Change.ShouldBeOfType<UpkeepChange.Lost>().Evidence.Confidence.ShouldBe("inferred");
    }

    [Fact]
    public void One_good_probe_in_between_and_the_count_begins_anew()
    {
        var doubted = Fail(Row(Instagram), "probe", new("190", null, 400), Now, Instagram).Row!;

        var well = Weighing.Well(doubted, Instagram, Now.AddMinutes(10));

        (well.Change, well.Row!.Suspicion, well.Row.DueAt).ShouldBe((null, null, Now.AddDays(1).AddMinutes(10)));
    }

    [Fact]
    public void While_an_incident_is_open_what_would_change_is_held_and_asked_again()
    {
        var doubted = Fail(Row(TikTok), "refresh", new("invalid_grant", null, 400)).Row!;

        var held = Fail(doubted, "refresh", new("invalid_grant", null, 400), Now.AddMinutes(2), isHolding: true);

        (held.Change, held.Row!.IsHeld).ShouldBe((null, true));
        held.Row.DueAt!.Value.ShouldBeGreaterThan(Now.AddMinutes(2));
        Fail(held.Row, "refresh", new("invalid_grant", null, 400), Now.AddMinutes(20)).Change.ShouldBeOfType<UpkeepChange.Lost>();
    }

    [Fact]
    public void New_tokens_take_doubt_and_hold_away_and_an_empty_one_replaces_nothing()
    {
        var held = Row(TikTok) with { IsHeld = true, Failures = 3, Trouble = "invalid_grant", Suspicion = new("tt/revoked", "refresh", "invalid_grant", Now, 2) };

        var renewed = Weighing.Renewed(held, new(Tokens(), TikTok.RequiredScopes), TikTok, Warnings, Options, Now, 0).Row!;

        (renewed.IsHeld, renewed.Suspicion, renewed.Failures, renewed.Trouble, renewed.Version).ShouldBe((false, null, 0, null, held.Version + 1));
        renewed.RefreshAt.ShouldBe(Now.AddSeconds(5760));
    }

    [Fact]
    public void A_refresh_that_comes_back_without_a_needed_scope_ends_the_connection()
    {
        var renewed = Weighing.Renewed(Row(TikTok), new(Tokens(), ["user.info.basic"]), TikTok, Warnings, Options, Now, 0);

        renewed.Change.ShouldBeOfType<UpkeepChange.Lost>().Reason.ShouldBe(InvalidReason.PermissionRemoved);
    }

    [Fact]
    public void An_access_token_an_api_refused_is_refreshed_and_the_new_one_probed_before_anything_is_believed()
    {
        var refused = Fail(Row(TikTok), "api", new("access_token_invalid", null, 401)).Row!;
        Weighing.StepFor(refused, TikTok.Refresh, Now).ShouldBe(UpkeepStep.Refresh);

        var renewed = Weighing.Renewed(refused, new(Tokens(), null), TikTok, Warnings, Options, Now, 0).Row!;
        Weighing.NeedsProbe(renewed).ShouldBeTrue();

        var facts = new TokenFacts(Now, Now.AddDays(30), RefreshedSince: renewed.RejectedVersion < renewed.Version);
        TikTokDiagnosis.Table.Of(new("access_token_invalid", null, 401), facts).Id.ShouldBe("tt/token-again");
        Weighing.Well(renewed, TikTok, Now).Row!.RejectedVersion.ShouldBeNull();
    }

    [Fact]
    public void A_rotating_refresh_whose_answer_never_came_is_remembered_and_one_that_answered_is_not()
    {
        Fail(Row(TikTok), "refresh", new(Observation.Unreachable)).Row!.AnswerLost.ShouldBeTrue();
        Fail(Row(TikTok), "refresh", new("internal_error", null, 500)).Row!.AnswerLost.ShouldBeFalse();
        Fail(Row(Instagram), "refresh", new(Observation.Unreachable), Now, Instagram).Row!.AnswerLost.ShouldBeFalse();
    }

    [Fact]
    public void A_locked_account_keeps_its_tokens_is_asked_daily_and_comes_back_by_itself()
    {
        var doubted = Fail(Row(Instagram), "probe", new("190", "459", 400), Now, Instagram).Row!;
        var locked = Fail(doubted, "probe", new("190", "459", 400), Now.AddMinutes(2), Instagram).Row!;
        (locked.State, locked.DueAt).ShouldBe((UpkeepState.Suspended, Now.AddMinutes(2).AddDays(1)));

        var still = Fail(locked, "probe", new("190", "459", 400), Now.AddDays(1), Instagram);
        (still.Change, still.Row!.DueAt).ShouldBe((null, Now.AddDays(2)));

        var back = Weighing.Well(still.Row, Instagram, Now.AddDays(2));
        back.Change.ShouldBeOfType<UpkeepChange.Recovered>();
        back.Row!.State.ShouldBe(UpkeepState.Green);
    }

    [Fact]
    public void Tokens_of_a_loss_that_was_only_inferred_are_dropped_after_a_week_of_asking()
    {
        var lost = Row(TikTok) with { State = UpkeepState.Lost, LostAt = Now };

        Fail(lost, "refresh", new("invalid_grant", null, 400), Now.AddDays(6)).Row.ShouldNotBeNull();
        Fail(lost, "refresh", new("invalid_grant", null, 400), Now.AddDays(7)).ShouldBe(new Weighed(null, null, false));
    }

    [Fact]
    public void What_the_platform_said_plainly_needs_no_tokens_any_more()
    {
        var doubted = Fail(Row(Instagram), "probe", new("190", "458", 400), Now, Instagram).Row!;

        var gone = Fail(doubted, "probe", new("190", "458", 400), Now.AddMinutes(2), Instagram);

        gone.Row.ShouldBeNull();
        gone.Change.ShouldBe(new UpkeepChange.Lost(InvalidReason.Revoked, new("probe", "190/458", Now.AddMinutes(2), "confirmed", "ig/removed")));
    }

    [Fact]
    public void Few_failures_are_no_incident_and_many_among_many_successes_neither()
    {
        var (state, options) = (new PlatformState("tiktok"), new BreakerOptions());

        Breaker.Opens(state, good: 0, failed: 19, options, Now).ShouldBeFalse();
        Breaker.Opens(state, good: 0, failed: 20, options, Now).ShouldBeTrue();
        Breaker.Opens(state, good: 1000, failed: 100, options, Now).ShouldBeFalse();
        Breaker.Opens(state with { OverriddenUntil = Now.AddMinutes(1) }, good: 0, failed: 500, options, Now).ShouldBeFalse();
        Breaker.Opens(state with { OpenedAt = Now }, good: 0, failed: 500, options, Now).ShouldBeFalse();
    }

    [Fact]
    public void An_incident_ends_by_itself_once_calls_work_again_for_a_while()
    {
        var (state, options) = (new PlatformState("tiktok", OpenedAt: Now), new BreakerOptions());

        Breaker.Ends(state, good: 50, failed: 0, options, Now.AddMinutes(4)).ShouldBeFalse();
        Breaker.Ends(state, good: 50, failed: 0, options, Now.AddMinutes(5)).ShouldBeTrue();
        Breaker.Ends(state, good: 50, failed: 20, options, Now.AddMinutes(5)).ShouldBeFalse();
        Breaker.Ends(state, good: 0, failed: 0, options, Now.AddMinutes(50)).ShouldBeFalse();
    }

    internal static UpkeepRow Row(PlatformOptions platform) => UpkeepRow.Of(
        "aurora", new("0198f0a2-0000-7000-8000-000000000009"), Creator, platform, Tokens(), [1], [.. platform.RequiredScopes], Now, Warnings, 0);

    internal static TokenSet Tokens() => new("access", Now.AddHours(2), "refresh", Now.AddDays(180), Now);

    private static Weighed Fail(UpkeepRow row, string source, Observation seen, DateTimeOffset? at = null, PlatformOptions? platform = null, bool isHolding = false)
    {
        var (now, options) = (at ?? Now, platform ?? TikTok);
        var table = options is InstagramOptions ? InstagramDiagnosis.Table : TikTokDiagnosis.Table;
        var diagnosis = table.Of(seen, new(now, row.EndsAt, row.IssuedAt, row.GrantedAt, row.AnswerLost));
        return Weighing.Failed(row, source, seen, diagnosis, isHolding, options.Refresh, Options, now, jitter: 1);
    }
}
