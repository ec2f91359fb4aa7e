using System.Diagnostics;
using EventSourcing;
using Npgsql;
using Outreach.Channels;

namespace Outreach.Features;

/// <summary>
/// One message leaves. The attempt is recorded before it may leave and the outcome after, so that after a crash between the two the message
/// counts as in doubt, and is not sent again.
/// </summary>
public sealed partial class SendMessage(DeliveryOptions options, TimeProvider clock, ILogger<SendMessage> logger)
{
    private static readonly TimeSpan SaveAgainAfter = TimeSpan.FromMilliseconds(500);
    private static readonly ActivitySource Source = new("Outreach");

    public async Task Run(StreamSession session, QueuedRecipient queued, ILine line, Func<int, Parcel> parcel, DateTimeOffset leaseEnd)
    {
        var recipient = queued.Recipient;
        ActivityContext.TryParse(queued.Trace, null, isRemote: true, out var trace);
        using var activity = Source.StartActivity("deliver outreach", ActivityKind.Producer, trace);
        activity?.SetTag("outreach.id", recipient.OutreachId);
        activity?.SetTag("outreach.delivery.id", recipient.DeliveryId);

        var now = clock.GetUtcNow();
        Decision start = Decision.Nothing;
        await session.DecideAndSave<Delivery>(
            Delivery.IdOf(recipient),
            delivery => start = Start(delivery, recipient, now, options.Window),
            CancellationToken.None,
            alongside: operations => Settlement.Of(start)?.Write(operations, recipient, now));
        if (start is not Decision.Recorded { Events: [AttemptStarted { Attempt: var attempt }] })
        {
            Settlement.Of(start)?.Count();
            return;
        }

        await Conclude(session, recipient, attempt, await line.Send(parcel(attempt)), leaseEnd);
    }

    /// <summary>May the message leave now, and who says so? Only the worker whose start is recorded may send.</summary>
    public static Decision Start(Delivery? delivery, Recipient recipient, DateTimeOffset now, TimeSpan window) => delivery switch
    {
        { } d when d.HasVerdictFor(recipient.OutreachId) => Decision.Nothing,
        { Progress: Progress.Waiting } d when d.IsHeldBy(recipient.OutreachId) => Decision.Of(new AttemptStarted(recipient, d.Attempts + 1, now)),
        { } d when d.IsHeldBy(recipient.OutreachId) => Decision.Nothing,
        { } d when d.BlocksAnother(now, window) => Decision.Of(new DeliverySkipped(recipient, "already-invited")),
        _ => Decision.Of(new AttemptStarted(recipient, 1, now)),
    };

    /// <summary>What the answer means for the delivery. One that was in doubt meanwhile is settled by an answer that came late after all.</summary>
    public static Decision Conclude(Delivery? delivery, Recipient recipient, int attempt, Answer answer, int maxAttempts)
    {
        if (delivery is not { Progress: Progress.Sending or Progress.InDoubt } d || !d.IsHeldBy(recipient.OutreachId) || d.Attempts != attempt)
        {
            return Decision.Nothing;
        }

        return answer switch
        {
            Answer.Accepted => Decision.Of(new MessageAccepted(recipient, attempt, recipient.DeliveryId)),
            _ when d.Progress is Progress.InDoubt => Decision.Nothing,
            Answer.Refused refused => Decision.Of(new DeliveryFailed(recipient, refused.Reason)),
            Answer.TryLater later when attempt < maxAttempts => Decision.Of(new AttemptDeferred(recipient, attempt, later.Reason)),
            Answer.TryLater => Decision.Of(new DeliveryFailed(recipient, "attempts-exhausted")),
            _ => Decision.Of(new DeliveryInDoubt(recipient, attempt)),
        };
    }

    private async Task Conclude(StreamSession session, Recipient recipient, int attempt, Answer answer, DateTimeOffset leaseEnd)
    {
        while (true)
        {
            var now = clock.GetUtcNow();
            Decision decision = Decision.Nothing;
            try
            {
                await session.DecideAndSave<Delivery>(
                    Delivery.IdOf(recipient),
                    delivery => decision = Conclude(delivery, recipient, attempt, answer, options.MaxAttempts),
                    CancellationToken.None,
                    alongside: operations =>
                    {
                        Settlement.Of(decision)?.Write(operations, recipient, now);
                        if (decision is Decision.Recorded { Events: [AttemptDeferred] })
                        {
                            WorkList.Postpone(operations, recipient, options.NextAttempt(attempt, now));
                        }
                    });
                Settlement.Of(decision)?.Count();
                return;
            }
            catch (Exception e) when ((e is NpgsqlException || e.InnerException is NpgsqlException) && clock.GetUtcNow() < leaseEnd)
            {
                // We know what became of the message and the database does not. As long as nobody else may judge it, telling it is worth another try.
                OutcomeNotSaved(recipient.DeliveryId, e.GetType().Name);
                await Task.Delay(SaveAgainAfter, clock);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "The outcome of delivery {DeliveryId} is not saved yet ({Fault}); trying again.")]
    private partial void OutcomeNotSaved(Guid deliveryId, string fault);
}
