using System.Net;
using Platforms.Accounts;
using Platforms.Tests.Kit;

namespace Platforms.Tests;

public sealed class Restart : IDisposable
{
    private const string Handle = "ana.cooks";

    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("platforms-");

    private string JournalFile => Path.Combine(directory.FullName, "platforms.jsonl");

    public void Dispose() => directory.Delete(recursive: true);

    [Fact]
    public async Task A_restart_keeps_grants_tokens_switches_and_keys()
    {
        await using var hub = await Hub.Start();
        string instagramToken, refreshToken, idToken;
        await using (var before = await Simulator.Start(directory.FullName, hub))
        {
            await before.MoveClock(TimeSpan.FromHours(5));
            instagramToken = await new InstagramApp(before).LongToken(Handle);
            refreshToken = (await new TikTokApp(before).Tokens(Handle)).Text("refresh_token");
            idToken = (await new GoogleApp(before).Tokens(Handle)).Text("id_token");
        }

        await using var after = await Simulator.Start(directory.FullName, hub);

        (await new InstagramApp(after).Me(instagramToken)).Text("username").ShouldBe(Handle);
        (await new TikTokApp(after).Refresh(refreshToken)).Status.ShouldBe(HttpStatusCode.OK);
        (await new GoogleApp(after).Verify(idToken)).Valid.ShouldBeTrue();
        (await after.Get("/control/clock")).Body.GetProperty("clockOffsetSeconds").GetInt64().ShouldBe(5 * 3600);
    }

    [Fact]
    public async Task Trouble_failures_delays_and_outages_go_on_after_a_restart()
    {
        await using var hub = await Hub.Start();
        string token;
        await using (var before = await Simulator.Start(directory.FullName, hub))
        {
            token = await new InstagramApp(before).LongToken(Handle);
            await before.Post($"/control/accounts/instagram/{Handle}/suspend", new { code = 368 });
            await before.Post($"/control/accounts/instagram/{Handle}/delay", new { milliseconds = 1 });
            await before.Post($"/control/accounts/instagram/{Handle}/answer", new { calls = 1, code = 2, status = 500, subcode = 77 });
            await before.Post("/control/platforms/instagram/answer", new { calls = 2, status = 503 });
            (await new InstagramApp(before).Me(token)).Status.ShouldBe(HttpStatusCode.ServiceUnavailable);
        }

        await using var after = await Simulator.Start(directory.FullName, hub);
        var app = new InstagramApp(after);
        var delay = (await after.Get($"/control/accounts/instagram/{Handle}")).Body.GetProperty("delay").GetProperty("milliseconds").GetInt32();
        var (outage, fault, trouble) = (await app.Me(token), await app.Me(token), await app.Me(token));

        delay.ShouldBe(1);
        outage.Status.ShouldBe(HttpStatusCode.ServiceUnavailable);
        fault.Body.GetProperty("error").GetProperty("error_subcode").GetInt32().ShouldBe(77);
        trouble.Body.GetProperty("error").GetProperty("code").GetInt32().ShouldBe(368);
    }

    [Fact]
    public async Task What_was_rotated_or_revoked_stays_so_after_a_restart()
    {
        await using var hub = await Hub.Start();
        string rotated, revoked;
        await using (var before = await Simulator.Start(directory.FullName, hub))
        {
            rotated = (await new TikTokApp(before).Tokens(Handle)).Text("refresh_token");
            await new TikTokApp(before).Refresh(rotated);
            revoked = await new InstagramApp(before).LongToken(Handle);
            await before.Post($"/control/accounts/instagram/{Handle}/revoke", new { webhook = false });
        }

        await using var after = await Simulator.Start(directory.FullName, hub);

        (await new TikTokApp(after).Refresh(rotated)).Text("error").ShouldBe("invalid_grant");
        (await new InstagramApp(after).Me(revoked)).Body.GetProperty("error").GetProperty("error_subcode").GetInt32().ShouldBe(458);
    }

    [Fact]
    public async Task A_process_that_is_killed_has_lost_nothing_it_answered()
    {
        await using var hub = await Hub.Start();
        await using var running = await Simulator.Start(directory.FullName, hub);
        var token = await new InstagramApp(running).LongToken(Handle);

        // The file as it lies there while the first process is still at it: what a kill would have left.
        var copy = Directory.CreateDirectory(Path.Combine(directory.FullName, "copy"));
        await CopyTo(Path.Combine(copy.FullName, "platforms.jsonl"));
        await using var after = await Simulator.Start(copy.FullName, hub);

        (await new InstagramApp(after).Me(token)).Text("username").ShouldBe(Handle);
    }

    [Fact]
    public async Task A_torn_last_line_is_left_out_and_the_rest_is_kept()
    {
        await using var hub = await Hub.Start();
        string token;
        await using (var before = await Simulator.Start(directory.FullName, hub))
        {
            token = await new InstagramApp(before).LongToken(Handle);
        }

        const string Torn = """{"kind":"account","key":"instagram/torn","value":{"platform":"insta""";
        await File.AppendAllTextAsync(JournalFile, Torn, TestContext.Current.CancellationToken);
        await using var after = await Simulator.Start(directory.FullName, hub);

        (await new InstagramApp(after).Me(token)).Text("username").ShouldBe(Handle);
        (await after.Get("/control/accounts")).Body.GetProperty("total").GetInt32().ShouldBe(1);
    }

    [Fact]
    public async Task A_webhook_that_was_on_its_way_is_delivered_after_the_restart()
    {
        await using var hub = await Hub.Start();
        await using (var before = await Simulator.Start(directory.FullName, hub))
        {
            await before.Patch("/control/switches", new { hubPublicUrl = "http://127.0.0.1:1" });
            await before.Put($"/control/accounts/tiktok/{Handle}", new { });
            await before.Post($"/control/accounts/tiktok/{Handle}/revoke");
        }

        await using var after = await Simulator.Start(directory.FullName, hub);
        await after.Patch("/control/switches", new { hubPublicUrl = (string?)null });

        (await hub.Next()).Path.ShouldBe("/webhooks/tiktok");
    }

    [Fact]
    public async Task Each_start_leaves_one_line_per_fact()
    {
        await using var hub = await Hub.Start();
        await using (var before = await Simulator.Start(directory.FullName, hub))
        {
            var app = new TikTokApp(before);
            var token = (await app.Tokens(Handle)).Text("refresh_token");
            for (var i = 0; i < 10; i++)
            {
                token = (await app.Refresh(token)).Text("refresh_token");
            }
        }

        var grown = (await File.ReadAllLinesAsync(JournalFile, TestContext.Current.CancellationToken)).Length;
        await using var after = await Simulator.Start(directory.FullName, hub);
        await after.DisposeAsync();

        grown.ShouldBeGreaterThan(10);
        (await File.ReadAllLinesAsync(JournalFile, TestContext.Current.CancellationToken)).Single().ShouldContain($"\"key\":\"tiktok/{Handle}\"");
    }

    [Fact]
    public void Old_lines_are_cleared_away_while_the_simulator_runs()
    {
        using (var journal = new Journal(directory.FullName, worthCompacting: 10_000))
        {
            journal.Remember("note", "other", "kept");
            for (var i = 0; i < 5000; i++)
            {
                journal.Remember("note", "busy", $"version {i}");
            }

            new FileInfo(JournalFile).Length.ShouldBeLessThan(11_000);
        }

        using var again = new Journal(directory.FullName);
        again.Recall<string>("note").ShouldBe(["kept", "version 4999"], ignoreOrder: true);
    }

    [Fact]
    public async Task Two_simulators_cannot_keep_their_state_in_one_directory()
    {
        await using var hub = await Hub.Start();
        await using var running = await Simulator.Start(directory.FullName, hub);

        (await Should.ThrowAsync<InvalidOperationException>(() => Simulator.Start(directory.FullName, hub))).Message.ShouldContain(directory.FullName);
    }

    private async Task CopyTo(string path)
    {
        await using var source = new FileStream(JournalFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        await using var target = File.Create(path);
        await source.CopyToAsync(target);
    }
}
