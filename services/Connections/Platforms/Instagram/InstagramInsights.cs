using System.Globalization;
using System.Text.Json;
using Connections.Upkeep;
using Microsoft.AspNetCore.WebUtilities;

namespace Connections.Platforms.Instagram;

/// <summary>Instagram's insights: the account's numbers of each day, its audience, stories while they live, and every post and reel.</summary>
public sealed class InstagramInsights(InstagramOptions options, PlatformHttp http) : IInsightsSource
{
    private const long SmallAccount = 100;
    private static readonly DataType Profile = new("profile", DataType.Data, "Followers and number of posts", InstagramOptions.BasicScope, "followers_count", "follows_count", "media_count");

    private static readonly DataType Engagement = new(
        "reach-and-engagement", DataType.Data, "Reach, views and engagement by day", InstagramOptions.InsightsScope,
        "reach", "views", "accounts_engaged", "total_interactions", "likes", "comments", "saves", "shares", "replies", "reposts", "profile_links_taps");

    private static readonly DataType Follows = new("follows", DataType.Data, "Follows and unfollows by day", InstagramOptions.InsightsScope, "follows_and_unfollows") { LeastFollowers = SmallAccount };
    private static readonly DataType Audience = new("audience", DataType.Data, "Followers by age, gender, country and city", InstagramOptions.InsightsScope, "follower_demographics") { LeastFollowers = SmallAccount };

    private static readonly DataType Posts = new(
        "feed", DataType.Content, "Posts", InstagramOptions.InsightsScope,
        "reach", "views", "shares", "total_interactions", "reposts", "likes", "comments", "saved", "follows", "profile_visits");

    private static readonly DataType Reels = new(
        "reels", DataType.Content, "Reels", InstagramOptions.InsightsScope,
        "reach", "views", "shares", "total_interactions", "reposts", "likes", "comments", "saved", "ig_reels_avg_watch_time", "ig_reels_video_view_total_time");

    private static readonly DataType Stories = new(
        "stories", DataType.Content, "Stories", InstagramOptions.InsightsScope, "reach", "views", "shares", "total_interactions", "reposts", "replies", "follows", "profile_visits")
    {
        LiveFor = TimeSpan.FromHours(24),
    };

    // What is asked of each day, and how it is divided.
    private static readonly (DataType Type, string? Breakdown)[] OfDays = [(Engagement, null), (Follows, "follow_type")];
    private static readonly string[] AudienceBreakdowns = ["age", "gender", "country", "city"];

    public PlatformOptions Options => options;

    public IReadOnlyList<DataType> DataTypes { get; } = [Profile, Engagement, Follows, Audience, Posts, Reels, Stories];

    // Its limits grow with the account's impressions and are told in headers; there is nothing to count here.
    public IReadOnlyList<CallCost> CostOf(InsightsCursor? cursor) => [];

    public async Task<InsightsStep> Pull(UsableToken token, InsightsCursor? cursor, InsightsRequest request, CancellationToken ct)
    {
        var visit = new Visit(options, http, token, request, ct);
        return await visit.Make(cursor) with { Usage = visit.Usage };
    }

    private sealed class Visit(InstagramOptions options, PlatformHttp http, UsableToken token, InsightsRequest request, CancellationToken ct)
    {
        private const int AtOnce = 5;

        private DateOnly Today { get; } = PacificTime.DayOf(request.StartedAt);

        public UsageReport? Usage { get; private set; }

        public Task<InsightsStep> Make(InsightsCursor? cursor) => cursor switch
        {
            null => OfProfile(),
            { Step: "days" } => OfDay(cursor),
            { Step: "audience" } => OfAudience(cursor),
            { Step: "stories" } => LiveStories(cursor),
            { Step: "media" } => Media(cursor),
            { Step: "story-insights" or "media-insights" } => OfContent(cursor),
            _ => throw new InvalidOperationException($"Instagram has no step {cursor.Step}."),
        };

        private async Task<InsightsStep> OfProfile()
        {
            var metrics = options.Insights.MetricsOf(Profile);
            var me = InstagramPlatform.Unwrapped(await Get("me", ("fields", $"id,user_id,{string.Join(',', metrics)}")));
            var known = new Dictionary<string, string>
            {
                ["id"] = me.Text("user_id") ?? me.Required("id", options.Name),
                ["followers"] = me.Text("followers_count") ?? "0",
            };
            return new(request.Kind == PullKind.Live
                ? new("stories") { Known = known }
                : new("days", Written(options.Insights.FirstDay(request.Kind, Today.AddDays(-1)))) { Known = known })
            {
                Account = [.. metrics.Where(metric => me.Number(metric) is not null).Select(metric => new AccountMetric(metric, "", Today, me.Number(metric)!.Value))],
                Findings = new Dictionary<string, string> { [Profile.Key] = Finding.Ok },
            };
        }

        private async Task<InsightsStep> OfDay(InsightsCursor cursor)
        {
            var day = DateOnly.ParseExact(cursor.Page!, "yyyy-MM-dd", CultureInfo.InvariantCulture);
            var (rows, seen) = (new List<AccountMetric>(), new Dictionary<string, string>());
            foreach (var (type, breakdown) in OfDays)
            {
                await Read(type, cursor, day, rows, seen, [
                    ("period", "day"), ("metric_type", "total_value"), ("breakdown", breakdown), ("since", Unix(PacificTime.StartOf(day))), ("until", Unix(PacificTime.StartOf(day.AddDays(1)))),
                ]);
            }

            return new(day < Today.AddDays(-1) ? cursor with { Page = Written(day.AddDays(1)) } : cursor with { Step = "audience", Page = "0" }) { Account = rows, Findings = seen };
        }

        private async Task<InsightsStep> OfAudience(InsightsCursor cursor)
        {
            var index = int.Parse(cursor.Page!, CultureInfo.InvariantCulture);
            var (rows, seen) = (new List<AccountMetric>(), new Dictionary<string, string>());
            await Read(Audience, cursor, Today, rows, seen, [("period", "lifetime"), ("metric_type", "total_value"), ("timeframe", "this_month"), ("breakdown", AudienceBreakdowns[index])]);
            return new(index + 1 < AudienceBreakdowns.Length && seen[Audience.Key] != Finding.FewFollowers
                ? cursor with { Page = (index + 1).ToString(CultureInfo.InvariantCulture) }
                : cursor with { Step = "stories", Page = null })
            { Account = rows, Findings = seen };
        }

        private async Task Read(DataType type, InsightsCursor cursor, DateOnly day, List<AccountMetric> rows, Dictionary<string, string> seen, (string, string?)[] query)
        {
            if (double.Parse(cursor.Known["followers"], CultureInfo.InvariantCulture) < type.LeastFollowers)
            {
                seen[type.Key] = Finding.FewFollowers;
                return;
            }

            try
            {
                var found = RowsOf(await Get($"{cursor.Known["id"]}/insights", [("metric", string.Join(',', options.Insights.MetricsOf(type))), .. query]), day).ToList();
                rows.AddRange(found);

                // What is not there yet, or is too little to show, is left out: no row, and not a zero.
                seen[type.Key] = found.Count > 0 ? Finding.Ok : Finding.NoData;
            }
            catch (PlatformException refused) when (type.LeastFollowers > 0 && refused.Code == "100")
            {
                // Some accounts just over the threshold are refused all the same.
                seen[type.Key] = Finding.Withheld;
            }
        }

        private async Task<InsightsStep> LiveStories(InsightsCursor cursor)
        {
            var after = request.Kind == PullKind.Live ? null : cursor with { Step = "media", Page = null, Pending = [] };
            try
            {
                var stories = (await Get($"{cursor.Known["id"]}/stories", ("fields", "id,permalink,timestamp"))).Each("data").Select(story => ItemOf(story, Stories.Key)).OfType<ContentItem>().ToList();
                return new(stories.Count > 0 ? cursor with { Step = "story-insights", Page = null, Pending = [.. stories.Select(KeyOf)] } : after)
                {
                    Content = stories,
                    Findings = stories.Count > 0 ? new Dictionary<string, string>() : new() { [Stories.Key] = Finding.NoneLive },
                };
            }
            catch (PlatformException refused) when (refused.Code is "3" or "10" or "100")
            {
                // Documented for the other kind of login only; some apps are refused. The account's other insights say whether a permission is missing.
                return new(after) { Findings = new Dictionary<string, string> { [Stories.Key] = Finding.Withheld } };
            }
        }

        private async Task<InsightsStep> Media(InsightsCursor cursor)
        {
            var answer = await Get($"{cursor.Known["id"]}/media", ("fields", "id,media_type,media_product_type,permalink,timestamp"), ("limit", "25"), ("after", cursor.Page));
            var all = answer.Each("data").Select(media => ItemOf(media, KindOf(media))).OfType<ContentItem>().ToList();
            var since = options.Insights.ContentSince(request);
            var wanted = all.Where(item => item.PublishedAt >= since).ToList();
            var read = wanted.Count + int.Parse(cursor.Known.GetValueOrDefault("read", "0"), CultureInfo.InvariantCulture);
            var after = answer.Inner("paging").Inner("cursors").Text("after");
            var isLast = after is null || all.Count > wanted.Count || answer.Each("data").Count() < 25 || read >= options.Insights.MostContent;
            var next = cursor with
            {
                Step = "media-insights",
                Page = isLast ? null : after,
                Pending = [.. wanted.Select(KeyOf)],
                Known = new Dictionary<string, string>(cursor.Known) { ["read"] = read.ToString(CultureInfo.InvariantCulture) },
            };
            return new(wanted.Count > 0 ? next : null)
            {
                Content = wanted,
                Findings = request.Kind == PullKind.Full && cursor.Page is null ? new() { [Posts.Key] = Finding.NothingPublished, [Reels.Key] = Finding.NothingPublished } : new Dictionary<string, string>(),
            };
        }

        private async Task<InsightsStep> OfContent(InsightsCursor cursor)
        {
            var (rows, seen) = (new List<ContentMetric>(), new Dictionary<string, string>());
            foreach (var key in cursor.Pending.Take(AtOnce))
            {
                var type = key.Kind == Stories.Key ? Stories : key.Kind == Reels.Key ? Reels : Posts;
                try
                {
                    var answer = await Get($"{key.Id}/insights", ("metric", string.Join(',', options.Insights.MetricsOf(type))));
                    rows.AddRange(RowsOf(answer, Today).Where(row => row.Breakdown.Length == 0).Select(row => new ContentMetric(key.Id, row.Metric, Today, row.Value)));
                    seen[type.Key] = Finding.Ok;
                }
                catch (PlatformException refused) when (refused.Code == "100" || refused.Seen.Mark == InstagramDiagnosis.NotEnoughViewers)
                {
                    // Too few viewers, gone meanwhile, or from before the account became a professional one: the next one may be well.
                    seen.TryAdd(type.Key, refused.Seen.Mark == InstagramDiagnosis.NotEnoughViewers ? Finding.FewViewers : Finding.Withheld);
                }
            }

            var left = cursor with { Pending = [.. cursor.Pending.Skip(AtOnce)] };
            var next = left switch
            {
                { Pending.Count: > 0 } => left,
                { Step: "story-insights" } => request.Kind == PullKind.Live ? null : left with { Step = "media", Page = null },
                { Page: not null } => left with { Step = "media" },
                _ => null,
            };
            return new(next) { ContentMetrics = rows, Findings = seen };
        }

        // A metric is one number, a number and how it divides, or numbers with a time. Days are asked for one by one, so the first is the only one.
        private static IEnumerable<AccountMetric> RowsOf(JsonElement answer, DateOnly day)
        {
            foreach (var metric in answer.Each("data"))
            {
                var name = metric.Text("name") ?? "";
                var total = metric.Inner("total_value");
                if ((total.Number("value") ?? metric.Each("values").Select(value => value.Number("value")).FirstOrDefault()) is { } whole)
                {
                    yield return new(name, "", day, whole);
                }

                foreach (var division in total.Each("breakdowns"))
                {
                    var keys = division.Each("dimension_keys").Select(key => key.GetString()).ToArray();
                    foreach (var part in division.Each("results").Where(part => part.Number("value") is not null))
                    {
                        var of = keys.Zip(part.Each("dimension_values").Select(value => value.ToString())).Where(pair => pair.First != "timeframe").Select(pair => $"{pair.First}={pair.Second}");
                        yield return new(name, string.Join(',', of), day, part.Number("value")!.Value);
                    }
                }
            }
        }

        // Which product a medium belongs to is documented for the other kind of login only: without it a video counts as a reel.
        private static string? KindOf(JsonElement media) => (media.Text("media_product_type") ?? media.Text("media_type")) switch
        {
            "REELS" or "VIDEO" => Reels.Key,
            "STORY" or "AD" => null,
            _ => Posts.Key,
        };

        private static ContentItem? ItemOf(JsonElement media, string? kind) =>
            kind is not null && media.Text("id") is { } id && DateTimeOffset.TryParse(media.Text("timestamp"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
                ? new(id, kind, media.Text("permalink"), at.ToUniversalTime())
                : null;

        private static ContentKey KeyOf(ContentItem item) => new(item.Id, item.Kind);

        private async Task<JsonElement> Get(string path, params (string Name, string? Value)[] query)
        {
            var url = QueryHelpers.AddQueryString($"{options.GraphBase.Root()}/{options.GraphVersion}/{path}", query.Where(each => each.Value is not null).Select(each => KeyValuePair.Create(each.Name, each.Value)));
            try
            {
                return await Answers.Send(
                    http.Client, options.Name, new(HttpMethod.Get, new Uri(url)) { Headers = { Authorization = new("Bearer", token.Value) } }, InstagramPlatform.ErrorOf, ct, response =>
                        Usage = InstagramUsage.Of(name => response.Headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null) ?? Usage);
            }
            catch (PlatformException refused) when (refused.Seen.RetryAfter is null && Usage?.RegainAfter is { } wait)
            {
                throw new PlatformException(options.Name, refused.Seen with { RetryAfter = wait }, refused);
            }
        }

        private static string Written(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

        private static string Unix(DateTimeOffset instant) => instant.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
    }
}
