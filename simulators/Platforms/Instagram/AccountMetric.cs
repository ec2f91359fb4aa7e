using Platforms.Accounts;

namespace Platforms.Instagram;

/// <summary>A number Instagram knows of an account and a day, or of its audience. (Source: Meta, Instagram Account Insights.)</summary>
/// <param name="Name">As it is asked for.</param>
/// <param name="PerFollower">How many of it fall to a follower on a day.</param>
/// <param name="Breakdowns">By what it can be divided.</param>
public sealed record AccountMetric(string Name, double PerFollower, params string[] Breakdowns)
{
    public const string FollowType = "follow_type";
    public const int LeastFollowers = 100;

    private const string MediaType = "media_product_type";
    private const string Follows = "follows_and_unfollows";

    private static readonly Dictionary<string, string[]> PartsOf = new()
    {
        [FollowType] = ["FOLLOWER", "NON_FOLLOWER", "UNKNOWN"],
        [MediaType] = ["REELS", "FEED", "STORY", "AD"],
        ["contact_button_type"] = ["EMAIL", "CALL", "DIRECTION", "TEXT", "BOOK_NOW", "UNDEFINED"],
        ["age"] = ["25-34", "18-24", "35-44", "45-54", "55-64", "13-17", "65+"],
        ["gender"] = ["F", "M", "U"],
        ["country"] = ["ES", "US", "GB", "DE", "FR", "MX", "IT", "SE", "BR", "NL", "PL", "PT", "AR", "CL"],
        ["city"] =
        [
            "Madrid, Comunidad de Madrid", "Barcelona, Cataluña", "London, England", "Berlin, Berlin", "Paris, Île-de-France", "Stockholm, Stockholms län",
            "New York, New York", "Ciudad de México, Distrito Federal", "São Paulo, São Paulo", "Lisboa, Lisboa",
        ],
    };

    private static readonly string[] Audience = ["age", "city", "country", "gender"];

    public static IReadOnlyList<AccountMetric> All { get; } =
    [
        new("reach", 0.11, MediaType, FollowType) { IsSeries = true, IsUnique = true },
        new("views", 0.24, FollowType, MediaType),
        new("accounts_engaged", 0.021) { IsUnique = true },
        new("total_interactions", 0),
        new("likes", 0.018),
        new("comments", 0.0012),
        new("saves", 0.0021),
        new("shares", 0.0016),
        new("replies", 0.0004),
        new("reposts", 0.0005),
        new("profile_links_taps", 0.0008, "contact_button_type"),
        new(Follows, 0, FollowType) { NeedsFollowers = true },
        new("follower_demographics", 0.97, Audience) { IsAudience = true, NeedsFollowers = true },
        new("engaged_audience_demographics", 0.3, Audience) { IsAudience = true, NeedsFollowers = true },
    ];

    private static IReadOnlyList<AccountMetric> Interactions { get; } =
        [.. All.Where(m => m.Name is "likes" or "comments" or "saves" or "shares" or "replies" or "reposts")];

    /// <summary>Whether it comes as one number per day too.</summary>
    public bool IsSeries { get; private init; }

    /// <summary>People are counted once, however many days they come.</summary>
    public bool IsUnique { get; private init; }

    /// <summary>Says who the audience is, by one breakdown, for the lifetime.</summary>
    public bool IsAudience { get; private init; }

    /// <summary>Not to be had with fewer than 100 followers.</summary>
    public bool NeedsFollowers { get; private init; }

    public string Period => IsAudience ? "lifetime" : "day";

    public string Title => char.ToUpperInvariant(Name[0]) + Name[1..].Replace('_', ' ');

    /// <summary>The documentation writes this one in two ways.</summary>
    public static string Spelled(string breakdown) => breakdown is "follower_type" ? FollowType : breakdown;

    public long On(Activity activity, DateOnly day) => Name switch
    {
        "total_interactions" => Interactions.Sum(m => m.On(activity, day)),
        Follows => activity.Gained(day) + activity.Lost(day),
        _ => activity.Daily(Name, PerFollower, day),
    };

    public long Over(Activity activity, IReadOnlyList<DateOnly> days) => (long)(days.Sum(d => On(activity, d)) / (IsUnique ? 1 + 0.3 * Math.Log(days.Count) : 1));

    public IReadOnlyList<(string Name, long Value)> Parts(Activity activity, long total, string breakdown, IReadOnlyList<DateOnly> days) => Name is Follows
        ? [("FOLLOWER", days.Sum(activity.Gained)), ("NON_FOLLOWER", days.Sum(activity.Lost))]
        : activity.Divide(total, $"{Name}/{breakdown}", PartsOf[breakdown]);
}
