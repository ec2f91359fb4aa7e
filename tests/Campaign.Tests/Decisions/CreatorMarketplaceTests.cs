using Campaigns.Features;
using CreatorConnections.Contracts.Connections;
using Shouldly;

namespace Campaigns.Tests.Decisions;

public sealed class CreatorMarketplaceTests
{
    private static readonly Guid Standing = new("0190a000-0000-7000-8000-000000000004");
    private static readonly Guid Creator = new("0190a000-0000-7000-8000-000000000001");
    private static readonly DateTimeOffset Noon = new(2027, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void News_are_noted_in_utc() =>
        Given.Nothing<CreatorMarketplace>().When(state => OnMarketplaceStatusChanged.Decide(state, Changed(3, "Invited") with { OccurredAt = Noon.ToOffset(TimeSpan.FromHours(2)) }))
            .Then(Noted(3, "Invited"));

    [Fact]
    public void Newer_news_replace_older_ones() =>
        Given.Events<CreatorMarketplace>(Noted(3, "Invited")).When(state => OnMarketplaceStatusChanged.Decide(state, Changed(5, "Joined"))).Then(Noted(5, "Joined"));

    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    public void News_that_are_not_newer_change_nothing(long sequence) =>
        Given.Events<CreatorMarketplace>(Noted(5, "Joined")).When(state => OnMarketplaceStatusChanged.Decide(state, Changed(sequence, "Invited"))).ThenNothing();

    [Theory]
    [InlineData("Joined", "Connected", "green")]
    [InlineData("InviteExpired", "Expired", "red")]
    [InlineData("Declined", "Invalidated", "red")]
    [InlineData("NotInvited", "NotConnected", "grey")]
    [InlineData("Invited", "NotConnected", "grey")]
    [InlineData("NotEligible", "NotConnected", "grey")]
    [InlineData("SomethingOfTheFuture", "NotConnected", "grey")]
    public void A_standing_has_the_status_and_colour_of_the_column(string standing, string status, string colour)
    {
        CreatorMarketplace.ConnectionStatusOf(standing).ShouldBe(status);
        ConnectionStatus.Colour(status).ShouldBe(colour);
    }

    private static MarketplaceNoted Noted(long sequence, string status) => new(Standing, Creator, status, sequence, Noon);

    private static MarketplaceStatusChanged Changed(long sequence, string status) => new()
    {
        OrganizationId = "aurora",
        StandingId = Standing,
        CreatorId = Creator,
        Status = status,
        Reasons = [],
        Confidence = "confirmed",
        Sequence = sequence,
        OccurredAt = Noon,
    };
}
