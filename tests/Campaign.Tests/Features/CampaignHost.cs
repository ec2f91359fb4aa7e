using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using CreatorConnections.Contracts.Campaigns;
using CreatorConnections.Contracts.Connections;
using CreatorConnections.Contracts.Outreach;
using Npgsql;
using Shouldly;
using Testing;

namespace Campaigns.Tests.Features;

/// <summary>Campaign on servers of its own, with a plain AMQP client in the place of the other services. Every test takes a new organization.</summary>
public sealed class CampaignHost : IAsyncLifetime
{
    public static readonly string[] Everything = ["campaigns.read", "campaigns.write", "contacts.read"];
    private static int organizations;
    private string database = "";

    public ServiceHost<Program> Host { get; private set; } = null!;

    public PlainAmqp Bus { get; private set; } = null!;

    public static string NewOrganization() => $"aurora-{Interlocked.Increment(ref organizations)}";

    public HttpClient As(string organization) => Host.As(organization, Everything);

    public async ValueTask InitializeAsync()
    {
        database = await BackingServices.CreateDatabase("campaign");
        var broker = await BackingServices.CreateVirtualHost("campaign");
        Bus = await PlainAmqp.Connect(broker);
        await Bus.Listen(
            ["connections", "outreach"],
            typeof(OrganizationNamed), typeof(CreatorRegistered), typeof(CampaignCreated), typeof(CreatorAddedToCampaign), typeof(CreatorRemovedFromCampaign),
            typeof(OrganizationConnectionsConfigured), typeof(CampaignConnectionsConfigured));
        Host = new("campaign", database, broker);
        _ = Host.Server;

        // The exchanges of the messages it consumes are its own to declare: speak to it only once they are there.
        await Eventually.Get(async () => (await Host.CreateClient().GetAsync("/health")).StatusCode, status => status is HttpStatusCode.OK);
    }

    public async ValueTask DisposeAsync()
    {
        await Bus.DisposeAsync();
        await Host.DisposeAsync();
    }

    /// <summary>Has the views rebuilt and waits for it.</summary>
    public async Task<JsonElement> Rebuild()
    {
        var operations = Host.As(NewOrganization(), "ops");
        (await operations.PostAsync("/v1/operations/campaign-views/rebuild", null)).StatusCode.ShouldBe(HttpStatusCode.Accepted);
        var after = await Eventually.Get(() => operations.Json("/v1/operations/campaign-views"), shown => shown.GetProperty("rebuild").GetProperty("state").GetString() != "Running");
        after.GetProperty("rebuild").GetProperty("state").GetString().ShouldBe("Done");
        return after;
    }

    /// <summary>The types of an organization's events, oldest first. The store marks numbers that a failed commit left unused; those are no events.</summary>
    public async Task<IReadOnlyList<string>> Stored(string organization)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand("select type from campaign.mt_events where tenant_id = $1 and type <> 'tombstone' order by seq_id");
        command.Parameters.AddWithValue(organization);
        await using var reader = await command.ExecuteReaderAsync();
        var types = new List<string>();
        while (await reader.ReadAsync())
        {
            types.Add(reader.GetString(0));
        }

        return types;
    }

    /// <summary>Runs a statement in the service's database.</summary>
    public async Task Sql(string statement)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand(statement);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Everything the store holds of an organization's events, as text.</summary>
    public async Task<string> StoredText(string organization)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand(
            "select coalesce(string_agg(data::text || coalesce(headers::text, ''), ' '), '') from campaign.mt_events where tenant_id = $1");
        command.Parameters.AddWithValue(organization);
        return (string)(await command.ExecuteScalarAsync())!;
    }
}

[CollectionDefinition(nameof(CampaignHost))]
public sealed class CampaignCollection : ICollectionFixture<CampaignHost>;

/// <summary>What the tests say to the API, and the news of other services.</summary>
internal static class Conversation
{
    public static async Task<Guid> Register(this HttpClient client, string name, string? email = null, object? handles = null)
    {
        var answer = await client.PostAsJsonAsync("/v1/creators", new { name, email = email ?? $"{Guid.NewGuid():N}@example.com", locale = "en", handles });
        answer.StatusCode.ShouldBe(HttpStatusCode.Created);
        return (await answer.Json()).GetProperty("id").GetGuid();
    }

    public static async Task<Guid> Plan(this HttpClient client, string name, params string[] required)
    {
        var answer = await client.PostPlan(name, "2027-03-01", required);
        answer.StatusCode.ShouldBe(HttpStatusCode.Created);
        return (await answer.Json()).GetProperty("id").GetGuid();
    }

    public static Task<HttpResponseMessage> PostPlan(this HttpClient client, string name, string startsOn, params string[] requiredConnections) =>
        client.PostAsJsonAsync("/v1/campaigns", new { name, startsOn, endsOn = "2027-12-31", requiredConnections });

    /// <summary>Puts creators on a roster and waits until the views show them.</summary>
    public static async Task Enlist(this HttpClient client, Guid campaign, params Guid[] creators)
    {
        var before = (await client.Json($"/v1/campaigns/{campaign}")).GetProperty("creators").GetInt64();
        (await client.PostAsJsonAsync($"/v1/campaigns/{campaign}/creators", new { creatorIds = creators })).StatusCode.ShouldBe(HttpStatusCode.OK);
        await Eventually.Get(() => client.Json($"/v1/campaigns/{campaign}"), shown => shown.GetProperty("creators").GetInt64() == before + creators.Length);
    }

    public static async Task<JsonElement> Json(this HttpClient client, string address)
    {
        var answer = await client.GetAsync(address);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, address);
        return await answer.Json();
    }

    public static async Task<JsonElement> Json(this HttpResponseMessage answer) => (await answer.Content.ReadFromJsonAsync<JsonElement>())!;

    /// <summary>The answer refuses one value of the request.</summary>
    public static async Task ShouldBeInvalid(this HttpResponseMessage answer, string code, string field) =>
        (await answer.ShouldBeProblem(HttpStatusCode.UnprocessableEntity, code)).ShouldBe([field]);

    /// <summary>The answer is a problem document with this status and code; the fields it names.</summary>
    public static async Task<IReadOnlyList<string>> ShouldBeProblem(this HttpResponseMessage answer, HttpStatusCode status, string code)
    {
        var problem = await answer.Json();
        (answer.StatusCode, problem.GetProperty("code").GetString()).ShouldBe((status, code));
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        problem.GetProperty("detail").GetString().ShouldNotBeNullOrWhiteSpace();
        problem.GetProperty("traceId").GetString().ShouldNotBeNullOrWhiteSpace();
        return problem.TryGetProperty("errors", out var errors) ? [.. errors.EnumerateObject().Select(error => error.Name)] : [];
    }

    public static string?[] Texts(this JsonElement list, string property) => [.. list.EnumerateArray().Select(item => item.GetProperty(property).GetString())];

    public static ConnectionGranted Granted(string organization, Guid connection, Guid creator, long sequence, string platform = "instagram") => new()
    {
        OrganizationId = organization,
        ConnectionId = connection,
        CreatorId = creator,
        Platform = platform,
        AccountId = "17841400000000000",
        Scopes = ["instagram_business_basic"],
        Sequence = sequence,
        OccurredAt = At(sequence),
    };

    public static ConnectionInvalidated Invalidated(string organization, Guid connection, Guid creator, long sequence, string reason = "Revoked") => new()
    {
        OrganizationId = organization,
        ConnectionId = connection,
        CreatorId = creator,
        Platform = "instagram",
        Reason = reason,
        Confidence = "confirmed",
        Sequence = sequence,
        OccurredAt = At(sequence),
    };

    public static ConnectionExpired Expired(string organization, Guid connection, Guid creator, long sequence, string platform = "instagram") => new()
    {
        OrganizationId = organization,
        ConnectionId = connection,
        CreatorId = creator,
        Platform = platform,
        ExpiredAt = At(sequence).AddMinutes(-5),
        Sequence = sequence,
        OccurredAt = At(sequence),
    };

    public static MarketplaceStatusChanged Marketplace(string organization, Guid standing, Guid creator, long sequence, string status) => new()
    {
        OrganizationId = organization,
        StandingId = standing,
        CreatorId = creator,
        Status = status,
        Reasons = [],
        Confidence = "confirmed",
        Sequence = sequence,
        OccurredAt = At(sequence),
    };

    public static OutreachSent Sent(
        string organization, Guid outreach, Guid campaign, Guid creator, DateTimeOffset at, string template = "creator-hub-invitation") => new()
        {
            OrganizationId = organization,
            OutreachId = outreach,
            DeliveryId = Guid.NewGuid(),
            CampaignId = campaign,
            CreatorId = creator,
            Template = template,
            Sequence = 2,
            OccurredAt = at,
        };

    public static ConnectionExpiring Expiring(string organization, Guid connection, Guid creator, long sequence, DateTimeOffset end) => new()
    {
        OrganizationId = organization,
        ConnectionId = connection,
        CreatorId = creator,
        Platform = "instagram",
        ExpiresAt = end,
        Days = 7,
        Sequence = sequence,
        OccurredAt = At(sequence),
    };

    public static ConnectionRenewed Renewed(string organization, Guid connection, Guid creator, long sequence) => new()
    {
        OrganizationId = organization,
        ConnectionId = connection,
        CreatorId = creator,
        Platform = "instagram",
        Scopes = ["instagram_business_basic"],
        Sequence = sequence,
        OccurredAt = At(sequence),
    };

    public static InsightsCollected Collected(string organization, Guid connection, Guid creator, long sequence, DateTimeOffset at) => new()
    {
        OrganizationId = organization,
        ConnectionId = connection,
        CreatorId = creator,
        Platform = "instagram",
        Kind = "Daily",
        AccountMetrics = 12,
        ContentItems = 3,
        ContentMetrics = 9,
        Through = new(2027, 2, 28),
        Sequence = sequence,
        OccurredAt = at,
    };

    public static OutreachClicked Clicked(OutreachSent sent) => new()
    {
        OrganizationId = sent.OrganizationId,
        OutreachId = sent.OutreachId,
        DeliveryId = sent.DeliveryId,
        CampaignId = sent.CampaignId,
        CreatorId = sent.CreatorId,
        Template = sent.Template,
        InvitationId = sent.DeliveryId,
        Sequence = 1,
        OccurredAt = sent.OccurredAt.AddHours(1),
    };

    public static DateTimeOffset At(long sequence) => new DateTimeOffset(2027, 3, 1, 12, 0, 0, TimeSpan.Zero).AddHours(sequence);
}
