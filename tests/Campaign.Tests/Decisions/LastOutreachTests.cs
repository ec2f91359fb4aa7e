using Campaigns.Features;
using CreatorConnections.Contracts.Outreach;
using Shouldly;

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

    [Fact]
    public void News_of_messages_end_the_same_in_every_order_they_can_arrive_in()
    {
        Func<LastOutreach?, EventSourcing.Decision>[] news =
        [
            state => Decide(state, 1, Noon),
            state => Decide(state, 2, Noon.AddHours(1)),
            state => LastOutreach.Note(state, Progressed(1, OutreachState.Connected)),
            state => LastOutreach.Note(state, Progressed(2, OutreachState.Bounced)),
            state => LastOutreach.Note(state, Progressed(2, OutreachState.Clicked)),
        ];
        var ends = Orders(news).Select(order => order.Aggregate((LastOutreach?)null, (state, decide) => decide(state) is EventSourcing.Decision.Recorded recorded
            ? EventSourcing.StreamFold<LastOutreach>.Of(recorded.Events, state)
            : state)!).ToArray();

        ends.Length.ShouldBe(120);
        foreach (var end in ends)
        {
            (end.DeliveryId, end.At, end.Progress[end.DeliveryId!.Value]).ShouldBe((Delivery(2), Noon.AddHours(1), OutreachState.Clicked));
        }
    }

    [Fact]
    public void A_message_that_could_not_be_sent_is_news_of_a_message() =>
        Given.Nothing<LastOutreach>().When(state => LastOutreach.Note(state, Noted(1, Noon) with { Progress = OutreachState.Failed })).Then(Noted(1, Noon) with { Progress = OutreachState.Failed });

    [Fact]
    public void A_step_that_is_not_further_changes_nothing() =>
        Given.Events<LastOutreach>(Noted(1, Noon), Progressed(1, OutreachState.Connected)).When(state => LastOutreach.Note(state, Progressed(1, OutreachState.Clicked))).ThenNothing();

    private static IEnumerable<IEnumerable<T>> Orders<T>(IReadOnlyList<T> items) => items.Count == 0
        ? [[]]
        : items.SelectMany((first, at) => Orders<T>([.. items.Where((_, other) => other != at)]).Select(rest => rest.Prepend(first)));

    private static OutreachProgressed Progressed(int delivery, string progress) => new(Id, new(8, 0, 0, new byte[8]), new(9, 0, 0, new byte[8]), Delivery(delivery), progress);

    private static Guid Delivery(int delivery) => new(delivery, 0, 0, new byte[8]);

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
        Id, new(8, 0, 0, new byte[8]), new(9, 0, 0, new byte[8]), new(7, 0, 0, new byte[8]), new(delivery, 0, 0, new byte[8]), "creator-hub-invitation", at, OutreachState.Sent);
}
