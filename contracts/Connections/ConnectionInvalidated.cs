namespace CreatorConnections.Contracts.Connections;

/// <summary>An authorization died before its known end of life: the connection is red, with a reason. Published by Connections.</summary>
public sealed record ConnectionInvalidated
{
    /// <summary>The organization (tenant) the connection belongs to.</summary>
    public required string OrganizationId { get; init; }

    /// <summary>The connection.</summary>
    public required Guid ConnectionId { get; init; }

    /// <summary>The creator whose authorization it was.</summary>
    public required Guid CreatorId { get; init; }

    /// <summary><c>instagram</c>, <c>youtube</c> or <c>tiktok</c>.</summary>
    public required string Platform { get; init; }

    /// <summary>
    /// <c>Revoked</c>, <c>PermissionRemoved</c>, <c>AccountSuspended</c>, <c>AccountDeleted</c>, <c>DisconnectedByCreator</c>,
    /// <c>DisconnectedByUs</c> or <c>DataDeletionRequested</c>. More may be added.
    /// </summary>
    public required string Reason { get; init; }

    /// <summary><c>confirmed</c> where the platform said so, <c>inferred</c> where it follows from its answers.</summary>
    public required string Confidence { get; init; }

    /// <summary>Version of the connection's stream; see <see cref="ConnectionGranted.Sequence"/>.</summary>
    public required long Sequence { get; init; }

    /// <summary>When it happened (UTC).</summary>
    public required DateTimeOffset OccurredAt { get; init; }
}
