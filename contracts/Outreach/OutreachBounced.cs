namespace CreatorConnections.Contracts.Outreach;

/// <summary>
/// One recipient's message did not arrive after all: a mail server gave it back. Published by Outreach, at most once per recipient, usually after
/// <see cref="OutreachSent"/>.
/// </summary>
public sealed record OutreachBounced
{
    /// <summary>The organization (tenant) that sent it.</summary>
    public required string OrganizationId { get; init; }

    /// <summary>The outreach: one bulk send.</summary>
    public required Guid OutreachId { get; init; }

    /// <summary>This recipient's delivery within the outreach; the subject that <see cref="Sequence"/> counts.</summary>
    public required Guid DeliveryId { get; init; }

    /// <summary>The campaign it was sent for.</summary>
    public required Guid CampaignId { get; init; }

    /// <summary>The creator it was meant for.</summary>
    public required Guid CreatorId { get; init; }

    /// <summary>Key of the template.</summary>
    public required string Template { get; init; }

    /// <summary>The enhanced status code (RFC 3463) of the report, <c>5.1.1</c> for a mailbox that does not exist.</summary>
    public required string Code { get; init; }

    /// <summary>Would the next message bounce too? False where the mailbox was full or its server out of reach for too long.</summary>
    public required bool Permanent { get; init; }

    /// <summary>Version of the delivery's stream; see <see cref="OutreachSent.Sequence"/>.</summary>
    public required long Sequence { get; init; }

    /// <summary>When the report came (UTC).</summary>
    public required DateTimeOffset OccurredAt { get; init; }
}
