using Platforms.Accounts;

namespace Platforms.Instagram;

/// <summary>The insights of a post, reel or story, for its lifetime. Each kind has metrics of its own. (Source: Meta, Instagram Media Insights.)</summary>
public static class MediaInsights
{
    private const int PermissionOrViewers = 10;
    private const int LeastViewers = 5;
    private const string Navigation = "navigation";
    private const string Activity = "profile_activity";

    private static readonly string[] Everywhere = ["reach", "views", "shares", "total_interactions", "reposts"];
    private static readonly string[] Removed = ["plays", "video_views", "clips_replays_count", "ig_reels_aggregated_all_plays_count", "impressions"];

    private static readonly Dictionary<string, string[]> Metrics = new()
    {
        [Media.Feed] = [.. Everywhere, "likes", "comments", "saved", "follows", "profile_visits", Activity, "facebook_views"],
        [Media.Reels] =
        [
            .. Everywhere, "likes", "comments", "saved", "ig_reels_avg_watch_time", "ig_reels_video_view_total_time", "reels_skip_rate", "crossposted_views",
            "facebook_views",
        ],
        [Media.Story] = [.. Everywhere, "replies", "follows", "profile_visits", Activity, Navigation],
    };

    // Where the law keeps message counts from Instagram. (Source: the metric's own note: Europe and Japan.)
    private static readonly string[] WithoutReplies = ["ES", "SE", "GB", "DE", "FR", "IT", "NL", "PL", "PT", "JP"];

    public static IResult Of(HttpRequest request, Media media, Account account)
    {
        var names = ReadInsights.List(request, "metric");
        if (names.Length is 0)
        {
            return ReadInsights.Bad("The parameter metric is required");
        }

        var known = Metrics[media.ProductType];
        if (names.FirstOrDefault(n => !known.Contains(n)) is { } unfit)
        {
            return Metrics.Values.Any(all => all.Contains(unfit)) || Removed.Contains(unfit)
                ? ReadInsights.Bad($"The Media Insights API does not support the {unfit} metric for this media product type.")
                : ReadInsights.Bad($"metric[{Array.IndexOf(names, unfit)}] must be one of the following values: {string.Join(", ", known)}");
        }

        if (request.Query["period"].ToString() is not ("" or "lifetime"))
        {
            return ReadInsights.Bad("Media insights have the period lifetime");
        }

        var breakdown = request.Query["breakdown"].ToString();
        if (breakdown.Length > 0 && names.Any(n => BreakdownOf(n) != breakdown))
        {
            return ReadInsights.Bad($"Incompatible breakdown ({breakdown}) with the metrics ({string.Join(", ", names)})");
        }

        if (media.ProductType is Media.Story && Reach(media) < LeastViewers)
        {
            return GraphError.Of(PermissionOrViewers, "(#10) Not enough viewers for the media to show insights");
        }

        return Wire.Json(new { data = names.Select(n => Describe(n, media, account, breakdown)) });
    }

    private static object Describe(string name, Media media, Account account, string breakdown)
    {
        var value = Value(name, media, account);
        var title = char.ToUpperInvariant(name[0]) + name[1..].Replace('_', ' ');
        return new
        {
            name,
            period = "lifetime",
            values = breakdown.Length is 0 ? new[] { new { value } } : null,
            title,
            description = $"{title} of the media",
            total_value = breakdown.Length is 0 ? null : new { value, breakdowns = new[] { Divided(name, value, breakdown) } },
            id = $"{media.Id}/insights/{name}/lifetime",
        };
    }

    private static object Divided(string name, long value, string breakdown)
    {
        string[] parts = name is Navigation ? ["TAP_FORWARD", "SWIPE_FORWARD", "TAP_EXIT", "TAP_BACK"] : ["BIO_LINK_CLICKED", "EMAIL", "CALL", "DIRECTION"];
        // Each part is half of what is left, and the last takes the rest.
        var left = value;
        var results = parts.Select((p, i) =>
        {
            var part = i == parts.Length - 1 ? left : left / 2;
            left -= part;
            return new { dimension_values = new[] { p }, value = part };
        }).ToList();
        return new { dimension_keys = new[] { breakdown }, results };
    }

    private static string? BreakdownOf(string name) => name switch
    {
        Navigation => "story_navigation_action_type",
        Activity => "action_type",
        _ => null,
    };

    private static long Reach(Media media) => media.Post.Count("reach", 0.6, 0.9);

    private static long Value(string name, Media media, Account account) => name switch
    {
        "reach" => Reach(media),
        "views" => media.Post.Views,
        "likes" => media.Post.Count("likes", 0.02, 0.11),
        "comments" => media.Post.Count("comments", 0.001, 0.012),
        "saved" => media.Post.Count(name, 0.002, 0.02),
        "shares" => media.Post.Count(name, 0.001, 0.01),
        "reposts" => media.Post.Count(name, 0.0003, 0.002),
        "replies" => WithoutReplies.Contains(account.Country) ? 0 : media.Post.Count(name, 0.001, 0.01),
        "total_interactions" => Sum(media, account, media.ProductType is Media.Story ? ["shares", "reposts", "replies"] : ["likes", "comments", "saved", "shares", "reposts"]),
        "ig_reels_avg_watch_time" => 3000 + media.Post.Pick(name, 14_000),
        "ig_reels_video_view_total_time" => media.Post.Views * (3000 + media.Post.Pick("ig_reels_avg_watch_time", 14_000)),
        "reels_skip_rate" => 20 + media.Post.Pick(name, 45),
        "crossposted_views" => media.Post.Views + media.Post.Count("facebook_views", 0.01, 0.2),
        "facebook_views" => media.Post.Count(name, 0.01, 0.2),
        Navigation => media.Post.Count(name, 0.7, 1.4),
        _ => media.Post.Count(name, 0.001, 0.02),
    };

    private static long Sum(Media media, Account account, string[] names) => names.Sum(n => Value(n, media, account));
}
