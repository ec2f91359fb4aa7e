using Connections.Features;
using Connections.Insights;
using Connections.Platforms;
using Connections.Platforms.Instagram;
using EventSourcing;
using Shouldly;
using Xunit;

namespace Connections.Tests.Decisions;

public sealed class InsightsDecisions
{
    private static readonly DateTimeOffset Now = Given.Now;
    private static readonly InsightsOptions Options = new();
    private static readonly InsightsPolicy Stories = new() { LiveEvery = TimeSpan.FromHours(5) };
    private static readonly InsightsPolicy Plain = new();

    private static readonly PullRow Row = new() { Organization = "aurora", ConnectionId = Guid.NewGuid(), CreatorId = Given.Creator, Platform = "instagram" };

    public static TheoryData<double?, double?, bool, bool, PullKind> Kinds => new()
    {
        // Hours since the last good pull, since the last full one, asked for, has stories.
        { null, null, false, false, PullKind.Full },
        { 24, 24, false, false, PullKind.Daily },
        { 24, 24 * 7, false, false, PullKind.Full },
        { 5, 24, false, true, PullKind.Live },
        { 5, 24, true, true, PullKind.Daily },
        { 5, 24, false, false, PullKind.Daily },
        { 21, 24, false, true, PullKind.Daily },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_pull_is_of_as_much_as_is_due(double? sinceOk, double? sinceFull, bool asked, bool hasStories, PullKind kind)
    {
        var row = Row with { LastOkAt = Before(sinceOk), FullAt = Before(sinceFull), IsAsked = asked };

        var begun = row.Begun(hasStories ? Stories : Plain, Options, Now);

        (begun.Kind, begun.StartedAt, begun.Cursor, begun.IsAsked).ShouldBe((kind, Now, null, false));
    }

    [Fact]
    public void A_pull_that_was_interrupted_goes_on_and_one_from_long_ago_begins_anew()
    {
        var cursor = new InsightsCursor("media", "p3");
        var interrupted = Row with { Kind = PullKind.Daily, StartedAt = Now.AddHours(-5), Cursor = cursor, LastOkAt = Now.AddHours(-30), FullAt = Now.AddHours(-30) };

        interrupted.Begun(Plain, Options, Now).ShouldBe(interrupted);
        (interrupted with { StartedAt = Now.AddHours(-49) }).Begun(Plain, Options, Now).Cursor.ShouldBeNull();
    }

    [Fact]
    public void A_finished_pull_says_when_the_next_is_due_up_to_a_tenth_early_and_stories_come_more_often()
    {
        var step = new InsightsStep(null) { Account = [new("reach", "", new(2026, 2, 28), 7)], Findings = new Dictionary<string, string> { ["a"] = Finding.Ok } };
        var under = Row with { Kind = PullKind.Full, StartedAt = Now.AddMinutes(-1), IsFailing = true, FailingSince = Now.AddDays(-1), Code = "2", Failures = 4 };

        var done = under.Advanced(step, Plain, Now, jitter: 0);

        (done.DueAt, done.LastOkAt, done.FullAt, done.StartedAt, done.Kind).ShouldBe((Now.AddHours(24), Now, Now, null, null));
        (done.IsFailing, done.FailingSince, done.Code, done.Failures).ShouldBe((false, null, null, 0));
        (done.Last.AccountMetrics, done.Last.Through).ShouldBe((1, new DateOnly(2026, 2, 28)));
        under.Advanced(step, Plain, Now, jitter: 1).DueAt.ShouldBe(Now.AddHours(21.6));
        under.Advanced(step, Stories, Now, jitter: 0).DueAt.ShouldBe(Now.AddHours(5));
        (under with { Kind = PullKind.Live, LastOkAt = Now.AddHours(-20) }).Advanced(step, Stories, Now, jitter: 0).ShouldSatisfyAllConditions(
            live => live.DueAt.ShouldBe(Now.AddHours(4)),
            live => live.LastOkAt.ShouldBe(Now.AddHours(-20)),
            live => live.FullAt.ShouldBeNull());
    }

    [Fact]
    public void What_a_pull_did_not_look_at_stays_as_it_was_and_one_good_piece_makes_a_type_available()
    {
        var before = new PullTally { Findings = new Dictionary<string, string> { ["audience"] = Finding.Ok, ["stories"] = Finding.Ok } };
        InsightsStep Saw(string type, string finding) => new(null) { Findings = new Dictionary<string, string> { [type] = finding } };

        var pull = new PullTally().With(Saw("feed", Finding.Withheld)).With(Saw("feed", Finding.Ok)).With(Saw("feed", Finding.Withheld)).With(Saw("stories", Finding.NoneLive));

        before.Then(pull).Findings.OrderBy(each => each.Key).Select(each => (each.Key, each.Value)).ShouldBe([("audience", Finding.Ok), ("feed", Finding.Ok), ("stories", Finding.NoneLive)]);
    }

    [Fact]
    public void Passing_failures_back_off_and_are_called_failing_only_when_they_stay()
    {
        var seen = new Observation("2", Status: 500);
        var row = Row with { Kind = PullKind.Daily, StartedAt = Now, Cursor = new("media") };

        var failed = new List<PullRow> { row };
        for (var times = 0; times < 12; times++)
        {
            failed.Add(failed[^1].Failed(seen, Diagnosis.Transient, Options, Now, jitter: 1));
        }

        failed.Skip(1).Take(4).Select(each => (each.DueAt - Now, each.IsFailing)).ShouldBe(
            [(TimeSpan.FromMinutes(1), false), (TimeSpan.FromMinutes(2), false), (TimeSpan.FromMinutes(4), true), (TimeSpan.FromMinutes(8), true)]);
        failed[^1].DueAt.ShouldBe(Now + Options.RetryLongest);
        failed.ShouldAllBe(each => each.Cursor == row.Cursor);
        row.Failed(seen with { RetryAfter = TimeSpan.FromHours(9) }, Diagnosis.Transient, Options, Now, jitter: 0).DueAt.ShouldBe(Now.AddHours(9));
    }

    [Fact]
    public void What_is_ours_to_mend_or_speaks_of_the_authorization_is_failing_at_once()
    {
        Row.Failed(new("100"), Diagnosis.Ours, Options, Now, 0).ShouldSatisfyAllConditions(row => row.IsFailing.ShouldBeTrue(), row => row.Trouble.ShouldBe(PullTrouble.Ours));
        Row.Failed(new("10"), Diagnosis.Invalid(InvalidReason.PermissionRemoved), Options, Now, 0)
            .ShouldSatisfyAllConditions(row => row.IsFailing.ShouldBeTrue(), row => row.Trouble.ShouldBe(PullTrouble.Authorization));
        Row.Failed(new("authError"), Diagnosis.RefreshFirst, Options, Now, 0).IsFailing.ShouldBeFalse();
    }

    [Fact]
    public void Failing_and_resuming_are_recorded_once_each_and_every_finished_pull_is()
    {
        var failing = Row with { IsFailing = true, FailingSince = Now, Code = "2" };
        var good = Row with { Pulled = PullKind.Daily, Last = new() { AccountMetrics = 3, ContentItems = 2, ContentMetrics = 8, Through = new(2026, 2, 28) } };
        var (failed, pulled, resumed) = (
            new InsightsFailed(Row.ConnectionId, Given.Creator, "instagram", "2", Now),
            new InsightsPulled(Row.ConnectionId, Given.Creator, "instagram", "Daily", 3, 2, 8, new(2026, 2, 28)),
            new InsightsResumed(Row.ConnectionId, Given.Creator, "instagram"));

        PullInsights.Decide(null, failing).ShouldBe(Decision.Of(failed));
        PullInsights.Decide(After(pulled, failed), failing).ShouldBe(Decision.Nothing);
        PullInsights.Decide(After(failed), good).ShouldBe(Decision.Of(resumed, pulled));
        PullInsights.Decide(After(failed, resumed, pulled), good).ShouldBe(Decision.Of(pulled));
    }

    [Fact]
    public void The_state_tells_whether_data_flows()
    {
        InsightsView.Of(null, "Instagram", Options, Now).State.ShouldBe("NotSynced");
        StateOf(Row).ShouldBe(InsightsState.NotSynced);
        StateOf(Row with { StartedAt = Now, DueAt = Now }).ShouldBe(InsightsState.Syncing);
        StateOf(Row with { LastOkAt = Now.AddHours(-35) }).ShouldBe(InsightsState.Synced);
        StateOf(Row with { LastOkAt = Now.AddHours(-37) }).ShouldBe(InsightsState.Stale);
        StateOf((Row with { LastOkAt = Now, StartedAt = Now }).Waiting(Now.AddHours(3), "quotaExceeded")).ShouldBe(InsightsState.Synced);
        StateOf(Row with { LastOkAt = Now, IsFailing = true }).ShouldBe(InsightsState.Failing);
        InsightsView.Of(Row with { IsFailing = true, FailingSince = Now.AddHours(-2), Code = "190", Trouble = PullTrouble.Authorization }, "Instagram", Options, Now)
            .ShouldSatisfyAllConditions(view => view.Since.ShouldBe(Now.AddHours(-2)), view => view.Code.ShouldBe("190"), view => view.Words!.ShouldContain("Instagram refuses the authorization"));
    }

    [Theory]
    [InlineData("{\"call_count\":28,\"total_time\":81,\"total_cputime\":25}", null, 81, 0, null)]
    [InlineData(null, "{\"178\":[{\"type\":\"instagram\",\"call_count\":96,\"total_cputime\":25,\"total_time\":25,\"estimated_time_to_regain_access\":19}]}", 0, 96, 19)]
    [InlineData("not json", "{\"178\":[{\"call_count\":10},{\"call_count\":30,\"estimated_time_to_regain_access\":0}]}", 0, 30, null)]
    public void Usage_headers_say_how_full_the_limits_are(string? app, string? account, double ofApp, double ofAccount, int? minutes) =>
        InstagramUsage.Of(name => name == "X-App-Usage" ? app : name == "X-Business-Use-Case-Usage" ? account : null)
            .ShouldBe(new(ofApp, ofAccount, minutes is { } wait ? TimeSpan.FromMinutes(wait) : null));

    [Fact]
    public void Without_usage_headers_nothing_is_known_of_limits() => InstagramUsage.Of(_ => null).ShouldBeNull();

    [Fact]
    public void A_day_of_quota_ends_at_midnight_in_California_whatever_the_season()
    {
        var limit = new CallLimit { Per = LimitWindow.PacificDay };

        limit.WindowOf(new(2026, 1, 15, 7, 59, 0, TimeSpan.Zero)).End.ShouldBe(new(2026, 1, 15, 8, 0, 0, TimeSpan.Zero));
        limit.WindowOf(new(2026, 7, 15, 7, 0, 0, TimeSpan.Zero)).ShouldBe((new(2026, 7, 15, 7, 0, 0, TimeSpan.Zero), new(2026, 7, 16, 7, 0, 0, TimeSpan.Zero)));
        new CallLimit().WindowOf(new(2026, 7, 15, 7, 0, 59, TimeSpan.Zero)).ShouldBe((new(2026, 7, 15, 7, 0, 0, TimeSpan.Zero), new(2026, 7, 15, 7, 1, 0, TimeSpan.Zero)));
    }

    [Fact]
    public void The_last_days_are_pulled_again_and_a_full_pull_goes_all_the_way_back()
    {
        var policy = new InsightsPolicy { RecentDays = 4, HistoryDays = 30 };

        policy.FirstDay(PullKind.Daily, new(2026, 3, 1)).ShouldBe(new DateOnly(2026, 2, 26));
        policy.FirstDay(PullKind.Full, new(2026, 3, 1)).ShouldBe(new DateOnly(2026, 1, 31));
    }

    private static DateTimeOffset? Before(double? hours) => hours is { } some ? Now.AddHours(-some) : null;

    private static InsightsState StateOf(PullRow row) => InsightsView.StateOf(row, Options, Now);

    private static InsightsFeed? After(params object[] events) => StreamFold<InsightsFeed>.Of(events);
}
