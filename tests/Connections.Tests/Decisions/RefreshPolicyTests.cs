using Connections.Platforms;
using Connections.Upkeep;
using Shouldly;
using Xunit;
using static Connections.Tests.Given;

namespace Connections.Tests.Decisions;

public sealed class RefreshPolicyTests
{
    private static readonly Warnings Warnings = new(new());

    [Fact]
    public void Instagram_is_extended_after_a_week_and_up_to_a_tenth_earlier()
    {
        var policy = new InstagramOptions().Refresh;
        var tokens = LongLived(TimeSpan.FromDays(60));

        policy.NextRefresh(tokens, jitter: 0).ShouldBe(Now.AddDays(7));
        policy.NextRefresh(tokens, jitter: 1).ShouldBe(Now.AddDays(7) - (TimeSpan.FromDays(7) * 0.1));
    }

    [Fact]
    public void Instagram_is_never_extended_in_its_first_day_and_not_at_all_where_that_would_be_too_late()
    {
        var policy = new InstagramOptions().Refresh;

        policy.NextRefresh(LongLived(TimeSpan.FromDays(5)), jitter: 1).ShouldBe(Now.AddDays(1));
        policy.NextRefresh(LongLived(TimeSpan.FromHours(20)), jitter: 0).ShouldBeNull();
    }

    [Theory]
    [InlineData(7200, 180, 5760)]
    [InlineData(86400, 365, 69120)]
    public void TikTok_is_renewed_at_four_fifths_of_whatever_life_the_answer_names(int access, int refreshDays, int dueAfter) =>
        new TikTokOptions().Refresh.NextRefresh(new("a", Now.AddSeconds(access), "r", Now.AddDays(refreshDays), Now), jitter: 0).ShouldBe(Now.AddSeconds(dueAfter));

    [Fact]
    public void Google_is_used_once_a_month_and_its_access_token_renewed_when_less_than_five_minutes_are_left()
    {
        var policy = new YouTubeOptions().Refresh;

        policy.NextRefresh(new("a", Now.AddHours(1), "r", null, Now), jitter: 0).ShouldBe(Now.AddDays(30));
        policy.IsEnding(Now, Now.AddHours(1), Now.AddMinutes(54)).ShouldBeFalse();
        policy.IsEnding(Now, Now.AddHours(1), Now.AddMinutes(55)).ShouldBeTrue();
    }

    [Fact]
    public void A_token_whose_whole_life_is_shorter_than_the_margin_is_not_renewed_without_end() =>
        new TikTokOptions().Refresh.NextRefresh(new("a", Now.AddSeconds(60), "r", Now.AddDays(1), Now), jitter: 0).ShouldBe(Now.AddSeconds(48));

    [Fact]
    public void Warnings_come_at_fourteen_seven_three_and_one_days_once_each_and_of_missed_ones_only_the_tightest()
    {
        var end = Now.AddDays(30);

        Warnings.DueAt(end.AddDays(-15), end, null).ShouldBeNull();
        Warnings.DueAt(end.AddDays(-14), end, null).ShouldBe(14);
        Warnings.DueAt(end.AddDays(-8), end, 14).ShouldBeNull();
        Warnings.DueAt(end.AddDays(-7), end, 14).ShouldBe(7);
        Warnings.DueAt(end.AddDays(-2), end, null).ShouldBe(3);
        Warnings.DueAt(end.AddHours(-1), end, 3).ShouldBe(1);
        Warnings.DueAt(end.AddHours(-1), end, 1).ShouldBeNull();
    }

    [Fact]
    public void The_clock_is_looked_at_at_the_next_warning_and_at_last_at_the_end_and_the_allowance()
    {
        var end = Now.AddDays(30);

        Warnings.NextAt(end, null).ShouldBe(end.AddDays(-14));
        Warnings.NextAt(end, 7).ShouldBe(end.AddDays(-3));
        Warnings.NextAt(end, 1).ShouldBe(end.AddSeconds(120));
        Warnings.NextAt(null, null).ShouldBeNull();
    }

    [Fact]
    public void What_begins_with_less_time_than_a_warning_is_not_announced_the_moment_it_begins()
    {
        Warnings.SkippedBy(Now, Now.AddDays(7)).ShouldBe(7);
        Warnings.DueAt(Now, Now.AddDays(7), 7).ShouldBeNull();
        Warnings.SkippedBy(Now, Now.AddDays(60)).ShouldBeNull();
    }

    private static TokenSet LongLived(TimeSpan life) => new("token", Now + life, null, Now + life, Now);
}
