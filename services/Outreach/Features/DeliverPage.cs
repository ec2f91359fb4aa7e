using EventSourcing;
using Npgsql;
using Outreach.Channels;
using Outreach.Channels.Email;

namespace Outreach.Features;

/// <summary>
/// One page of recipients of one outreach: who is not to be written to gets that verdict, the messages of the others leave, and what became of them is recorded, in one commit.
/// That they are in hand was committed when they were taken (<see cref="Schedule.Take"/>), and the <see cref="Journal"/> keeps what a crash must not forget.
/// </summary>
public sealed partial class DeliverPage(
    Schedule schedule, StreamSessions sessions, WriteLetters letters, TemplateShelf shelf, Lines lines, DeliveryOptions options, TimeProvider clock, ILogger<DeliverPage> logger)
{
    private const string AlreadyInvited = "already-invited";
    private static readonly TimeSpan SaveAgainAfter = TimeSpan.FromMilliseconds(500);

    public async Task Run(Turn turn, Sender sender, IReadOnlyList<QueuedRecipient> page, DateTimeOffset leaseEnd, CancellationToken ct)
    {
        var open = page.ToDictionary(queued => queued.Recipient.CreatorId);
        var dueAgain = (DateTimeOffset?)null;
        var sent = 0;
        await using var session = sessions.For(turn.Organization);
        try
        {
            // What was under way when its worker died is told first: answered, or in doubt for good.
            var begun = page.Where(queued => queued.Begun).ToArray();
            Drop(open, begun);
            await Conclude(session, turn, [.. begun.Select(one => new Told(one.Recipient, one.Attempt, one.Answer ?? new Answer.Unknown()))], leaseEnd);

            var drafts = turn.IsCancelled
                ? open.Keys.ToDictionary(creator => creator, _ => new Draft(null, "cancelled"))
                : await letters.Run(session, turn, sender, [.. open.Keys], ct);
            var turnEnd = clock.GetUtcNow() + options.Turn;
            var leaving = await Screen(session, turn, open, drafts);
            var under = lines.Send(leaving.Select(one => (one.Queued, drafts[one.Queued.Recipient.CreatorId].Parcel!(one.Attempt))), turnEnd);
            await Task.WhenAll(under.Select(one => one.Fate));

            // Whatever comes of saving it, nobody whose message began to leave is given back.
            var gone = under.Where(one => one.Fate.Result is Fate.Told).ToArray();
            Drop(open, gone.Select(one => one.Queued));
            sent = gone.Length;
            await Conclude(session, turn, [.. gone.Select(one => new Told(one.Queued.Recipient, one.Attempt, ((Fate.Told)one.Fate.Result).Answer))], leaseEnd);
            if (under.Any(one => one.Fate.Result is Fate.NotBegun { Outage: true }))
            {
                dueAgain = clock.GetUtcNow() + options.OutagePause;
            }
        }
        catch (Exception e) when (e is ContactsUnavailable or MarketplaceUnavailable)
        {
            dueAgain = clock.GetUtcNow() + options.OutagePause;
            Waiting(open.Count, e.Message, e.InnerException?.GetType().Name);
        }
        finally
        {
            if (open.Count > 0)
            {
                await schedule.Release(turn, open.Values, dueAgain ?? clock.GetUtcNow(), CancellationToken.None);
            }

            await schedule.GiveBack(turn.Organization, sender.Pace, page.Count - sent, CancellationToken.None);
        }
    }

    /// <summary>What is recorded of this recipient instead of writing to them; null when their message may leave.</summary>
    /// <param name="delivery">What is known of this template, campaign and creator.</param>
    /// <param name="recipient">Who is to be written to.</param>
    /// <param name="obstacle">Why not, if there is a reason.</param>
    /// <param name="holds">Is the message in this outreach's hand, and not in another's?</param>
    /// <param name="now">Now.</param>
    /// <param name="window">How long another outreach's message keeps this one back.</param>
    public static Decision? Screen(Delivery? delivery, Recipient recipient, string? obstacle, bool holds, DateTimeOffset now, TimeSpan window) => delivery switch
    {
        { } d when d.HasVerdictFor(recipient.OutreachId) => Decision.Nothing,
        _ when obstacle is not null => Decision.Of(new DeliverySkipped(recipient, obstacle)),
        _ when !holds => Decision.Of(new DeliverySkipped(recipient, AlreadyInvited)),
        { } d when !d.IsHeldBy(recipient.OutreachId) && d.BlocksAnother(now, window) => Decision.Of(new DeliverySkipped(recipient, AlreadyInvited)),
        _ => null,
    };

    /// <summary>What the answer means for the delivery. One that was in doubt meanwhile is settled by an answer that came late after all.</summary>
    public static Decision Conclude(Delivery? delivery, Recipient recipient, int attempt, Answer answer, int maxAttempts, DateTimeOffset at, Template? template = null) => (delivery, answer) switch
    {
        ({ Progress: Progress.InDoubt } d, Answer.Accepted) when d.IsHeldBy(recipient.OutreachId) => Accepted(recipient, attempt, at, template),
        ({ } d, _) when d.HasVerdictFor(recipient.OutreachId) => Decision.Nothing,
        ({ Progress: Progress.Waiting } d, _) when d.IsHeldBy(recipient.OutreachId) && d.Attempts >= attempt => Decision.Nothing,
        (_, Answer.Accepted) => Accepted(recipient, attempt, at, template),
        (_, Answer.Refused refused) => Decision.Of(new DeliveryFailed(recipient, refused.Reason)),
        (_, Answer.TryLater later) when attempt < maxAttempts => Decision.Of(new AttemptDeferred(recipient, attempt, later.Reason, at)),
        (_, Answer.TryLater) => Decision.Of(new DeliveryFailed(recipient, "attempts-exhausted")),
        _ => Decision.Of(new DeliveryInDoubt(recipient, attempt, at)),
    };

    private static Decision Accepted(Recipient recipient, int attempt, DateTimeOffset at, Template? template) => Decision.Of(new MessageAccepted(
        recipient, attempt, template is { CarriesInvitation: false } ? null : recipient.DeliveryId, template?.Audience.ToString(), at));

    // Records who is skipped, puts off whom quiet hours keep waiting, and answers the others with the number of their attempt.
    private async Task<IReadOnlyList<(QueuedRecipient Queued, int Attempt)>> Screen(
        StreamSession session, Turn turn, Dictionary<Guid, QueuedRecipient> open, IReadOnlyDictionary<Guid, Draft> drafts)
    {
        var now = clock.GetUtcNow();
        var quiet = drafts.Where(one => one.Value.QuietUntil is not null).Select(one => (Creator: one.Key, DueAt: one.Value.QuietUntil!.Value + (options.QuietJitter * Spread(one.Key)))).ToArray();
        var asked = open.Values.ExceptBy(quiet.Select(one => one.Creator), queued => queued.Recipient.CreatorId).ToLookup(queued => Decide(queued, drafts[queued.Recipient.CreatorId].Before) is null);
        var skipped = asked[false].ToDictionary(queued => Delivery.IdOf(queued.Recipient));
        if (skipped.Count > 0)
        {
            var decisions = new Dictionary<Guid, Decision>();
            await session.DecideAllAndSave<Delivery>(
                skipped.Keys, (id, delivery) => decisions[id] = Decide(skipped[id], delivery) ?? Decision.Nothing, CancellationToken.None,
                alongside: operations =>
                {
                    WorkList.Settle(operations, turn.Outreach, Settlement.Many(decisions, skipped.ToDictionary(one => one.Key, one => one.Value.Recipient)), now);
                    WorkList.Postpone(operations, turn.Outreach, quiet);
                });
            Settlement.Count(decisions.Values);
            Drop(open, decisions.Where(one => Settlement.Of(one.Value) is not null).Select(one => skipped[one.Key]));
        }
        else if (quiet.Length > 0)
        {
            await session.DecideAndSave<OutreachBatch>(
                turn.Outreach, _ => Decision.Nothing, CancellationToken.None, alongside: operations => WorkList.Postpone(operations, turn.Outreach, quiet));
        }

        Drop(open, quiet.Select(one => open[one.Creator]));
        return [.. asked[true].Select(queued => (queued, Delivery.NextAttempt(drafts[queued.Recipient.CreatorId].Before, turn.Outreach)))];

        Decision? Decide(QueuedRecipient queued, Delivery? delivery) =>
            Screen(delivery, queued.Recipient, drafts[queued.Recipient.CreatorId].Obstacle, queued.Holds, now, turn.Window);
    }

    private async Task Conclude(StreamSession session, Turn turn, IReadOnlyList<Told> told, DateTimeOffset leaseEnd)
    {
        var answers = told.ToDictionary(one => Delivery.IdOf(one.Recipient));
        var template = answers.Count > 0 ? await shelf.Of(turn.Organization, turn.TemplateVersion, CancellationToken.None) : null;
        while (answers.Count > 0)
        {
            var now = clock.GetUtcNow();
            var decisions = new Dictionary<Guid, Decision>();
            try
            {
                await session.DecideAllAndSave<Delivery>(
                    answers.Keys,
                    (id, delivery) => decisions[id] = Conclude(
                        delivery, answers[id].Recipient, answers[id].Attempt ?? Delivery.NextAttempt(delivery, turn.Outreach), answers[id].Answer, options.MaxAttempts, now, template),
                    CancellationToken.None,
                    alongside: operations =>
                    {
                        WorkList.Settle(operations, turn.Outreach, Settlement.Many(decisions, answers.ToDictionary(one => one.Key, one => one.Value.Recipient)), now);
                        WorkList.Postpone(operations, turn.Outreach,
                        [
                            .. decisions.Values.OfType<Decision.Recorded>().SelectMany(decision => decision.Events).OfType<AttemptDeferred>().Select(deferred =>
                                (deferred.Recipient.CreatorId, options.NextAttempt(deferred.Attempt, now, Spread(deferred.Recipient.DeliveryId)))),
                        ]);
                    });
                Settlement.Count(decisions.Values);
                await SuppressDead(session, answers.Values, now);
                return;
            }
            catch (Exception e) when ((e is NpgsqlException || e.InnerException is NpgsqlException) && clock.GetUtcNow() < leaseEnd)
            {
                // We know what became of the messages and the database does not. As long as nobody else may judge them, telling it is worth another try.
                OutcomeNotSaved(answers.Count, e.GetType().Name);
                await Task.Delay(SaveAgainAfter, clock);
            }
        }
    }

    // Nobody is there, and nobody will be: who writes on all the same is soon taken for a spammer.
    private static async Task SuppressDead(StreamSession session, IEnumerable<Told> told, DateTimeOffset now)
    {
        foreach (var (recipient, _, _) in told.Where(one => one.Answer is Answer.Refused { Code: { } code } && SmtpReply.IsDeadAddress(code)))
        {
            await Suppressions.Record(
                session, recipient.CreatorId,
                known => Suppression.Add(known, session.Organization, recipient.CreatorId, null, SuppressionReason.HardBounce, Suppression.ByMailServer, recipient.DeliveryId), now, CancellationToken.None);
        }
    }

    private static void Drop(Dictionary<Guid, QueuedRecipient> open, IEnumerable<QueuedRecipient> done)
    {
        foreach (var queued in done.ToArray())
        {
            open.Remove(queued.Recipient.CreatorId);
        }
    }

    /// <summary>Where in a span of time this one falls: anywhere, and always at the same place.</summary>
    private static double Spread(Guid id) => BitConverter.ToUInt32(id.ToByteArray(), 12) / (double)uint.MaxValue;

    [LoggerMessage(LogLevel.Warning, "{Count} recipients wait: {Cause} {Fault}")]
    private partial void Waiting(int count, string cause, string? fault);

    [LoggerMessage(LogLevel.Warning, "The outcome of {Count} deliveries is not saved yet ({Fault}); trying again.")]
    private partial void OutcomeNotSaved(int count, string fault);

    // Attempt: null where only the stream can tell.
    private sealed record Told(Recipient Recipient, int? Attempt, Answer Answer);
}
