namespace Connections;

/// <summary>What is known of one creator and one campaign when the question is asked. Null is "not known", never "no".</summary>
/// <param name="Status">The creator's standing in the marketplace; null before the first check.</param>
/// <param name="Link">The campaign's link; null while there is none.</param>
/// <param name="IsFailed">Did the platform fail to take the creator's handle when the link was made? Null where it was not asked to.</param>
/// <param name="Scopes">What the creator's TikTok connection grants; null where it is not green.</param>
/// <param name="Country">The creator's country, as the platform says.</param>
/// <param name="Refusals">The platform's return codes about this creator, in its latest answers.</param>
public sealed record CompatibilityFacts(
    MarketplaceStatus? Status, MarketplaceLink? Link, bool? IsFailed, IReadOnlyList<string>? Scopes, string? Country, IReadOnlyList<string> Refusals);

/// <summary>One condition, whether it is met, and why.</summary>
/// <param name="Name">Stable name of the condition.</param>
/// <param name="IsMet">Null where nobody can say yet.</param>
/// <param name="Explanation">A sentence a person can act on.</param>
public sealed record CompatibilityCondition(string Name, bool? IsMet, string Explanation);

/// <summary>Can this creator's posts count for this campaign? The platform has no call for it; it follows from these conditions.</summary>
public static class Compatibility
{
    public const string LinkScope = "tto.campaign.link";
    public const string NotACreatorCode = "40121";
    public const string OutsideRegionsCode = "40122";

    /// <summary>Every condition, met or not, always in this order.</summary>
    public static IReadOnlyList<CompatibilityCondition> Of(CompatibilityFacts facts) =>
        [Membership(facts), Scope(facts), Country(facts), Handle(facts), Refusal(facts)];

    /// <summary>Compatible, NotCompatible where one condition is not met, Unknown where none is unmet and one is not known.</summary>
    public static string Verdict(IReadOnlyList<CompatibilityCondition> conditions) =>
        conditions.Any(condition => condition.IsMet is false) ? "NotCompatible"
        : conditions.Any(condition => condition.IsMet is null) ? "Unknown"
        : "Compatible";

    private static CompatibilityCondition Membership(CompatibilityFacts facts)
    {
        const string Name = "marketplace-membership";
        return facts switch
        {
            { Status: MarketplaceStatus.Joined } => new(Name, true, "The creator is in the marketplace."),
            { Link.Type: MarketplaceLink.BrandLinkType } => new(Name, true, "The creator is not in the marketplace, and this kind of link does not ask for it."),
            { Status: null } => new(Name, null, "The creator's standing in the marketplace has not been checked yet."),
            { Status: MarketplaceStatus.Invited } => new(Name, false, "The creator was invited to the marketplace and has not joined yet."),
            { Status: MarketplaceStatus.NotEligible } => new(Name, false, "The marketplace does not take this creator."),
            _ => new(Name, false, "The creator is not in the marketplace: invite them."),
        };
    }

    private static CompatibilityCondition Scope(CompatibilityFacts facts)
    {
        const string Name = "campaign-link-scope";
        return facts.Scopes switch
        {
            null => new(Name, false, "The creator has not connected TikTok, or the connection is dead: ask them to connect."),
            var scopes when scopes.Contains(LinkScope) => new(Name, true, "The creator allows linking posts to campaigns."),
            _ => new(Name, false, $"The creator did not grant {LinkScope}: ask them to reconnect TikTok and leave that box ticked."),
        };
    }

    private static CompatibilityCondition Country(CompatibilityFacts facts)
    {
        const string Name = "country";
        return facts switch
        {
            { Link.Created: null } or { Link: null } => new(Name, null, "The campaign has no marketplace link yet, so its countries are not known."),
            { Link.Created.CountryCodes.Count: 0 } => new(Name, true, "The campaign is open to every country."),
            { Country: null } => new(Name, null, "The creator's country is not known: TikTok tells it to members who are connected."),
            _ when facts.Link.Created.CountryCodes.Contains(facts.Country, StringComparer.OrdinalIgnoreCase) => new(Name, true, $"The creator's country, {facts.Country}, is one of the campaign's."),
            _ => new(Name, false, $"The creator's country, {facts.Country}, is none of the campaign's: {string.Join(", ", facts.Link.Created.CountryCodes)}."),
        };
    }

    private static CompatibilityCondition Handle(CompatibilityFacts facts)
    {
        const string Name = "handle-accepted";
        return facts switch
        {
            { Link.Created: null } or { Link: null } => new(Name, null, "The campaign has no marketplace link yet."),
            { IsFailed: true } => new(Name, false, "TikTok did not take the creator's handle when the link was made: check the handle."),
            { IsFailed: false } => new(Name, true, "TikTok took the creator's handle when the link was made."),
            _ => new(Name, true, "The creator was not named when the link was made; whoever has the link may use it."),
        };
    }

    private static CompatibilityCondition Refusal(CompatibilityFacts facts)
    {
        const string Name = "not-refused";
        return facts.Refusals switch
        {
            var codes when codes.Contains(OutsideRegionsCode) => new(Name, false, $"TikTok says the creator lives outside the regions it serves ({OutsideRegionsCode})."),
            var codes when codes.Contains(NotACreatorCode) => new(Name, false, $"TikTok says the account is no marketplace creator ({NotACreatorCode})."),
            _ => new(Name, true, "TikTok has not refused the creator."),
        };
    }
}
