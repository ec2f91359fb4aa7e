using EventSourcing;
using Outreach.Channels;
using Outreach.Features;

namespace Outreach.Tests.Decisions;

public sealed class DeliveryTests
{
    private static readonly TimeSpan Window = TimeSpan.FromDays(3);
    private static readonly DateTimeOffset Now = new(2026, 5, 4, 10, 0, 0, TimeSpan.Zero);
    private static readonly Guid Campaign = Guid.CreateVersion7();
    private static readonly Guid Creator = Guid.CreateVersion7();
    private static readonly Recipient First = Recipient.Of(Guid.CreateVersion7(), Campaign, Creator, "creator-hub-invitation");
    private static readonly Recipient Second = Recipient.Of(Guid.CreateVersion7(), Campaign, Creator, "creator-hub-invitation");

    private static readonly MessageAccepted Accepted = new(First, 1, First.DeliveryId, null, Now);
    private static readonly AttemptDeferred Deferred = new(First, 1, "mailbox-busy", Now);
    private static readonly DeliveryInDoubt InDoubt = new(First, 1, Now);

    // As versions before recorded that a message was in hand.
    private static readonly AttemptStarted Started = new(First, 1, Now);

    [Fact]
    public void A_first_message_may_leave() => MayLeave(First, 1);

    [Fact]
    public void An_attempt_that_an_earlier_version_took_in_hand_goes_on_as_it_was() => MayLeave(First, 1, Started);

    [Fact]
    public void An_attempt_that_began_and_was_never_answered_leaves_the_delivery_in_doubt()
    {
        new Given<Delivery>().When(Conclude(new Answer.Unknown())).Then(InDoubt);
        new Given<Delivery>(Started).When(Conclude(new Answer.Unknown())).Then(InDoubt);
    }

    [Fact]
    public void A_delivery_in_doubt_is_not_sent_again() => new Given<Delivery>(InDoubt).When(Screen(First)).ThenNothing();

    [Fact]
    public void A_message_taken_in_hand_does_not_leave_when_its_recipient_has_become_ineligible_since() =>
        new Given<Delivery>(Deferred).When(Screen(First, "not-on-roster")).Then(new DeliverySkipped(First, "not-on-roster"));

    [Fact]
    public void A_recipient_with_an_obstacle_is_skipped_for_that_reason() =>
        new Given<Delivery>().When(Screen(First, "no-email")).Then(new DeliverySkipped(First, "no-email"));

    [Fact]
    public void A_recipient_is_skipped_only_once() =>
        new Given<Delivery>(new DeliverySkipped(First, "no-email")).When(Screen(First, "no-email")).ThenNothing();

    [Fact]
    public void A_second_outreach_within_the_window_skips_who_was_written_to() =>
        new Given<Delivery>(Accepted).When(Screen(Second)).Then(new DeliverySkipped(Second, "already-invited"));

    [Fact]
    public void A_second_outreach_skips_whose_message_another_one_has_in_hand() =>
        new Given<Delivery>().When(Screen(Second, holds: false)).Then(new DeliverySkipped(Second, "already-invited"));

    [Fact]
    public void A_second_outreach_skips_whose_message_an_earlier_version_has_in_hand() =>
        new Given<Delivery>(Started).When(Screen(Second)).Then(new DeliverySkipped(Second, "already-invited"));

    [Fact]
    public void A_second_outreach_within_the_window_skips_whose_message_waits_for_its_next_attempt() =>
        new Given<Delivery>(Deferred).When(Screen(Second)).Then(new DeliverySkipped(Second, "already-invited"));

    [Fact]
    public void A_second_outreach_within_the_window_skips_who_may_have_been_written_to() =>
        new Given<Delivery>(InDoubt).When(Screen(Second)).Then(new DeliverySkipped(Second, "already-invited"));

    [Fact]
    public void A_second_outreach_writes_again_when_the_window_has_passed()
    {
        var state = StreamFold<Delivery>.Of([Accepted]);
        DeliverPage.Screen(state, Second, null, true, Now + Window, Window).ShouldBeNull();
        Delivery.NextAttempt(state, Second.OutreachId).ShouldBe(1);
    }

    [Fact]
    public void The_time_of_an_attempt_that_an_earlier_version_started_counts_for_the_window()
    {
        var state = StreamFold<Delivery>.Of([Started, new MessageAccepted(First, 1, First.DeliveryId)]);
        DeliverPage.Screen(state, Second, null, true, Now + Window - TimeSpan.FromSeconds(1), Window).ShouldNotBeNull();
        DeliverPage.Screen(state, Second, null, true, Now + Window, Window).ShouldBeNull();
    }

    [Fact]
    public void A_second_outreach_writes_to_whom_the_first_one_failed_to_reach() => MayLeave(Second, 1, new DeliveryFailed(First, "mailbox-unavailable"));

    [Fact]
    public void A_second_outreach_writes_to_whom_the_first_one_skipped() => MayLeave(Second, 1, new DeliverySkipped(First, "not-on-roster"));

    [Fact]
    public void The_outreach_that_skipped_does_not_take_the_delivery_from_the_one_that_sent()
    {
        foreach (var facts in (object[][])[[new DeliverySkipped(Second, "already-invited"), Accepted], [Accepted, new DeliverySkipped(Second, "already-invited")]])
        {
            var state = StreamFold<Delivery>.Of(facts);
            state.ShouldNotBeNull().Recipient.ShouldBe(First);
            state.Progress.ShouldBe(Progress.Sent);
            state.HasVerdictFor(First.OutreachId).ShouldBeTrue();
            state.HasVerdictFor(Second.OutreachId).ShouldBeTrue();
        }
    }

    [Fact]
    public void An_accepted_message_is_sent_and_carries_the_invitation_of_its_delivery() => new Given<Delivery>().When(Conclude(new Answer.Accepted())).Then(Accepted);

    [Fact]
    public void A_refused_message_has_failed_for_the_reason_given() =>
        new Given<Delivery>().When(Conclude(new Answer.Refused("mailbox-unavailable"))).Then(new DeliveryFailed(First, "mailbox-unavailable"));

    [Fact]
    public void A_temporary_failure_defers_the_message_and_the_next_attempt_counts_on()
    {
        new Given<Delivery>().When(Conclude(new Answer.TryLater("mailbox-busy"))).Then(Deferred);
        MayLeave(First, 2, Deferred);
        new Given<Delivery>(Deferred).When(Conclude(new Answer.Accepted(), 2)).Then(Accepted with { Attempt = 2 });
    }

    [Fact]
    public void A_temporary_failure_of_the_last_attempt_is_a_failure() =>
        new Given<Delivery>()
            .When(state => DeliverPage.Conclude(state, First, 1, new Answer.TryLater("server-busy"), maxAttempts: 1, Now))
            .Then(new DeliveryFailed(First, "attempts-exhausted"));

    [Fact]
    public void News_that_a_message_in_doubt_did_arrive_settles_the_doubt() => new Given<Delivery>(InDoubt).When(Conclude(new Answer.Accepted())).Then(Accepted);

    [Fact]
    public void An_answer_that_was_recorded_changes_nothing_when_it_is_told_again()
    {
        new Given<Delivery>(Deferred).When(Conclude(new Answer.TryLater("mailbox-busy"))).ThenNothing();
        new Given<Delivery>(Deferred).When(Conclude(new Answer.Accepted())).ThenNothing();
        new Given<Delivery>(Accepted).When(Conclude(new Answer.Accepted())).ThenNothing();
        new Given<Delivery>(Accepted).When(Conclude(new Answer.Unknown())).ThenNothing();
    }

    [Fact]
    public void Doubts_about_a_message_are_not_settled_once_another_outreach_has_written() =>
        new Given<Delivery>(InDoubt, new MessageAccepted(Second, 1, Second.DeliveryId, null, Now + Window)).When(Conclude(new Answer.Accepted())).ThenNothing();

    [Fact]
    public void Waits_between_attempts_double_up_to_the_longest()
    {
        var options = new DeliveryOptions { FirstRetry = TimeSpan.FromMinutes(1), LongestRetry = TimeSpan.FromHours(1) };
        new[] { 1, 2, 3, 7, 50 }.Select(attempt => options.NextAttempt(attempt, Now) - Now)
            .ShouldBe([TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(4), TimeSpan.FromHours(1), TimeSpan.FromHours(1)]);
    }

    private static void MayLeave(Recipient recipient, int attempt, params object[] facts)
    {
        var state = StreamFold<Delivery>.Of(facts);
        DeliverPage.Screen(state, recipient, null, true, Now, Window).ShouldBeNull();
        Delivery.NextAttempt(state, recipient.OutreachId).ShouldBe(attempt);
    }

    private static Func<Delivery?, Decision> Screen(Recipient recipient, string? obstacle = null, bool holds = true) =>
        state => DeliverPage.Screen(state, recipient, obstacle, holds, Now, Window).ShouldNotBeNull();

    private static Func<Delivery?, Decision> Conclude(Answer answer, int attempt = 1) => state => DeliverPage.Conclude(state, First, attempt, answer, maxAttempts: 8, Now);
}
