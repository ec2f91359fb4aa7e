namespace CreatorConnections.Contracts.Connections;

/// <summary>
/// A creator's standing in TikTok's creator marketplace changed, or was learnt for the first time. It is no authorization: it says nothing about
/// the creator's TikTok connection, nor that about it. Published by Connections.
/// </summary>
public sealed record MarketplaceStatusChanged
{
    /// <summary>The organization (tenant) that works with the creator.</summary>
    public required string OrganizationId { get; init; }

    /// <summary>The standing; one per organization and creator, and never a connection's id.</summary>
    public required Guid StandingId { get; init; }

    /// <summary>The creator.</summary>
    public required Guid CreatorId { get; init; }

    /// <summary>The status until then; null where nothing was known.</summary>
    public string? PreviousStatus { get; init; }

    /// <summary><c>NotEligible</c>, <c>NotInvited</c>, <c>Invited</c>, <c>InviteExpired</c>, <c>Joined</c> or <c>Declined</c>. More may be added.</summary>
    public required string Status { get; init; }

    /// <summary>
    /// Why the creator is not eligible: <c>HandleUnknown</c>, <c>NotACreator</c>, <c>OutsideRegions</c>, <c>TooFewFollowers</c>, <c>Underage</c>, <c>Rejected</c>. Empty for
    /// every other status. More may be added.
    /// </summary>
    public required IReadOnlyList<string> Reasons { get; init; }

    /// <summary><c>confirmed</c> where the platform said so, <c>inferred</c> where it follows from its answers.</summary>
    public required string Confidence { get; init; }

    /// <summary>Version of the standing's stream: grows with every fact about it, with gaps. A smaller or equal one is old news.</summary>
    public required long Sequence { get; init; }

    /// <summary>When it was recorded (UTC).</summary>
    public required DateTimeOffset OccurredAt { get; init; }
}
