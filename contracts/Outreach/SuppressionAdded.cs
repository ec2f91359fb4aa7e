namespace CreatorConnections.Contracts.Outreach;

/// <summary>A creator is not written to any more, by one organization, for one reason. Published by Outreach.</summary>
public sealed record SuppressionAdded
{
    /// <summary>The organization (tenant) that will not write.</summary>
    public required string OrganizationId { get; init; }

    /// <summary>The creator who is not written to; the subject that <see cref="Sequence"/> counts, within the organization.</summary>
    public required Guid CreatorId { get; init; }

    /// <summary>The campaign that will not write; null for every campaign of the organization.</summary>
    public Guid? CampaignId { get; init; }

    /// <summary><c>Unsubscribed</c>, <c>HardBounce</c>, <c>Complaint</c> or <c>Manual</c>. Several may hold at once.</summary>
    public required string Reason { get; init; }

    /// <summary>The delivery whose message led to it, where one did.</summary>
    public Guid? DeliveryId { get; init; }

    /// <summary>Version of the creator's suppression stream. A smaller or equal one is old news.</summary>
    public required long Sequence { get; init; }

    /// <summary>When (UTC).</summary>
    public required DateTimeOffset OccurredAt { get; init; }
}
