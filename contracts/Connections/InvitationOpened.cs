namespace CreatorConnections.Contracts.Connections;

/// <summary>A creator opened the Creator Hub through an invitation for the first time. Published by Connections, once per invitation.</summary>
public sealed record InvitationOpened
{
    /// <summary>The organization (tenant) that invited.</summary>
    public required string OrganizationId { get; init; }

    /// <summary>The invitation; the same id as in <c>OutreachSent</c>.</summary>
    public required Guid InvitationId { get; init; }

    /// <summary>The creator who was invited.</summary>
    public required Guid CreatorId { get; init; }

    /// <summary>The campaign they were invited for, where it was for one.</summary>
    public Guid? CampaignId { get; init; }

    /// <summary>Version of the invitation's stream. A smaller or equal one is old news.</summary>
    public required long Sequence { get; init; }

    /// <summary>When it was opened (UTC).</summary>
    public required DateTimeOffset OccurredAt { get; init; }
}
