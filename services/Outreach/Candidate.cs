namespace Outreach;

/// <summary>What this service knows of one creator when a message is about to be written: the one rule of who gets which template.</summary>
public sealed record Candidate(KnownCreator? Creator, RosterPlace? Place, CreatorStanding? Standing, CreatorMarketplace? Marketplace = null, bool IsSuppressed = false)
{
    /// <summary>Why this creator does not get the message, in a stable word; null when nothing speaks against it.</summary>
    public string? Obstacle(Template template, KnownCampaign campaign) => template.Audience switch
    {
        _ when IsSuppressed => "suppressed",
        _ when Creator is null => "unknown-creator",
        _ when Place is not { IsTaken: true } => "not-on-roster",
        Audience.YetToOptIn when campaign.Platforms.All(platform => Standing?.IsConnected(platform) == true) => "already-connected",
        Audience.HasLostAccess when Standing is not { HasSomethingToReconnect: true } => "nothing-to-reconnect",
        Audience.MarketplaceInvitee when Marketplace is { HasJoined: true } => "marketplace-joined",
        Audience.MarketplaceInvitee when Marketplace is { IsNotEligible: true } => "marketplace-not-eligible",
        _ => null,
    };
}
