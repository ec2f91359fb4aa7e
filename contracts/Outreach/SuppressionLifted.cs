namespace CreatorConnections.Contracts.Outreach;

/// <summary>One reason not to write to a creator is gone; another one may still hold. Published by Outreach.</summary>
public sealed record SuppressionLifted
{
    /// <summary>The organization (tenant) it concerns.</summary>
    public required string OrganizationId { get; init; }

    /// <summary>The creator; the subject that <see cref="Sequence"/> counts, within the organization.</summary>
    public required Guid CreatorId { get; init; }

    /// <summary>The campaign the reason was limited to; null where it reached every campaign of the organization.</summary>
    public Guid? CampaignId { get; init; }

    /// <summary>The reason that is gone, as in <see cref="SuppressionAdded.Reason"/>.</summary>
    public required string Reason { get; init; }

    /// <summary>Version of the creator's suppression stream; see <see cref="SuppressionAdded.Sequence"/>.</summary>
    public required long Sequence { get; init; }

    /// <summary>When (UTC).</summary>
    public required DateTimeOffset OccurredAt { get; init; }
}
