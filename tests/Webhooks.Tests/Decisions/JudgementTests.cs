using Webhooks.Sending;

namespace Webhooks.Tests.Decisions;

public sealed class JudgementTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 2, 9, 30, 0, TimeSpan.Zero);
    private static readonly SendingOptions Usual = new();

    [Fact]
    public void The_usual_waits_grow_and_reach_over_a_day()
    {
        Usual.Waits.ShouldBe(Usual.Waits.Order());
        TimeSpan.FromTicks(Usual.Waits.Sum(wait => wait.Ticks)).ShouldBeGreaterThan(TimeSpan.FromDays(1));
    }

    [Theory]
    [InlineData(0, 0, "00:00:05")]
    [InlineData(0, 1, "00:00:06")]
    [InlineData(2, 0.5, "00:02:12")]
    [InlineData(9, 0, "12:00:00")]
    public void A_failure_waits_its_turn_with_jitter(int tries, double spread, string wait) =>
        Judgement.Of(Answer.Of(500, null), tries, null, Usual, Now, spread).ShouldBe(new(DeliveryState.Waiting, Now + TimeSpan.Parse(wait), null, null));

    [Fact]
    public void After_the_last_wait_it_is_exhausted() =>
        Judgement.Of(new(AttemptOutcome.TimedOut), 10, null, Usual, Now, 0).ShouldBe(new(DeliveryState.Exhausted, null, null, null));

    [Fact]
    public void A_receiver_that_says_when_is_left_alone_until_then()
    {
        Judgement.Of(Answer.Of(429, TimeSpan.FromMinutes(7)), 0, null, Usual, Now, 0).ShouldBe(new(DeliveryState.Waiting, Now.AddMinutes(7), Now.AddMinutes(7), null));
        Judgement.Of(Answer.Of(503, TimeSpan.FromDays(300)), 0, null, Usual, Now, 0).NextAt.ShouldBe(Now.AddHours(12));

        // It may ask for more time and not for less.
        Judgement.Of(Answer.Of(503, TimeSpan.FromSeconds(1)), 3, null, Usual, Now, 0).ShouldBe(new(DeliveryState.Waiting, Now.AddMinutes(10), Now.AddSeconds(1), null));
        Judgement.Of(Answer.Of(503, null), 0, null, Usual, Now, 0).HoldUntil.ShouldBeNull();
    }

    [Fact]
    public void Gone_pauses_and_so_do_days_of_failures()
    {
        Judgement.Of(Answer.Of(410, null), 0, null, Usual, Now, 0).Pause.ShouldBe(PauseReason.Gone);
        Judgement.Of(Answer.Of(404, null), 0, Now.AddDays(-5), Usual, Now, 0).Pause.ShouldBe(PauseReason.Failing);
        Judgement.Of(Answer.Of(404, null), 0, Now.AddDays(-4), Usual, Now, 0).Pause.ShouldBeNull();
        Judgement.Of(Answer.Of(200, null), 0, Now.AddDays(-9), Usual, Now, 0).ShouldBe(new(DeliveryState.Delivered, null, null, null));
    }

    [Theory]
    [InlineData(200, "Delivered")]
    [InlineData(204, "Delivered")]
    [InlineData(302, "Redirected")]
    [InlineData(400, "Rejected")]
    [InlineData(410, "Gone")]
    [InlineData(429, "Throttled")]
    [InlineData(503, "ServerError")]
    public void A_status_is_an_outcome(int status, string outcome) => Answer.Of(status, null).Outcome.ToString().ShouldBe(outcome);
}
