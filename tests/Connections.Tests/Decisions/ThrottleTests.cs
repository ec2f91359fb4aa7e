using Connections.Platforms.TikTok.Marketplace;
using Shouldly;
using Xunit;

namespace Connections.Tests.Decisions;

public sealed class ThrottleTests
{
    private static readonly DateTimeOffset Evening = new(2026, 3, 1, 21, 30, 0, TimeSpan.Zero);

    [Fact]
    public void The_shortest_count_is_believed_first() => Throttle.QuietUntil(1, Evening).ShouldBe(Evening.AddSeconds(1));

    [Fact]
    public void Throttled_again_it_was_the_minutes_count() => Throttle.QuietUntil(2, Evening).ShouldBe(Evening.AddMinutes(5));

    [Fact]
    public void And_again_it_was_the_days_count_which_starts_anew_at_midnight_utc()
    {
        Throttle.QuietUntil(3, Evening).ShouldBe(new(2026, 3, 2, 0, 0, 0, TimeSpan.Zero));
        Throttle.QuietUntil(9, Evening.ToOffset(TimeSpan.FromHours(5))).ShouldBe(new(2026, 3, 2, 0, 0, 0, TimeSpan.Zero));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(5, 16)]
    [InlineData(10, 512)]
    [InlineData(11, 900)]
    [InlineData(1000, 900)]
    public void After_faults_the_wait_doubles_up_to_a_quarter_of_an_hour(int inARow, int seconds) =>
        Throttle.QuietAfterFault(inARow, Evening).ShouldBe(Evening.AddSeconds(seconds));
}
