using System.Globalization;
using System.Net;
using System.Text.Json;
using Platforms.Tests.Kit;

namespace Platforms.Tests;

/// <summary>Media and insights as the Graph API serves them.</summary>
public sealed class InstagramInsights(SharedSimulator shared) : IAsyncLifetime
{
    private const string Graph = "/instagram/graph/v25.0";

    private readonly Borrowed borrowed = new(shared);

    private string token = "";
    private string id = "";

    public async ValueTask InitializeAsync() => await Grant(12_000);

    public ValueTask DisposeAsync() => borrowed.DisposeAsync();

    [Fact]
    public async Task A_month_of_reach_is_one_value_per_day_the_same_each_time_and_without_the_days_that_are_not_there_yet()
    {
        var (since, until) = (Unix(-20), Unix(0));
        var query = $"insights?metric=reach&period=day&metric_type=time_series&since={since}&until={until}";
        var (first, second) = (await Read($"{id}/{query}"), await Read($"me/{query}"));
        var values = first.Body.GetProperty("data")[0].GetProperty("values").EnumerateArray().ToList();

        // Twelve hours after its end a day is there: the last one may be missing.
        values.Count.ShouldBeInRange(19, 20);
        values.ShouldAllBe(v => v.GetProperty("value").GetInt64() > 0);
        values.Select(v => Time(v.GetProperty("end_time")).Minute).Distinct().ShouldBe([0]);
        values.Select(v => Time(v.GetProperty("end_time"))).ShouldBeInOrder();
        (await Ends(first)).ShouldBeLessThan(DateTimeOffset.UtcNow.AddHours(-12));
        second.Body.GetProperty("data").ToString().ShouldBe(first.Body.GetProperty("data").ToString());
        first.Body.GetProperty("data")[0].GetProperty("id").GetString().ShouldBe($"{id}/insights/reach/day");
        first.Body.GetProperty("paging").GetProperty("previous").GetString()!.ShouldContain($"until={since}");
    }

    [Fact]
    public async Task A_day_appears_once_its_lag_is_over_and_stays_as_it_was()
    {
        await OnItsOwn();
        var query = $"me/insights?metric=reach&period=day&since={Unix(-3)}&until={Unix(3)}";
        var before = (await Read(query)).Body.GetProperty("data")[0].GetProperty("values").EnumerateArray().Select(v => v.ToString()).ToList();
        await borrowed.Simulator.MoveClock(TimeSpan.FromDays(2));
        var after = (await Read(query)).Body.GetProperty("data")[0].GetProperty("values").EnumerateArray().Select(v => v.ToString()).ToList();

        after.Count.ShouldBe(before.Count + 2);
        after.Take(before.Count).ShouldBe(before);
    }

    [Fact]
    public async Task Days_without_data_give_an_empty_list_and_no_zeros()
    {
        var future = await Read($"me/insights?metric=reach,views&period=day&metric_type=total_value&since={Unix(1)}&until={Unix(2)}");
        var longAgo = await Read("me/insights?metric=reach&period=day&since=2009-01-01&until=2009-01-05");

        (future.Status, future.Body.GetProperty("data").GetArrayLength()).ShouldBe((HttpStatusCode.OK, 0));
        (longAgo.Status, longAgo.Body.GetProperty("data").GetArrayLength()).ShouldBe((HttpStatusCode.OK, 0));
    }

    [Fact]
    public async Task Totals_come_with_breakdowns_that_add_up()
    {
        var answer = await Read($"me/insights?metric=reach,views&period=day&metric_type=total_value&breakdown=media_product_type,follower_type&since={Unix(-9)}&until={Unix(-2)}");
        foreach (var metric in answer.Body.GetProperty("data").EnumerateArray())
        {
            var total = metric.GetProperty("total_value");
            foreach (var breakdown in total.GetProperty("breakdowns").EnumerateArray())
            {
                breakdown.GetProperty("results").EnumerateArray().Sum(r => r.GetProperty("value").GetInt64()).ShouldBe(total.GetProperty("value").GetInt64());
            }
        }

        var keys = answer.Body.GetProperty("data")[0].GetProperty("total_value").GetProperty("breakdowns").EnumerateArray();
        keys.Select(b => b.GetProperty("dimension_keys")[0].GetString()).ShouldBe(["media_product_type", "follow_type"]);
    }

    [Fact]
    public async Task Every_metric_of_the_day_can_be_asked_for_at_once_as_a_total()
    {
        const string metrics = "reach,views,accounts_engaged,total_interactions,likes,comments,saves,shares,replies,reposts,profile_links_taps,follows_and_unfollows";
        var answer = await Read($"me/insights?metric={metrics}&period=day&metric_type=total_value&since={Unix(-9)}&until={Unix(-2)}");
        var values = answer.Body.GetProperty("data").EnumerateArray().ToDictionary(m => m.GetProperty("name").GetString()!, m => m.GetProperty("total_value").GetProperty("value").GetInt64());

        values.Keys.ShouldBe(metrics.Split(','));
        values["total_interactions"].ShouldBe(values["likes"] + values["comments"] + values["saves"] + values["shares"] + values["replies"] + values["reposts"]);
        values["views"].ShouldBeGreaterThan(values["likes"]);
    }

    [Theory]
    [InlineData("metric=impressions&period=day&metric_type=total_value")]
    [InlineData("metric=profile_views&period=day&metric_type=total_value")]
    [InlineData("metric=reach,follower_count&period=day")]
    [InlineData("metric=likes&period=day&metric_type=time_series")]
    [InlineData("metric=views&period=day")]
    [InlineData("metric=reach&period=lifetime")]
    [InlineData("metric=reach&period=day&metric_type=total_value&breakdown=city")]
    [InlineData("metric=follower_demographics&period=lifetime&metric_type=total_value&timeframe=this_month")]
    [InlineData("metric=follower_demographics&period=lifetime&metric_type=total_value&breakdown=age")]
    [InlineData("metric=reach&period=day&since=2026-01-01&until=2026-03-01")]
    [InlineData("period=day")]
    public async Task What_the_api_does_not_have_is_error_100(string query)
    {
        var error = (await Read($"me/insights?{query}")).Body.GetProperty("error");

        error.GetProperty("code").GetInt32().ShouldBe(100);
        error.GetProperty("message").GetString()!.ShouldStartWith("(#100) ");
    }

    [Theory]
    [InlineData("age", "this_week")]
    [InlineData("city", "this_month")]
    [InlineData("country", "this_month")]
    [InlineData("gender", "this_week")]
    public async Task Demographics_divide_the_followers_by_one_breakdown(string breakdown, string timeframe)
    {
        var answer = await Read($"me/insights?metric=follower_demographics&period=lifetime&metric_type=total_value&breakdown={breakdown}&timeframe={timeframe}");
        var divided = answer.Body.GetProperty("data")[0].GetProperty("total_value").GetProperty("breakdowns")[0];

        divided.GetProperty("dimension_keys").ToString().ShouldBe($"""["timeframe","{breakdown}"]""");
        divided.GetProperty("results").EnumerateArray().ShouldAllBe(r => r.GetProperty("dimension_values")[0].GetString() == timeframe.ToUpperInvariant());
        divided.GetProperty("results").EnumerateArray().Sum(r => r.GetProperty("value").GetInt64()).ShouldBeInRange(10_000, 12_000);
    }

    [Fact]
    public async Task Under_a_hundred_followers_the_audience_and_the_follows_are_missing_and_the_rest_is_there()
    {
        await OnItsOwn();
        await Grant(99, "small");
        var demographics = await Read("me/insights?metric=follower_demographics&period=lifetime&metric_type=total_value&breakdown=age&timeframe=this_week");
        var query = $"me/insights?metric=reach,follows_and_unfollows&period=day&metric_type=total_value&since={Unix(-9)}&until={Unix(-2)}";
        var days = await Read(query);
        await borrowed.Simulator.Switch(new { instagram = new { smallAccounts = "Error" } });
        var refused = await Read(query);

        demographics.Body.GetProperty("data").GetArrayLength().ShouldBe(0);
        days.Body.GetProperty("data").EnumerateArray().Select(m => m.GetProperty("name").GetString()).ShouldBe(["reach"]);
        refused.Body.GetProperty("error").GetProperty("code").GetInt32().ShouldBe(100);
    }

    [Fact]
    public async Task Media_are_paged_by_cursor_newest_first_without_gaps_or_repeats()
    {
        var all = new List<string>();
        var times = new List<DateTimeOffset>();
        string? after = null;
        do
        {
            var page = await Read($"me/media?fields=id,timestamp&limit=100{(after is null ? "" : $"&after={after}")}");
            all.AddRange(page.Body.GetProperty("data").EnumerateArray().Select(m => m.GetProperty("id").GetString()!));
            times.AddRange(page.Body.GetProperty("data").EnumerateArray().Select(m => Time(m.GetProperty("timestamp"))));
            after = page.Body.GetProperty("paging").TryGetProperty("next", out _) ? page.Body.GetProperty("paging").GetProperty("cursors").GetProperty("after").GetString() : null;
        }
        while (after is not null);

        all.Distinct().Count().ShouldBe((await Read("me?fields=media_count")).Body.GetProperty("media_count").GetInt32());
        times.ShouldBeInOrder(SortDirection.Descending);
        times[0].ShouldBeLessThanOrEqualTo(DateTimeOffset.UtcNow);
        (await Read("me/media")).Body.GetProperty("data").GetArrayLength().ShouldBe(Math.Min(25, all.Count));
    }

    [Fact]
    public async Task A_page_can_be_left_by_its_links_in_both_directions()
    {
        var first = await Read("me/media?limit=3");
        var next = await Read(new Uri(first.Body.GetProperty("paging").GetProperty("next").GetString()!).PathAndQuery[(Graph.Length + 1)..]);
        var back = await Read(new Uri(next.Body.GetProperty("paging").GetProperty("previous").GetString()!).PathAndQuery[(Graph.Length + 1)..]);

        back.Body.GetProperty("data").ToString().ShouldBe(first.Body.GetProperty("data").ToString());
        (await Read("me/media?after=nonsense")).Body.GetProperty("error").GetProperty("code").GetInt32().ShouldBe(100);
    }

    [Fact]
    public async Task New_posts_appear_as_the_clock_goes_on_and_their_numbers_grow()
    {
        await OnItsOwn();
        var before = await Read("me/media?fields=id,like_count&limit=1");
        var oldest = before.Body.GetProperty("data")[0];
        await borrowed.Simulator.MoveClock(TimeSpan.FromDays(30));
        var after = (await Read("me/media?fields=id,like_count&limit=100")).Body.GetProperty("data").EnumerateArray().ToList();
        var same = after.FindIndex(m => m.GetProperty("id").GetString() == oldest.GetProperty("id").GetString());

        same.ShouldBeInRange(5, 45);
        after[same].GetProperty("like_count").GetInt64().ShouldBeGreaterThan(oldest.GetProperty("like_count").GetInt64());
    }

    [Fact]
    public async Task Followers_grow_as_the_days_go_by_and_by_what_was_gained_and_lost()
    {
        await OnItsOwn();
        var before = (await Read("me?fields=followers_count")).Body.GetProperty("followers_count").GetInt64();
        await borrowed.Simulator.MoveClock(TimeSpan.FromDays(10));
        var after = (await Read("me?fields=followers_count")).Body.GetProperty("followers_count").GetInt64();

        before.ShouldBe(12_000);
        after.ShouldBeInRange(12_001, 14_000);
    }

    [Fact]
    public async Task Each_kind_of_media_has_its_own_metrics()
    {
        var media = (await Read("me/media?fields=id,media_product_type,timestamp&limit=100")).Body.GetProperty("data").EnumerateArray().ToList();
        var (feed, reel) = (Of("FEED"), Of("REELS"));
        var feedInsights = await Read($"{feed}/insights?metric=reach,views,likes,comments,saved,shares,total_interactions,follows,profile_visits");
        var reelInsights = await Read($"{reel}/insights?metric=reach,views,ig_reels_avg_watch_time,ig_reels_video_view_total_time");
        var wrongKind = await Read($"{feed}/insights?metric=ig_reels_avg_watch_time");
        var removed = await Read($"{reel}/insights?metric=plays");
        var actions = await Read($"{feed}/insights?metric=profile_activity&breakdown=action_type");

        feedInsights.Body.GetProperty("data").GetArrayLength().ShouldBe(9);
        feedInsights.Body.GetProperty("data")[0].GetProperty("values")[0].GetProperty("value").GetInt64().ShouldBeGreaterThan(0);
        feedInsights.Body.GetProperty("data")[0].GetProperty("id").GetString().ShouldBe($"{feed}/insights/reach/lifetime");
        reelInsights.Body.GetProperty("data").GetArrayLength().ShouldBe(4);
        wrongKind.Body.GetProperty("error").GetProperty("message").GetString()!.ShouldContain("does not support the ig_reels_avg_watch_time metric");
        removed.Body.GetProperty("error").GetProperty("code").GetInt32().ShouldBe(100);
        var total = actions.Body.GetProperty("data")[0].GetProperty("total_value");
        total.GetProperty("breakdowns")[0].GetProperty("results").EnumerateArray().Sum(r => r.GetProperty("value").GetInt64()).ShouldBe(total.GetProperty("value").GetInt64());

        // Nobody may have seen yet what was published just now.
        string Of(string type) =>
            media.First(m => m.GetProperty("media_product_type").GetString() == type && Time(m.GetProperty("timestamp")) < DateTimeOffset.UtcNow.AddDays(-1)).GetProperty("id").GetString()!;
    }

    [Fact]
    public async Task Stories_live_a_day_and_their_insights_no_longer()
    {
        await OnItsOwn();
        var stories = await LiveStories();
        var story = stories[0].GetProperty("id").GetString();
        var insights = await Read($"{story}/insights?metric=reach,replies,navigation");
        await borrowed.Simulator.MoveClock(await Offset() + TimeSpan.FromHours(25));
        var gone = await Read($"{story}/insights?metric=reach");

        stories.ShouldAllBe(s => s.GetProperty("media_product_type").GetString() == "STORY");
        insights.Body.GetProperty("data").GetArrayLength().ShouldBe(3);
        (await Read("me/stories")).Body.ToString().ShouldNotContain(story!);
        (gone.Body.GetProperty("error").GetProperty("code").GetInt32(), gone.Body.GetProperty("error").GetProperty("error_subcode").GetInt32()).ShouldBe((100, 33));
    }

    [Fact]
    public async Task A_story_that_hardly_anybody_saw_has_no_insights_and_says_so_with_code_10()
    {
        await OnItsOwn();
        await Grant(1, "tiny");
        var story = (await LiveStories())[0].GetProperty("id").GetString();
        var error = (await Read($"{story}/insights?metric=reach")).Body.GetProperty("error");

        (error.GetProperty("code").GetInt32(), error.GetProperty("message").GetString()).ShouldBe((10, "(#10) Not enough viewers for the media to show insights"));
    }

    [Fact]
    public async Task Nobody_reads_anothers_account_or_media()
    {
        var media = (await Read("me/media?limit=1")).Body.GetProperty("data")[0].GetProperty("id").GetString();
        await Grant(500, "bo");

        foreach (var path in (string[])[$"{media}", $"{media}/insights?metric=reach", "17841400000000001/media", "17841400000000001/insights?metric=reach&period=day"])
        {
            (await Read(path)).Body.GetProperty("error").GetProperty("error_subcode").GetInt32().ShouldBe(33, path);
        }
    }

    [Fact]
    public async Task Without_the_insights_scope_media_can_be_read_and_insights_cannot()
    {
        token = (await borrowed.Simulator.Granted("instagram", "basic", scopes: [InstagramApp.Basic])).GetProperty("accessToken").GetString()!;
        var media = await Read("me/media?limit=1");
        var refused = await Read("me/insights?metric=reach&period=day");

        media.Status.ShouldBe(HttpStatusCode.OK);
        (refused.Status, refused.Body.GetProperty("error").GetProperty("code").GetInt32()).ShouldBe((HttpStatusCode.Forbidden, 10));
        (await Read($"{media.Body.GetProperty("data")[0].GetProperty("id").GetString()}/insights?metric=reach")).Status.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Each_answer_tells_how_much_of_the_limits_is_used_and_over_them_calls_fail_until_the_window_ends()
    {
        await OnItsOwn();
        await borrowed.Simulator.Switch(new { instagram = new { accountCallsPerDay = 4, appCallsPerHour = 10 } });
        var first = await Read("me");
        for (var i = 0; i < 3; i++)
        {
            await Read("me");
        }

        var over = await Read("me");
        await Grant(500, "bo");
        var other = await Read("me");
        for (var i = 0; i < 4; i++)
        {
            await Read($"{i}");
        }

        var appOver = await Read("me");
        await borrowed.Simulator.MoveClock(TimeSpan.FromHours(24));

        Header(first, "X-Business-Use-Case-Usage").GetProperty(id)[0].GetProperty("call_count").GetInt32().ShouldBe(25);
        Header(first, "X-App-Usage").GetProperty("call_count").GetInt32().ShouldBe(10);
        over.Body.GetProperty("error").GetProperty("code").GetInt32().ShouldBe(80002);
        var wait = Header(over, "X-Business-Use-Case-Usage").GetProperty(id)[0].GetProperty("estimated_time_to_regain_access").GetInt32();
        wait.ShouldBeInRange(1, 24 * 60);
        other.Status.ShouldBe(HttpStatusCode.OK);
        appOver.Body.GetProperty("error").GetProperty("code").GetInt32().ShouldBe(4);
        (await Read("me")).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData(95, null, 0)]
    [InlineData(100, null, 4)]
    [InlineData(null, 96, 0)]
    [InlineData(null, 100, 17)]
    public async Task The_percentages_can_be_set(int? app, int? account, int code)
    {
        await OnItsOwn();
        await borrowed.Simulator.Switch(new { instagram = new { appUsagePercent = app, accountUsagePercent = account, accountLimitCode = 17 } });
        var answer = await Read("me");

        (answer.Body.TryGetProperty("error", out var error) ? error.GetProperty("code").GetInt32() : 0).ShouldBe(code);
        Header(answer, app is null ? "X-Business-Use-Case-Usage" : "X-App-Usage").ToString().ShouldContain($"\"call_count\":{app ?? account}");
    }

    // The accounts' numbers are drawn from their handles: fixed ones keep the figures as they are.
    private async Task Grant(long followers, string prefix = "ana")
    {
        var account = await borrowed.Simulator.Granted("instagram", prefix, followers);
        (token, var own) = (account.GetProperty("accessToken").GetString()!, account.GetProperty("profileId").GetString()!);
        id = prefix is "ana" ? own : id;
    }

    private async Task OnItsOwn()
    {
        await borrowed.Replace();
        await Grant(12_000);
    }

    private Task<Answer> Read(string path) => borrowed.Simulator.Get($"{Graph}/{path}", token);

    // Stories come a few times a week: the clock is moved until there is one in the first half of its day, and on to the middle of it. A new one was seen by too few
    // for insights, an old one may end before the next question.
    private async Task<List<JsonElement>> LiveStories()
    {
        var half = TimeSpan.FromHours(12);
        for (var offset = TimeSpan.Zero; offset < TimeSpan.FromDays(8); offset += half)
        {
            await borrowed.Simulator.MoveClock(offset);
            var stories = (await Read("me/stories?fields=id,media_product_type,timestamp")).Body.GetProperty("data").EnumerateArray().ToList();
            if (stories.Count > 0 && Time(stories[0].GetProperty("timestamp")) + half - DateTimeOffset.UtcNow is var middle && middle >= offset)
            {
                await borrowed.Simulator.MoveClock(middle);
                return stories;
            }
        }

        throw new InvalidOperationException("There was no story in a week.");
    }

    private async Task<TimeSpan> Offset() => TimeSpan.FromSeconds((await borrowed.Simulator.Get("/control/clock")).Body.GetProperty("clockOffsetSeconds").GetInt64());

    private static Task<DateTimeOffset> Ends(Answer answer) =>
        Task.FromResult(answer.Body.GetProperty("data")[0].GetProperty("values").EnumerateArray().Max(v => Time(v.GetProperty("end_time"))));

    private static JsonElement Header(Answer answer, string name) => JsonSerializer.Deserialize<JsonElement>(answer.Response.Headers.GetValues(name).Single());

    private static long Unix(int days) => DateTimeOffset.UtcNow.AddDays(days).ToUnixTimeSeconds();

    private static DateTimeOffset Time(JsonElement value) => DateTimeOffset.ParseExact(value.GetString()!, "yyyy-MM-ddTHH:mm:sszz'00'", CultureInfo.InvariantCulture);
}
