using System.Net;
using System.Text.Json;
using Platforms.Tests.Kit;

namespace Platforms.Tests;

/// <summary>The Display API's videos.</summary>
public sealed class TikTokVideos(SharedSimulator shared) : IAsyncLifetime
{
    private const string List = "/tiktok/open/v2/video/list/?fields=";
    private const string Query = "/tiktok/open/v2/video/query/?fields=";

    private readonly Borrowed borrowed = new(shared);

    private string token = "";

    public async ValueTask InitializeAsync() => await Grant("ana");

    public ValueTask DisposeAsync() => borrowed.DisposeAsync();

    [Fact]
    public async Task Videos_are_paged_by_a_cursor_in_time_newest_first_until_there_are_no_more()
    {
        var (ids, times, cursor, more) = (new List<string>(), new List<long>(), (long?)null, true);
        while (more)
        {
            var data = (await Post(List + "id,create_time", cursor is null ? new { max_count = 20 } : new { max_count = 20, cursor })).Body.GetProperty("data");
            ids.AddRange(data.GetProperty("videos").EnumerateArray().Select(v => v.GetProperty("id").GetString()!));
            times.AddRange(data.GetProperty("videos").EnumerateArray().Select(v => v.GetProperty("create_time").GetInt64()));
            (cursor, more) = (data.GetProperty("cursor").GetInt64(), data.GetProperty("has_more").GetBoolean());
        }

        var user = await new TikTokApp(borrowed.Simulator).User(token, "video_count");
        ids.Distinct().Count().ShouldBe(user.Body.GetProperty("data").GetProperty("user").GetProperty("video_count").GetInt32());
        times.ShouldBeInOrder(SortDirection.Descending);
        cursor.ShouldBe(times[^1] * 1000);
    }

    [Fact]
    public async Task A_page_has_ten_videos_unless_another_number_is_asked_for_and_every_field_that_is()
    {
        const string fields = "id,create_time,cover_image_url,share_url,video_description,duration,height,width,title,embed_html,embed_link,like_count,comment_count,share_count,view_count";
        var usual = (await Post(List + "id", new { })).Body.GetProperty("data").GetProperty("videos");
        var one = (await Post(List + fields, new { max_count = 1 })).Body.GetProperty("data").GetProperty("videos");

        usual.GetArrayLength().ShouldBeLessThanOrEqualTo(10);
        one.GetArrayLength().ShouldBe(1);
        one[0].EnumerateObject().Select(p => p.Name).ShouldBe(fields.Split(','));
    }

    [Fact]
    public async Task A_cover_can_be_fetched_for_six_hours()
    {
        await OnItsOwn();
        var cover = (await Post(List + "cover_image_url", new { max_count = 1 })).Body.GetProperty("data").GetProperty("videos")[0].GetProperty("cover_image_url").GetString()!;
        var before = await borrowed.Simulator.Get(new Uri(cover).PathAndQuery);
        await borrowed.Simulator.MoveClock(TimeSpan.FromHours(6) + TimeSpan.FromMinutes(1));

        before.Status.ShouldBe(HttpStatusCode.OK);
        (await borrowed.Simulator.Get(new Uri(cover).PathAndQuery)).Status.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Own_videos_are_found_by_their_ids_and_others_are_not()
    {
        var own = (await Post(List + "id", new { max_count = 2 })).Body.GetProperty("data").GetProperty("videos").EnumerateArray().Select(v => v.GetProperty("id").GetString()!).ToList();
        var found = await Post(Query + "id,view_count", new { filters = new { video_ids = (string[])[.. own, "7000000000000000001"] } });
        await Grant("bo");
        var others = await Post(Query + "id", new { filters = new { video_ids = own } });

        found.Body.GetProperty("data").GetProperty("videos").EnumerateArray().Select(v => v.GetProperty("id").GetString()).ShouldBe(own);
        others.Body.GetProperty("data").GetProperty("videos").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task New_videos_appear_and_views_grow_as_the_clock_goes_on()
    {
        await OnItsOwn();
        var before = (await Post(List + "id,view_count", new { max_count = 1 })).Body.GetProperty("data").GetProperty("videos")[0];
        await borrowed.Simulator.MoveClock(TimeSpan.FromDays(20));
        await Grant("ana");
        var after = (await Post(List + "id,view_count", new { max_count = 20 })).Body.GetProperty("data").GetProperty("videos").EnumerateArray().ToList();
        var same = (await Post(Query + "id,view_count", new { filters = new { video_ids = new[] { before.GetProperty("id").GetString() } } })).Body.GetProperty("data").GetProperty("videos")[0];

        after[0].GetProperty("id").GetString().ShouldNotBe(before.GetProperty("id").GetString());
        same.GetProperty("view_count").GetInt64().ShouldBeGreaterThan(before.GetProperty("view_count").GetInt64());
    }

    [Theory]
    [InlineData("id", """{"max_count":21}""")]
    [InlineData("id,reach", """{}""")]
    [InlineData("", """{}""")]
    [InlineData("id", "nonsense")]
    public async Task What_the_api_does_not_have_is_invalid_params(string fields, string body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, List + fields) { Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new("Bearer", token);
        var answer = await borrowed.Simulator.Http.SendAsync(request);

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync()).GetProperty("error").GetProperty("code").GetString().ShouldBe("invalid_params");
    }

    [Fact]
    public async Task Without_the_scope_videos_cannot_be_read()
    {
        await Grant("basic", "user.info.basic");
        var answer = await Post(List + "id", new { });

        (answer.Status, answer.Body.GetProperty("error").GetProperty("code").GetString()).ShouldBe((HttpStatusCode.Unauthorized, "scope_not_authorized"));
    }

    [Fact]
    public async Task Over_the_rate_limit_of_an_endpoint_calls_fail_until_a_minute_has_passed()
    {
        await OnItsOwn();
        await borrowed.Simulator.Switch(new { tiktok = new { callsPerMinute = 2 } });
        Answer[] answers = [await Post(List + "id", new { }), await Post(List + "id", new { }), await Post(List + "id", new { })];
        var otherEndpoint = await new TikTokApp(borrowed.Simulator).User(token);
        await borrowed.Simulator.MoveClock(TimeSpan.FromSeconds(61));

        answers.Select(a => a.Status).ShouldBe([HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.TooManyRequests]);
        answers[2].Body.GetProperty("error").GetProperty("code").GetString().ShouldBe("rate_limit_exceeded");
        otherEndpoint.Status.ShouldBe(HttpStatusCode.OK);
        (await Post(List + "id", new { })).Status.ShouldBe(HttpStatusCode.OK);
    }

    private async Task Grant(string prefix, params string[] scopes) =>
        token = (await borrowed.Simulator.Granted("tiktok", prefix, scopes: scopes.Length is 0 ? null : scopes)).GetProperty("accessToken").GetString()!;

    private async Task OnItsOwn()
    {
        await borrowed.Replace();
        await Grant("ana");
    }

    private Task<Answer> Post(string path, object body) => borrowed.Simulator.PostJson(path, token, body);
}
