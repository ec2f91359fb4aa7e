using EventSourcing;
using Npgsql;
using Outreach.Channels;
using Outreach.Channels.Email;

namespace Outreach.Features;

/// <summary>
/// One page of recipients of one outreach: who is not to be written to gets that verdict, the others are recorded as taken in hand, their messages leave, and what
/// became of them is recorded. One commit before the page and one after it; between them the <see cref="Journal"/> keeps what a crash must not forget.
/// </summary>
public sealed partial class DeliverPage(
    Schedule schedule, StreamSessions sessions, WriteLetters letters, TemplateShelf shelf, Lines lines, DeliveryOptions options, TimeProvider clock, ILogger<DeliverPage> logger)
{
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
            var begun = page.Where(queued => queued.Begun).Select(queued => (queued.Recipient, queued.Answer ?? new Answer.Unknown())).ToArray();
            await Conclude(session, turn, begun, leaseEnd);
            Drop(open, begun.Select(one => one.Recipient.CreatorId));

            var drafts = turn.IsCancelled
                ? open.Keys.ToDictionary(creator => creator, _ => new Draft(null, "cancelled"))
                : await letters.Run(session, turn, sender, [.. open.Keys], ct);
            var turnEnd = clock.GetUtcNow() + options.Turn;
            var leaving = await Begin(session, turn, open, drafts);
            var under = leaving.Select(one => (one.Recipient, Fate: lines.Send(open[one.Recipient.CreatorId], drafts[one.Recipient.CreatorId].Parcel!(one.Attempt), turnEnd, leaseEnd))).ToArray();
            await Task.WhenAll(under.Select(one => one.Fate));

            var told = under.Where(one => one.Fate.Result is Fate.Told).Select(one => (one.Recipient, ((Fate.Told)one.Fate.Result).Answer)).ToArray();
            sent = told.Length;
            await Conclude(session, turn, told, leaseEnd);
            Drop(open, told.Select(one => one.Recipient.CreatorId));
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
                await schedule.Release(lines.Owner, turn, open.Keys, dueAgain ?? clock.GetUtcNow(), CancellationToken.None);
            }

            await schedule.GiveBack(turn.Organization, sender.Pace, page.Count - sent, CancellationToken.None);
        }
    }

    /// <summary>May a message leave for this recipient, and who says so? Only the outreach whose start is recorded may send.</summary>
    /// <param name="delivery">What is known of this template, campaign and creator.</param>
    /// <param name="recipient">Who is to be written to.</param>
    /// <param name="obstacle">Why not, if there is a reason.</param>
    /// <param name="now">Now.</param>
    /// <param name="window">How long another outreach's message keeps this one back.</param>
    public static Decision Begin(Delivery? delivery, Recipient recipient, string? obstacle, DateTimeOffset now, TimeSpan window) => delivery switch
    {
        { } d when d.HasVerdictFor(recipient.OutreachId) => Decision.Nothing,
        _ when obstacle is not null => Decision.Of(new DeliverySkipped(recipient, obstacle)),
        { Progress: Progress.Waiting } d when d.IsHeldBy(recipient.OutreachId) => Decision.Of(new AttemptStarted(recipient, d.Attempts + 1, now)),

        // It was taken in hand before and did not begin to leave, or the work list would say so.
        { } d when d.IsHeldBy(recipient.OutreachId) => Decision.Nothing,
        { } d when d.BlocksAnother(now, window) => Decision.Of(new DeliverySkipped(recipient, "already-invited")),
        _ => Decision.Of(new AttemptStarted(recipient, 1, now)),
    };

    /// <summary>What the answer means for the delivery. One that was in doubt meanwhile is settled by an answer that came late after all.</summary>
    public static Decision Conclude(Delivery? delivery, Recipient recipient, Answer answer, int maxAttempts, Template? template = null)
    {
        if (delivery is not { Progress: Progress.Sending or Progress.InDoubt } d || !d.IsHeldBy(recipient.OutreachId))
        {
            return Decision.Nothing;
        }

        return answer switch
        {
            Answer.Accepted => Decision.Of(new MessageAccepted(
                recipient, d.Attempts, template is { CarriesInvitation: false } ? null : recipient.DeliveryId, template?.Audience.ToString())),
            _ when d.Progress is Progress.InDoubt => Decision.Nothing,
            Answer.Refused refused => Decision.Of(new DeliveryFailed(recipient, refused.Reason)),
            Answer.TryLater later when d.Attempts < maxAttempts => Decision.Of(new AttemptDeferred(recipient, d.Attempts, later.Reason)),
            Answer.TryLater => Decision.Of(new DeliveryFailed(recipient, "attempts-exhausted")),
            _ => Decision.Of(new DeliveryInDoubt(recipient, d.Attempts)),
        };
    }

    // Records who is skipped and who is taken in hand, and answers the latter with the number of the attempt.
    private async Task<IReadOnlyList<(Recipient Recipient, int Attempt)>> Begin(
        StreamSession session, Turn turn, Dictionary<Guid, QueuedRecipient> open, IReadOnlyDictionary<Guid, Draft> drafts)
    {
        var (now, leaving) = (clock.GetUtcNow(), new List<(Recipient, int)>());
        var quiet = drafts.Where(one => one.Value.QuietUntil is not null).Select(one => (Creator: one.Key, DueAt: one.Value.QuietUntil!.Value + (options.QuietJitter * Spread(one.Key)))).ToArray();
        var recipients = open.Keys.Except(quiet.Select(one => one.Creator)).Select(turn.Recipient).ToDictionary(Delivery.IdOf);
        var decisions = new Dictionary<Guid, Decision>();
        var outcomes = await session.DecideAllAndSave<Delivery>(
            recipients.Keys,
            (id, delivery) => decisions[id] = Begin(delivery, recipients[id], drafts[recipients[id].CreatorId].Obstacle, now, turn.Window),
            CancellationToken.None,
            alongside: operations =>
            {
                WorkList.Settle(operations, turn.Outreach, Settlement.Many(decisions, recipients), now);
                WorkList.Postpone(operations, turn.Outreach, quiet);
            });
        Settlement.Count(decisions.Values);
        Drop(open, quiet.Select(one => one.Creator));
        foreach (var outcome in outcomes)
        {
            var recipient = recipients[outcome.Id];
            if (Settlement.Of(outcome.Decision) is not null)
            {
                open.Remove(recipient.CreatorId);
            }
            else if (outcome.State is { Progress: Progress.Sending } held && held.IsHeldBy(recipient.OutreachId))
            {
                leaving.Add((recipient, held.Attempts));
            }
        }

        return leaving;
    }

    private async Task Conclude(StreamSession session, Turn turn, IReadOnlyList<(Recipient Recipient, Answer Answer)> told, DateTimeOffset leaseEnd)
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
                    (id, delivery) => decisions[id] = Conclude(delivery, answers[id].Recipient, answers[id].Answer, options.MaxAttempts, template),
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
    private static async Task SuppressDead(StreamSession session, IEnumerable<(Recipient Recipient, Answer Answer)> told, DateTimeOffset now)
    {
        foreach (var (recipient, _) in told.Where(one => one.Answer is Answer.Refused { Code: { } code } && SmtpReply.IsDeadAddress(code)))
        {
            await Suppressions.Record(
                session, recipient.CreatorId,
                known => Suppression.Add(known, session.Organization, recipient.CreatorId, null, SuppressionReason.HardBounce, Suppression.ByMailServer, recipient.DeliveryId), now, CancellationToken.None);
        }
    }

    private static void Drop(Dictionary<Guid, QueuedRecipient> open, IEnumerable<Guid> creators)
    {
        foreach (var creator in creators.ToArray())
        {
            open.Remove(creator);
        }
    }

    /// <summary>Where in a span of time this one falls: anywhere, and always at the same place.</summary>
    private static double Spread(Guid id) => BitConverter.ToUInt32(id.ToByteArray(), 12) / (double)uint.MaxValue;

    [LoggerMessage(LogLevel.Warning, "{Count} recipients wait: {Cause} {Fault}")]
    private partial void Waiting(int count, string cause, string? fault);

    [LoggerMessage(LogLevel.Warning, "The outcome of {Count} deliveries is not saved yet ({Fault}); trying again.")]
    private partial void OutcomeNotSaved(int count, string fault);
}
