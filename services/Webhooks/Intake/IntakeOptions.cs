using System.ComponentModel.DataAnnotations;

namespace Webhooks.Intake;

/// <summary>How messages are taken from the broker. Section <c>Intake</c>.</summary>
public sealed class IntakeOptions
{
    public const string Section = "Intake";

    /// <summary>The queue. It outlives the service's absence, so nothing is missed while no replica runs.</summary>
    [Required]
    public string Queue { get; init; } = "webhooks-events";

    /// <summary>Most messages in one commit.</summary>
    [Range(1, 5000)]
    public int Batch { get; init; } = 500;

    /// <summary>Wait before the broker is tried again.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:05:00")]
    public TimeSpan ReconnectAfter { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Where what is no event of ours ends up, for a person to look at.</summary>
    public string Unreadable => $"{Queue}_error";
}
