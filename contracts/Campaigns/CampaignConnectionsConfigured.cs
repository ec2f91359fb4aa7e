namespace CreatorConnections.Contracts.Campaigns;

/// <summary>
/// Somebody switched connections on or off for one campaign, or let it inherit again. Says everything that is set for the campaign now. Null is
/// inherited from the organization (<see cref="OrganizationConnectionsConfigured"/>). Published by Campaign.
/// </summary>
public sealed record CampaignConnectionsConfigured
{
    /// <summary>The organization (tenant) the campaign belongs to.</summary>
    public required string OrganizationId { get; init; }

    /// <summary>The campaign.</summary>
    public required Guid CampaignId { get; init; }

    /// <summary>All connections at once: while it is <c>false</c> nothing is on.</summary>
    public bool? Component { get; init; }

    /// <summary>The connection type <c>InstagramInsights</c>.</summary>
    public bool? InstagramInsights { get; init; }

    /// <summary>The connection type <c>YouTubeInsights</c>.</summary>
    public bool? YouTubeInsights { get; init; }

    /// <summary>The connection type <c>TikTokInsights</c>.</summary>
    public bool? TikTokInsights { get; init; }

    /// <summary>The connection type <c>TikTokMarketplace</c>.</summary>
    public bool? TikTokMarketplace { get; init; }

    /// <summary>Version of the campaign's settings; it has nothing to do with the version of the campaign. A smaller or equal one is old news.</summary>
    public required long Sequence { get; init; }

    /// <summary>When it happened (UTC).</summary>
    public required DateTimeOffset OccurredAt { get; init; }
}
