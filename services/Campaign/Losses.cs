namespace Campaigns;

/// <summary>What a campaign does not count of a creator whose authorization is missing or dead, in words for the people who miss it.</summary>
/// <param name="Type">The connection type.</param>
/// <param name="Metrics">Numbers that stay out of the campaign's sums.</param>
/// <param name="Content">Content that does not show.</param>
public sealed record Loss(string Type, IReadOnlyList<string> Metrics, IReadOnlyList<string> Content)
{
    private static readonly IReadOnlyList<Loss> All =
    [
        new("InstagramInsights", ["views", "reach", "interactions", "followers", "audience by age, gender and place"], ["posts", "reels", "stories (while they are live, 24 hours)"]),
        new("YouTubeInsights", ["views", "watch time", "likes and comments", "subscribers gained", "audience by age, gender and place"], ["videos", "shorts", "live streams"]),
        new("TikTokInsights", ["views", "likes, comments and shares", "followers"], ["videos", "profile"]),
    ];

    /// <summary>What is lost without this type; null where no metrics hang on it.</summary>
    public static Loss? Of(string type) => All.FirstOrDefault(loss => loss.Type == type);
}
