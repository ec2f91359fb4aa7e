using Campaigns.Features;
using EventSourcing;
using Shouldly;

namespace Campaigns.Tests.Decisions;

public sealed class CampaignViewTests
{
    private static readonly Campaign Spring = new(Guid.NewGuid(), "Spring", new(2027, 3, 1), new(2027, 3, 31), ["InstagramInsights", "TikTokMarketplace"]);

    private static readonly Standing Green = default(Standing).With("InstagramInsights", "Connected");

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(4, 0, 1)]
    [InlineData(4, 1, 0.75)]
    [InlineData(3, 1, 0.6667)]
    [InlineData(4, 4, 0)]
    public void Coverage_is_the_share_of_the_roster_that_is_counted(long creators, long incomplete, double coverage) =>
        Figures.CoverageOf(creators, incomplete).ShouldBe(coverage);

    [Fact]
    public void Nobody_is_warned_of_nothing() => ViewDashboard.Warn(Of((Green, 3)), ["InstagramInsights"], []).ShouldBeNull();

    [Fact]
    public void The_warning_counts_the_creators_and_says_what_is_lost()
    {
        ViewDashboard.Warn(Of((Green, 3), (default, 1)), ["InstagramInsights"], [])!.Message.ShouldStartWith("Metrics and content of 1 creator may");
        var warning = ViewDashboard.Warn(Of((Green, 3), (default, 12)), ["InstagramInsights", "TikTokMarketplace"], [])!;
        warning.Message.ShouldBe("Metrics and content of 12 creators may be incomplete: a connection is missing, expired or invalidated.");
        warning.Creators.ShouldBe(12);
        warning.Losses.Single().Type.ShouldBe("InstagramInsights");
        warning.Losses.Single().Creators.ShouldBe(12);
        warning.Losses.Single().Metrics.ShouldContain("reach");
    }

    [Fact]
    public void What_would_mend_it_asks_everybody_once()
    {
        string[] shown = ["InstagramInsights", "YouTubeInsights"];
        var lost = Green.With("YouTubeInsights", "Expired");
        var lostAndNever = default(Standing).With("YouTubeInsights", "Invalidated");
        StandingCounts counts = new(new Dictionary<Standing, long> { [Green.With("YouTubeInsights", "Connected")] = 5, [Green] = 3, [lost] = 2, [lostAndNever] = 1, [default] = 4 });

        var fixes = ViewDashboard.Mend(Guid.Empty, counts, shown);

        fixes.Select(fix => (fix.Request.Template, fix.Creators)).ShouldBe([("reconnect-request", 3), ("creator-hub-invitation", 7)]);
        fixes[0].Request.Filter.ShouldBe("type=InstagramInsights%2CYouTubeInsights&status=Expired%2CInvalidated");
        fixes[1].Request.Filter.ShouldBe(
            "connection=InstagramInsights%3AConnected%2CNotConnected&connection=YouTubeInsights%3AConnected%2CNotConnected&missing=true");
    }

    [Fact]
    public void A_filter_takes_the_types_that_are_shown_and_every_status() =>
        new CreatorFilter(
            Type: "InstagramInsights,TikTokMarketplace", Status: "Connected, Expired,Invalidated,NotConnected", Connection: ["TikTokMarketplace:Connected"],
            Outreach: "NotAsked,Clicked", ExpiringWithin: 14, Sort: "-InstagramInsights").Flaw(Spring.RequiredConnections).ShouldBeNull();

    [Theory]
    [InlineData("YouTubeInsights", null, null, null, null, null, "connection-type.unknown", "type")]
    [InlineData("InstagramInsights,", null, null, null, null, null, "connection-type.unknown", "type")]
    [InlineData(null, "Broken", null, null, null, null, "status.unknown", "status")]
    [InlineData(null, "connected", null, null, null, null, "status.unknown", "status")]
    [InlineData(null, null, "YouTubeInsights:Expired", null, null, null, "connection-type.unknown", "connection")]
    [InlineData(null, null, "InstagramInsights:Gone", null, null, null, "status.unknown", "connection")]
    [InlineData(null, null, null, "Opened", null, null, "outreach-state.unknown", "outreach")]
    [InlineData(null, null, null, null, 0, null, "expiring-within.invalid", "expiringWithin")]
    [InlineData(null, null, null, null, 61, null, "expiring-within.invalid", "expiringWithin")]
    [InlineData(null, null, null, null, null, "age", "sort.unknown", "sort")]
    [InlineData(null, null, null, null, null, "YouTubeInsights", "sort.unknown", "sort")]
    public void A_filter_that_means_nothing_is_refused(string? type, string? status, string? connection, string? outreach, int? expiring, string? sort, string code, string field) =>
        new CreatorFilter(type, status, connection is null ? null : [connection], Outreach: outreach, ExpiringWithin: expiring, Sort: sort)
            .Flaw(Spring.RequiredConnections)!.ThenRefused(RefusalKind.InvalidValue, code, field);

    [Fact]
    public void A_facet_leaves_out_its_own_conditions_and_no_others()
    {
        string[] shown = ["InstagramInsights", "YouTubeInsights"];
        CreatorFilter filter = new(Connection: ["InstagramInsights:Connected", "YouTubeInsights:Expired"]);

        filter.Condition(shown)(Green.With("YouTubeInsights", "Expired")).ShouldBeTrue();
        filter.Condition(shown)(Green).ShouldBeFalse();
        filter.Condition(shown, but: "YouTubeInsights")(Green).ShouldBeTrue();
        filter.Condition(shown, but: "YouTubeInsights")(default).ShouldBeFalse();
    }

    [Fact]
    public void A_cursor_of_a_list_comes_back_as_it_was()
    {
        CreatorCursor cursor = new(2, 1_803_902_400_123_456, Guid.CreateVersion7());
        CreatorCursor.Of(cursor.ToString()).ShouldBe(cursor);
        CreatorCursor.Of("AZCgAAAAcACAAAAAAAAAAQ").ShouldBeNull();
        CreatorCursor.Of("%%%").ShouldBeNull();
        CreatorCursor.Of(null).ShouldBeNull();
    }

    [Fact]
    public void Only_consent_counts_as_a_required_authorization() => Spring.RequiredAuthorizations.ShouldBe(["InstagramInsights"]);

    [Theory]
    [InlineData("Connected", "green")]
    [InlineData("Expired", "red")]
    [InlineData("Invalidated", "red")]
    [InlineData("NotConnected", "grey")]
    public void Every_status_has_its_colour(string status, string colour) => ConnectionStatus.Colour(status).ShouldBe(colour);

    [Fact]
    public void A_platform_of_the_future_fills_no_column_yet() => ConnectionType.AuthorizedBy("threads").ShouldBeNull();

    [Fact]
    public void A_cursor_comes_back_as_the_entry_it_stood_for()
    {
        var id = Guid.CreateVersion7();
        Page.Of(Page.CursorAfter(id), 10).ShouldBe((new Page(id, 10), null));
        Page.Of(null, null).ShouldBe((new Page(null, 50), null));
    }

    [Theory]
    [InlineData("%%%", 10, "cursor.invalid", "cursor")]
    [InlineData("AAAA", 10, "cursor.invalid", "cursor")]
    [InlineData(null, 0, "limit.invalid", "limit")]
    [InlineData(null, 201, "limit.invalid", "limit")]
    public void A_page_that_cannot_be_is_refused(string? cursor, int limit, string code, string field) =>
        Page.Of(cursor, limit).Flaw!.ThenRefused(RefusalKind.InvalidValue, code, field);

    [Theory]
    [InlineData("")]
    [InlineData("with space")]
    [InlineData("ключ")]
    public void An_idempotency_key_that_cannot_be_one_is_refused(string key) =>
        IdempotencyKey.Flaw(key)!.ThenRefused(RefusalKind.InvalidValue, "idempotency.key-invalid", "Idempotency-Key");

    [Fact]
    public void One_key_names_one_stream_per_organization_and_route()
    {
        IdempotencyKey.StreamOf("aurora", "POST /a", "k").ShouldBe(IdempotencyKey.StreamOf("aurora", "POST /a", "k"));
        IdempotencyKey.StreamOf("aurora", "POST /a", "k").ShouldNotBe(IdempotencyKey.StreamOf("borealis", "POST /a", "k"));
        IdempotencyKey.StreamOf("aurora", "POST /a", "k").ShouldNotBe(IdempotencyKey.StreamOf("aurora", "POST /b", "k"));
        IdempotencyKey.StreamOf("aurora", "POST /a", null).ShouldNotBe(IdempotencyKey.StreamOf("aurora", "POST /a", null));
    }

    private static Figures Of(params (Standing Standing, long Creators)[] counts) =>
        Figures.Of(StandingSums.Of(new StandingCounts(counts.ToDictionary(count => count.Standing, count => count.Creators))), ["InstagramInsights"]);
}
