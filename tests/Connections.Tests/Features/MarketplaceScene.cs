using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using CreatorConnections.Contracts.Campaigns;
using CreatorConnections.Contracts.Connections;
using Shouldly;
using Testing;

namespace Connections.Tests.Features;

/// <summary>Connections with a marketplace account, beside the simulated marketplace and a neighbour that knows handles.</summary>
public sealed class MarketplaceScene : IAsyncDisposable
{
    private MarketplaceScene(HubHost host, CampaignNeighbour campaign) => (Host, Campaign) = (host, campaign);

    public HubHost Host { get; }

    public CampaignNeighbour Campaign { get; }

    public static async Task<MarketplaceScene> Start(params (string, string)[] more)
    {
        var campaign = await CampaignNeighbour.Start();
        var host = await HubHost.Start(
            simulator =>
            [
                ("services:campaign:http:0", campaign.Address),
                ("Authentication:Authority", campaign.Address),
                ("Authentication:ClientId", "connections-service"),
                ("Authentication:ClientSecret", "secret"),
                ("Platforms:TikTok:AskForCampaignLinks", "true"),
                ("Platforms:TikTokBusiness:ApiBase", $"{simulator}tiktok/business/open_api/v1.3"),
                ("Platforms:TikTokBusiness:AppId", "tt-business-app"),
                ("Platforms:TikTokBusiness:Secret", "tt-business-secret"),
                ("Platforms:TikTokBusiness:AccessToken", "tt-brand-token"),
                ("Platforms:TikTokBusiness:TcmAccountId", "7300000000000000001"),
                ("Platforms:TikTokBusiness:LookEvery", "00:00:00.100"),
                .. more,
            ],
            typeof(ConnectionGranted),
            typeof(ConnectionInvalidated),
            typeof(MarketplaceStatusChanged));
        return new(host, campaign);
    }

    /// <summary>A creator whom Campaign knows by this handle, as the marketplace sees them; waits for the first check.</summary>
    public async Task<(Guid Creator, string Handle)> Creator(string organization = "aurora", object? standing = null, string? until = "NotInvited", DateTimeOffset? since = null)
    {
        var (id, handle) = (Guid.CreateVersion7(), $"c{Guid.NewGuid():N}"[..20]);
        await Control(handle, new { followers = 20_000, country = "ES" });
        if (standing is not null)
        {
            await Control(handle, standing);
        }

        Campaign.Know(organization, id, $"@{handle.ToUpperInvariant()}");
        await Host.Bus.Say(new CreatorRegistered { OrganizationId = organization, CreatorId = id, Sequence = 1, OccurredAt = since ?? DateTimeOffset.UtcNow });
        if (until is not null)
        {
            await Status(id, until, organization);
        }

        return (id, handle);
    }

    public async Task<Guid> NewCampaign(string organization = "aurora")
    {
        var id = Guid.CreateVersion7();
        await Host.Bus.Say(new CampaignCreated
        {
            OrganizationId = organization,
            CampaignId = id,
            Name = "Spring",
            StartsOn = new(2027, 3, 1),
            EndsOn = new(2027, 5, 1),
            RequiredConnections = ["TikTokMarketplace"],
            Sequence = 1,
            OccurredAt = DateTimeOffset.UtcNow,
        });
        using var client = Client(organization);
        await Eventually.Get(async () => (await (await client.GetAsync($"/v1/campaigns/{id}/marketplace-link")).Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString(), code => code == "marketplace-link.unknown");
        return id;
    }

    public HttpClient Client(string organization = "aurora") => Host.As(organization, "connections.read", "connections.write");

    public async Task Control(string handle, object change) => (await Host.Simulator.PutAsJsonAsync($"/control/marketplace/creators/{handle}", change)).EnsureSuccessStatusCode();

    public async Task Settings(object change) => (await Host.Simulator.PatchAsJsonAsync("/control/marketplace", change)).EnsureSuccessStatusCode();

    public async Task Fail(int calls, int code, string? path = null) => (await Host.Simulator.PostAsJsonAsync("/control/marketplace/fail", new { calls, code, path })).EnsureSuccessStatusCode();

    /// <summary>Calls that reached the simulated API, of a path or about a handle.</summary>
    public async Task<int> Calls(string containing) => (await Host.Simulator.GetFromJsonAsync<JsonElement>("/control/marketplace/calls")).GetProperty("items").EnumerateArray()
        .Count(call => $"{call.GetProperty("path").GetString()} {call.GetProperty("handles").GetString()}".Contains(containing, StringComparison.Ordinal));

    public async Task<JsonElement> View(Guid creator, string organization = "aurora")
    {
        using var client = Client(organization);
        var answer = await client.GetAsync($"/v1/creators/{creator}/marketplace");
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    /// <summary>Waits until the creator shows this status.</summary>
    public Task<JsonElement> Status(Guid creator, string status, string organization = "aurora") => Eventually.Get(
        () => View(creator, organization), view => view.TryGetProperty("status", out var shown) && shown.ValueKind is JsonValueKind.String && shown.GetString() == status);

    public async Task<(HttpStatusCode Status, JsonElement Body)> Post(string path, object? body = null, string organization = "aurora")
    {
        using var client = Client(organization);
        using var answer = await client.PostAsync(path, body is null ? null : JsonContent.Create(body));
        return (answer.StatusCode, await answer.Content.ReadFromJsonAsync<JsonElement>());
    }

    /// <summary>Asks the marketplace now: the status it leads to.</summary>
    public async Task<string?> Check(Guid creator)
    {
        var (status, body) = await Post($"/v1/creators/{creator}/marketplace/check");
        status.ShouldBe(HttpStatusCode.OK, body.ToString());
        return body.GetProperty("status").GetString();
    }

    /// <summary>What the others were told of a creator: status before and after, and the reasons.</summary>
    public IReadOnlyList<(string? From, string? To, string Reasons)> Told(Guid creator) => [.. Host.Bus.Heard<MarketplaceStatusChanged>()
        .Where(message => message.Body.GetProperty("creatorId").GetGuid() == creator)
        .DistinctBy(message => message.MessageId)
        .OrderBy(message => message.Body.GetProperty("sequence").GetInt64())
        .Select(message => (message.Body.GetProperty("previousStatus").GetString(), message.Body.GetProperty("status").GetString(), string.Join(' ', message.Body.GetProperty("reasons").EnumerateArray())))];

    public async Task<string> Stored(string what)
    {
        await using var source = Npgsql.NpgsqlDataSource.Create(Host.Database);
        await using var command = source.CreateCommand(what);
        return (string)(await command.ExecuteScalarAsync())!;
    }

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        await Campaign.DisposeAsync();
    }
}
