using Shouldly;

namespace Campaigns.Tests.Decisions;

public sealed class PastMomentTests
{
    private static readonly DateTimeOffset Now = new(2027, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("2027-03-01T12:00:00Z", 0)]
    [InlineData("2027-03-01T11:59:59.1234567Z", -8765433)]
    [InlineData("2027-03-01T13:00:00+01:00", 0)]
    [InlineData("2027-03-01T06:59:00.5-05:00", -595000000)]
    public void What_the_standard_allows_is_read(string text, long ticksFromNow) =>
        PastMoment.Read(text, "asOf", Now).ShouldBe((Now.AddTicks(ticksFromNow), null));

    [Theory]
    [InlineData("2027-03-01T12:00:00.001Z", "asOf.future")]
    [InlineData("2027-03-01T13:00:00+00:59", "asOf.future")]
    [InlineData("2027-03-01", "asOf.invalid")]
    [InlineData("2027-03-01T12:00:00", "asOf.invalid")]
    [InlineData("2027-03-01T12:00:00 01:00", "asOf.invalid")]
    [InlineData("1.3.2027", "asOf.invalid")]
    public void Anything_else_is_refused(string text, string code) =>
        PastMoment.Read(text, "asOf", Now).Flaw.ShouldNotBeNull().ShouldSatisfyAllConditions(flaw => flaw.Code.ShouldBe(code), flaw => flaw.Field.ShouldBe("asOf"));

    [Fact]
    public void Nothing_named_is_no_moment() => PastMoment.Read("", "asOf", Now).ShouldBe((null, null));
}
