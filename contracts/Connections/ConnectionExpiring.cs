namespace CreatorConnections.Contracts.Connections;

/// <summary>
/// A connection is green and its known end of life is near, with nothing having renewed it so far. Once each at 14, 7, 3 and 1 days before the end
/// (configurable); after a pause of ours only the tightest that is due. Published by Connections.
/// </summary>
public sealed record ConnectionExpiring
{
    /// <summary>The organization (tenant) the connection belongs to.</summary>
    public required string OrganizationId { get; init; }

    /// <summary>The connection.</summary>
    public required Guid ConnectionId { get; init; }

    /// <summary>The creator whose authorization it is.</summary>
    public required Guid CreatorId { get; init; }

    /// <summary><c>instagram</c>, <c>youtube</c> or <c>tiktok</c>.</summary>
    public required string Platform { get; init; }

    /// <summary>The end of life that is near (UTC).</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>Which warning this is: so many days before the end, or less.</summary>
    public required long Days { get; init; }

    /// <summary>Version of the connection's stream; see <see cref="ConnectionGranted.Sequence"/>.</summary>
    public required long Sequence { get; init; }

    /// <summary>When it was recorded (UTC).</summary>
    public required DateTimeOffset OccurredAt { get; init; }
}
