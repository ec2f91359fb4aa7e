using Shouldly;

namespace Campaigns.Tests.Decisions;

public sealed class StandingTests
{
    [Fact]
    public void Who_was_never_heard_of_is_not_connected_anywhere_and_was_never_asked()
    {
        Standing nobody = default;
        ConnectionType.All.Select(type => nobody.StatusOf(type.Name)).Distinct().ShouldBe([ConnectionStatus.NotConnected]);
        nobody.Outreach.ShouldBe(OutreachState.NotAsked);
    }

    [Fact]
    public void Every_column_keeps_its_status_beside_all_the_others()
    {
        foreach (var type in ConnectionType.All.Where(type => type.IsAuthorization))
        {
            foreach (var status in ConnectionStatus.All)
            {
                foreach (var other in Standing.Possible())
                {
                    var standing = other.With(type.Name, status);
                    standing.StatusOf(type.Name).ShouldBe(status);
                    standing.Outreach.ShouldBe(other.Outreach);
                    ConnectionType.All.Where(another => another != type).Select(another => standing.StatusOf(another.Name))
                        .ShouldBe(ConnectionType.All.Where(another => another != type).Select(another => other.StatusOf(another.Name)));
                }
            }
        }
    }

    [Theory]
    [InlineData("NotInvited", "NotConnected")]
    [InlineData("Invited", "NotConnected")]
    [InlineData("NotEligible", "NotConnected")]
    [InlineData("Joined", "Connected")]
    [InlineData("InviteExpired", "Expired")]
    [InlineData("Declined", "Invalidated")]
    [InlineData("SomethingNew", "NotConnected")]
    public void The_marketplace_shows_in_the_words_of_the_columns(string membership, string status)
    {
        var standing = default(Standing).With("TikTokInsights", "Expired").WithMarketplace(membership);
        standing.StatusOf("TikTokMarketplace").ShouldBe(status);
        standing.StatusOf("TikTokInsights").ShouldBe("Expired");
    }

    [Fact]
    public void Every_state_of_a_message_is_kept() =>
        OutreachState.All.Select(state => default(Standing).With("YouTubeInsights", "Connected").WithOutreach(state).Outreach).ShouldBe(OutreachState.All);

    [Fact]
    public void There_are_as_many_standings_as_the_tables_say()
    {
        Standing.Possible().Distinct().Count().ShouldBe(2304);
        Standing.Possible().Max(standing => standing.Code).ShouldBeLessThan((short)4096);
    }

    [Fact]
    public void Without_outreach_it_is_the_bits_of_connections()
    {
        var standing = default(Standing).With("InstagramInsights", "Expired").WithMarketplace("Invited");
        standing.WithOutreach("Clicked").WithoutOutreach.ShouldBe(standing);
        Standing.Possible().Select(each => each.WithoutOutreach).Distinct().Count().ShouldBe(384);
    }
}
