using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Shouldly;
using Testing;
using Xunit;

namespace Connections.Tests.Features;

public sealed class MarketplaceFixture : IAsyncLifetime
{
    public MarketplaceScene Scene { get; private set; } = null!;

    // Each creator is checked once, when they become known; after that a test says when.
    public async ValueTask InitializeAsync() => Scene = await MarketplaceScene.Start();

    public ValueTask DisposeAsync() => Scene.DisposeAsync();
}

[CollectionDefinition(nameof(MarketplaceFixture))]
public sealed class MarketplaceCollection : ICollectionFixture<MarketplaceFixture>;

[Collection(nameof(MarketplaceFixture))]
public sealed class MarketplaceTests(MarketplaceFixture fixture)
{
    private MarketplaceScene Scene => fixture.Scene;

    [Fact]
    public async Task A_creator_who_becomes_known_is_checked_by_the_handle_that_campaign_knows()
    {
        var (creator, _) = await Scene.Creator();

        var view = await Scene.View(creator);

        (view.GetProperty("status").GetString(), view.GetProperty("colour").GetString()).ShouldBe(("NotInvited", "grey"));
        (view.GetProperty("nextAction").GetString(), view.GetProperty("lastOutcome").GetString()).ShouldBe(("Invite the creator to the marketplace", "answered"));
        view.GetProperty("evidence").GetProperty("code").GetString().ShouldBe("NOT_IN");
        view.GetProperty("since").GetDateTimeOffset().ShouldBeGreaterThan(DateTimeOffset.UtcNow.AddMinutes(-5));
        await Eventually.Get(() => Scene.Told(creator), told => told.SequenceEqual([(null, "NotInvited", "")]));
    }

    [Fact]
    public async Task A_creator_who_joins_is_green_and_the_others_are_told_of_before_and_after()
    {
        var (creator, handle) = await Scene.Creator();
        await Scene.Control(handle, new { membership = "Joined" });

        (await Scene.Check(creator)).ShouldBe("Joined");

        var view = await Scene.View(creator);
        (view.GetProperty("colour").GetString(), view.GetProperty("nextAction").ValueKind).ShouldBe(("green", JsonValueKind.Null));
        await Eventually.Get(() => Scene.Told(creator), told => told.SequenceEqual([(null, "NotInvited", ""), ("NotInvited", "Joined", "")]));
    }

    [Fact]
    public async Task A_member_who_leaves_is_not_invited_again_by_itself()
    {
        var (creator, handle) = await Scene.Creator(standing: new { membership = "Joined" }, until: "Joined");
        await Scene.Control(handle, new { membership = "NotIn" });

        (await Scene.Check(creator)).ShouldBe("NotInvited");

        await Eventually.Get(() => Scene.Told(creator), told => told.SequenceEqual([(null, "Joined", ""), ("Joined", "NotInvited", "")]));
    }

    [Fact]
    public async Task An_invitation_is_sent_once_however_often_it_is_asked_for()
    {
        var (creator, handle) = await Scene.Creator();
        var before = await Scene.Calls("/tcm/creator/invite/");

        var (first, invited) = await Scene.Post($"/v1/creators/{creator}/marketplace/invitations");
        var (second, again) = await Scene.Post($"/v1/creators/{creator}/marketplace/invitations");

        (first, second).ShouldBe((HttpStatusCode.OK, HttpStatusCode.OK));
        invited.GetProperty("status").GetString().ShouldBe("Invited");
        invited.GetProperty("inviteEndsAt").GetDateTimeOffset().ShouldBeGreaterThan(DateTimeOffset.UtcNow.AddDays(29));
        again.GetProperty("since").GetDateTimeOffset().ShouldBe(invited.GetProperty("since").GetDateTimeOffset());
        (await Scene.Calls("/tcm/creator/invite/") - before).ShouldBe(1);
        (await Scene.Host.Simulator.GetFromJsonAsync<JsonElement>($"/control/marketplace/creators/{handle}")).GetProperty("membership").GetString().ShouldBe("Invited");
        (await Scene.Check(creator)).ShouldBe("Invited", "the platform says NOT_IN of whoever has an open invitation");
    }

    [Fact]
    public async Task An_invitation_that_the_platform_spoke_of_and_speaks_of_no_more_was_declined()
    {
        var (creator, handle) = await Scene.Creator();
        await Scene.Post($"/v1/creators/{creator}/marketplace/invitations");
        await Scene.Settings(new { legacyInvited = true });
        (await Scene.Check(creator)).ShouldBe("Invited");
        await Scene.Control(handle, new { membership = "Declined" });

        (await Scene.Check(creator)).ShouldBe("Declined");

        await Scene.Settings(new { legacyInvited = false });
        var view = await Scene.View(creator);
        (view.GetProperty("colour").GetString(), view.GetProperty("evidence").GetProperty("confidence").GetString()).ShouldBe(("red", "inferred"));
        var (_, again) = await Scene.Post($"/v1/creators/{creator}/marketplace/invitations");
        again.GetProperty("status").GetString().ShouldBe("Invited");
    }

    [Fact]
    public async Task A_member_is_not_invited_and_is_found_out_by_the_invitation_itself()
    {
        var (creator, handle) = await Scene.Creator();
        await Scene.Control(handle, new { membership = "Joined" });

        var (status, problem) = await Scene.Post($"/v1/creators/{creator}/marketplace/invitations");

        (status, problem.GetProperty("code").GetString()).ShouldBe((HttpStatusCode.Conflict, "marketplace.already-in"));
        (await Scene.View(creator)).GetProperty("status").GetString().ShouldBe("Joined");
    }

    [Fact]
    public async Task A_refused_invitation_says_why_and_is_not_tried_again()
    {
        var (creator, handle) = await Scene.Creator(standing: new { followers = 12 });

        var (status, problem) = await Scene.Post($"/v1/creators/{creator}/marketplace/invitations");
        await Scene.Control(handle, new { followers = 20_000 });
        var before = await Scene.Calls("/tcm/creator/invite/");
        var (again, _) = await Scene.Post($"/v1/creators/{creator}/marketplace/invitations");

        (status, problem.GetProperty("code").GetString()).ShouldBe((HttpStatusCode.Conflict, "marketplace.not-eligible"));
        problem.GetProperty("detail").GetString()!.ShouldContain("TooFewFollowers");
        (again, await Scene.Calls("/tcm/creator/invite/")).ShouldBe((HttpStatusCode.Conflict, before));
        var view = await Scene.View(creator);
        (view.GetProperty("status").GetString(), view.GetProperty("reasons").ToString()).ShouldBe(("NotEligible", """["TooFewFollowers"]"""));
        await Eventually.Get(() => Scene.Told(creator), told => told.SequenceEqual([(null, "NotInvited", ""), ("NotInvited", "NotEligible", "TooFewFollowers")]));
    }

    [Theory]
    [InlineData(40121, "NotACreator")]
    [InlineData(40122, "OutsideRegions")]
    public async Task A_code_about_the_creator_makes_them_not_eligible_with_the_reason(int code, string reason)
    {
        var (creator, _) = await Scene.Creator();
        await Scene.Fail(1, code, "/status/get/");

        (await Scene.Check(creator)).ShouldBe("NotEligible");

        var view = await Scene.View(creator);
        (view.GetProperty("reasons")[0].GetString(), view.GetProperty("evidence").GetProperty("code").GetString()).ShouldBe((reason, $"{code}"));
        (await Scene.Check(creator)).ShouldBe("NotInvited", "the platform has not refused the creator this time");
    }

    [Theory]
    [InlineData(40100, HttpStatusCode.ServiceUnavailable, "marketplace.busy")]
    [InlineData(50000, HttpStatusCode.ServiceUnavailable, "marketplace.unreachable")]
    [InlineData(40105, HttpStatusCode.BadGateway, "marketplace.refused")]
    public async Task What_is_no_answer_about_the_creator_changes_nothing_and_says_what_it_is(int code, HttpStatusCode status, string problem)
    {
        var (creator, handle) = await Scene.Creator(standing: new { membership = "Joined" }, until: "Joined");
        await Scene.Control(handle, new { membership = "NotIn" });
        await Scene.Fail(1, code, "/status/get/");

        var (answered, body) = await Scene.Post($"/v1/creators/{creator}/marketplace/check");

        (answered, body.GetProperty("code").GetString()).ShouldBe((status, problem));
        (await Scene.View(creator)).GetProperty("status").GetString().ShouldBe("Joined");
    }

    [Fact]
    public async Task Disconnecting_tiktok_leaves_the_standing_alone_and_it_goes_on_being_checked()
    {
        var (creator, handle) = await Scene.Creator(standing: new { membership = "Joined" }, until: "Joined");
        (await Scene.Host.Connect(creator, "tiktok", handle)).ShouldContain("outcome=connected");
        var connection = (await Scene.Host.ConnectionOf(creator, "tiktok")).GetProperty("connectionId").GetGuid();
        using var client = Scene.Client();

        (await client.PostAsync($"/v1/connections/{connection}/disconnect", null)).EnsureSuccessStatusCode();

        (await Scene.Host.StatusOf(creator, "tiktok")).ShouldBe("Invalidated");
        (await Scene.View(creator)).GetProperty("status").GetString().ShouldBe("Joined");
        (await Scene.Check(creator)).ShouldBe("Joined");
        await Scene.Control(handle, new { membership = "NotIn" });
        (await Scene.Check(creator)).ShouldBe("NotInvited");
        (await Scene.Host.StatusOf(creator, "tiktok")).ShouldBe("Invalidated", "nor does the marketplace touch the connection");
    }

    [Fact]
    public async Task The_account_that_a_creator_connects_is_the_one_asked_about_from_then_on()
    {
        var (creator, _) = await Scene.Creator();
        var other = $"o{Guid.NewGuid():N}"[..20];
        await Scene.Control(other, new { membership = "Joined" });

        await Scene.Host.Connect(creator, "tiktok", other);

        await Scene.Status(creator, "Joined");
    }

    [Fact]
    public async Task A_creator_without_a_handle_cannot_be_asked_about_and_the_api_says_what_to_do()
    {
        var creator = await Scene.Host.Creator();

        var view = await Eventually.Get(() => Scene.View(creator), view => view.GetProperty("lastOutcome").GetString() == "no-handle");

        (view.GetProperty("status").ValueKind, view.GetProperty("nextAction").GetString()).ShouldBe((JsonValueKind.Null, "Add the creator's TikTok handle, or ask the creator to connect TikTok"));
        var (status, problem) = await Scene.Post($"/v1/creators/{creator}/marketplace/invitations");
        (status, problem.GetProperty("code").GetString()).ShouldBe((HttpStatusCode.Conflict, "marketplace.no-handle"));
    }

    [Fact]
    public async Task While_campaign_is_away_nothing_is_concluded()
    {
        var (creator, _) = await Scene.Creator(standing: new { membership = "Joined" }, until: "Joined");
        Scene.Campaign.IsOut = true;
        try
        {
            var (status, problem) = await Scene.Post($"/v1/creators/{creator}/marketplace/check");
            (status, problem.GetProperty("code").GetString()).ShouldBe((HttpStatusCode.ServiceUnavailable, "creators.unreachable"));
        }
        finally
        {
            Scene.Campaign.IsOut = false;
        }

        (await Scene.View(creator)).GetProperty("status").GetString().ShouldBe("Joined");
    }

    [Fact]
    public async Task The_history_says_what_happened_on_whose_word_and_whose_doing_it_was()
    {
        var (creator, handle) = await Scene.Creator();
        await Scene.Post($"/v1/creators/{creator}/marketplace/invitations");
        await Scene.Control(handle, new { membership = "Joined" });
        await Scene.Check(creator);
        using var client = Scene.Client();

        var history = await client.GetFromJsonAsync<JsonElement>($"/v1/creators/{creator}/marketplace/history");

        history.GetProperty("items").EnumerateArray()
            .Select(item => (item.GetProperty("event").GetString(), item.GetProperty("status").GetString(), item.GetProperty("evidence").GetProperty("source").GetString(), item.GetProperty("by").GetString()))
            .ShouldBe([("MarketplaceEligibilityFound", "NotInvited", "status", "platform"), ("MarketplaceInvited", "Invited", "invitation", "organization"), ("MarketplaceJoined", "Joined", "status", "creator")]);
    }

    [Fact]
    public async Task Another_organizations_creator_is_an_unknown_one()
    {
        var (creator, _) = await Scene.Creator();

        (await Scene.View(creator, "borealis")).GetProperty("code").GetString().ShouldBe("creator.unknown");
        foreach (var path in (string[])["check", "invitations"])
        {
            var (status, _) = await Scene.Post($"/v1/creators/{creator}/marketplace/{path}", organization: "borealis");
            status.ShouldBe(HttpStatusCode.NotFound);
        }
    }

    [Fact]
    public async Task Reading_is_not_enough_to_invite_or_check()
    {
        var (creator, _) = await Scene.Creator();
        using var reader = Scene.Host.As("aurora", "connections.read");

        (await reader.PostAsync($"/v1/creators/{creator}/marketplace/invitations", null)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await reader.PostAsync($"/v1/creators/{creator}/marketplace/check", null)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Neither_events_nor_tables_hold_a_handle_and_a_forgotten_creator_can_be_asked_about_no_more()
    {
        var (creator, handle) = await Scene.Creator();
        await Scene.Post($"/v1/creators/{creator}/marketplace/invitations");
        var campaign = await Scene.NewCampaign();
        await Scene.Post($"/v1/campaigns/{campaign}/marketplace-link", new { creatorIds = new[] { creator } });

        var events = await Scene.Stored("select string_agg(data::text || coalesce(headers::text, ''), ' ') from connections.mt_events");
        events.ShouldContain(creator.ToString());
        events.ShouldNotContain(handle, Case.Insensitive);
        (await Scene.Stored("select string_agg(c::text, ' ') from connections.marketplace_check c")).ShouldNotContain(handle, Case.Insensitive);

        Scene.Campaign.Forget("aurora", creator);
        var before = await Scene.Calls(handle);
        var (status, problem) = await Scene.Post($"/v1/creators/{creator}/marketplace/check");
        (status, problem.GetProperty("code").GetString(), await Scene.Calls(handle)).ShouldBe((HttpStatusCode.Conflict, "marketplace.no-handle", before));
    }
}
