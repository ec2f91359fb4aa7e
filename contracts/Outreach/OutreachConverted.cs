namespace CreatorConnections.Contracts.Outreach;

/// <summary>A recipient connected a platform through the invitation of their message. Published by Outreach, once per delivery and platform.</summary>
public sealed record OutreachConverted
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

    /// <summary>The invitation that led there.</summary>
    public required Guid InvitationId { get; init; }

    /// <summary>The platform that was connected.</summary>
    public required string Platform { get; init; }

    /// <summary>The connection, as in <c>ConnectionGranted</c>.</summary>
    public required Guid ConnectionId { get; init; }

    /// <summary>Version of the stream of what became of the message after it was sent; see <see cref="OutreachClicked.Sequence"/>.</summary>
    public required long Sequence { get; init; }

    /// <summary>When the creator connected (UTC).</summary>
    public required DateTimeOffset OccurredAt { get; init; }
}
