namespace Webhooks.Sending;

/// <summary>How a delivery stands.</summary>
public enum DeliveryState
{
    /// <summary>To be sent, now or later.</summary>
    Waiting,

    /// <summary>The receiver has it.</summary>
    Delivered,

    /// <summary>Tried as often as it is tried, and never taken: a dead letter. A replay tries it again.</summary>
    Exhausted,
}

/// <summary>What follows from an attempt.</summary>
/// <param name="State">How the delivery stands now.</param>
/// <param name="NextAt">When it is tried again.</param>
/// <param name="HoldUntil">Until when nothing at all is sent to the endpoint.</param>
/// <param name="Pause">Why the endpoint is to be paused.</param>
public sealed record Judgement(DeliveryState State, DateTimeOffset? NextAt, DateTimeOffset? HoldUntil, PauseReason? Pause)
{
    /// <param name="answer">Of the attempt.</param>
    /// <param name="tries">How often it had been tried before, since it was last begun.</param>
    /// <param name="failingSince">Since when nothing got through to the endpoint, before this attempt.</param>
    /// <param name="options">The waits.</param>
    /// <param name="now">When it ended.</param>
    /// <param name="spread">0 to 1: where in the jitter this one falls.</param>
    public static Judgement Of(Answer answer, int tries, DateTimeOffset? failingSince, SendingOptions options, DateTimeOffset now, double spread)
    {
        if (answer.Outcome is AttemptOutcome.Delivered)
        {
            return new(DeliveryState.Delivered, null, null, null);
        }

        PauseReason? pause = answer.Outcome is AttemptOutcome.Gone ? PauseReason.Gone : failingSince + options.PauseAfter <= now ? PauseReason.Failing : null;
        if (tries >= options.Waits.Count)
        {
            return new(DeliveryState.Exhausted, null, null, pause);
        }

        var wait = options.Waits[tries] * (1 + (options.Jitter * spread));
        if (answer is { Outcome: AttemptOutcome.Throttled, RetryAfter: { } asked })
        {
            // It is the endpoint that wants a rest, and not this message.
            var rest = asked < options.LongestRetryAfter ? asked : options.LongestRetryAfter;
            return new(DeliveryState.Waiting, now + (rest > wait ? rest : wait), now + rest, pause);
        }

        return new(DeliveryState.Waiting, now + wait, null, pause);
    }
}
