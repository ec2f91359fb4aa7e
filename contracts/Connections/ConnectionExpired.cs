namespace CreatorConnections.Contracts.Connections;

/// <summary>An authorization passed its known end of life and nothing else happened: the connection is red. Published by Connections.</summary>
public sealed record ConnectionExpired
{
    /// <summary>The organization (tenant) the connection belongs to.</summary>
    public required string OrganizationId { get; init; }

    /// <summary>The connection.</summary>
    public required Guid ConnectionId { get; init; }

    /// <summary>The creator whose authorization it was.</summary>
    public required Guid CreatorId { get; init; }

    /// <summary><c>instagram</c>, <c>youtube</c> or <c>tiktok</c>.</summary>
    public required string Platform { get; init; }

    /// <summary>The end of life that passed (UTC).</summary>
    public required DateTimeOffset ExpiredAt { get; init; }

    /// <summary>Version of the connection's stream; see <see cref="ConnectionGranted.Sequence"/>.</summary>
    public required long Sequence { get; init; }

    /// <summary>When it was recorded (UTC); later than <see cref="ExpiredAt"/> by the allowance for clock skew.</summary>
    public required DateTimeOffset OccurredAt { get; init; }
}
