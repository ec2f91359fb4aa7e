namespace CreatorConnections.Contracts.Campaigns;

/// <summary>
/// An organization registered a creator. Carries no personal data on purpose: name, address and handles are read over HTTP
/// by those who may, so that an erasure reaches every copy. Published by Campaign.
/// </summary>
public sealed record CreatorRegistered
{
    /// <summary>The organization (tenant) that works with the creator.</summary>
    public required string OrganizationId { get; init; }

    /// <summary>The creator.</summary>
    public required Guid CreatorId { get; init; }

    /// <summary>Version of the creator's stream. A smaller or equal one is old news.</summary>
    public required long Sequence { get; init; }

    /// <summary>When it happened (UTC).</summary>
    public required DateTimeOffset OccurredAt { get; init; }
}
