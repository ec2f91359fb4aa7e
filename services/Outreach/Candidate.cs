namespace Outreach;

/// <summary>What this service knows of one creator when a message is about to be written: the one rule of who gets which template.</summary>
public sealed record Candidate(
    KnownCreator? Creator, RosterPlace? Place, CreatorStanding? Standing, CreatorMarketplace? Marketplace = null, bool IsSuppressed = false,
    CampaignSwitches? Switches = null)
{
    private const string Off = "component-off";

    /// <summary>
    /// Why this creator does not get the message, in a stable word; null when nothing speaks against it. Nobody is asked for a connection that is
    /// switched off in the campaign: one that is off is neither missing nor lost.
    /// </summary>
    public string? Obstacle(Template template, KnownCampaign campaign) => template.Audience switch
    {
        _ when IsSuppressed => "suppressed",
        _ when Creator is null => "unknown-creator",
        _ when Place is not { IsTaken: true } => "not-on-roster",
        _ when Switches is { IsComponentOn: false } => Off,
        Audience.YetToOptIn when !campaign.Platforms.Any(IsOn) => Off,
        Audience.YetToOptIn when campaign.Platforms.Where(IsOn).All(platform => Standing?.IsConnected(platform) == true) => "already-connected",
        Audience.HasLostAccess when Standing is not { HasSomethingToReconnect: true } => "nothing-to-reconnect",
        Audience.HasLostAccess when !Standing.Lost.Any(IsOn) => Off,
        Audience.MarketplaceInvitee when Switches?.IsOn(KnownCampaign.Marketplace) == false => Off,
        Audience.MarketplaceInvitee when Marketplace is { HasJoined: true } => "marketplace-joined",
        Audience.MarketplaceInvitee when Marketplace is { IsNotEligible: true } => "marketplace-not-eligible",
        _ => null,
    };

    private bool IsOn(string platform) => Switches is null || KnownCampaign.TypeOf(platform) is not { } type || Switches.IsOn(type);
}
