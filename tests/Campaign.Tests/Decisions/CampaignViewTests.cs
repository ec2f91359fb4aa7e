using Campaigns.Features;
using EventSourcing;
using Shouldly;

namespace Campaigns.Tests.Decisions;

public sealed class CampaignViewTests
{
    private static readonly Campaign Spring = new(Guid.NewGuid(), "Spring", new(2027, 3, 1), new(2027, 3, 31), ["InstagramInsights", "TikTokMarketplace"]);

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(4, 0, 1)]
    [InlineData(4, 1, 0.75)]
    [InlineData(3, 1, 0.6667)]
    [InlineData(4, 4, 0)]
    public void Coverage_is_the_share_of_the_roster_that_is_counted(long creators, long incomplete, double coverage) =>
        ViewDashboard.Coverage(creators, incomplete).ShouldBe(coverage);

    [Fact]
    public void Nobody_is_warned_of_nothing() => ViewDashboard.Warn(0).ShouldBeNull();

    [Fact]
    public void The_warning_counts_the_creators()
    {
        ViewDashboard.Warn(1)!.Message.ShouldStartWith("Metrics and content of 1 creator may");
        ViewDashboard.Warn(12).ShouldBe(new("Metrics and content of 12 creators may be incomplete: a connection is missing, expired or invalidated.", 12));
    }

    [Fact]
    public void A_filter_takes_the_types_the_campaign_requires_and_every_status() =>
        ListCampaignCreators.Flaw(new("InstagramInsights,TikTokMarketplace", "Connected, Expired,Invalidated,NotConnected", null, null, null, null), Spring)
            .ShouldBeNull();

    [Theory]
    [InlineData("YouTubeInsights", null, "connection-type.unknown", "type")]
    [InlineData("InstagramInsights,", null, "connection-type.unknown", "type")]
    [InlineData(null, "Broken", "status.unknown", "status")]
    [InlineData(null, "connected", "status.unknown", "status")]
    public void A_filter_that_means_nothing_is_refused(string? type, string? status, string code, string field) =>
        ListCampaignCreators.Flaw(new(type, status, null, null, null, null), Spring)!.ThenRefused(RefusalKind.InvalidValue, code, field);

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
}
