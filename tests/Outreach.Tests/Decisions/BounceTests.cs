using EventSourcing;
using Outreach.Features;

namespace Outreach.Tests.Decisions;

public sealed class BounceTests
{
    private static readonly DateTimeOffset Now = new(2026, 5, 4, 10, 0, 0, TimeSpan.Zero);
    private static readonly Guid Campaign = Guid.CreateVersion7();
    private static readonly Guid Creator = Guid.CreateVersion7();
    private static readonly Recipient First = Recipient.Of(Guid.CreateVersion7(), Campaign, Creator, "creator-hub-invitation");
    private static readonly Recipient Second = Recipient.Of(Guid.CreateVersion7(), Campaign, Creator, "creator-hub-invitation");
    private static readonly object[] Sent = [new MessageAccepted(First, 1, First.DeliveryId, null, Now)];

    [Fact]
    public void A_message_that_comes_back_has_bounced_once()
    {
        new Given<Delivery>(Sent).When(Bounce(First, "5.1.1")).Then(new MessageBounced(First, "5.1.1", true));
        new Given<Delivery>([.. Sent, new MessageBounced(First, "5.1.1", true)]).When(Bounce(First, "5.1.1")).ThenNothing();
    }

    [Fact]
    public void A_message_that_could_not_be_delivered_in_time_may_get_through_the_next_time() =>
        new Given<Delivery>(Sent).When(Bounce(First, "4.4.7")).Then(new MessageBounced(First, "4.4.7", false));

    [Fact]
    public void A_bounce_that_overtakes_the_answer_settles_the_message_and_the_answer_changes_nothing()
    {
        new Given<Delivery>().When(Bounce(First, "5.1.1")).Then(new MessageBounced(First, "5.1.1", true));
        new Given<Delivery>(new MessageBounced(First, "5.1.1", true))
            .When(state => DeliverPage.Conclude(state, First, 1, new Channels.Answer.Accepted(), 3, Now)).ThenNothing();
    }

    [Fact]
    public void What_never_left_cannot_come_back()
    {
        new Given<Delivery>().When(state => ReceiveReport.Decide(state, First, wasTaken: false, "5.1.1")).ThenRefused(RefusalKind.Unknown, "bounce.unknown-delivery");
        new Given<Delivery>(new DeliverySkipped(First, "no-email")).When(Bounce(First, "5.1.1")).ThenNothing();
        new Given<Delivery>(new DeliveryFailed(First, "rejected")).When(Bounce(First, "5.1.1")).ThenNothing();
    }

    [Fact]
    public void A_late_bounce_of_an_earlier_outreach_does_not_touch_the_message_that_is_on_its_way()
    {
        object[] facts = [.. Sent, new AttemptDeferred(Second, 1, "mailbox-busy", Now.AddDays(4)), new MessageBounced(First, "5.1.1", true)];
        var delivery = StreamFold<Delivery>.Of(facts).ShouldNotBeNull();
        (delivery.Recipient, delivery.Progress).ShouldBe((Second, Progress.Waiting));
        new Given<Delivery>(facts).When(Bounce(First, "5.1.1")).ThenNothing();
        new Given<Delivery>(facts).When(Bounce(Second, "5.1.1")).Then(new MessageBounced(Second, "5.1.1", true));
    }

    private static Func<Delivery?, Decision> Bounce(Recipient recipient, string code) => state => ReceiveReport.Decide(state, recipient, wasTaken: true, code);
}
