using Chaos.Tests.Kit;
using Connections;
using Connections.Upkeep;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Testing;

namespace Chaos.Tests;

public sealed class LeaseFixture : IAsyncLifetime
{
    public Scene Scene { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Scene = await Scene.Build(doors: 2, ("Upkeep:Lease", "00:00:06"), ("Upkeep:Parallel", "1"), ("Upkeep:PageSize", "4"), ("Breaker:LookEvery", "00:00:00.100"));

    public ValueTask DisposeAsync() => Scene.DisposeAsync();
}

/// <summary>What becomes of a row whose holder is late, stops or dies.</summary>
public sealed class LeaseTests(LeaseFixture fixture) : IClassFixture<LeaseFixture>, IAsyncLifetime
{
    private Scene Scene => fixture.Scene;

    private NpgsqlDataSource Source => Scene.Services.GetRequiredService<NpgsqlDataSource>();

    private Attendance Attendance => Scene.Services.GetRequiredService<Attendance>();

    public async ValueTask InitializeAsync() => await Scene.Run($"delete from {UpkeepTable.Name}");

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task A_lease_that_ran_out_with_its_holder_gone_says_that_an_answer_may_be_lost()
    {
        var one = await Due("tiktok");
        var now = DateTimeOffset.UtcNow;
        (await Take(UpkeepTable.LeaseOne(Scene.Organization, one.Id, now, now)))!.Value.Row.AnswerLost.ShouldBeFalse();

        var (lease, row) = (await Take(UpkeepTable.LeaseDue("tiktok", now.AddSeconds(1), now.AddSeconds(1), 1)))!.Value;
        row.AnswerLost.ShouldBeTrue();
        await Source.Run(UpkeepTable.Save(row with { ClockAt = now }, lease, row.Version, keepLease: false), default);

        // The clock's lease keeps the mark too, and only new tokens take it away.
        (lease, row) = (await Take(UpkeepTable.LeaseClock(now.AddSeconds(2), now.AddSeconds(2), 1)))!.Value;
        row.AnswerLost.ShouldBeTrue();
        (await Attendance.Attend(lease, row with { RefreshAt = now }))!.AnswerLost.ShouldBeFalse();
        (await Scene.Row(one)).AnswerLost.ShouldBeFalse();
    }

    [Fact]
    public async Task A_lease_that_was_let_go_says_nothing()
    {
        var one = await Due("tiktok");
        var now = DateTimeOffset.UtcNow;
        var (lease, row) = (await Take(UpkeepTable.LeaseOne(Scene.Organization, one.Id, now, now.AddMinutes(1))))!.Value;
        await Source.Run(UpkeepTable.GiveBack(row, lease, now), default);

        (await Take(UpkeepTable.LeaseOne(Scene.Organization, one.Id, now, now.AddMinutes(1))))!.Value.Row.AnswerLost.ShouldBeFalse();
    }

    [Fact]
    public async Task New_tokens_are_kept_though_the_lease_was_taken_away_meanwhile()
    {
        var one = await Due("tiktok");
        var now = DateTimeOffset.UtcNow;
        var (late, row) = (await Take(UpkeepTable.LeaseOne(Scene.Organization, one.Id, now, now)))!.Value;
        var (quick, theirs) = (await Take(UpkeepTable.LeaseOne(Scene.Organization, one.Id, now.AddSeconds(1), now.AddMinutes(1))))!.Value;

        (await Attendance.Attend(late, row)).ShouldBeNull();

        var kept = await Scene.Row(one);
        kept.Version.ShouldBe(2);
        Scene.Platforms.IsLive(Scene.TokensOf(kept).RefreshToken).ShouldBeTrue();

        // Whoever has the row by now was told that the old token is a used one, and that no longer counts.
        (await Attendance.Attend(quick, theirs)).ShouldBeNull();
        (await Scene.Row(one)).ShouldSatisfyAllConditions(after => after.Version.ShouldBe(2), after => after.Suspicion.ShouldBeNull());
    }

    [Fact]
    public async Task New_tokens_of_an_earlier_grant_do_not_take_the_place_of_a_new_grants()
    {
        var one = await Due("tiktok");
        var now = DateTimeOffset.UtcNow;
        var (late, row) = (await Take(UpkeepTable.LeaseOne(Scene.Organization, one.Id, now, now)))!.Value;
        await Source.Wrote(UpkeepTable.Drop(Scene.Organization, one.Id), default);
        await Source.Wrote(UpkeepTable.Put(row with { GrantedAt = now }, SealedTokens.FromBytes(row.Sealed)), default);

        (await Attendance.Attend(late, row)).ShouldBeNull();

        var after = await Scene.Row(one);
        after.Version.ShouldBe(1);
        after.Sealed.ShouldBe(row.Sealed);
    }

    [Fact]
    public async Task What_was_silent_too_long_after_a_loss_is_let_go()
    {
        var one = await Due("tiktok");
        await Scene.Platforms.Order($"accounts/tiktok/{one.Account.Handle}/revoke", new { webhook = false });
        await Scene.Run($"update {UpkeepTable.Name} set state = 2, lost_at = now() - interval '8 days' where connection_id = $1", one.Id);
        var now = DateTimeOffset.UtcNow;
        var (lease, row) = (await Take(UpkeepTable.LeaseOne(Scene.Organization, one.Id, now, now.AddMinutes(1))))!.Value;

        await Attendance.Attend(lease, row with { RejectedVersion = row.Version });

        (await Scene.Rows([one])).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_fault_of_ours_is_shown_until_a_call_goes_well_again()
    {
        var watch = Scene.Services.GetRequiredService<PlatformWatch>();
        var one = await Due("youtube");
        await Scene.Platforms.Order($"accounts/youtube/{one.Account.Handle}/fail", new { calls = 1, status = 401, code = "invalid_client" });
        await Round(one);
        (await Eventually.Get(() => watch.StateOf("youtube").OursCode, code => code is not null)).ShouldBe("invalid_client");

        await Eventually.Get(
            async () =>
            {
                await Round(one);
                return watch.StateOf("youtube").OursCode;
            },
            code => code is null);
    }

    [Fact]
    public async Task A_page_that_takes_longer_than_its_leases_is_not_carried_on_behind_another_replicas_back()
    {
        // Four calls of two seconds one after the other, on leases of six, while a second replica looks for what it may take.
        var page = await Scene.Seed("instagram", 4, TimeSpan.FromDays(2));
        await Scene.Platforms.Order("platforms/instagram/delay", new { milliseconds = 2000, where = "Token", when = "After" });
        await using var one = Scene.ReplicaHere(0);
        await using var other = Scene.ReplicaHere(1);
        using var started = one.CreateClient();
        (await Scene.MakeDue("instagram")).ShouldBe(4);
        await Eventually.Get(() => Scene.Platforms.Refreshes("instagram").Result.MostAtOncePerAccount, underWay => underWay == 1);
        using var joined = other.CreateClient();

        await Eventually.Get(() => Scene.AtVersion("instagram", 2), refreshed => refreshed == 4);
        await Eventually.Get(Held(page), leases => leases == 0);

        (await Scene.Platforms.Refreshes("instagram")).ShouldBe(new(
            Total: 4, Succeeded: 4, Failed: 0, Accounts: 4, MostPerAccount: 1, MostSucceededPerAccount: 1, MostAtOncePerAccount: 1, Unattributed: 0));
        await Scene.Platforms.Order("platforms/instagram/delay", new { milliseconds = 0 });
    }

    private Func<Task<int>> Held(IReadOnlyList<Seeded> page) => async () => (await Scene.Rows(page)).Count(each => each.Lease is not null);

    private async Task<Seeded> Due(string platform)
    {
        var one = (await Scene.Seed(platform, 1, TimeSpan.FromMinutes(100))).Single();
        await Scene.Run($"update {UpkeepTable.Name} set refresh_at = now(), due_at = now() where connection_id = $1", one.Id);
        return one;
    }

    private async Task Round(Seeded one)
    {
        var now = DateTimeOffset.UtcNow;
        if (await Take(UpkeepTable.LeaseOne(Scene.Organization, one.Id, now, now.AddMinutes(1))) is var (lease, row))
        {
            await Attendance.Attend(lease, row with { RefreshAt = now });
        }
    }

    private async Task<(Guid Lease, UpkeepRow Row)?> Take(NpgsqlCommand lease) =>
        (await Source.Read(lease, UpkeepTable.RowOf, default)) is [var (id, row)] ? (id!.Value, row) : null;
}
