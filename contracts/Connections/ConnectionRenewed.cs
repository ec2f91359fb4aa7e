namespace CreatorConnections.Contracts.Connections;

/// <summary>
/// A green connection was renewed: its known end of life moved by a week or more, what is granted changed, or a warning given before is void.
/// Refreshes that change none of these are not told. Published by Connections.
/// </summary>
public sealed record ConnectionRenewed
{
    /// <summary>The organization (tenant) the connection belongs to.</summary>
    public required string OrganizationId { get; init; }

    /// <summary>The connection.</summary>
    public required Guid ConnectionId { get; init; }

    /// <summary>The creator whose authorization it is.</summary>
    public required Guid CreatorId { get; init; }

    /// <summary><c>instagram</c>, <c>youtube</c> or <c>tiktok</c>.</summary>
    public required string Platform { get; init; }

    /// <summary>What is granted now, in the platform's own spelling.</summary>
    public required IReadOnlyList<string> Scopes { get; init; }

    /// <summary>When the authorization ends by itself if nothing renews it again (UTC); null where the platform names no end.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Version of the connection's stream; see <see cref="ConnectionGranted.Sequence"/>.</summary>
    public required long Sequence { get; init; }

    /// <summary>When it was recorded (UTC).</summary>
    public required DateTimeOffset OccurredAt { get; init; }
}
