using EventSourcing;

namespace Outreach;

/// <summary>What outreach needs to know of a campaign.</summary>
public sealed record CampaignBecameKnown(Guid CampaignId, string Name, IReadOnlyList<string> RequiredConnections, long Sequence, DateOnly? EndsOn = null);

public sealed record KnownCampaign(Guid Id, string Name, IReadOnlyList<string> RequiredConnections, long Sequence, DateOnly? EndsOn = null) : IStreamState<KnownCampaign>
{
    /// <summary>The connection type that is joined, not authorized.</summary>
    public const string Marketplace = "TikTokMarketplace";

    /// <summary>Which platforms a creator must opt in on. The marketplace is joined, not authorized, so it is not among them.</summary>
    private static readonly Dictionary<string, string> PlatformOf = new()
    {
        ["InstagramInsights"] = "instagram",
        ["YouTubeInsights"] = "youtube",
        ["TikTokInsights"] = "tiktok",
    };

    /// <summary>A campaign that requires nothing is glad of everything.</summary>
    public IEnumerable<string> Platforms => RequiredConnections.Any(PlatformOf.ContainsKey)
        ? RequiredConnections.Where(PlatformOf.ContainsKey).Select(type => PlatformOf[type])
        : PlatformOf.Values;

    /// <summary>The connection type that an authorization of this platform is; null for a platform this version does not know.</summary>
    public static string? TypeOf(string platform) => PlatformOf.FirstOrDefault(type => type.Value == platform).Key;

    /// <summary>Its last day is over everywhere on earth.</summary>
    public bool HasEnded(DateTimeOffset now) => EndsOn is { } last && DateOnly.FromDateTime(now.UtcDateTime.AddHours(-12)) > last;

    public static KnownCampaign? Fold(KnownCampaign? state, object @event) => @event switch
    {
        CampaignBecameKnown e => new(e.CampaignId, e.Name, e.RequiredConnections, e.Sequence, e.EndsOn),
        _ => state,
    };
}
