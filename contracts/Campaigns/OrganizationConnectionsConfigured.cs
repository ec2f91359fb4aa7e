namespace CreatorConnections.Contracts.Campaigns;

/// <summary>
/// An organization switched connections on or off for its campaigns, or went back to the defaults. Says everything that is set now. Null is the
/// default, which is on; a campaign may say otherwise (<see cref="CampaignConnectionsConfigured"/>). Published by Campaign.
/// </summary>
public sealed record OrganizationConnectionsConfigured
{
    /// <summary>The organization (tenant).</summary>
    public required string OrganizationId { get; init; }

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

    /// <summary>Version of these settings. A smaller or equal one is old news.</summary>
    public required long Sequence { get; init; }

    /// <summary>When it happened (UTC).</summary>
    public required DateTimeOffset OccurredAt { get; init; }
}
