using Platforms.Accounts;

namespace Platforms.Instagram;

/// <summary>A post, reel or story as the Graph API shows it. What kind it is, is drawn from its number.</summary>
public sealed class Media(Post post, bool isStory, Account account)
{
    public const string Feed = "FEED";
    public const string Reels = "REELS";
    public const string Story = "STORY";

    private const string PostPrefix = "180";
    private const string StoryPrefix = "181";
    private const int IdLength = 17;

    private static readonly string[] PostTypes = ["IMAGE", "CAROUSEL_ALBUM", "VIDEO", "IMAGE", "VIDEO"];
    private static readonly string[] StoryTypes = ["IMAGE", "VIDEO"];

    public static TimeSpan StoryLife { get; } = TimeSpan.FromHours(24);

    public static IReadOnlyList<string> FieldNames { get; } =
    [
        "id", "caption", "media_type", "media_product_type", "media_url", "permalink", "shortcode", "thumbnail_url", "timestamp", "username", "owner",
        "like_count", "comments_count", "is_shared_to_feed", "alt_text", "children",
    ];

    public Post Post => post;

    public string Id { get; } = post.Digits(isStory ? StoryPrefix : PostPrefix, IdLength);

    public string Type { get; } = isStory ? StoryTypes[post.Pick("type", StoryTypes.Length)] : PostTypes[post.Pick("type", PostTypes.Length)];

    public string ProductType => isStory ? Story : Type is "VIDEO" ? Reels : Feed;

    public static bool IsMediaId(string? id) => id is { Length: IdLength } && (id.StartsWith(PostPrefix, StringComparison.Ordinal) || id.StartsWith(StoryPrefix, StringComparison.Ordinal));

    public static IEnumerable<Media> Posts(Activity activity) => activity.Newest().Select(p => new Media(p, false, activity.Account));

    public static IEnumerable<Media> LiveStories(Activity activity) =>
        activity.Newest("story").TakeWhile(p => p.At > activity.Now - StoryLife).Select(p => new Media(p, true, activity.Account));

    /// <summary>The account's own, as far as it can still be seen: a story is gone after a day.</summary>
    public static Media? Find(Activity activity, string id) => Posts(activity).Concat(LiveStories(activity)).FirstOrDefault(m => m.Id == id);

    /// <summary>The fields that were asked for and apply: one that does not apply to this kind of media is left out.</summary>
    public Dictionary<string, object?> Show(IEnumerable<string> fields, HttpRequest request)
    {
        var shortcode = post.Letters(11);
        var url = Covers.Of(request, account.Platform, Id);
        var all = new Dictionary<string, object?>
        {
            ["id"] = Id,
            ["caption"] = isStory ? null : post.Title,
            ["media_type"] = Type,
            ["media_product_type"] = ProductType,
            ["media_url"] = post.Pick("copyright", 40) is 0 ? null : url,
            ["permalink"] = $"https://www.instagram.com/{(ProductType is Reels ? "reel" : "p")}/{shortcode}/",
            ["shortcode"] = shortcode,
            ["thumbnail_url"] = Type is "VIDEO" ? url : null,
            ["timestamp"] = post.At.ToString("yyyy-MM-ddTHH:mm:ss+0000", System.Globalization.CultureInfo.InvariantCulture),
            ["username"] = account.Handle,
            ["owner"] = new { id = account.ProfileId },
            ["like_count"] = post.Count("likes", 0.02, 0.11),
            ["comments_count"] = post.Count("comments", 0.001, 0.012),
            ["is_shared_to_feed"] = ProductType is Reels ? true : null,
            ["alt_text"] = null,
            ["children"] = Type is "CAROUSEL_ALBUM" ? new { data = Enumerable.Range(1, 2 + post.Pick("children", 5)).Select(i => new { id = $"182{Id[3..^1]}{i}" }) } : null,
        };
        return fields.Where(f => all[f] is not null).Distinct().ToDictionary(f => f, f => all[f]);
    }
}
