using System.Globalization;
using System.Net;
using System.Text.Json;
using Platforms.Tests.Kit;

namespace Platforms.Tests;

/// <summary>Uploads, videos and Analytics.</summary>
public sealed class YouTubeInsights(SharedSimulator shared) : IAsyncLifetime
{
    private const string Data = "/google/www/youtube/v3";
    private const string Reports = "/google/analytics/v2/reports?ids=channel==MINE";

    private readonly Borrowed borrowed = new(shared);

    private string token = "";
    private string uploads = "";

    public async ValueTask InitializeAsync() => await Grant("ana");

    public ValueTask DisposeAsync() => borrowed.DisposeAsync();

    [Fact]
    public async Task The_uploads_of_a_channel_lead_page_by_page_to_every_video_it_counts()
    {
        var channel = (await Read($"{Data}/channels?part=contentDetails,statistics&mine=true")).Body.GetProperty("items")[0];
        var playlist = channel.GetProperty("contentDetails").GetProperty("relatedPlaylists").GetProperty("uploads").GetString();
        var ids = new List<string>();
        string? page = null;
        do
        {
            var answer = (await Read($"{Data}/playlistItems?part=contentDetails&playlistId={playlist}&maxResults=50{page}")).Body;
            ids.AddRange(answer.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("contentDetails").GetProperty("videoId").GetString()!));
            page = answer.TryGetProperty("nextPageToken", out var next) ? $"&pageToken={next.GetString()}" : null;
        }
        while (page is not null);

        playlist.ShouldBe(uploads);
        ids.Distinct().Count().ShouldBe(int.Parse(channel.GetProperty("statistics").GetProperty("videoCount").GetString()!, CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task Videos_are_read_fifty_at_a_time_with_their_counts_as_text_and_unknown_ids_left_out()
    {
        var ids = await VideoIds(5);
        var videos = (await Read($"{Data}/videos?part=snippet,contentDetails,statistics,status&id={string.Join(',', ids)},aaaaaaaaaaa")).Body;
        var tooMany = await Read($"{Data}/videos?part=snippet&id={string.Join(',', Enumerable.Repeat("aaaaaaaaaaa", 51))}");
        var first = videos.GetProperty("items")[0];

        videos.GetProperty("items").EnumerateArray().Select(v => v.GetProperty("id").GetString()).ShouldBe(ids);
        first.GetProperty("statistics").GetProperty("viewCount").ValueKind.ShouldBe(JsonValueKind.String);
        first.GetProperty("contentDetails").GetProperty("duration").GetString()!.ShouldStartWith("PT");
        (tooMany.Status, Reason(tooMany)).ShouldBe((HttpStatusCode.BadRequest, "invalidFilters"));
    }

    [Theory]
    [InlineData("/playlistItems?part=snippet&playlistId=UUsomebodyelse", 404, "playlistNotFound")]
    [InlineData("/playlistItems?playlistId={0}", 400, "required")]
    [InlineData("/playlistItems?part=snippet&playlistId={0}&maxResults=51", 400, "invalidValue")]
    [InlineData("/playlistItems?part=snippet&playlistId={0}&pageToken=nonsense", 400, "invalidPageToken")]
    [InlineData("/videos?part=snippet", 400, "required")]
    public async Task What_the_data_api_does_not_have_it_refuses_with_a_reason(string path, int status, string reason)
    {
        var answer = await Read(Data + string.Format(CultureInfo.InvariantCulture, path, uploads));

        ((int)answer.Status, Reason(answer)).ShouldBe((status, reason));
    }

    [Fact]
    public async Task New_videos_appear_as_the_clock_goes_on_and_views_grow()
    {
        await OnItsOwn();
        var before = (await VideoIds(1))[0];
        var views = await Views(before);
        await borrowed.Simulator.MoveClock(TimeSpan.FromDays(30));
        await Grant("ana");
        var after = await VideoIds(50);

        after.IndexOf(before).ShouldBeInRange(5, 45);
        (await Views(before)).ShouldBeGreaterThan(views);
    }

    [Fact]
    public async Task A_report_by_day_has_a_row_for_each_day_that_is_there_and_none_for_the_newest()
    {
        var report = (await Read($"{Reports}&startDate={Day(-10)}&endDate={Day(0)}&metrics=views,estimatedMinutesWatched,averageViewPercentage&dimensions=day&sort=day")).Body;
        var days = report.GetProperty("rows").EnumerateArray().Select(r => r[0].GetString()!).ToList();

        report.GetProperty("columnHeaders").EnumerateArray().Select(c => (c.GetProperty("name").GetString(), c.GetProperty("columnType").GetString(), c.GetProperty("dataType").GetString()))
            .ShouldBe([("day", "DIMENSION", "STRING"), ("views", "METRIC", "INTEGER"), ("estimatedMinutesWatched", "METRIC", "INTEGER"), ("averageViewPercentage", "METRIC", "FLOAT")]);
        days.ShouldBeInOrder();
        days[0].ShouldBe(Day(-10));
        // Two days after its end a day is there, and days end in California.
        days[^1].ShouldBeOneOf(Day(-3), Day(-4));
        report.GetProperty("rows").EnumerateArray().ShouldAllBe(r => r[1].GetInt64() > 0);
    }

    [Fact]
    public async Task The_total_is_the_sum_of_the_days_and_one_countrys_part_is_less()
    {
        var span = $"&startDate={Day(-20)}&endDate={Day(-5)}&metrics=views";
        var days = (await Read($"{Reports}{span}&dimensions=day")).Body.GetProperty("rows").EnumerateArray().Sum(r => r[1].GetInt64());
        var total = (await Read($"{Reports}{span}")).Body.GetProperty("rows")[0][0].GetInt64();
        var spain = (await Read($"{Reports}{span}&filters=country==ES")).Body.GetProperty("rows")[0][0].GetInt64();

        total.ShouldBe(days);
        spain.ShouldBeInRange(1, total - 1);
    }

    [Fact]
    public async Task Without_data_there_are_no_rows()
    {
        (await Read($"{Reports}&startDate={Day(-1)}&endDate={Day(0)}&metrics=views&dimensions=day")).Body.TryGetProperty("rows", out _).ShouldBeFalse();
        (await Read($"{Reports}&startDate=2007-01-01&endDate=2007-02-01&metrics=views")).Body.TryGetProperty("rows", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task Demographics_are_percentages_of_a_hundred()
    {
        var report = (await Read($"{Reports}&startDate={Day(-40)}&endDate={Day(-5)}&metrics=viewerPercentage&dimensions=ageGroup,gender")).Body;

        report.GetProperty("rows").EnumerateArray().Sum(r => r[2].GetDouble()).ShouldBe(100, 0.01);
        report.GetProperty("rows").EnumerateArray().Select(r => r[0].GetString()).Distinct().ShouldContain("age18-24");
    }

    [Fact]
    public async Task Videos_are_ranked_by_their_views_within_the_span_and_each_can_be_asked_for_by_day()
    {
        var span = $"&startDate={Day(-40)}&endDate={Day(-5)}&metrics=views";
        var ranked = (await Read($"{Reports}{span}&dimensions=video&sort=-views&maxResults=5")).Body.GetProperty("rows").EnumerateArray().ToList();
        var days = (await Read($"{Reports}{span}&dimensions=day&filters=video=={ranked[0][0].GetString()}")).Body.GetProperty("rows").EnumerateArray().ToList();

        ranked.Count.ShouldBe(5);
        ranked.Select(r => r[1].GetInt64()).ShouldBeInOrder(SortDirection.Descending);
        days.Sum(r => r[1].GetInt64()).ShouldBe(ranked[0][1].GetInt64());
    }

    [Theory]
    [InlineData("&startDate=2026-01-01&endDate=2026-01-31", 400, "required")]
    [InlineData("&startDate=2026-01-01&endDate=2026-01-31&metrics=applause", 400, "badRequest")]
    [InlineData("&startDate=2026-01-31&endDate=2026-01-01&metrics=views", 400, "badRequest")]
    [InlineData("&startDate=2026-01-01&endDate=2026-01-31&metrics=views&dimensions=video", 400, "badRequest")]
    [InlineData("&startDate=2026-01-01&endDate=2026-01-31&metrics=views&filters=moon==full", 400, "badRequest")]
    public async Task What_analytics_does_not_have_it_refuses(string query, int status, string reason)
    {
        var answer = await Read(Reports + query);

        ((int)answer.Status, Reason(answer)).ShouldBe((status, reason));
    }

    [Fact]
    public async Task Each_api_wants_its_own_scope()
    {
        var query = $"&startDate={Day(-9)}&endDate={Day(-5)}";
        await Grant("data", GoogleApp.YouTube);
        var (uploadsAllowed, reports) = (await Read($"{Data}/playlistItems?part=snippet&playlistId={uploads}"), await Read($"{Reports}{query}&metrics=views"));
        await Grant("analytics", GoogleApp.Analytics);
        var (refused, allowed) = (await Read($"{Data}/videos?part=snippet&id=a"), await Read($"{Reports}{query}&metrics=views"));
        var revenue = await Read($"{Reports}{query}&metrics=estimatedRevenue");

        (uploadsAllowed.Status, allowed.Status).ShouldBe((HttpStatusCode.OK, HttpStatusCode.OK));
        new[] { reports, refused, revenue }.ShouldAllBe(a => a.Status == HttpStatusCode.Forbidden && Reason(a) == "insufficientPermissions");
    }

    [Fact]
    public async Task The_daily_quota_is_one_units_per_call_over_all_accounts_and_comes_back_at_midnight_Pacific()
    {
        await OnItsOwn();
        await borrowed.Simulator.Switch(new { youtube = new { quotaUnitsPerDay = 3 } });
        await Read($"{Data}/channels?part=id&mine=true");
        await Read($"{Data}/videos?part=id&id=a");
        await Grant("bo");
        var last = await Read($"{Data}/playlistItems?part=id&playlistId={uploads}");
        var over = await Read($"{Data}/channels?part=id&mine=true");
        var usage = (await borrowed.Simulator.Get("/control/platforms/youtube")).Body.GetProperty("usage");
        var reset = usage.GetProperty("resetsAt").GetDateTimeOffset();
        await borrowed.Simulator.Post("/control/clock", new { offsetSeconds = (long)(reset - DateTimeOffset.UtcNow).TotalSeconds - 30 });
        var before = await Read($"{Data}/channels?part=id&mine=true");
        await borrowed.Simulator.Post("/control/clock", new { offsetSeconds = (long)(reset - DateTimeOffset.UtcNow).TotalSeconds + 1 });
        await Grant("cy");
        var after = await Read($"{Data}/channels?part=id&mine=true");

        (last.Status, over.Status, Reason(over)).ShouldBe((HttpStatusCode.OK, HttpStatusCode.Forbidden, "quotaExceeded"));
        over.Body.GetProperty("error").GetProperty("errors")[0].GetProperty("domain").GetString().ShouldBe("youtube.quota");
        // Midnight in California, in summer and in winter.
        reset.UtcDateTime.ShouldBeOneOf(reset.UtcDateTime.Date.AddHours(7), reset.UtcDateTime.Date.AddHours(8));
        (before.Status, after.Status).ShouldBe((HttpStatusCode.Forbidden, HttpStatusCode.OK));
        (await Read($"{Reports}&startDate={Day(-9)}&endDate={Day(-5)}&metrics=views")).Status.ShouldBe(HttpStatusCode.OK);
    }

    private async Task Grant(string prefix, params string[] scopes)
    {
        var account = await borrowed.Simulator.Granted("youtube", prefix, scopes: scopes.Length is 0 ? null : scopes);
        token = account.GetProperty("accessToken").GetString()!;
        uploads = "UU" + account.GetProperty("profileId").GetString()![2..];
    }

    private async Task OnItsOwn()
    {
        await borrowed.Replace();
        await Grant("ana");
    }

    private Task<Answer> Read(string path) => borrowed.Simulator.Get(path, token);

    private async Task<List<string>> VideoIds(int count)
    {
        var page = (await Read($"{Data}/playlistItems?part=contentDetails&playlistId={uploads}&maxResults={count}")).Body;
        return [.. page.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("contentDetails").GetProperty("videoId").GetString()!)];
    }

    private async Task<long> Views(string id)
    {
        var statistics = (await Read($"{Data}/videos?part=statistics&id={id}")).Body.GetProperty("items")[0].GetProperty("statistics");
        return long.Parse(statistics.GetProperty("viewCount").GetString()!, CultureInfo.InvariantCulture);
    }

    private static string Day(int days) => DateTimeOffset.UtcNow.AddDays(days).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string? Reason(Answer answer) => answer.Body.GetProperty("error").GetProperty("errors")[0].GetProperty("reason").GetString();
}
