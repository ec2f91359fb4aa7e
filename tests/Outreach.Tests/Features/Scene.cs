using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using CreatorConnections.Contracts.Campaigns;
using EventSourcing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Testing;

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

    public ShiftedClock Clock => replica.Clock;

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
            EndsOn = DateOnly.FromDateTime(At.UtcDateTime.AddDays(30)),
            RequiredConnections = required.Length == 0 ? ["InstagramInsights"] : required,
            Sequence = 1,
            OccurredAt = At,
        });
        var told = new List<Guid>();
        foreach (var chunk in Enumerable.Range(0, creators).Chunk(500))
        {
            var publishing = new List<Task>();
            foreach (var i in chunk)
            {
                var creator = Guid.CreateVersion7();
                scene.Creators.Add(creator);
                scene.Neighbours.Know(scene.Organization, new(creator, $"Ana{i} Lima", scene.AddressOf(creator), "en-GB"));
                publishing.Add(Tell(new CreatorRegistered { OrganizationId = scene.Organization, CreatorId = creator, Sequence = 1, OccurredAt = At }));
                publishing.Add(Tell(new CreatorAddedToCampaign
                {
                    OrganizationId = scene.Organization,
                    CampaignId = scene.Campaign,
                    CreatorId = creator,
                    Sequence = 1,
                    OccurredAt = At,
                }));
            }

            await Task.WhenAll(publishing);
        }

        await scene.Until(async () => await scene.Load<KnownOrganization>(KnownOrganization.IdOf(scene.Organization)) is not null);
        await scene.Until(async () => await scene.Load<KnownCampaign>(scene.Campaign) is not null);
        await scene.Until(() => scene.Taken([.. told]));
        return scene;

        Task Tell(object message)
        {
            told.Add(Guid.CreateVersion7());
            return scene.Publish(message, told[^1]);
        }
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

    /// <summary>Somebody without any token.</summary>
    public HttpClient Anonymous() => replica.CreateClient();

    /// <summary>One text, read where the service keeps its tables.</summary>
    public async Task<string?> Query(string sql, Guid id)
    {
        await using var command = replica.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(sql);
        command.Parameters.Add(new() { Value = id });
        return await command.ExecuteScalarAsync() as string;
    }

    /// <summary>What a crash of the database does to an unlogged table. At once and not row by row: no one else's lock is in its way.</summary>
    public async Task ForgetWhatIsUnderWay()
    {
        await using var command = replica.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand("truncate outreach.under_way");
        await command.ExecuteNonQueryAsync();
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

    /// <summary>Sends what a body of its own says.</summary>
    public async Task<Guid> SendAs(object body)
    {
        var response = await Post(body, Guid.NewGuid().ToString());
        response.StatusCode.ShouldBe(System.Net.HttpStatusCode.Accepted, await response.Content.ReadAsStringAsync());
        return (await Json(response)).GetProperty("id").GetGuid();
    }

    public async Task Steer(Guid outreach, string verb)
    {
        var response = await Post($"/v1/outreach/{outreach}/{verb}", new StringContent(""));
        response.StatusCode.ShouldBe(System.Net.HttpStatusCode.NoContent, await response.Content.ReadAsStringAsync());
    }

    public Task<JsonElement> Settled(Guid outreach) =>
        Eventually.Get(() => Get($"/v1/outreach/{outreach}"), answer => answer.GetProperty("counts").GetProperty("queued").GetInt32() == 0, "everybody has a verdict");

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

    /// <summary>However many, page by page.</summary>
    public async Task<IReadOnlyDictionary<Guid, (string Verdict, string? Reason)>> AllVerdicts(Guid outreach)
    {
        var all = new Dictionary<Guid, (string, string?)>();
        string? cursor = null;
        do
        {
            var page = await Get($"/v1/outreach/{outreach}/recipients?limit=500{(cursor is null ? "" : $"&cursor={cursor}")}");
            foreach (var item in page.GetProperty("items").EnumerateArray())
            {
                all.Add(item.GetProperty("creatorId").GetGuid(), (item.GetProperty("verdict").GetString()!, item.GetProperty("reason").GetString()));
            }

            cursor = page.GetProperty("next").GetString();
        }
        while (cursor is not null);
        return all;
    }

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

    /// <summary>Have these messages been taken in from this queue? For messages that several consumers take.</summary>
    public async Task<bool> TakenFrom(string queue, params Guid[] messages)
    {
        await using var command = replica.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(
            "select count(*) from outreach.inbox where endpoint = $1 and message_id = any($2)");
        command.Parameters.Add(new() { Value = queue });
        command.Parameters.Add(new() { Value = messages });
        return (long)(await command.ExecuteScalarAsync())! == messages.Length;
    }

    public Task Until(Func<Task<bool>> isSo) => Eventually.Get(isSo, so => so, "the service knows what it was told");
}
