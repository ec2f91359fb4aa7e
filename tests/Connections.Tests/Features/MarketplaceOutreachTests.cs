using System.Net.Http.Json;
using System.Text.Json;
using CreatorConnections.Contracts.Outreach;
using Npgsql;
using Shouldly;
using Testing;
using Xunit;

namespace Connections.Tests.Features;

[Collection(nameof(MarketplaceFixture))]
public sealed class MarketplaceOutreachTests(MarketplaceFixture fixture)
{
    private MarketplaceScene Scene => fixture.Scene;

    [Fact]
    public async Task Who_was_mailed_the_campaigns_link_is_invited_until_the_platform_says_more()
    {
        var campaign = await Scene.NewCampaign();
        var (ana, handle) = await Scene.Creator();
        await Scene.Post($"/v1/campaigns/{campaign}/marketplace-link", new { creatorIds = new[] { ana } });
        var (message, repeated) = (Sent(campaign, ana), Guid.NewGuid());

        await Scene.Host.Bus.Say(message, repeated);
        await Scene.Host.Bus.Say(message, repeated);
        await Scene.Host.Bus.Say(message);

        var view = await Scene.Status(ana, "Invited");
        view.GetProperty("inviteEndsAt").GetDateTimeOffset().ShouldBeGreaterThan(DateTimeOffset.UtcNow.AddDays(29));
        (view.GetProperty("evidence").GetProperty("source").GetString(), view.GetProperty("evidence").GetProperty("confidence").GetString()).ShouldBe(("outreach", "inferred"));
        await Eventually.Get(() => Scene.Told(ana), told => told.SequenceEqual([(null, "NotInvited", ""), ("NotInvited", "Invited", "")]));
        using var client = Scene.Client();
        var history = await client.GetFromJsonAsync<JsonElement>($"/v1/creators/{ana}/marketplace/history");
        history.GetProperty("items").EnumerateArray().Last().GetProperty("by").GetString().ShouldBe("organization");

        (await Scene.Check(ana)).ShouldBe("Invited", "the platform says NOT_IN of whoever has not answered");
        await Scene.Control(handle, new { membership = "Joined" });
        (await Scene.Check(ana)).ShouldBe("Joined");
    }

    [Fact]
    public async Task A_message_changes_nothing_about_members_about_those_the_platform_did_not_take_and_without_a_link()
    {
        var (campaign, bare) = (await Scene.NewCampaign(), await Scene.NewCampaign());
        var (member, _) = await Scene.Creator(standing: new { membership = "Joined" }, until: "Joined");
        var (gone, goneHandle) = await Scene.Creator();
        var (ana, _) = await Scene.Creator();
        await Scene.Control(goneHandle, new { exists = false });
        await Scene.Post($"/v1/campaigns/{campaign}/marketplace-link", new { creatorIds = new[] { member, gone } });

        Guid[] messages = [.. Enumerable.Range(0, 4).Select(_ => Guid.NewGuid())];
        await Scene.Host.Bus.Say(Sent(campaign, member), messages[0]);
        await Scene.Host.Bus.Say(Sent(campaign, gone), messages[1]);
        await Scene.Host.Bus.Say(Sent(bare, ana), messages[2]);
        await Scene.Host.Bus.Say(Sent(campaign, ana) with { OrganizationId = "borealis" }, messages[3]);
        await Eventually.Get(() => Taken(messages), count => count == 4);

        (await Scene.View(member)).GetProperty("status").GetString().ShouldBe("Joined");
        (await Scene.View(gone)).GetProperty("status").GetString().ShouldBe("NotInvited");
        (await Scene.View(ana)).GetProperty("status").GetString().ShouldBe("NotInvited");
    }

    [Theory]
    [InlineData("YetToOptIn")]
    [InlineData(null)]
    public async Task A_message_of_another_kind_says_nothing_about_the_marketplace(string? audience)
    {
        var campaign = await Scene.NewCampaign();
        var (ana, _) = await Scene.Creator();
        var (ben, _) = await Scene.Creator();
        await Scene.Post($"/v1/campaigns/{campaign}/marketplace-link", new { creatorIds = new[] { ana, ben } });

        // One queue: by the time the second has told, the first has had its turn.
        await Scene.Host.Bus.Say(Sent(campaign, ana) with { Audience = audience });
        await Scene.Host.Bus.Say(Sent(campaign, ben));
        await Scene.Status(ben, "Invited");

        (await Scene.View(ana)).GetProperty("status").GetString().ShouldBe("NotInvited");
    }

    private static OutreachSent Sent(Guid campaign, Guid creator) => new()
    {
        OrganizationId = "aurora",
        OutreachId = Guid.NewGuid(),
        DeliveryId = Guid.NewGuid(),
        CampaignId = campaign,
        CreatorId = creator,
        Template = "ttcm-invite-link",
        Audience = "MarketplaceInvitee",
        Sequence = 2,
        OccurredAt = DateTimeOffset.UtcNow,
    };

    private async Task<long> Taken(Guid[] messages)
    {
        await using var source = NpgsqlDataSource.Create(Scene.Host.Database);
        await using var command = source.CreateCommand("select count(*) from connections.inbox where message_id = any($1)");
        command.Parameters.Add(new() { Value = messages });
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
