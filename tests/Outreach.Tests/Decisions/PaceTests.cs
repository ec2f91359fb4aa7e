namespace Outreach.Tests.Decisions;

public sealed class PaceTests
{
    private static readonly DateTimeOffset Now = new(2026, 5, 4, 10, 0, 0, TimeSpan.Zero);
    private static readonly TimeZoneInfo Berlin = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");
    private static readonly Pace Quiet = new(null, null, new(20, 0), new(8, 0), Berlin);

    [Fact]
    public void A_fast_rate_lets_a_seconds_worth_leave_at_once_and_then_goes_on_evenly()
    {
        var pace = new Pace(600, null, null, null, TimeZoneInfo.Utc);
        pace.Room(null, 0, Now).Messages.ShouldBe(10);
        var freeAt = Now + (pace.Interval * 10);
        pace.Room(freeAt, 10, Now).ShouldBe((0, Now + TimeSpan.FromMilliseconds(100)));
        pace.Room(freeAt, 10, Now + TimeSpan.FromMilliseconds(500)).Messages.ShouldBe(5);
    }

    [Fact]
    public void A_slow_rate_lets_one_message_leave_and_the_next_when_its_time_has_come()
    {
        var pace = new Pace(10, null, null, null, TimeZoneInfo.Utc);
        pace.Room(null, 0, Now).Messages.ShouldBe(1);
        var freeAt = Now + TimeSpan.FromSeconds(6);
        pace.Room(freeAt, 1, Now + TimeSpan.FromSeconds(5)).ShouldBe((0, freeAt));
        pace.Room(freeAt, 1, freeAt).Messages.ShouldBe(1);
    }

    [Fact]
    public void A_rate_that_was_not_used_is_not_saved_up() => new Pace(60, null, null, null, TimeZoneInfo.Utc).Room(Now.AddHours(-5), 0, Now).Messages.ShouldBe(1);

    [Fact]
    public void A_daily_cap_ends_with_the_organizations_day()
    {
        var pace = new Pace(null, 100, null, null, Berlin);
        pace.Room(null, 40, Now).Messages.ShouldBe(60);
        pace.Room(null, 100, Now).ShouldBe((0, new DateTimeOffset(2026, 5, 4, 22, 0, 0, TimeSpan.Zero)));
        pace.DayOf(new(2026, 5, 4, 22, 30, 0, TimeSpan.Zero)).ShouldBe(new DateOnly(2026, 5, 5));
    }

    [Theory]
    [InlineData("2026-05-04T10:00Z", null, null)]
    [InlineData("2026-05-04T18:00Z", null, "2026-05-05T06:00Z")]
    [InlineData("2026-05-05T03:00Z", null, "2026-05-05T06:00Z")]
    [InlineData("2026-05-05T06:00Z", null, null)]
    [InlineData("2026-05-04T10:00Z", "America/Los_Angeles", "2026-05-04T15:00Z")]
    [InlineData("2026-05-04T18:00Z", "America/Los_Angeles", null)]
    [InlineData("2026-05-04T18:00Z", "Not/AZone", "2026-05-05T06:00Z")]
    public void Quiet_hours_are_by_the_creators_clock_where_it_is_known(string now, string? zone, string? ends) =>
        Quiet.QuietEnds(DateTimeOffset.Parse(now), zone).ShouldBe(ends is null ? null : DateTimeOffset.Parse(ends));

    [Fact]
    public void Quiet_hours_that_end_in_an_hour_the_clocks_skip_end_right_after_it() =>
        new Pace(null, null, new(22, 0), new(2, 30), Berlin).QuietEnds(new(2026, 3, 29, 0, 30, 0, TimeSpan.Zero), null).ShouldBe(new DateTimeOffset(2026, 3, 29, 1, 0, 0, TimeSpan.Zero));

    [Fact]
    public void Without_quiet_hours_every_hour_will_do() => Pace.Free.QuietEnds(Now, "Europe/Berlin").ShouldBeNull();
}
