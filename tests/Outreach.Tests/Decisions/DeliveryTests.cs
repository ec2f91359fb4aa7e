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

    private static readonly AttemptStarted FirstAttempt = new(First, 1, Now);

    [Fact]
    public void A_first_message_may_leave_once_its_attempt_is_recorded() => new Given<Delivery>().When(Start(First)).Then(FirstAttempt);

    [Fact]
    public void An_attempt_that_was_taken_in_hand_and_did_not_begin_goes_on_as_it_was() => new Given<Delivery>(FirstAttempt).When(Start(First)).ThenNothing();

    [Fact]
    public void An_attempt_that_began_and_was_never_answered_leaves_the_delivery_in_doubt() =>
        new Given<Delivery>(FirstAttempt).When(Conclude(new Answer.Unknown())).Then(new DeliveryInDoubt(First, 1));

    [Fact]
    public void A_delivery_in_doubt_is_not_sent_again()
    {
        var given = new Given<Delivery>(FirstAttempt, new DeliveryInDoubt(First, 1));
        given.When(Screen(First)).ThenNothing();
        given.When(Start(First)).ThenNothing();
    }

    [Fact]
    public void A_message_taken_in_hand_does_not_leave_when_its_recipient_has_become_ineligible_since() =>
        new Given<Delivery>(FirstAttempt).When(Screen(First, "not-on-roster")).Then(new DeliverySkipped(First, "not-on-roster"));

    [Fact]
    public void A_recipient_with_an_obstacle_is_skipped_for_that_reason() =>
        new Given<Delivery>().When(Screen(First, "no-email")).Then(new DeliverySkipped(First, "no-email"));

    [Fact]
    public void A_recipient_is_skipped_only_once() =>
        new Given<Delivery>(new DeliverySkipped(First, "no-email")).When(Screen(First, "no-email")).ThenNothing();

    [Fact]
    public void A_second_outreach_within_the_window_skips_who_was_written_to() =>
        new Given<Delivery>(FirstAttempt, new MessageAccepted(First, 1, First.DeliveryId)).When(Screen(Second))
            .Then(new DeliverySkipped(Second, "already-invited"));

    [Fact]
    public void A_second_outreach_within_the_window_skips_whose_message_is_on_its_way() =>
        new Given<Delivery>(FirstAttempt).When(Start(Second)).Then(new DeliverySkipped(Second, "already-invited"));

    [Fact]
    public void A_second_outreach_within_the_window_skips_who_may_have_been_written_to() =>
        new Given<Delivery>(FirstAttempt, new DeliveryInDoubt(First, 1)).When(Start(Second)).Then(new DeliverySkipped(Second, "already-invited"));

    [Fact]
    public void A_second_outreach_writes_again_when_the_window_has_passed() =>
        new Given<Delivery>(FirstAttempt, new MessageAccepted(First, 1, First.DeliveryId))
            .When(state => DeliverPage.Begin(state, Second, null, Now + Window, Window))
            .Then(new AttemptStarted(Second, 1, Now + Window));

    [Fact]
    public void A_second_outreach_writes_to_whom_the_first_one_failed_to_reach() =>
        new Given<Delivery>(FirstAttempt, new DeliveryFailed(First, "mailbox-unavailable")).When(Start(Second)).Then(new AttemptStarted(Second, 1, Now));

    [Fact]
    public void A_second_outreach_writes_to_whom_the_first_one_skipped() =>
        new Given<Delivery>(new DeliverySkipped(First, "not-on-roster")).When(Start(Second)).Then(new AttemptStarted(Second, 1, Now));

    [Fact]
    public void The_outreach_that_skipped_does_not_take_the_delivery_from_the_one_that_sent()
    {
        var state = EventSourcing.StreamFold<Delivery>.Of(
            [FirstAttempt, new DeliverySkipped(Second, "already-invited"), new MessageAccepted(First, 1, First.DeliveryId)]);
        state.ShouldNotBeNull().Recipient.ShouldBe(First);
        state.Progress.ShouldBe(Progress.Sent);
        state.HasVerdictFor(First.OutreachId).ShouldBeTrue();
        state.HasVerdictFor(Second.OutreachId).ShouldBeTrue();
    }

    [Fact]
    public void An_accepted_message_is_sent_and_carries_the_invitation_of_its_delivery() =>
        new Given<Delivery>(FirstAttempt).When(Conclude(new Answer.Accepted())).Then(new MessageAccepted(First, 1, First.DeliveryId));

    [Fact]
    public void A_refused_message_has_failed_for_the_reason_given() =>
        new Given<Delivery>(FirstAttempt).When(Conclude(new Answer.Refused("mailbox-unavailable"))).Then(new DeliveryFailed(First, "mailbox-unavailable"));

    [Fact]
    public void A_message_whose_answer_was_lost_is_in_doubt() =>
        new Given<Delivery>(FirstAttempt).When(Conclude(new Answer.Unknown())).Then(new DeliveryInDoubt(First, 1));

    [Fact]
    public void A_temporary_failure_defers_the_message_and_the_next_attempt_counts_on()
    {
        var deferred = new AttemptDeferred(First, 1, "mailbox-busy");
        new Given<Delivery>(FirstAttempt).When(Conclude(new Answer.TryLater("mailbox-busy"))).Then(deferred);
        new Given<Delivery>(FirstAttempt, deferred).When(Start(First)).Then(new AttemptStarted(First, 2, Now));
    }

    [Fact]
    public void A_temporary_failure_of_the_last_attempt_is_a_failure() =>
        new Given<Delivery>(FirstAttempt)
            .When(state => DeliverPage.Conclude(state, First, new Answer.TryLater("server-busy"), maxAttempts: 1))
            .Then(new DeliveryFailed(First, "attempts-exhausted"));

    [Fact]
    public void News_that_a_message_in_doubt_did_arrive_settles_the_doubt() =>
        new Given<Delivery>(FirstAttempt, new DeliveryInDoubt(First, 1)).When(Conclude(new Answer.Accepted()))
            .Then(new MessageAccepted(First, 1, First.DeliveryId));

    [Fact]
    public void An_answer_when_no_message_is_under_way_changes_nothing() =>
        new Given<Delivery>(FirstAttempt, new AttemptDeferred(First, 1, "server-busy")).When(Conclude(new Answer.Accepted())).ThenNothing();

    [Fact]
    public void Waits_between_attempts_double_up_to_the_longest()
    {
        var options = new DeliveryOptions { FirstRetry = TimeSpan.FromMinutes(1), LongestRetry = TimeSpan.FromHours(1) };
        new[] { 1, 2, 3, 7, 50 }.Select(attempt => options.NextAttempt(attempt, Now) - Now)
            .ShouldBe([TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(4), TimeSpan.FromHours(1), TimeSpan.FromHours(1)]);
    }

    private static Func<Delivery?, EventSourcing.Decision> Start(Recipient recipient) => Screen(recipient);

    private static Func<Delivery?, EventSourcing.Decision> Screen(Recipient recipient, string? obstacle = null) =>
        state => DeliverPage.Begin(state, recipient, obstacle, Now, Window);

    private static Func<Delivery?, EventSourcing.Decision> Conclude(Answer answer) => state => DeliverPage.Conclude(state, First, answer, maxAttempts: 8);
}
