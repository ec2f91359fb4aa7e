namespace CreatorConnections.Contracts.Connections;

/// <summary>
/// A pull of a connection's insights is done. Says how much there is to read, never what: the numbers are read over HTTP. Published by Connections.
/// </summary>
public sealed record InsightsCollected
{
    /// <summary>The organization (tenant) the connection belongs to.</summary>
    public required string OrganizationId { get; init; }

    /// <summary>The connection.</summary>
    public required Guid ConnectionId { get; init; }

    /// <summary>The creator whose account it is.</summary>
    public required Guid CreatorId { get; init; }

    /// <summary><c>instagram</c>, <c>youtube</c> or <c>tiktok</c>.</summary>
    public required string Platform { get; init; }

    /// <summary><c>Full</c>, <c>Daily</c>, or <c>Live</c> for what can be read for some hours only.</summary>
    public required string Kind { get; init; }

    /// <summary>How many numbers about the account were read.</summary>
    public required long AccountMetrics { get; init; }

    /// <summary>How many posts, reels, stories or videos were read.</summary>
    public required long ContentItems { get; init; }

    /// <summary>How many numbers about them were read.</summary>
    public required long ContentMetrics { get; init; }

    /// <summary>The last day the account's numbers reach to, in the platform's calendar; null where there are none.</summary>
    public DateOnly? Through { get; init; }

    /// <summary>Version of the stream of this connection's insights, which is not the connection's own: compare it with other messages of this kind only.</summary>
    public required long Sequence { get; init; }

    /// <summary>When it was recorded (UTC).</summary>
    public required DateTimeOffset OccurredAt { get; init; }
}
