namespace CreatorConnections.Contracts.Connections;

/// <summary>
/// A creator authorized a platform, for the first time or again: the connection is green from <see cref="OccurredAt"/> on.
/// Published by Connections.
/// </summary>
public sealed record ConnectionGranted
{
    /// <summary>The organization (tenant) the connection belongs to.</summary>
    public required string OrganizationId { get; init; }

    /// <summary>The connection. Reconnecting repairs the same connection, so the id never changes for one creator and platform.</summary>
    public required Guid ConnectionId { get; init; }

    /// <summary>The creator who authorized.</summary>
    public required Guid CreatorId { get; init; }

    /// <summary><c>instagram</c>, <c>youtube</c> or <c>tiktok</c>. New platforms may be added: ignore what you do not know.</summary>
    public required string Platform { get; init; }

    /// <summary>The platform's own, app-scoped id of the account. Opaque; not a handle and not an address.</summary>
    public required string AccountId { get; init; }

    /// <summary>The scopes the creator granted, in the platform's own spelling; what was granted, not what was asked.</summary>
    public required IReadOnlyList<string> Scopes { get; init; }

    /// <summary>When the authorization ends by itself if nothing renews it (UTC); null where the platform names no end.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>The invitation that led here, where there was one; the same id as in <c>OutreachSent</c>.</summary>
    public Guid? InvitationId { get; init; }

    /// <summary>Version of the connection's stream: grows with every fact about this connection, with gaps. A smaller or equal one is old news.</summary>
    public required long Sequence { get; init; }

    /// <summary>When it happened (UTC).</summary>
    public required DateTimeOffset OccurredAt { get; init; }
}
