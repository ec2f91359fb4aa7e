using System.Net;
using Platforms.Tests.Kit;

namespace Platforms.Tests;

/// <summary>The clock belongs to all accounts.</summary>
public sealed class LifetimesAndClock(ClassSimulator own) : IClassFixture<ClassSimulator>, IAsyncLifetime
{
    private const string Handle = "ana.cooks";

    private readonly Simulator simulator = own.Simulator;
    private readonly InstagramApp instagram = new(own.Simulator);
    private readonly GoogleApp google = new(own.Simulator);
    private readonly TikTokApp tiktok = new(own.Simulator);

    public async ValueTask InitializeAsync() => await own.Reset();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task A_code_lives_an_hour_at_Instagram()
    {
        var (inTime, late) = (await instagram.Code(Handle), await instagram.Code(Handle));

        await simulator.MoveClock(TimeSpan.FromMinutes(59));
        (await instagram.Exchange(inTime)).Status.ShouldBe(HttpStatusCode.OK);
        await simulator.MoveClock(TimeSpan.FromMinutes(61));
        (await instagram.Exchange(late)).Text("error_message").ShouldBe("Matching code was not found or was already used");
    }

    [Fact]
    public async Task A_code_lives_ten_minutes_at_Google_and_five_at_TikTok()
    {
        var (googleInTime, googleLate) = (await google.Code(Handle), await google.Code(Handle));
        var (tiktokInTime, tiktokLate) = (await tiktok.Code(Handle), await tiktok.Code(Handle));

        await simulator.MoveClock(TimeSpan.FromMinutes(4));
        (await tiktok.Exchange(tiktokInTime)).Status.ShouldBe(HttpStatusCode.OK);
        await simulator.MoveClock(TimeSpan.FromMinutes(6));
        (await tiktok.Exchange(tiktokLate)).Text("error").ShouldBe("invalid_grant");
        (await google.Exchange(googleInTime)).Status.ShouldBe(HttpStatusCode.OK);
        await simulator.MoveClock(TimeSpan.FromMinutes(11));
        (await google.Exchange(googleLate)).Text("error").ShouldBe("invalid_grant");
    }

    [Fact]
    public async Task A_long_Instagram_token_refreshes_once_it_is_a_day_old_and_until_its_sixty_days_are_over()
    {
        var token = await instagram.LongToken(Handle);
        var young = await instagram.Refresh(token);
        await simulator.MoveClock(TimeSpan.FromHours(25));
        var refreshed = await instagram.Refresh(token);
        await simulator.MoveClock(TimeSpan.FromDays(60) + TimeSpan.FromMinutes(1));
        var expired = await instagram.Refresh(token);

        young.Body.GetProperty("error").GetProperty("code").GetInt32().ShouldBe(100);
        refreshed.Body.GetProperty("expires_in").GetInt64().ShouldBe(60 * 24 * 3600);
        expired.Body.GetProperty("error").GetProperty("code").GetInt32().ShouldBe(190);
        expired.Body.GetProperty("error").GetProperty("error_subcode").GetInt32().ShouldBe(463);
        (await instagram.Me(refreshed.Text("access_token"))).Text("username").ShouldBe(Handle);
    }

    [Fact]
    public async Task A_short_Instagram_token_cannot_be_lengthened_after_an_hour()
    {
        var token = await instagram.ShortToken(Handle);
        await simulator.MoveClock(TimeSpan.FromMinutes(61));

        (await instagram.Lengthen(token)).Body.GetProperty("error").GetProperty("error_subcode").GetInt32().ShouldBe(463);
    }

    [Fact]
    public async Task A_Google_access_token_ends_after_an_hour_and_its_refresh_token_when_half_a_year_idle()
    {
        var used = await google.Tokens("used");
        var idle = await google.Tokens("idle");
        await simulator.MoveClock(TimeSpan.FromHours(1));
        (await google.Channels(used.Text("access_token"))).Status.ShouldBe(HttpStatusCode.Unauthorized);

        await simulator.MoveClock(TimeSpan.FromDays(100));
        (await google.Refresh(used.Text("refresh_token"))).Status.ShouldBe(HttpStatusCode.OK);
        await simulator.MoveClock(TimeSpan.FromDays(190));

        (await google.Refresh(used.Text("refresh_token"))).Status.ShouldBe(HttpStatusCode.OK);
        (await google.Refresh(idle.Text("refresh_token"))).Text("error").ShouldBe("invalid_grant");
    }

    [Fact]
    public async Task TikTok_tokens_end_after_two_hours_and_half_a_year()
    {
        var tokens = await tiktok.Tokens(Handle);
        await simulator.MoveClock(TimeSpan.FromHours(2));
        var read = await tiktok.User(tokens.Text("access_token"));
        await simulator.MoveClock(TimeSpan.FromDays(180));
        var refreshed = await tiktok.Refresh(tokens.Text("refresh_token"));

        (read.Status, read.Body.GetProperty("error").GetProperty("code").GetString()).ShouldBe((HttpStatusCode.Unauthorized, "access_token_invalid"));
        refreshed.Text("error").ShouldBe("invalid_grant");
    }

    [Fact]
    public async Task Lifetimes_can_be_set_before_the_first_consent_and_hold_for_the_next_tokens()
    {
        await simulator.Post($"/control/accounts/instagram/{Handle}/lifetimes", new { accessSeconds = 30 });
        await simulator.Post($"/control/accounts/youtube/{Handle}/lifetimes", new { accessSeconds = 30, refreshSeconds = 90 });
        await simulator.Post($"/control/accounts/tiktok/{Handle}/lifetimes", new { refreshSeconds = 90 });
        var longLived = await instagram.Lengthen(await instagram.ShortToken(Handle));
        var googleTokens = await google.Tokens(Handle);
        var tiktokTokens = await tiktok.Tokens(Handle);

        longLived.Body.GetProperty("expires_in").GetInt32().ShouldBe(30);
        googleTokens.Body.GetProperty("expires_in").GetInt32().ShouldBe(30);
        googleTokens.Body.GetProperty("refresh_token_expires_in").GetInt32().ShouldBe(90);
        (tiktokTokens.Body.GetProperty("expires_in").GetInt32(), tiktokTokens.Body.GetProperty("refresh_expires_in").GetInt32()).ShouldBe((7200, 90));

        await simulator.MoveClock(TimeSpan.FromSeconds(91));
        (await google.Refresh(googleTokens.Text("refresh_token"))).Text("error").ShouldBe("invalid_grant");
        (await simulator.Get($"/control/accounts/instagram/{Handle}")).Text("standing").ShouldBe("Expired");
    }

    [Fact]
    public async Task Expiring_now_ends_the_tokens_and_sends_no_webhook()
    {
        var token = await instagram.LongToken(Handle);
        await simulator.Post($"/control/accounts/instagram/{Handle}/expire");

        (await instagram.Me(token)).Body.GetProperty("error").GetProperty("error_subcode").GetInt32().ShouldBe(463);
        (await simulator.Get("/control/webhooks")).Body.GetProperty("items").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task Expiring_the_access_token_alone_leaves_the_refresh_token_good()
    {
        var tokens = await tiktok.Tokens(Handle);
        await simulator.Post($"/control/accounts/tiktok/{Handle}/expire", new { what = "access" });

        (await tiktok.User(tokens.Text("access_token"))).Status.ShouldBe(HttpStatusCode.Unauthorized);
        (await tiktok.Refresh(tokens.Text("refresh_token"))).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task The_clock_is_set_from_the_machines_time_and_not_from_the_last_setting()
    {
        await simulator.MoveClock(TimeSpan.FromHours(1));
        await simulator.MoveClock(TimeSpan.FromHours(1));
        var clock = await simulator.Get("/control/clock");

        clock.Body.GetProperty("clockOffsetSeconds").GetInt64().ShouldBe(3600);
        (clock.Body.GetProperty("now").GetDateTimeOffset() - DateTimeOffset.UtcNow).ShouldBe(TimeSpan.FromHours(1), TimeSpan.FromMinutes(1));
    }
}
