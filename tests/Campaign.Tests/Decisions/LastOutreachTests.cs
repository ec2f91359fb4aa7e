using Campaigns.Features;
using CreatorConnections.Contracts.Outreach;

namespace Campaigns.Tests.Decisions;

public sealed class LastOutreachTests
{
    private static readonly Guid Id = new("0190a000-0000-7000-8000-000000000009");
    private static readonly DateTimeOffset Noon = new(2027, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void The_first_message_is_the_last() => Given.Nothing<LastOutreach>().When(state => Decide(state, 1, Noon)).Then(Noted(1, Noon));

    [Fact]
    public void A_later_message_takes_its_place() =>
        Given.Events<LastOutreach>(Noted(1, Noon)).When(state => Decide(state, 2, Noon.AddHours(1))).Then(Noted(2, Noon.AddHours(1)));

    [Fact]
    public void An_earlier_message_that_comes_late_changes_nothing() => Given.Events<LastOutreach>(Noted(2, Noon))
        .When(state => Decide(state, 1, Noon.AddHours(-1))).ThenNothing();

    [Fact]
    public void The_same_message_again_changes_nothing() => Given.Events<LastOutreach>(Noted(1, Noon)).When(state => Decide(state, 1, Noon)).ThenNothing();

    [Fact]
    public void Two_messages_of_one_moment_end_the_same_in_either_order()
    {
        Given.Events<LastOutreach>(Noted(1, Noon)).When(state => Decide(state, 2, Noon)).Then(Noted(2, Noon));
        Given.Events<LastOutreach>(Noted(2, Noon)).When(state => Decide(state, 1, Noon)).ThenNothing();
    }

    private static EventSourcing.Decision Decide(LastOutreach? state, int delivery, DateTimeOffset at) => OnOutreachSent.Decide(state, Id, new OutreachSent
    {
        OrganizationId = "aurora",
        OutreachId = new(7, 0, 0, new byte[8]),
        DeliveryId = new(delivery,
        0, 0, new byte[8]),
        CampaignId = new(8, 0, 0, new byte[8]),
        CreatorId = new(9, 0, 0, new byte[8]),
        Template = "creator-hub-invitation",
        Sequence = 2,
        OccurredAt = at,
    });

    private static OutreachNoted Noted(int delivery, DateTimeOffset at) => new(
        Id, new(8, 0, 0, new byte[8]), new(9, 0, 0, new byte[8]), new(7, 0, 0, new byte[8]), new(delivery, 0, 0, new byte[8]), "creator-hub-invitation", at);
}
