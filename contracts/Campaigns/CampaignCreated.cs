namespace CreatorConnections.Contracts.Campaigns;

/// <summary>An organization created a campaign. Published by Campaign.</summary>
public sealed record CampaignCreated
{
    /// <summary>The organization (tenant) the campaign belongs to.</summary>
    public required string OrganizationId { get; init; }

    /// <summary>The campaign.</summary>
    public required Guid CampaignId { get; init; }

    /// <summary>The name creators see when asked to opt in for it.</summary>
    public required string Name { get; init; }

    /// <summary>First day of the campaign.</summary>
    public required DateOnly StartsOn { get; init; }

    /// <summary>Last day of the campaign, inclusive.</summary>
    public required DateOnly EndsOn { get; init; }

    /// <summary>The connection types it needs: <c>InstagramInsights</c>, <c>YouTubeInsights</c>, <c>TikTokInsights</c>, <c>TikTokMarketplace</c>. More may be added.</summary>
    public required IReadOnlyList<string> RequiredConnections { get; init; }

    /// <summary>Version of the campaign's stream. A smaller or equal one is old news.</summary>
    public required long Sequence { get; init; }

    /// <summary>When it happened (UTC).</summary>
    public required DateTimeOffset OccurredAt { get; init; }
}
