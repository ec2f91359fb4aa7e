using Webhooks.Sending;

namespace Webhooks.Tests.Decisions;

public sealed class GateTests
{
    [Theory]
    [InlineData(1, 8 + 128)]
    [InlineData(25, 8 + 16)]
    [InlineData(50, 8 + 8)]
    [InlineData(500, 8)]
    public void Of_an_endpoint_that_answers_quickly_something_is_taken_ahead_and_of_a_slow_one_nothing(int milliseconds, int room)
    {
        var gate = new Gate(8);
        gate.Room.ShouldBe(8);
        new Hold(ALane(), gate).End(TimeSpan.FromMilliseconds(milliseconds));

        gate.Room.ShouldBe(room);
    }

    [Fact]
    public void An_endpoint_that_becomes_slow_is_taken_less_of_with_each_answer()
    {
        var gate = new Gate(8);
        new Hold(ALane(), gate).End(TimeSpan.FromMilliseconds(1));
        var rooms = Enumerable.Range(0, 30).Select(_ =>
        {
            new Hold(ALane(), gate).End(TimeSpan.FromSeconds(2));
            return gate.Room;
        }).ToArray();

        rooms.ShouldBe(rooms.OrderDescending());
        rooms[^1].ShouldBe(8);
    }

    [Fact]
    public void What_was_taken_ahead_is_half_used_up_before_more_is_taken()
    {
        var gate = new Gate(8);
        new Hold(ALane(), gate).End(TimeSpan.FromMilliseconds(1));
        var holds = Enumerable.Range(0, 8 + 128).Select(_ => new Hold(ALane(), gate)).ToArray();
        (gate.Room, gate.IsLow, gate.IsBusy).ShouldBe((0, false, true));

        foreach (var hold in holds[..63])
        {
            hold.End();
        }

        gate.IsLow.ShouldBeFalse();
        holds[63].End().ShouldBeTrue();
        gate.IsLow.ShouldBeTrue();
        holds[63].End().ShouldBeFalse();
        gate.Room.ShouldBe(64);
    }

    [Fact]
    public void What_was_taken_before_its_endpoint_failed_is_not_wanted_any_more()
    {
        var gate = new Gate(8);
        var before = new Hold(ALane(), gate);
        before.IsWanted.ShouldBeTrue();
        gate.Fail();

        before.IsWanted.ShouldBeFalse();
        new Hold(ALane(), gate).IsWanted.ShouldBeTrue();
    }

    [Fact]
    public async Task No_more_requests_than_its_width_are_under_way_and_nobody_waits_for_long()
    {
        var gate = new Gate(1);
        var first = (await gate.Enter()).ShouldNotBeNull();
        (await gate.Enter()).ShouldBeNull();

        var waiting = gate.Enter();
        first.Dispose();
        first.Dispose();
        (await waiting).ShouldNotBeNull();
        (await gate.Enter()).ShouldBeNull();
    }

    private static Lane ALane() => new("aurora", Guid.CreateVersion7(), "subject", Guid.CreateVersion7(), DateTimeOffset.MaxValue);
}
