using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using CreatorConnections.Contracts.Campaigns;
using EventSourcing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Outreach.Tests.Features;

/// <summary>An organization of its own with a campaign and creators, told to the service by messages as in life.</summary>
public sealed class Scene
{
    public const string Everything = "outreach.read outreach.send outreach.manage";
    private static readonly DateTimeOffset At = DateTimeOffset.UtcNow;
    private readonly Surroundings surroundings;
    private readonly Replica replica;

    private Scene(Surroundings surroundings, Replica replica)
    {
        (this.surroundings, this.replica) = (surroundings, replica);
    }

    public string Organization { get; private init; } = $"o{Guid.NewGuid():N}"[..20];

    public Guid Campaign { get; private init; } = Guid.CreateVersion7();

    public List<Guid> Creators { get; private init; } = [];

    public HttpClient Http => field ??= Client(Everything);

    public Postbox Postbox => surroundings.Postbox;

    public Neighbours Neighbours => surroundings.Neighbours;

    public static Task<Scene> Of(Service service, int creators, params string[] required) => Of(service.Surroundings, service.Replica, creators, required);

    public static async Task<Scene> Of(Surroundings surroundings, Replica replica, int creators, params string[] required)
    {
        var scene = new Scene(surroundings, replica);
        await scene.Publish(new OrganizationNamed { OrganizationId = scene.Organization, Name = "Aurora Collective", Sequence = 1, OccurredAt = At });
        await scene.Publish(new CampaignCreated
        {
            OrganizationId = scene.Organization,
            CampaignId = scene.Campaign,
            Name = "Summer",
            StartsOn = new(2026, 5, 1),
            EndsOn = new(2026, 6, 1),
            RequiredConnections = required.Length == 0 ? ["InstagramInsights"] : required,
            Sequence = 1,
            OccurredAt = At,
        });
        for (var i = 0; i < creators; i++)
        {
            var creator = Guid.CreateVersion7();
            scene.Creators.Add(creator);
            scene.Neighbours.Know(scene.Organization, new(creator, $"Ana{i} Lima", scene.AddressOf(creator), "en-GB"));
            await scene.Publish(new CreatorRegistered { OrganizationId = scene.Organization, CreatorId = creator, Sequence = 1, OccurredAt = At });
            await scene.Publish(new CreatorAddedToCampaign
            {
                OrganizationId = scene.Organization,
                CampaignId = scene.Campaign,
                CreatorId = creator,
                Sequence = 1,
                OccurredAt = At,
            });
        }

        await scene.Until(async () => await scene.Load<KnownOrganization>(KnownOrganization.IdOf(scene.Organization)) is not null);
        await scene.Until(async () => await scene.Load<KnownCampaign>(scene.Campaign) is not null);
        foreach (var creator in scene.Creators)
        {
            await scene.Until(async () => await scene.Load<KnownCreator>(creator) is not null);
            await scene.Until(async () => await scene.Load<RosterPlace>(RosterPlace.IdOf(scene.Organization, scene.Campaign, creator)) is not null);
        }

        return scene;
    }

    /// <summary>The same organization, asked at another replica.</summary>
    public Scene On(Replica other) => new(surroundings, other) { Organization = Organization, Campaign = Campaign, Creators = Creators };

    public string AddressOf(Guid creator) => $"{creator:N}@{Organization}.example";

    public HttpClient Client(string scope, string? organization = null)
    {
        var client = replica.CreateClient();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Neighbours.Token(organization ?? Organization, scope));
        return client;
    }

    public Task Publish(object message, Guid? id = null) => replica.Publish(message, id);

    public async Task<T?> Load<T>(Guid id)
        where T : class, IStreamState<T>
    {
        await using var session = replica.Services.GetRequiredService<StreamSessions>().For(Organization);
        return await session.Load<T>(id, TestContext.Current.CancellationToken);
    }

    public async Task<IReadOnlyList<object>> Events(Guid id)
    {
        await using var session = replica.Services.GetRequiredService<StreamSessions>().For(Organization);
        return [.. (await session.Query.Events.FetchStreamAsync(id)).Select(stored => stored.Data)];
    }

    public Task<IReadOnlyList<object>> DeliveryEvents(Guid creator, string template = "creator-hub-invitation") =>
        Events(Delivery.IdOf(Recipient.Of(Guid.Empty, Campaign, creator, template)));

    public object Body(IEnumerable<Guid>? creators = null, string template = "creator-hub-invitation") =>
        new { campaignId = Campaign, template, creatorIds = creators ?? Creators };

    public Task<HttpResponseMessage> Post(object body, string? key, HttpClient? http = null) => Post("/v1/outreach", JsonContent.Create(body), key, http);

    public async Task<HttpResponseMessage> Post(string path, HttpContent body, string? key = null, HttpClient? http = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = body };
        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        return await (http ?? Http).SendAsync(request);
    }

    /// <summary>Sends, waits until everybody has a verdict, and answers the outreach.</summary>
    public async Task<Guid> SendAndFinish(IEnumerable<Guid>? creators = null, string template = "creator-hub-invitation")
    {
        var id = await Send(creators, template);
        await Finish(id);
        return id;
    }

    /// <summary>Sends at a replica in a process of its own.</summary>
    public async Task<Guid> SendTo(Uri address)
    {
        using var client = new HttpClient { BaseAddress = address };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Neighbours.Token(Organization, Everything));
        return (await Json(await Post(Body(), Guid.NewGuid().ToString(), client))).GetProperty("id").GetGuid();
    }

    public async Task<Guid> Send(IEnumerable<Guid>? creators = null, string template = "creator-hub-invitation")
    {
        var response = await Post(Body(creators, template), Guid.NewGuid().ToString());
        response.StatusCode.ShouldBe(System.Net.HttpStatusCode.Accepted, await response.Content.ReadAsStringAsync());
        return (await Json(response)).GetProperty("id").GetGuid();
    }

    public Task<JsonElement> Finish(Guid outreach) =>
        Eventually.Get(() => Get($"/v1/outreach/{outreach}"), answer => answer.GetProperty("status").GetString() == "Completed", "the outreach is completed");

    public async Task<JsonElement> Get(string path) => await Json(await Http.GetAsync(path));

    public async Task<IReadOnlyDictionary<Guid, (string Verdict, string? Reason)>> Verdicts(Guid outreach) =>
        (await Get($"/v1/outreach/{outreach}/recipients?limit=500")).GetProperty("items").EnumerateArray().ToDictionary(
            item => item.GetProperty("creatorId").GetGuid(),
            item => (item.GetProperty("verdict").GetString()!, item.GetProperty("reason").GetString()));

    public async Task<(string Verdict, string? Reason)> VerdictOf(Guid outreach) =>
        (await Verdicts(outreach)).Values.ShouldHaveSingleItem();

    public Task<IReadOnlyList<JsonElement>> Published(Guid outreach, int count) =>
        Eventually.Get(() => surroundings.Published(outreach), messages => messages.Count >= count, $"{count} messages of the outreach are published");

    public Task<IReadOnlyList<JsonElement>> Published(string contract, Guid creator, int count) =>
        Eventually.Get(() => surroundings.Published(contract, creator), messages => messages.Count >= count, $"{count} messages {contract} are published");

    public static async Task<JsonElement> Json(HttpResponseMessage response) => JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.Clone();

    /// <summary>Have these messages been taken in?</summary>
    public async Task<bool> Taken(params Guid[] messages)
    {
        await using var command = replica.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(
            "select count(*) from outreach.inbox where message_id = any($1)");
        command.Parameters.Add(new() { Value = messages });
        return (long)(await command.ExecuteScalarAsync())! == messages.Length;
    }

    public Task Until(Func<Task<bool>> isSo) => Eventually.Get(isSo, so => so, "the service knows what it was told");
}
