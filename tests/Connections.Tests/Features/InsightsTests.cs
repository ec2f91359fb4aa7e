using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Connections.Insights;
using Connections.Platforms;
using CreatorConnections.Contracts.Connections;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Shouldly;
using Testing;
using Xunit;

namespace Connections.Tests.Features;

public sealed class InsightsFixture : IAsyncLifetime
{
    public HubHost Host { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Host = await HubHost.StartWith(
        [
            ("Insights:Enabled", "true"),
            ("Insights:LookEvery", "00:00:00.200"),
            ("Insights:FirstWithin", "00:00:00"),
            ("Insights:AdoptEvery", "00:00:01"),
            ("Insights:RetryFirst", "00:00:00.200"),
            ("Insights:SweepLookEvery", "00:00:00.300"),
            ("Insights:SweepEvery", "00:00:00.500"),
            ("Platforms:Instagram:Insights:HistoryDays", "5"),
            ("Platforms:Instagram:Insights:MostContent", "12"),
            ("Platforms:YouTube:Insights:HistoryDays", "60"),
            ("Platforms:YouTube:Insights:MostContent", "60"),
            ("Platforms:TikTok:Insights:MostContent", "60"),
        ],
        typeof(InsightsCollected), typeof(ConnectionGranted), typeof(ConnectionInvalidated), typeof(ConnectionExpired), typeof(ConnectionRecovered));

    public ValueTask DisposeAsync() => Host.DisposeAsync();
}

[CollectionDefinition(nameof(InsightsFixture))]
public sealed class InsightsCollection : ICollectionFixture<InsightsFixture>;

[Collection(nameof(InsightsFixture))]
public sealed class InsightsTests(InsightsFixture fixture) : IAsyncLifetime
{
    private readonly HttpClient client = fixture.Host.As("aurora", "connections.read", "connections.write", "ops");

    private HubHost Host => fixture.Host;

    private NpgsqlDataSource Database => Host.Services.GetRequiredService<NpgsqlDataSource>();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync()
    {
        client.Dispose();
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData("instagram", "followers_count", "reach", "reach", new[] { "followers_count", "follower_demographics", "reach", "views", "accounts_engaged", "total_interactions", "likes", "comments", "saves", "shares", "follows_and_unfollows" })]
    [InlineData("youtube", "subscriberCount", "views", "viewCount", new[] { "subscriberCount", "viewCount", "views", "estimatedMinutesWatched", "averageViewDuration", "likes", "comments", "shares", "subscribersGained", "subscribersLost", "viewerPercentage" })]
    [InlineData("tiktok", "follower_count", "likes_count", "view_count", new[] { "follower_count", "following_count", "likes_count", "video_count" })]
    public async Task A_green_connections_insights_are_pulled_and_can_be_read(string platform, string followers, string byDay, string ofContent, string[] metrics)
    {
        var (id, creator, handle) = await Connected(platform);

        var report = await Synced(id);

        metrics.Except(report.GetProperty("metrics").EnumerateArray().Select(metric => metric.GetProperty("metric").GetString())).ShouldBeEmpty();
        var account = await Host.Simulator.GetFromJsonAsync<JsonElement>($"/control/accounts/{platform}/{handle}");
        Points(await Series(id, followers)).Last().Value.ShouldBe(account.GetProperty("followers").GetDouble());
        Points(await Series(id, byDay)).ShouldNotBeEmpty();

        var content = await Get($"/v1/connections/{id}/insights/content?limit=100");
        var newest = content.GetProperty("items").EnumerateArray().First(item => item.GetProperty("kind").GetString() != "stories");
        newest.GetProperty("permalink").GetString().ShouldStartWith("https://");
        var value = newest.GetProperty("metrics").GetProperty(ofContent).GetDouble();
        Points(await Get($"/v1/connections/{id}/insights/series?metric={ofContent}&content={newest.GetProperty("id").GetString()}")).Last().Value.ShouldBe(value);

        var told = await Eventually.Get(() => Host.Bus.Heard<InsightsCollected>().FirstOrDefault(message => message.Body.GetProperty("connectionId").GetGuid() == id), message => message is not null);
        (told!.Body.GetProperty("sequence").GetInt64(), told.Body.GetProperty("platform").GetString(), told.Body.GetProperty("kind").GetString(), told.Body.GetProperty("creatorId").GetGuid())
            .ShouldBe((1, platform, "Full", creator));
        told.Body.GetProperty("accountMetrics").GetInt64().ShouldBe(report.GetProperty("lastPull").GetProperty("accountMetrics").GetInt64());
        (await Host.ConnectionOf(creator, platform)).GetProperty("insights").GetProperty("state").GetString().ShouldBe("Synced");
    }

    [Theory]
    [InlineData("instagram")]
    [InlineData("youtube")]
    [InlineData("tiktok")]
    public async Task Pulling_twice_leaves_the_same_rows(string platform)
    {
        var (id, _, _) = await Connected(platform);
        await Synced(id);
        var (account, content) = (await AccountRows(id), await ContentKeys(id));

        await PullAgain(id);

        // The newest day's numbers are still growing, and so is content; the days before are settled.
        var settled = account.Max(row => row.Day);
        (await AccountRows(id)).Where(row => row.Day < settled).ShouldBe(account.Where(row => row.Day < settled));
        (await AccountRows(id)).Where(row => row.Day <= settled).Select(row => (row.Metric, row.Breakdown, row.Day)).ShouldBe(account.Select(row => (row.Metric, row.Breakdown, row.Day)));
        (await ContentKeys(id)).Intersect(content).ShouldBe(content, ignoreOrder: true);
        account.Count.ShouldBeGreaterThan(3);
        content.Count.ShouldBeGreaterThan(3);
    }

    [Fact]
    public async Task A_number_the_platform_corrects_takes_the_place_of_the_old_one()
    {
        var (id, _, _) = await Connected("youtube");
        await Synced(id);
        var before = await AccountRows(id);
        var day = before.Where(row => row.Metric == "views").Max(row => row.Day);
        await Run($"update connections.account_metric set value = -1 where connection_id = '{id}' and metric = 'views' and day = '{day:yyyy-MM-dd}'");

        await PullAgain(id);

        (await AccountRows(id)).Single(row => row.Metric == "views" && row.Day == day).ShouldBe(before.Single(row => row.Metric == "views" && row.Day == day));
    }

    [Fact]
    public async Task A_worker_that_is_lost_between_two_steps_is_overtaken_and_the_pull_goes_on_where_it_was()
    {
        var (id, _, handle) = await Connected("youtube", prepare: handle => Order("youtube", handle, "delay", new { milliseconds = 400 }));
        await Eventually.Get(async () => await Word($"select cursor ->> 'Step' from connections.insights_pull where connection_id = '{id}'"), step => step is "days" or "audience" or "videos");
        var channels = await Calls("youtube", handle, "channels");

        // Whoever is at it loses the lease, as if it had been cut off for so long; what it still brings is not taken.
        await Run($"update connections.insights_pull set lease = gen_random_uuid(), leased_until = now() + interval '1 second', due_at = now() + interval '1 second' where connection_id = '{id}'");
        await Synced(id);

        (await Calls("youtube", handle, "channels")).ShouldBe(channels);
        (await Word($"select count(*)::text from connections.content_item where connection_id = '{id}'")).ShouldNotBe("0");
        await Eventually.Get(() => Host.Bus.Heard<InsightsCollected>().Count(message => message.Body.GetProperty("connectionId").GetGuid() == id), count => count == 1);
    }

    [Fact]
    public async Task When_the_days_quota_is_used_up_everything_is_quiet_until_midnight_in_California()
    {
        var (id, creator, _) = await Connected("youtube");
        await Synced(id);
        try
        {
            await Switch(new { youTube = new { quotaUnitsPerDay = 0 } });
            (await client.PostAsync($"/v1/connections/{id}/insights/pull", null)).StatusCode.ShouldBe(HttpStatusCode.Accepted);

            var waiting = await Eventually.Get(async () => (await Get($"/v1/connections/{id}/insights")).GetProperty("state"), state => state.GetProperty("code").GetString() == "quotaExceeded");
            var (reset, next) = (new CallLimit { Per = LimitWindow.PacificDay }.WindowOf(DateTimeOffset.UtcNow).End, waiting.GetProperty("nextAt").GetDateTimeOffset());
            next.ShouldBeInRange(reset, reset.AddMinutes(2));
            waiting.GetProperty("state").GetString().ShouldBe("Synced");
            (await Get("/v1/platforms")).GetProperty("items").EnumerateArray().Single(item => item.GetProperty("platform").GetString() == "youtube").GetProperty("quietUntil").GetDateTimeOffset()
                .ShouldBe(reset, TimeSpan.FromMinutes(1));
            (await Host.StatusOf(creator, "youtube")).ShouldBe("Connected");
        }
        finally
        {
            await Switch(new { youTube = new { quotaUnitsPerDay = 10_000 } });
            await Run("update connections.platform_state set quiet_until = null");
        }
    }

    [Fact]
    public async Task Replicas_share_what_our_app_may_call()
    {
        var options = new TikTokOptions();
        options.Insights.Limits["shared"] = new() { Calls = 5, Per = LimitWindow.PacificDay };
        var replicas = Enumerable.Range(0, 2).Select(_ => new CallBudget(Database, TimeProvider.System)).ToArray();

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(call => replicas[call % 2].Take(options, [new("shared", 1)], default)));

        answers.Count(until => until is null).ShouldBe(5);
        answers.Where(until => until is not null).ShouldAllBe(until => until == options.Insights.Limits["shared"].WindowOf(DateTimeOffset.UtcNow).End);
    }

    [Theory]
    [InlineData("accountUsagePercent", 96, 3500, 3600)]
    [InlineData("accountUsagePercent", 85, 30, 60)]
    [InlineData("appUsagePercent", 85, 30, 60)]
    [InlineData("appUsagePercent", 96, 3500, 3600)]
    public async Task Near_a_limit_calls_are_spread_out_or_stop_and_the_pull_goes_on_later(string limit, int percent, int leastSeconds, int mostSeconds)
    {
        var (id, creator, _) = await Connected("instagram");
        await Synced(id);
        try
        {
            await Switch(new { instagram = new Dictionary<string, int?> { [limit] = percent } });
            await client.PostAsync($"/v1/connections/{id}/insights/pull", null);

            var resting = await Eventually.Get(
                async () => (await Get($"/v1/connections/{id}/insights")).GetProperty("state"),
                state => state.GetProperty("state").GetString() == "Syncing"
                    && state.GetProperty("nextAt").GetDateTimeOffset() - DateTimeOffset.UtcNow is var wait && wait > TimeSpan.FromSeconds(leastSeconds) && wait <= TimeSpan.FromSeconds(mostSeconds));
            resting.GetProperty("since").ValueKind.ShouldBe(JsonValueKind.Null);
            (await Host.StatusOf(creator, "instagram")).ShouldBe("Connected");
            (await Get("/v1/platforms")).GetProperty("items").EnumerateArray().Single(item => item.GetProperty("platform").GetString() == "instagram").GetProperty("state").GetString()
                .ShouldBe(limit == "appUsagePercent" && percent > 95 ? "Quiet" : "Running");
        }
        finally
        {
            await Switch(new { instagram = new Dictionary<string, int?> { [limit] = null } });
            await Run("update connections.platform_state set quiet_until = null");
        }
    }

    [Fact]
    public async Task A_request_of_ours_that_is_refused_is_ours_to_mend_and_changes_no_status()
    {
        var (id, creator, handle) = await Connected("tiktok");
        await Synced(id);
        await Order("tiktok", handle, "answer", new { calls = 1, status = 400, code = "invalid_params", endpoint = "user.info" });

        await client.PostAsync($"/v1/connections/{id}/insights/pull", null);

        await Eventually.Get(() => EventsOf(id), events => events.SequenceEqual(["insights_pulled", "insights_failed", "insights_resumed", "insights_pulled"]));
        (await Word($"select data ->> 'Code' from connections.mt_events where stream_id = '{InsightsFeed.IdOf("aurora", id)}' and type = 'insights_failed'")).ShouldBe("invalid_params");
        (await Host.StatusOf(creator, "tiktok")).ShouldBe("Connected");
    }

    [Theory]
    [InlineData("tiktok", "video.list")]
    [InlineData("instagram", "instagram_business_manage_insights")]
    public async Task A_permission_taken_back_turns_the_connection_red_and_reconnecting_brings_the_insights_back(string platform, string scope)
    {
        var (id, creator, handle) = await Connected(platform);
        await Synced(id);
        await Order(platform, handle, "remove-scope", new { scope });

        await client.PostAsync($"/v1/connections/{id}/insights/pull", null);

        await Eventually.Get(() => Host.StatusOf(creator, platform), status => status == "Invalidated");
        (await Host.ConnectionOf(creator, platform)).GetProperty("reason").GetString().ShouldBe("PermissionRemoved");
        var failing = await Eventually.Get(async () => (await Get($"/v1/connections/{id}/insights")).GetProperty("state"), state => state.GetProperty("nextAt").ValueKind == JsonValueKind.Null);
        (failing.GetProperty("state").GetString(), failing.GetProperty("since").ValueKind).ShouldBe(("Failing", JsonValueKind.String));
        (await Get($"/v1/connections/{id}/availability")).GetProperty("types").EnumerateArray().Where(type => type.GetProperty("isAvailable").GetBoolean()).ShouldBeEmpty();

        await Host.Connect(creator, platform, handle);
        await Synced(id);
        (await EventsOf(id)).ShouldBe(["insights_pulled", "insights_failed", "insights_resumed", "insights_pulled"]);
    }

    [Fact]
    public async Task A_platform_that_fails_for_a_while_changes_no_status_and_is_caught_up_with()
    {
        var (id, creator, handle) = await Connected("tiktok");
        await Synced(id);
        await Order("tiktok", handle, "fail", new { calls = 4, status = 503, where = "Api" });

        await client.PostAsync($"/v1/connections/{id}/insights/pull", null);

        await Eventually.Get(() => EventsOf(id), events => events.SequenceEqual(["insights_pulled", "insights_failed", "insights_resumed", "insights_pulled"]));
        (await Host.StatusOf(creator, "tiktok")).ShouldBe("Connected");
        (await Get($"/v1/connections/{id}/insights")).GetProperty("state").GetProperty("state").GetString().ShouldBe("Synced");
    }

    [Fact]
    public async Task What_a_platform_wants_read_again_or_deleted_is_deleted_and_what_it_lets_us_keep_stays()
    {
        var (youtube, _, _) = await Connected("youtube");
        var (tiktok, _, _) = await Connected("tiktok");
        await Task.WhenAll(Synced(youtube), Synced(tiktok));
        foreach (var table in SeriesTables.Names)
        {
            await Run($"update {table} set fetched_at = now() - interval '31 days' where connection_id in ('{youtube}', '{tiktok}')");
        }

        await Eventually.Get(() => RowCounts(youtube), counts => counts.SequenceEqual([0, 0, 0]));
        (await RowCounts(tiktok)).ShouldAllBe(count => count > 0);

        await Run($"update connections.account_metric set day = day - 740 where connection_id = '{tiktok}'");
        await Eventually.Get(() => RowCounts(tiktok), counts => counts[0] == 0 && counts[1] > 0 && counts[2] > 0);

        // Once nobody keeps it alive and no number is left, nothing is.
        (await client.PostAsync($"/v1/connections/{youtube}/disconnect", null)).EnsureSuccessStatusCode();
        await Run($"update connections.insights_pull set due_at = now() where connection_id = '{youtube}'");
        await Eventually.Get(async () => await Word($"select count(*)::text from connections.insights_pull where connection_id = '{youtube}'"), count => count == "0");
    }

    [Fact]
    public async Task A_story_that_is_over_keeps_its_numbers_and_loses_its_address()
    {
        var (id, _, _) = await Connected("instagram");
        await Synced(id);
        await Run($"insert into connections.content_item values ('aurora', '{id}', 's1', 'stories', 'https://x.example/s1', now() - interval '25 hours', now()), ('aurora', '{id}', 's2', 'stories', 'https://x.example/s2', now(), now())");
        await Run($"insert into connections.content_metric values ('aurora', '{id}', 's1', 'reach', current_date, 9, now())");

        await Eventually.Get(async () => await Word($"select permalink from connections.content_item where connection_id = '{id}' and content_id = 's1'"), link => link is null);
        (await Word($"select permalink from connections.content_item where connection_id = '{id}' and content_id = 's2'")).ShouldBe("https://x.example/s2");
        (await Word($"select value::text from connections.content_metric where connection_id = '{id}' and content_id = 's1'")).ShouldBe("9");
    }

    [Fact]
    public async Task An_erasure_takes_every_number_and_nothing_comes_back()
    {
        var (id, creator, handle) = await Connected("instagram");
        await Synced(id);
        (await RowCounts(id)).ShouldAllBe(count => count > 0);

        (await Host.Simulator.PostAsync($"/control/accounts/instagram/{handle}/data-deletion", null)).EnsureSuccessStatusCode();

        await Eventually.Get(() => Host.StatusOf(creator, "instagram"), status => status == "Invalidated");
        (await RowCounts(id)).ShouldBe([0, 0, 0]);
        (await Word($"select count(*)::text from connections.insights_pull where connection_id = '{id}'")).ShouldBe("0");
        (await Get($"/v1/connections/{id}/insights")).GetProperty("state").GetProperty("state").GetString().ShouldBe("NotSynced");
    }

    [Fact]
    public async Task A_small_account_and_a_missing_channel_say_why_there_is_nothing()
    {
        var (small, _, _) = await Connected("instagram", prepare: handle => Profile("instagram", handle, new { followers = 40 }));
        var (none, _, _) = await Connected("youtube", prepare: handle => Profile("youtube", handle, new { accountType = "NoChannel" }));
        await Task.WhenAll(Synced(small), Synced(none));

        (await Matrix(small))["audience"].ShouldBe(Finding.FewFollowers);
        (await Matrix(small))["follows"].ShouldBe(Finding.FewFollowers);
        (await Matrix(small))["reach-and-engagement"].ShouldBeNull();
        (await Matrix(none)).Values.ShouldAllBe(reason => reason == Finding.NoChannel);
    }

    [Fact]
    public async Task A_missing_channel_told_of_in_the_other_way_reads_the_same_and_stories_our_app_may_not_read_are_withheld()
    {
        try
        {
            await Switch(new { youTube = new { channelLess = "SignupRequired" }, instagram = new { stories = false } });
            var (none, _, _) = await Connected("youtube", prepare: handle => Profile("youtube", handle, new { accountType = "NoChannel" }));
            var (account, creator, _) = await Connected("instagram");
            await Task.WhenAll(Synced(none), Synced(account));

            (await Matrix(none)).Values.ShouldAllBe(reason => reason == Finding.NoChannel);
            (await Matrix(account))["stories"].ShouldBe(Finding.Withheld);
            (await Matrix(account))["feed"].ShouldBeNull();
            (await Host.StatusOf(creator, "instagram")).ShouldBe("Connected");
        }
        finally
        {
            await Switch(new { youTube = new { channelLess = "NoItems" }, instagram = new { stories = true } });
        }
    }

    [Fact]
    public async Task A_personal_account_is_told_from_one_that_was_never_connected()
    {
        var creator = await Host.Creator();
        var handle = $"in.{creator:N}"[..30];
        await Profile("instagram", handle, new { accountType = "Personal" });
        try
        {
            await Switch(new { instagram = new { personalAccounts = "Served" } });
            (await Host.Connect(creator, "instagram", handle)).ShouldContain("outcome=personal-account");

            (await Matrix((await Host.ConnectionOf(creator, "instagram")).GetProperty("connectionId").GetGuid())).Values.ShouldAllBe(reason => reason == "personal-account");
        }
        finally
        {
            await Switch(new { instagram = new { personalAccounts = "Refused" } });
        }
    }

    [Fact]
    public async Task Many_replicas_lease_each_row_once_and_lay_aside_what_is_not_green()
    {
        var (platform, now) = ($"lease-{Guid.NewGuid():N}", DateTimeOffset.UtcNow);
        await Run($"""
            insert into connections.connection_upkeep (tenant_id, connection_id, creator_id, platform, state, version, sealed, scopes, granted_at, issued_at, answer_lost, failures, is_held)
            select 'aurora', gen_random_uuid(), gen_random_uuid(), '{platform}', case when i % 10 = 0 then 2 else 0 end, 1, '', array[]::text[], now(), now(), false, 0, false from generate_series(1, 300) i
            """);
        await Database.Run(PullTable.AdoptMissing(platform, now.AddHours(-1), TimeSpan.Zero), default);
        await Run($"update connections.connection_upkeep set state = 2 where platform = '{platform}' and connection_id in (select connection_id from connections.connection_upkeep where platform = '{platform}' and state = 0 limit 20)");

        var leased = await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            var mine = new List<(Guid? Lease, PullRow Row)>();
            while (await Database.Read(PullTable.LeaseDue(platform, now, now.AddMinutes(5), 7), PullTable.RowOf, default) is { Count: > 0 } page)
            {
                mine.AddRange(page);
            }

            return mine;
        }));

        var all = leased.SelectMany(rows => rows).ToList();
        all.Where(row => row.Lease is not null).Select(row => row.Row.ConnectionId).Distinct().Count().ShouldBe(250);
        all.Count(row => row.Lease is not null).ShouldBe(250);
        all.Count(row => row.Lease is null).ShouldBe(20);
        (await Word($"select count(*)::text from connections.insights_pull where platform = '{platform}' and due_at is null")).ShouldBe("20");
        await Run($"delete from connections.insights_pull where platform = '{platform}'; delete from connections.connection_upkeep where platform = '{platform}'");
    }

    [Fact]
    public async Task The_matrix_covers_every_platform_of_a_creator_those_never_connected_too()
    {
        var (id, creator, _) = await Connected("tiktok");
        await Synced(id);

        var items = (await Get($"/v1/creators/{creator}/availability")).GetProperty("items").EnumerateArray().ToList();

        items.Select(item => (item.GetProperty("platform").GetString(), item.GetProperty("status").GetString())).ShouldBe([("instagram", "NotConnected"), ("youtube", "NotConnected"), ("tiktok", "Connected")]);
        items.Take(2).SelectMany(item => item.GetProperty("types").EnumerateArray()).ShouldAllBe(type => type.GetProperty("reason").GetString() == "not-connected");
        (await Matrix(id)).ShouldBe(new Dictionary<string, string?> { ["profile"] = null, ["videos"] = null, ["audience"] = "not-offered" });
        (await client.GetAsync($"/v1/creators/{Guid.NewGuid()}/availability")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Content_is_paged_to_the_end_without_a_gap()
    {
        var (id, _, _) = await Connected("tiktok");
        await Synced(id);
        var all = (await Get($"/v1/connections/{id}/insights/content?limit=100")).GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetString()).ToList();

        var (paged, cursor) = (new List<string?>(), "");
        do
        {
            var page = await Get($"/v1/connections/{id}/insights/content?limit=7{(cursor.Length > 0 ? $"&cursor={cursor}" : "")}");
            paged.AddRange(page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetString()));
            cursor = page.GetProperty("next").GetString() ?? "";
        }
        while (cursor.Length > 0);

        all.Count.ShouldBeGreaterThan(7);
        paged.ShouldBe(all);
    }

    [Theory]
    [InlineData("insights/series", 422, "metric.missing")]
    [InlineData("insights/series?metric=reach", 422, "metric.unknown")]
    [InlineData("insights/series?metric=likes_count&from=2026-13-01", 400, "date.malformed")]
    [InlineData("insights/series?metric=likes_count&to=yesterday", 400, "date.malformed")]
    [InlineData("insights/series?metric=likes_count&from=2026-03-02&to=2026-03-01", 422, "range.backwards")]
    [InlineData("insights/series?metric=likes_count&from=2001-01-01&to=2026-03-01", 422, "range.too-long")]
    [InlineData("insights/series?metric=view_count&content=unheard-of", 404, "content.unknown")]
    [InlineData("insights/series?metric=likes_count&content=unheard-of", 422, "metric.unknown")]
    [InlineData("insights/content?limit=0", 422, "limit.invalid")]
    [InlineData("insights/content?limit=101", 422, "limit.invalid")]
    [InlineData("insights/content?cursor=%25%25", 422, "cursor.invalid")]
    [InlineData("insights/content?cursor=AAAA", 422, "cursor.invalid")]
    public async Task Bad_input_is_answered_with_its_code(string path, int status, string code)
    {
        var (id, _, _) = await Connected("tiktok");

        await Refused(await client.GetAsync($"/v1/connections/{id}/{path}"), status, code);
    }

    [Fact]
    public async Task Another_organizations_insights_do_not_exist()
    {
        var (id, _, _) = await Connected("tiktok");
        using var other = Host.As("borealis", "connections.read", "connections.write");

        foreach (var path in (string[])["insights", "insights/series?metric=likes_count", "insights/content", "availability"])
        {
            await Refused(await other.GetAsync($"/v1/connections/{id}/{path}"), 404, "connection.unknown");
        }

        await Refused(await other.PostAsync($"/v1/connections/{id}/insights/pull", null), 404, "connection.unknown");
        using var reader = Host.As("aurora", "connections.read");
        await Refused(await reader.PostAsync($"/v1/connections/{id}/insights/pull", null), 403, "scope.missing");
    }

    [Fact]
    public async Task A_connection_that_is_not_green_cannot_be_pulled()
    {
        var (id, _, _) = await Connected("tiktok");
        (await client.PostAsync($"/v1/connections/{id}/disconnect", null)).EnsureSuccessStatusCode();

        await Refused(await client.PostAsync($"/v1/connections/{id}/insights/pull", null), 409, "connection.not-connected");
    }

    private static async Task Refused(HttpResponseMessage response, int status, string code)
    {
        ((int)response.StatusCode).ShouldBe(status);
        (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString().ShouldBe(code);
    }

    private static IReadOnlyList<(string Day, double Value)> Points(JsonElement series) =>
        [.. series.GetProperty("points").EnumerateArray().Select(point => (point.GetProperty("day").GetString()!, point.GetProperty("value").GetDouble()))];

    private async Task<(Guid Id, Guid Creator, string Handle)> Connected(string platform, Func<string, Task>? prepare = null)
    {
        var creator = await Host.Creator();
        var handle = $"in.{creator:N}"[..30];
        await Profile(platform, handle, new { followers = 5000 });
        await (prepare?.Invoke(handle) ?? Task.CompletedTask);
        (await Host.Connect(creator, platform, handle)).ShouldContain("outcome=connected");
        return ((await Host.ConnectionOf(creator, platform)).GetProperty("connectionId").GetGuid(), creator, handle);
    }

    private async Task Profile(string platform, string handle, object profile) => (await Host.Simulator.PutAsJsonAsync($"/control/accounts/{platform}/{handle}", profile)).EnsureSuccessStatusCode();

    private async Task Order(string platform, string handle, string what, object order) => (await Host.Simulator.PostAsJsonAsync($"/control/accounts/{platform}/{handle}/{what}", order)).EnsureSuccessStatusCode();

    private async Task Switch(object switches) => (await Host.Simulator.PatchAsJsonAsync("/control/switches", switches)).EnsureSuccessStatusCode();

    private async Task<int> Calls(string platform, string handle, string endpoint) =>
        (await Host.Simulator.GetFromJsonAsync<JsonElement>($"/control/accounts/{platform}/{handle}/calls")).GetProperty("counts").GetProperty(endpoint).GetProperty("total").GetInt32();

    private async Task<JsonElement> Get(string path) => await client.GetFromJsonAsync<JsonElement>(path);

    private Task<JsonElement> Series(Guid id, string metric) => Get($"/v1/connections/{id}/insights/series?metric={metric}");

    private Task<JsonElement> Synced(Guid id) => Eventually.Get(() => Get($"/v1/connections/{id}/insights"), report => report.GetProperty("state").GetProperty("state").GetString() == "Synced");

    private async Task PullAgain(Guid id)
    {
        var before = (await Get($"/v1/connections/{id}/insights")).GetProperty("state").GetProperty("lastOkAt").GetDateTimeOffset();
        (await client.PostAsync($"/v1/connections/{id}/insights/pull", null)).StatusCode.ShouldBe(HttpStatusCode.Accepted);
        await Eventually.Get(async () => (await Get($"/v1/connections/{id}/insights")).GetProperty("state").GetProperty("lastOkAt").GetDateTimeOffset(), at => at > before);
    }

    private async Task<Dictionary<string, string?>> Matrix(Guid id) => (await Get($"/v1/connections/{id}/availability")).GetProperty("types").EnumerateArray()
        .ToDictionary(type => type.GetProperty("key").GetString()!, type => type.GetProperty("reason").GetString());

    private Task<IReadOnlyList<(string Metric, string Breakdown, DateOnly Day, double Value)>> AccountRows(Guid id) => Database.Read(
        new NpgsqlCommand($"select metric, breakdown, day, value from connections.account_metric where connection_id = '{id}' order by metric, breakdown, day"),
        reader => (reader.GetString(0), reader.GetString(1), reader.GetFieldValue<DateOnly>(2), reader.GetDouble(3)),
        default);

    private Task<IReadOnlyList<(string Id, string Metric)>> ContentKeys(Guid id) => Database.Read(
        new NpgsqlCommand($"select distinct content_id, metric from connections.content_metric where connection_id = '{id}' order by 1, 2"), reader => (reader.GetString(0), reader.GetString(1)), default);

    private async Task<long[]> RowCounts(Guid id)
    {
        var counts = new List<long>();
        foreach (var table in SeriesTables.Names)
        {
            counts.AddRange(await Database.Read(new NpgsqlCommand($"select count(*) from {table} where connection_id = '{id}'"), reader => reader.GetInt64(0), default));
        }

        return [.. counts];
    }

    private async Task<string[]> EventsOf(Guid id) =>
        [.. await Database.Read(new NpgsqlCommand($"select type from connections.mt_events where stream_id = '{InsightsFeed.IdOf("aurora", id)}' order by version"), reader => reader.GetString(0), default)];

    private async Task<string?> Word(string query) => (await Database.Read(new NpgsqlCommand(query), reader => reader.IsDBNull(0) ? null : reader.GetString(0), default)).FirstOrDefault();

    private Task Run(string statement) => Database.Run(new NpgsqlCommand(statement), default);
}
