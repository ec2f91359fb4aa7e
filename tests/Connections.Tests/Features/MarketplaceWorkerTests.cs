using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using CreatorConnections.Contracts.Campaigns;
using Shouldly;
using Testing;
using Xunit;

namespace Connections.Tests.Features;

/// <summary>What happens by the clock. Each test has a marketplace of its own: its faults and its calls are counted.</summary>
public sealed class MarketplaceWorkerTests
{
    private static readonly (string, string)[] Quick = [("Platforms:TikTokBusiness:CheckEvery", "00:00:00.500"), ("Platforms:TikTokBusiness:CheckInvitedEvery", "00:00:00.500")];

    [Fact]
    public async Task Changes_at_the_platform_are_noticed_in_turn_and_each_is_told_once()
    {
        await using var scene = await MarketplaceScene.Start(Quick);
        var (creator, handle) = await scene.Creator();

        await scene.Control(handle, new { membership = "Joined" });
        await scene.Status(creator, "Joined");
        await scene.Control(handle, new { membership = "NotIn" });
        await scene.Status(creator, "NotInvited");

        var looked = (await scene.View(creator)).GetProperty("lastCheckedAt").GetDateTimeOffset();
        await Eventually.Get(() => scene.View(creator), view => view.GetProperty("lastCheckedAt").GetDateTimeOffset() > looked);
        await Eventually.Get(() => scene.Told(creator), told => told.SequenceEqual([(null, "NotInvited", ""), ("NotInvited", "Joined", ""), ("Joined", "NotInvited", "")]));
    }

    [Fact]
    public async Task An_invitation_that_nobody_answers_expires_and_a_late_answer_still_counts()
    {
        await using var scene = await MarketplaceScene.Start([.. Quick, ("Platforms:TikTokBusiness:InviteLifetime", "00:00:02")]);
        var (creator, handle) = await scene.Creator();
        await scene.Post($"/v1/creators/{creator}/marketplace/invitations");

        var expired = await scene.Status(creator, "InviteExpired");
        await scene.Control(handle, new { membership = "Joined" });
        await scene.Status(creator, "Joined");

        (expired.GetProperty("colour").GetString(), expired.GetProperty("nextAction").GetString()).ShouldBe(("red", "Invite the creator again"));
        await Eventually.Get(
            () => scene.Told(creator),
            told => told.SequenceEqual([(null, "NotInvited", ""), ("NotInvited", "Invited", ""), ("Invited", "InviteExpired", ""), ("InviteExpired", "Joined", "")]));
    }

    [Fact]
    public async Task Throttling_and_faults_change_no_status_and_pass()
    {
        await using var scene = await MarketplaceScene.Start(Quick);
        foreach (var (code, calls) in ((int, int)[])[(40100, 1), (50000, 3), (60001, 2)])
        {
            var (creator, handle) = await scene.Creator(standing: new { membership = "Joined" }, until: "Joined");
            await scene.Fail(calls, code, "/status/get/");
            await scene.Control(handle, new { membership = "NotIn" });

            await scene.Status(creator, "NotInvited");

            await Eventually.Get(() => scene.Told(creator), told => told.SequenceEqual([(null, "Joined", ""), ("Joined", "NotInvited", "")]));
            (await scene.Host.Simulator.GetFromJsonAsync<JsonElement>("/control/marketplace")).GetProperty("settings").GetProperty("fault").ValueKind.ShouldBe(JsonValueKind.Null);
        }
    }

    [Fact]
    public async Task A_refused_token_rings_at_the_operators_and_at_no_creators()
    {
        await using var scene = await MarketplaceScene.Start(Quick);
        var (creator, _) = await scene.Creator(standing: new { membership = "Joined" }, until: "Joined");
        (await Health(scene)).ShouldBe("Healthy");

        await scene.Fail(1000, 40105);

        await Eventually.Get(() => Health(scene), health => health == "Degraded");
        (await scene.View(creator)).GetProperty("status").GetString().ShouldBe("Joined");
    }

    [Fact]
    public async Task A_code_about_one_of_many_is_narrowed_down_to_that_one()
    {
        await using var scene = await MarketplaceScene.Start();
        var creators = new List<Guid>();
        for (var i = 0; i < 6; i++)
        {
            creators.Add((await scene.Creator(standing: new { membership = "Joined" }, until: null, since: Later)).Creator);
        }

        // A batch of six, its first half of three, two of those, and the first of the two: four refusals lead to one creator.
        await Eventually.Get(() => Known(scene), known => known == 6);
        await scene.Fail(4, 40122, "/status/get/");
        await Due(scene);

        var views = await Eventually.Get(() => Task.WhenAll(creators.Select(creator => scene.View(creator))), views => views.All(view => view.GetProperty("status").ValueKind is JsonValueKind.String));
        views.Select(view => view.GetProperty("status").GetString()).Order().ShouldBe(["Joined", "Joined", "Joined", "Joined", "Joined", "NotEligible"]);
    }

    [Fact]
    public async Task Replicas_share_the_work_and_ask_in_batches_about_each_creator_once()
    {
        await using var scene = await MarketplaceScene.Start();
        await using var replica = scene.Host.Replica();
        var creators = new List<(Guid Creator, string Handle)>();
        for (var i = 0; i < 60; i++)
        {
            var (id, handle) = (Guid.CreateVersion7(), $"r{Guid.NewGuid():N}"[..20]);
            scene.Campaign.Know(i % 2 == 0 ? "aurora" : "borealis", id, handle);
            await scene.Host.Bus.Say(new CreatorRegistered { OrganizationId = i % 2 == 0 ? "aurora" : "borealis", CreatorId = id, Sequence = 1, OccurredAt = Later });
            creators.Add((id, handle));
        }

        await Eventually.Get(() => Known(scene), known => known == 60);
        await Due(scene);

        await Eventually.Get(() => scene.Stored("select count(*)::text from connections.marketplace_check where outcome = 'answered'"), answered => answered == "60");
        foreach (var (_, handle) in creators)
        {
            (await scene.Calls(handle)).ShouldBe(1, handle);
        }

        (await scene.Calls("/status/get/")).ShouldBeInRange(3, 12);
    }

    [Fact]
    public async Task Without_a_marketplace_account_the_routes_say_so_health_is_fine_and_nobody_is_asked()
    {
        await using var host = await HubHost.Start();
        var creator = await host.Creator();
        using var client = host.As("aurora", "connections.read", "connections.write");

        var answers = new[]
        {
            await client.GetAsync($"/v1/creators/{creator}/marketplace"),
            await client.GetAsync($"/v1/creators/{creator}/marketplace/history"),
            await client.PostAsync($"/v1/creators/{creator}/marketplace/check", null),
            await client.PostAsync($"/v1/creators/{creator}/marketplace/invitations", null),
        };

        foreach (var answer in answers)
        {
            (answer.StatusCode, (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString()).ShouldBe((HttpStatusCode.Conflict, "marketplace.not-configured"));
        }

        var health = await Eventually.Get(() => client.GetFromJsonAsync<JsonElement>("/health"), health => health.GetProperty("status").GetString() == "Healthy");
        health.GetProperty("checks").TryGetProperty("marketplace", out _).ShouldBeFalse();
        (await host.Simulator.GetFromJsonAsync<JsonElement>("/control/marketplace/calls")).GetProperty("items").GetArrayLength().ShouldBe(0);
    }

    // Due when it is over: nobody is looked at before the test says so.
    private static DateTimeOffset Later => DateTimeOffset.UtcNow.AddHours(1);

    private static Task<string> Due(MarketplaceScene scene) => scene.Stored("with moved as (update connections.marketplace_check set due_at = now() - interval '1 second' returning 1) select count(*)::text from moved");

    private static async Task<int> Known(MarketplaceScene scene) => int.Parse(await scene.Stored("select count(*)::text from connections.marketplace_check"), null);

    private static async Task<string?> Health(MarketplaceScene scene)
    {
        using var client = scene.Client();
        var health = await (await client.GetAsync("/health")).Content.ReadFromJsonAsync<JsonElement>();
        return health.GetProperty("checks").GetProperty("marketplace").GetString();
    }
}
