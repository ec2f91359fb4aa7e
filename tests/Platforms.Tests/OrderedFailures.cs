using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Platforms.Tests.Kit;

namespace Platforms.Tests;

/// <summary>Calls that fail as ordered: exact errors, hang-ups, delays, of one account or of a whole platform. And the log that counts them.</summary>
public sealed class OrderedFailures(ClassSimulator own) : IClassFixture<ClassSimulator>, IAsyncLifetime
{
    private const string Handle = "ana.cooks";

    private readonly Simulator simulator = own.Simulator;
    private readonly InstagramApp instagram = new(own.Simulator);
    private readonly GoogleApp google = new(own.Simulator);
    private readonly TikTokApp tiktok = new(own.Simulator);

    public async ValueTask InitializeAsync() => await own.Reset();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Instagram_fails_with_exactly_the_error_that_was_ordered()
    {
        var token = await instagram.LongToken(Handle);
        await Order("accounts/instagram/" + Handle, new
        {
            calls = 1,
            code = 100,
            subcode = 33,
            type = "IGApiException",
            message = "Unsupported request - method type: get",
            transient = false,
            status = 401,
        });
        var failed = await instagram.Me(token);

        failed.Status.ShouldBe(HttpStatusCode.Unauthorized);
        var error = failed.Body.GetProperty("error");
        (error.GetProperty("code").GetInt32(), error.GetProperty("error_subcode").GetInt32()).ShouldBe((100, 33));
        (error.GetProperty("type").GetString(), error.GetProperty("message").GetString()).ShouldBe(("IGApiException", "Unsupported request - method type: get"));
        error.GetProperty("is_transient").GetBoolean().ShouldBeFalse();
        (await instagram.Me(token)).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Google_fails_with_the_ordered_token_error_or_api_reason_until_it_is_lifted()
    {
        var tokens = await google.Tokens(Handle);
        await Order("accounts/youtube/" + Handle, new { code = "invalid_grant", subcode = "invalid_rapt", message = "reauth related error", where = "Token" });
        var (first, second) = (await google.Refresh(tokens.Text("refresh_token")), await google.Refresh(tokens.Text("refresh_token")));
        var read = await google.Channels(tokens.Text("access_token"));
        await Order("accounts/youtube/" + Handle, new { code = "accessNotConfigured", status = 403, where = "Api" });
        var refused = await google.Channels(tokens.Text("access_token"));
        await Order("accounts/youtube/" + Handle, new { calls = 0 });

        second.Body.ToString().ShouldBe(first.Body.ToString());
        first.Status.ShouldBe(HttpStatusCode.BadRequest);
        (first.Text("error"), first.Text("error_subtype"), first.Text("error_description")).ShouldBe(("invalid_grant", "invalid_rapt", "reauth related error"));
        read.Status.ShouldBe(HttpStatusCode.OK);
        refused.Body.GetProperty("error").GetProperty("errors")[0].GetProperty("reason").GetString().ShouldBe("accessNotConfigured");
        (await google.Channels(tokens.Text("access_token"))).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task TikTok_fails_in_the_shape_of_the_endpoint_that_is_called()
    {
        var tokens = await tiktok.Tokens(Handle);
        await Order("accounts/tiktok/" + Handle, new { calls = 2, code = "unauthorized_client", status = 200 });
        var refused = await tiktok.Refresh(tokens.Text("refresh_token"));
        var read = await tiktok.User(tokens.Text("access_token"));

        (refused.Status, refused.Text("error")).ShouldBe((HttpStatusCode.OK, "unauthorized_client"));
        read.Body.GetProperty("error").GetProperty("code").GetString().ShouldBe("unauthorized_client");
        (await tiktok.Refresh(tokens.Text("refresh_token"))).Text("refresh_token").ShouldStartWith("rft.");
    }

    [Fact]
    public async Task A_failure_can_be_meant_for_one_endpoint()
    {
        var token = await instagram.LongToken(Handle);
        await Order("accounts/instagram/" + Handle, new { code = 2, status = 500, endpoint = "refresh" });

        (await instagram.Me(token)).Status.ShouldBe(HttpStatusCode.OK);
        (await instagram.Refresh(token)).Status.ShouldBe(HttpStatusCode.InternalServerError);
    }

    [Fact]
    public async Task A_whole_platform_fails_for_a_number_of_calls_whoever_makes_them()
    {
        var (ana, bo) = (await tiktok.Tokens("ana"), await tiktok.Tokens("bo"));
        var other = await google.Tokens("ana");
        await Order("platforms/tiktok", new { calls = 3, status = 503, retryAfterSeconds = 9 });
        Answer[] failed = [await tiktok.User(ana.Text("access_token")), await tiktok.Refresh(bo.Text("refresh_token")), await tiktok.Refresh("rft.nobody")];

        failed.ShouldAllBe(a => a.Status == HttpStatusCode.ServiceUnavailable && a.Response.Headers.RetryAfter!.Delta == TimeSpan.FromSeconds(9));
        (await google.Channels(other.Text("access_token"))).Status.ShouldBe(HttpStatusCode.OK);
        (await tiktok.User(ana.Text("access_token"))).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_whole_platform_rejects_every_token_until_it_is_lifted()
    {
        var (ana, bo) = (await instagram.LongToken("ana"), await instagram.LongToken("bo"));
        await Order("platforms/instagram", new { code = 190 });
        Answer[] rejected = [await instagram.Me(ana), await instagram.Me(bo), await instagram.Me(ana)];
        var shown = await simulator.Get("/control/platforms/instagram");
        await Order("platforms/instagram", new { calls = 0 });

        rejected.ShouldAllBe(a => a.Body.GetProperty("error").GetProperty("code").GetInt32() == 190);
        shown.Body.GetProperty("fault").GetProperty("words").GetProperty("code").GetString().ShouldBe("190");
        (await instagram.Me(bo)).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_connection_closed_before_leaves_the_rotating_token_as_it_was()
    {
        var tokens = await tiktok.Tokens(Handle);
        await Order("accounts/tiktok/" + Handle, new { calls = 1, hangUp = "Before", endpoint = "refresh" });

        await Should.ThrowAsync<HttpRequestException>(() => tiktok.Refresh(tokens.Text("refresh_token")));
        (await tiktok.Refresh(tokens.Text("refresh_token"))).Text("refresh_token").ShouldStartWith("rft.");
    }

    [Fact]
    public async Task A_connection_closed_after_has_rotated_the_token_and_its_successor_is_lost()
    {
        var tokens = await tiktok.Tokens(Handle);
        await Order("accounts/tiktok/" + Handle, new { calls = 1, hangUp = "After", endpoint = "refresh" });

        await Should.ThrowAsync<HttpRequestException>(() => tiktok.Refresh(tokens.Text("refresh_token")));
        (await tiktok.Refresh(tokens.Text("refresh_token"))).Text("error").ShouldBe("invalid_grant");
    }

    [Fact]
    public async Task With_a_grace_the_previous_token_still_works_for_a_while()
    {
        await simulator.Patch("/control/switches", new { tiktok = new { rotationGraceSeconds = 60 } });
        var tokens = await tiktok.Tokens(Handle);
        await tiktok.Refresh(tokens.Text("refresh_token"));
        var again = await tiktok.Refresh(tokens.Text("refresh_token"));
        await simulator.MoveClock(TimeSpan.FromSeconds(61));

        again.Status.ShouldBe(HttpStatusCode.OK);
        (await tiktok.Refresh(tokens.Text("refresh_token"))).Text("error").ShouldBe("invalid_grant");
        (await tiktok.Refresh(again.Text("refresh_token"))).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("Before", true)]
    [InlineData("After", false)]
    public async Task A_caller_who_gives_up_on_a_slow_platform_has_rotated_the_token_if_the_delay_comes_after(string when, bool stillGood)
    {
        var tokens = await tiktok.Tokens(Handle);
        await simulator.Post($"/control/accounts/tiktok/{Handle}/delay", new { milliseconds = 60_000, when });
        using var patience = new CancellationTokenSource();
        var slow = simulator.Http.PostAsync(
            "/tiktok/open/v2/oauth/token/",
            new FormUrlEncodedContent(new Dictionary<string, string>
            {
                ["client_key"] = "tt-client-key",
                ["client_secret"] = TikTokApp.Secret,
                ["grant_type"] = "refresh_token",
                ["refresh_token"] = tokens.Text("refresh_token"),
            }),
            patience.Token);
        // Under way is what the log shows at once; rotated is what the account shows when the delay comes after.
        await Until(async () => when is "Before"
            ? (await Counts($"accounts/tiktok/{Handle}", "refresh")).GetProperty("atOnce").GetInt32() is 1
            : (await simulator.Get($"/control/accounts/tiktok/{Handle}")).Body.ToString().Contains("Rotated", StringComparison.Ordinal));
        await patience.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => slow);
        await simulator.Post($"/control/accounts/tiktok/{Handle}/delay", new { milliseconds = 0 });
        await Until(async () => (await Counts($"accounts/tiktok/{Handle}", "refresh")).GetProperty("failed").GetInt32() is 1);
        var again = await tiktok.Refresh(tokens.Text("refresh_token"));

        (again.Body.TryGetProperty("error", out var error) ? error.GetString() : null).ShouldBe(stillGood ? null : "invalid_grant");
    }

    [Fact]
    public async Task A_slow_platform_answers_late()
    {
        var token = await instagram.LongToken(Handle);
        await simulator.Post("/control/platforms/instagram/delay", new { milliseconds = 300, where = "Api" });
        var watch = Stopwatch.StartNew();
        (await instagram.Me(token)).Status.ShouldBe(HttpStatusCode.OK);

        watch.ElapsedMilliseconds.ShouldBeGreaterThanOrEqualTo(295);
    }

    [Fact]
    public async Task The_log_counts_calls_by_endpoint_and_shows_their_codes_without_tokens()
    {
        var tokens = await tiktok.Tokens(Handle);
        await tiktok.Refresh(tokens.Text("refresh_token"));
        await tiktok.Refresh(tokens.Text("refresh_token"));
        await tiktok.User(tokens.Text("access_token"), "nonsense");
        var log = (await simulator.Get($"/control/accounts/tiktok/{Handle}/calls")).Body;

        log.GetProperty("counts").GetProperty("refresh").ToString().ShouldBe("""{"total":2,"succeeded":1,"failed":1,"atOnce":1}""");
        log.GetProperty("counts").GetProperty("exchange").GetProperty("succeeded").GetInt32().ShouldBe(1);
        var calls = log.GetProperty("calls").EnumerateArray().Select(c => (c.GetProperty("endpoint").GetString(), c.GetProperty("code").GetString())).ToList();
        calls.ShouldBe([("user.info", "invalid_params"), ("refresh", "invalid_grant"), ("refresh", null), ("exchange", null)]);
        log.ToString().ShouldNotContain(tokens.Text("access_token"));
        log.ToString().ShouldNotContain("rft.");
    }

    [Fact]
    public async Task The_log_tells_how_many_accounts_refreshed_and_the_most_that_one_did()
    {
        var crowd = (await simulator.Post("/control/accounts/bulk", new { platform = "tiktok", count = 3, prefix = "c" })).Body.GetProperty("items").EnumerateArray().ToList();
        foreach (var one in crowd)
        {
            await tiktok.Refresh(one.GetProperty("refreshToken").GetString()!);
        }

        await tiktok.Refresh(crowd[0].GetProperty("refreshToken").GetString()!);
        await tiktok.Refresh("rft.nobody");
        var counts = (await simulator.Get("/control/platforms/tiktok/calls")).Body;

        counts.GetProperty("counts").GetProperty("refresh").ToString().ShouldBe(
            """{"total":4,"succeeded":3,"failed":1,"accounts":3,"mostPerAccount":2,"mostSucceededPerAccount":1,"mostAtOncePerAccount":1}""");
        counts.GetProperty("unattributed").GetProperty("refresh").GetProperty("failed").GetInt32().ShouldBe(1);
        (await simulator.Http.DeleteAsync("/control/platforms/tiktok/calls")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await simulator.Get("/control/platforms/tiktok/calls")).Body.GetProperty("counts").EnumerateObject().ShouldBeEmpty();
    }

    [Fact]
    public async Task The_log_sees_two_refreshes_of_one_account_at_once()
    {
        var tokens = await google.Tokens(Handle);
        await simulator.Post($"/control/accounts/youtube/{Handle}/delay", new { milliseconds = 500 });
        await Task.WhenAll(google.Refresh(tokens.Text("refresh_token")), google.Refresh(tokens.Text("refresh_token")));

        (await Counts($"accounts/youtube/{Handle}", "refresh")).GetProperty("atOnce").GetInt32().ShouldBe(2);
    }

    [Fact]
    public async Task A_crowd_is_opened_in_seconds_and_its_tokens_work()
    {
        var watch = Stopwatch.StartNew();
        var opened = await simulator.Post("/control/accounts/bulk", new { platform = "instagram", count = 10_000, prefix = "crowd", ageSeconds = 86_400 });
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(20));
        var items = opened.Body.GetProperty("items");
        var last = items[9_999];

        items.GetArrayLength().ShouldBe(10_000);
        last.GetProperty("handle").GetString().ShouldBe("crowd.10000");
        var me = await instagram.Me(last.GetProperty("accessToken").GetString()!, "id,user_id,username");
        (me.Text("id"), me.Text("user_id")).ShouldBe((last.GetProperty("id").GetString(), last.GetProperty("profileId").GetString()));
        // A day old: an Instagram token may be refreshed from then on.
        (await instagram.Refresh(last.GetProperty("accessToken").GetString()!)).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("youtube")]
    [InlineData("tiktok")]
    public async Task A_crowd_holds_refresh_tokens_with_the_scopes_that_were_named(string platform)
    {
        var scope = platform is "youtube" ? GoogleApp.YouTube : "user.info.basic";
        var opened = await simulator.Post("/control/accounts/bulk", new { platform, count = 2, prefix = "crowd", scopes = new[] { scope } });
        var token = opened.Body.GetProperty("items")[1].GetProperty("refreshToken").GetString()!;

        (platform is "youtube" ? await google.Refresh(token) : await tiktok.Refresh(token)).Text("scope").ShouldBe(scope);
    }

    [Fact]
    public async Task Orders_that_make_no_sense_are_refused()
    {
        object[] orders = [new { calls = 1 }, new { calls = -1, status = 500 }, new { calls = 1, status = 200 }, new { calls = 1, status = 700, code = 1 }];
        foreach (var order in orders)
        {
            (await simulator.Post($"/control/accounts/tiktok/{Handle}/answer", order)).Text("code").ShouldBe("value.invalid", JsonSerializer.Serialize(order));
        }

        (await simulator.Post("/control/platforms/myspace/answer", new { calls = 1, status = 500 })).Text("code").ShouldBe("platform.unknown");
        (await simulator.Post("/control/platforms/tiktok/delay", new { milliseconds = -1 })).Text("code").ShouldBe("value.invalid");
        (await simulator.Post("/control/accounts/bulk", new { platform = "tiktok", count = 0, prefix = "c" })).Text("code").ShouldBe("value.invalid");
        (await simulator.Post("/control/accounts/bulk", new { platform = "tiktok", count = 1, prefix = "no body" })).Text("code").ShouldBe("value.invalid");
        (await simulator.Post("/control/accounts/bulk", new { platform = "tiktok", count = 1, prefix = "c", scopes = new[] { "x" } })).Text("code").ShouldBe("value.invalid");
    }

    private async Task Order(string whose, object order) => (await simulator.Post($"/control/{whose}/answer", order)).Status.ShouldBe(HttpStatusCode.OK);

    private async Task<JsonElement> Counts(string whose, string endpoint) =>
        (await simulator.Get($"/control/{whose}/calls")).Body.GetProperty("counts").TryGetProperty(endpoint, out var count)
            ? count
            : JsonSerializer.SerializeToElement(new { total = 0, succeeded = 0, failed = 0, atOnce = 0 });

    private static async Task Until(Func<Task<bool>> fact)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!await fact())
        {
            patience.Token.ThrowIfCancellationRequested();
        }
    }
}
