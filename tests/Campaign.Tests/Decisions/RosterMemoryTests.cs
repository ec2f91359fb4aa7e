using Shouldly;

namespace Campaigns.Tests.Decisions;

public sealed class RosterMemoryTests
{
    private readonly Guid roster = Guid.NewGuid();

    [Fact]
    public void What_was_kept_of_a_roster_holds_until_its_next_change()
    {
        using var memory = new RosterMemory();
        memory.Keep("aurora", roster, 5, "five");

        memory.Of<string>("aurora", roster, 5).ShouldBe("five");
        memory.Of<string>("aurora", roster, 6).ShouldBeNull();
        memory.Keep("aurora", roster, 6, "six");
        memory.Of<string>("aurora", roster, 6).ShouldBe("six");
        memory.Of<string>("aurora", roster, 5).ShouldBeNull();
    }

    [Fact]
    public void Neither_another_organization_nor_another_roster_nor_another_question_is_answered_by_it()
    {
        using var memory = new RosterMemory();
        memory.Keep("aurora", roster, 5, "five");

        memory.Of<string>("borealis", roster, 5).ShouldBeNull();
        memory.Of<string>("aurora", Guid.NewGuid(), 5).ShouldBeNull();
        memory.Of<StandingCounts>("aurora", roster, 5).ShouldBeNull();
    }

    [Fact]
    public void Counts_told_apart_by_fewer_bits_add_up()
    {
        var counts = new StandingCounts(new Dictionary<Standing, long> { [new(0b01)] = 2, [new(0b01_01)] = 3, [new(0b10_00)] = 4 });

        var only = counts.Only(0b11);

        only.PerStanding.ShouldBe(new Dictionary<Standing, long> { [new(0b01)] = 5, [new(0b00)] = 4 }, ignoreOrder: true);
        only.Bits.ShouldBe((short)0b11);
    }
}
