namespace CreatorConnections.Contracts.Outreach;

/// <summary>One recipient's message of an outreach was accepted by the mail server. Published by Outreach, once per recipient.</summary>
public sealed record OutreachSent
{
    /// <summary>The organization (tenant) that sent it.</summary>
    public required string OrganizationId { get; init; }

    /// <summary>The outreach: one bulk send.</summary>
    public required Guid OutreachId { get; init; }

    /// <summary>This recipient's delivery within the outreach; the subject that <see cref="Sequence"/> counts.</summary>
    public required Guid DeliveryId { get; init; }

    /// <summary>The campaign it was sent for.</summary>
    public required Guid CampaignId { get; init; }

    /// <summary>The creator it was sent to.</summary>
    public required Guid CreatorId { get; init; }

    /// <summary>Key of the template: <c>creator-hub-invitation</c>, <c>ttcm-invite-link</c>, <c>reconnect-request</c> or one of the organization's own.</summary>
    public required string Template { get; init; }

    /// <summary>The Creator Hub invitation it carried, where it did.</summary>
    public Guid? InvitationId { get; init; }

    /// <summary>
    /// Whom the template is meant for: <c>YetToOptIn</c>, <c>HasLostAccess</c> or <c>MarketplaceInvitee</c>, whose message carried the campaign's TikTok
    /// marketplace link. More may be added; null where nobody can tell.
    /// </summary>
    public string? Audience { get; init; }

    /// <summary>Version of the delivery's stream. A smaller or equal one is old news.</summary>
    public required long Sequence { get; init; }

    /// <summary>When the mail server accepted it (UTC).</summary>
    public required DateTimeOffset OccurredAt { get; init; }
}
