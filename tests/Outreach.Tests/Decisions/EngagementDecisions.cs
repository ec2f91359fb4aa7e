using CreatorConnections.Contracts.Connections;
using Outreach.Features;

namespace Outreach.Tests.Decisions;

/// <summary>What becomes of a message is recorded once each, in whatever order and however often the news arrives.</summary>
public sealed class EngagementDecisions
{
    private static readonly DateTimeOffset At = new(2026, 5, 4, 10, 0, 0, TimeSpan.Zero);
    private static readonly Recipient Ana = Recipient.Of(Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7(), "creator-hub-invitation");
    private static readonly Guid Connection = Guid.CreateVersion7();
    private static readonly MessageOpened Opened = new(Ana, At);
    private static readonly InvitationClicked Clicked = new(Ana, At);
    private static readonly CreatorConverted Converted = new(Ana, "youtube", Connection, At);
    private static readonly InvitationWithdrawn Withdrawn = new(Ana, "maya", At);

    [Fact]
    public void The_first_opening_is_recorded_whatever_is_known_and_no_further_one()
    {
        new Given<Engagement>().When(state => TrackOpen.Decide(state, Ana, At)).Then(Opened);
        new Given<Engagement>(Clicked, Converted, Withdrawn).When(state => TrackOpen.Decide(state, Ana, At)).Then(Opened);
        new Given<Engagement>(Opened).When(state => TrackOpen.Decide(state, Ana, At.AddDays(1))).ThenNothing();
    }

    [Fact]
    public void The_first_click_is_recorded_whatever_is_known_and_no_further_one()
    {
        new Given<Engagement>().When(state => OnInvitationOpened.Decide(state, Ana, At)).Then(Clicked);
        new Given<Engagement>(Converted, Withdrawn).When(state => OnInvitationOpened.Decide(state, Ana, At)).Then(Clicked);
        new Given<Engagement>(Clicked, Opened).When(state => OnInvitationOpened.Decide(state, Ana, At.AddDays(1))).ThenNothing();
    }

    [Fact]
    public void Each_platform_is_recorded_once()
    {
        new Given<Engagement>(Clicked).When(state => OnConnectionGrantedByInvitation.Decide(state, Ana, Granted("youtube"))).Then(Converted);
        new Given<Engagement>(Converted).When(state => OnConnectionGrantedByInvitation.Decide(state, Ana, Granted("youtube"))).ThenNothing();
        new Given<Engagement>(Converted).When(state => OnConnectionGrantedByInvitation.Decide(state, Ana, Granted("tiktok"))).Then(Converted with { Platform = "tiktok" });
    }

    [Fact]
    public void An_invitation_is_taken_back_once()
    {
        new Given<Engagement>(Clicked).When(state => RevokeInvitation.Decide(state, Ana, "maya", At)).Then(Withdrawn);
        new Given<Engagement>(Withdrawn).When(state => RevokeInvitation.Decide(state, Ana, "ben", At.AddDays(1))).ThenNothing();
    }

    [Fact]
    public void An_older_standing_in_the_marketplace_does_not_replace_a_newer_one()
    {
        var id = CreatorMarketplace.IdOf("aurora", Ana.CreatorId);
        var joined = new MarketplaceStandingHeard(id, "Joined", 4);
        new Given<CreatorMarketplace>().When(state => OnMarketplaceStatusChanged.Decide(state, Changed("Joined", 4))).Then(joined);
        new Given<CreatorMarketplace>(joined).When(state => OnMarketplaceStatusChanged.Decide(state, Changed("Invited", 3))).ThenNothing();
        new Given<CreatorMarketplace>(joined).When(state => OnMarketplaceStatusChanged.Decide(state, Changed("NotInvited", 5))).Then(new MarketplaceStandingHeard(id, "NotInvited", 5));
    }

    private static ConnectionGranted Granted(string platform) => new()
    {
        OrganizationId = "aurora",
        ConnectionId = Connection,
        CreatorId = Ana.CreatorId,
        Platform = platform,
        AccountId = "1",
        Scopes = [],
        InvitationId = Ana.DeliveryId,
        Sequence = 2,
        OccurredAt = At,
    };

    private static MarketplaceStatusChanged Changed(string status, long sequence) => new()
    {
        OrganizationId = "aurora",
        StandingId = Guid.CreateVersion7(),
        CreatorId = Ana.CreatorId,
        Status = status,
        Reasons = [],
        Confidence = "confirmed",
        Sequence = sequence,
        OccurredAt = At,
    };
}
