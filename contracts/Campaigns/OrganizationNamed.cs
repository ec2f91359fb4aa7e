namespace CreatorConnections.Contracts.Campaigns;

/// <summary>An organization set or changed the name that creators see. Published by Campaign.</summary>
public sealed record OrganizationNamed
{
    /// <summary>The organization (tenant).</summary>
    public required string OrganizationId { get; init; }

    /// <summary>The name creators see when asked to opt in.</summary>
    public required string Name { get; init; }

    /// <summary>Version of the organization's stream. A smaller or equal one is old news.</summary>
    public required long Sequence { get; init; }

    /// <summary>When it happened (UTC).</summary>
    public required DateTimeOffset OccurredAt { get; init; }
}
