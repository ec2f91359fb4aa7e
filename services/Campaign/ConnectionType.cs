namespace Campaigns;

/// <summary>A column of the campaign views.</summary>
/// <param name="Name">As it is written in requests, answers and contracts.</param>
/// <param name="Platform">The platform it belongs to.</param>
/// <param name="IsAuthorization">Does a creator grant it by consent, so that Connections reports on it, and do metrics hang on it?</param>
public sealed record ConnectionType(string Name, string Platform, bool IsAuthorization)
{
    /// <summary>The platform's name as people write it.</summary>
    public string PlatformName => Platform switch { "instagram" => "Instagram", "youtube" => "YouTube", "tiktok" => "TikTok", _ => Platform };

    /// <summary>
    /// Every type, in the order of the columns. TikTokMarketplace is membership of a marketplace and no authorization: no metrics hang on it, so
    /// coverage leaves it out.
    /// </summary>
    public static IReadOnlyList<ConnectionType> All { get; } =
    [
        new("InstagramInsights", "instagram", true),
        new("YouTubeInsights", "youtube", true),
        new("TikTokInsights", "tiktok", true),
        new("TikTokMarketplace", "tiktok", false),
    ];

    /// <summary>The column that a creator's standing in the marketplace fills.</summary>
    public static ConnectionType Marketplace { get; } = All.Single(type => !type.IsAuthorization);

    /// <summary>The platforms a creator can have a handle on.</summary>
    public static IReadOnlyList<string> Platforms { get; } = [.. All.Select(type => type.Platform).Distinct()];

    public static ConnectionType? Named(string name) => All.FirstOrDefault(type => type.Name == name);

    /// <summary>The column that an authorization of this platform fills; null for a platform this version does not know.</summary>
    public static ConnectionType? AuthorizedBy(string platform) => All.FirstOrDefault(type => type.IsAuthorization && type.Platform == platform);
}
