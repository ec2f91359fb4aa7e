using System.ComponentModel.DataAnnotations;

namespace Webhooks.Sending;

/// <summary>How events are sent to endpoints. Section <c>Sending</c>.</summary>
public sealed class SendingOptions : IValidatableObject
{
    public const string Section = "Sending";

    // A little over a day. Standard Webhooks asks for a few days of tries with waits that grow; whoever is away longer asks for a replay.
    private static readonly TimeSpan[] UsualRetries =
    [
        TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(30),
        TimeSpan.FromHours(1), TimeSpan.FromHours(2), TimeSpan.FromHours(4), TimeSpan.FromHours(8), TimeSpan.FromHours(12),
    ];

    /// <summary>How long a receiver may take for its answer, connecting included.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:02:00")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>The waits between attempts; after the last one the delivery is exhausted. Unset: 5 s, 30 s, 2 min, 10 min, 30 min, 1 h, 2 h, 4 h, 8 h, 12 h.</summary>
    public TimeSpan[]? Retries { get; init; }

    /// <summary>A wait may be longer by this share of itself, so that what failed together does not come back together.</summary>
    [Range(0, 1)]
    public double Jitter { get; init; } = 0.2;

    /// <summary>The longest wait that a receiver may ask for with Retry-After.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "2.00:00:00")]
    public TimeSpan LongestRetryAfter { get; init; } = TimeSpan.FromHours(12);

    /// <summary>An endpoint that nothing got through to for so long is paused.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "90.00:00:00")]
    public TimeSpan PauseAfter { get; init; } = TimeSpan.FromDays(5);

    /// <summary>Most requests under way to one endpoint, per replica; one where nothing gets through.</summary>
    [Range(1, 64)]
    public int PerEndpoint { get; init; } = 8;

    /// <summary>Most deliveries that a replica holds, of all endpoints: taken, under way, or answered and being written down. What a crash may repeat is among them.</summary>
    [Range(1, 4096)]
    public int AtOnce { get; init; } = 512;

    /// <summary>How often a worker with nothing to do looks for what has come due or another replica has taken in.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan LookEvery { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How much longer than <see cref="Timeout"/> a worker may hold a delivery. Then another one takes over.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan LeaseMargin { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Due for longer than this although its endpoint works: deliveries do not keep up, and health says so.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan LateAfter { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Wait after the database could not be used.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:05:00")]
    public TimeSpan OutagePause { get; init; } = TimeSpan.FromSeconds(5);

    internal IReadOnlyList<TimeSpan> Waits => Retries ?? UsualRetries;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Waits.Any(wait => wait <= TimeSpan.Zero))
        {
            yield return new("Every wait of Sending:Retries must be greater than zero.");
        }
    }
}
