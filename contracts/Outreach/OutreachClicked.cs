namespace CreatorConnections.Contracts.Outreach;

/// <summary>A recipient opened the Creator Hub through the invitation of their message, for the first time. Published by Outreach, once per delivery.</summary>
public sealed record OutreachClicked
{
    /// <summary>The organization (tenant) that sent it.</summary>
    public required string OrganizationId { get; init; }

    /// <summary>The outreach: one bulk send.</summary>
    public required Guid OutreachId { get; init; }

    /// <summary>This recipient's delivery within the outreach, as in <see cref="OutreachSent"/>.</summary>
    public required Guid DeliveryId { get; init; }

    /// <summary>The campaign it was sent for.</summary>
    public required Guid CampaignId { get; init; }

    /// <summary>The creator it was sent to.</summary>
    public required Guid CreatorId { get; init; }

    /// <summary>Key of the template.</summary>
    public required string Template { get; init; }

    /// <summary>The invitation that was opened.</summary>
    public required Guid InvitationId { get; init; }

    /// <summary>
    /// Version of the stream of what became of the message after it was sent; not the one that <see cref="OutreachSent.Sequence"/> counts. A smaller or
    /// equal one is old news.
    /// </summary>
    public required long Sequence { get; init; }

    /// <summary>When it was opened (UTC).</summary>
    public required DateTimeOffset OccurredAt { get; init; }
}
