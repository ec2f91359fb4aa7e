namespace CreatorConnections.Contracts.Connections;

/// <summary>
/// A red connection is green again without the creator's doing: a suspension was lifted, a permission came back, or a loss that had only been
/// inferred turned out to be none. Published by Connections.
/// </summary>
public sealed record ConnectionRecovered
{
    /// <summary>The organization (tenant) the connection belongs to.</summary>
    public required string OrganizationId { get; init; }

    /// <summary>The connection.</summary>
    public required Guid ConnectionId { get; init; }

    /// <summary>The creator whose authorization it is.</summary>
    public required Guid CreatorId { get; init; }

    /// <summary><c>instagram</c>, <c>youtube</c> or <c>tiktok</c>.</summary>
    public required string Platform { get; init; }

    /// <summary>When the authorization ends by itself if nothing renews it (UTC); null where the platform names no end.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Version of the connection's stream; see <see cref="ConnectionGranted.Sequence"/>.</summary>
    public required long Sequence { get; init; }

    /// <summary>When it was recorded (UTC).</summary>
    public required DateTimeOffset OccurredAt { get; init; }
}
