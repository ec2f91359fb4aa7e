using System.ComponentModel.DataAnnotations;

namespace Outreach;

/// <summary>Section <c>Delivery</c>: how messages leave.</summary>
public sealed class DeliveryOptions : IValidatableObject
{
    public const string Section = "Delivery";

    /// <summary>Within this time of a message, the same creator gets the same template for the same campaign no second time.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromDays(3);

    /// <summary>How long one outreach's turn may begin new messages before the next outreach has its turn.</summary>
    public TimeSpan Turn { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Those whom quiet hours have kept waiting are written to within this time after their end, not all in the same second.</summary>
    public TimeSpan QuietJitter { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How many recipients a worker takes at once.</summary>
    [Range(1, 500)]
    public int PageSize { get; init; } = 100;

    /// <summary>How many messages a worker has under way side by side.</summary>
    [Range(1, 64)]
    public int Lines { get; init; } = 4;

    /// <summary>
    /// How long a worker may hold what it took. When it has not come back by then, another one takes over; a message it had begun is then in doubt.
    /// </summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How often a worker with nothing to do looks for work that another replica was given or that has come due.</summary>
    public TimeSpan LookEvery { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How often one message is tried before it counts as failed.</summary>
    [Range(1, 50)]
    public int MaxAttempts { get; init; } = 8;

    /// <summary>Wait before the second attempt; each further wait is twice as long, up to <see cref="LongestRetry"/>.</summary>
    public TimeSpan FirstRetry { get; init; } = TimeSpan.FromMinutes(1);

    public TimeSpan LongestRetry { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Wait after the mail server or Campaign could not be used at all. No attempt is counted.</summary>
    public TimeSpan OutagePause { get; init; } = TimeSpan.FromSeconds(10);

    /// <param name="attempt">The attempt that did not succeed.</param>
    /// <param name="now">When.</param>
    /// <param name="spread">0 to 1: those that were put off together come back apart, up to a quarter later.</param>
    public DateTimeOffset NextAttempt(int attempt, DateTimeOffset now, double spread = 0)
    {
        var wait = FirstRetry * Math.Pow(2, Math.Min(attempt - 1, 20));
        return now + ((wait < LongestRetry ? wait : LongestRetry) * (1 + (spread / 4)));
    }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        TimeSpan[] spans = [Window, Lease, LookEvery, FirstRetry, LongestRetry, OutagePause, Turn];
        if (spans.Any(span => span <= TimeSpan.Zero))
        {
            yield return new("Every time span of the section Delivery must be greater than zero.");
        }

        if (Turn >= Lease / 2)
        {
            yield return new("Delivery:Turn must be less than half of Delivery:Lease.");
        }
    }
}
