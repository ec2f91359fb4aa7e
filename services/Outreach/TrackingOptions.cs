namespace Outreach;

/// <summary>Section <c>Tracking</c>: what is noted of the reading of messages.</summary>
public sealed class TrackingOptions
{
    public const string Section = "Tracking";

    /// <summary>Does each message carry an image that tells when it was opened? Off: none carries one, and those sent before tell nothing any more.</summary>
    public bool Opens { get; init; } = true;
}
