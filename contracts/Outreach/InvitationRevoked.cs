namespace CreatorConnections.Contracts.Outreach;

/// <summary>An invitation was taken back: its link opens the Creator Hub no more, and visits that it opened are over. Published by Outreach, once per invitation.</summary>
public sealed record InvitationRevoked
{
    /// <summary>The organization (tenant) that invited.</summary>
    public required string OrganizationId { get; init; }

    /// <summary>The invitation; the same id as in <see cref="OutreachSent"/>.</summary>
    public required Guid InvitationId { get; init; }

    /// <summary>The creator who was invited.</summary>
    public required Guid CreatorId { get; init; }

    /// <summary>The campaign they were invited for.</summary>
    public required Guid CampaignId { get; init; }

    /// <summary>Version of the stream of what became of the message after it was sent; see <see cref="OutreachClicked.Sequence"/>. Nothing undoes it, so it holds whenever it arrives.</summary>
    public required long Sequence { get; init; }

    /// <summary>When it was taken back (UTC).</summary>
    public required DateTimeOffset OccurredAt { get; init; }
}
