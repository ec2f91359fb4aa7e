using EventSourcing;

namespace Connections;

/// <summary>Somebody set out to create the campaign at the platform. Until it is done or was refused, nobody else does.</summary>
public sealed record MarketplaceLinkRequested(Guid CampaignId, string Type, DateTimeOffset At);

/// <summary>The platform made the campaign and named its link.</summary>
/// <param name="PlatformCampaignId">The campaign's id at the platform.</param>
/// <param name="InviteLink">What creators open to join.</param>
/// <param name="CountryCodes">Whose creators may join; empty where the platform named none.</param>
/// <param name="CreatorIds">Whom the platform took.</param>
/// <param name="FailedCreatorIds">Whom it did not take.</param>
/// <param name="UnnamedCreatorIds">Who was asked for and could not be named: we know no handle.</param>
/// <param name="At">When (UTC).</param>
public sealed record MarketplaceLinkCreated(
    string PlatformCampaignId, string InviteLink, IReadOnlyList<string> CountryCodes, IReadOnlyList<Guid> CreatorIds, IReadOnlyList<Guid> FailedCreatorIds, IReadOnlyList<Guid> UnnamedCreatorIds, DateTimeOffset At);

/// <summary>The platform refused to make it, or could not be asked.</summary>
public sealed record MarketplaceLinkRefused(string Code, DateTimeOffset At);

/// <summary>One campaign's link to the marketplace. There is one per campaign, whoever asks and however often.</summary>
public sealed record MarketplaceLink(Guid Id, Guid CampaignId, string Type, DateTimeOffset? RequestedAt, MarketplaceLinkCreated? Created) : IStreamState<MarketplaceLink>
{
    public const string CampaignType = "CAMPAIGN";
    public const string BrandLinkType = "BRAND_LINK";

    // Longer than any call may take: whoever claimed it and has not answered since is gone.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    public static Guid IdOf(string organization, Guid campaign) => StreamId.Of("marketplace-link", organization, campaign.ToString());

    /// <summary>May the platform be asked now? Nothing when the link is there.</summary>
    public static Decision Request(MarketplaceLink? state, Guid campaign, string type, DateTimeOffset now) => state switch
    {
        { Created: not null } => Decision.Nothing,
        { RequestedAt: { } claimed } when now - claimed < Patience => Decision.Refuse("marketplace-link.under-way", "The link is being created right now. Ask for it again in a moment."),
        _ => Decision.Of(new MarketplaceLinkRequested(campaign, type, now)),
    };

    public static MarketplaceLink? Fold(MarketplaceLink? state, object @event) => (state, @event) switch
    {
        (_, MarketplaceLinkRequested e) => new(Guid.Empty, e.CampaignId, e.Type, e.At, null),
        ({ } link, MarketplaceLinkCreated e) => link with { RequestedAt = null, Created = e },
        ({ } link, MarketplaceLinkRefused) => link with { RequestedAt = null },
        _ => state,
    };
}
