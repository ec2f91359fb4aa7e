namespace CreatorConnections.Contracts.Outreach;

/// <summary>One recipient's message of an outreach will not be sent. Published by Outreach, at most once per recipient.</summary>
public sealed record OutreachFailed
{
    /// <summary>The organization (tenant) that sent it.</summary>
    public required string OrganizationId { get; init; }

    /// <summary>The outreach: one bulk send.</summary>
    public required Guid OutreachId { get; init; }

    /// <summary>This recipient's delivery within the outreach; the subject that <see cref="Sequence"/> counts.</summary>
    public required Guid DeliveryId { get; init; }

    /// <summary>The campaign it was meant for.</summary>
    public required Guid CampaignId { get; init; }

    /// <summary>The creator it was meant for.</summary>
    public required Guid CreatorId { get; init; }

    /// <summary>Key of the template.</summary>
    public required string Template { get; init; }

    /// <summary>A stable word for why: <c>mailbox-unavailable</c>, <c>rejected</c>, <c>in-doubt</c>, ... Never the server's own text, which may hold an address.</summary>
    public required string Reason { get; init; }

    /// <summary>Version of the delivery's stream; see <see cref="OutreachSent.Sequence"/>.</summary>
    public required long Sequence { get; init; }

    /// <summary>When it was given up (UTC).</summary>
    public required DateTimeOffset OccurredAt { get; init; }
}
