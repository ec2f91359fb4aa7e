namespace CreatorConnections.Contracts.Campaigns;

/// <summary>A creator left the roster of a campaign. Published by Campaign.</summary>
public sealed record CreatorRemovedFromCampaign
{
    /// <summary>The organization (tenant) the campaign belongs to.</summary>
    public required string OrganizationId { get; init; }

    /// <summary>The campaign.</summary>
    public required Guid CampaignId { get; init; }

    /// <summary>The creator.</summary>
    public required Guid CreatorId { get; init; }

    /// <summary>Version of this creator's membership in this campaign. A smaller or equal one is old news.</summary>
    public required long Sequence { get; init; }

    /// <summary>When it happened (UTC).</summary>
    public required DateTimeOffset OccurredAt { get; init; }
}
