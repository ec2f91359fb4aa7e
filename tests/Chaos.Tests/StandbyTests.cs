using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Npgsql;
using Testing;

namespace Chaos.Tests;

/// <summary>Campaign on a PostgreSQL with a synchronous standby, whose primary loses its power.</summary>
public sealed class StandbyTests(ITestOutputHelper output)
{
    private const string Organization = "aurora";
    private const int Before = 60;

    [Fact]
    public async Task What_was_acknowledged_survives_the_primary_and_the_service_goes_on_with_the_standby()
    {
        await using var servers = await PrivatePostgresPair.Launch();
        var database = await servers.CreateDatabase("campaign");
        await using var campaign = new ServiceHost<Campaigns.Campaign>("campaign", database, await BackingServices.CreateVirtualHost("chaos"));
        await Eventually.Get(async () => (await campaign.CreateClient().GetAsync("/health")).StatusCode, status => status is HttpStatusCode.OK, within: TimeSpan.FromSeconds(60));
        var client = campaign.As(Organization, "campaigns.write", "campaigns.read");
        using var over = new CancellationTokenSource();
        var (acknowledged, refused) = (0, 0);
        var registering = Register(over.Token);

        await Eventually.Get(() => Volatile.Read(ref acknowledged), count => count >= Before);
        await servers.FailOver();
        var then = Volatile.Read(ref acknowledged);
        await Eventually.Get(() => Volatile.Read(ref acknowledged), count => count >= then + Before, within: TimeSpan.FromSeconds(60));
        await over.CancelAsync();
        var creators = await registering;

        // All that a client was told is there, and the views have come to it: the projection goes on where it was.
        output.WriteLine($"{creators.Count} acknowledged, {refused} refused while there was no primary");
        creators.Except(await Ids()).ShouldBeEmpty();
        await Eventually.Get(Shown, shown => shown >= creators.Count, within: TimeSpan.FromSeconds(60));
        (await Shown()).ShouldBe((await Ids()).Count);

        async Task<IReadOnlyList<Guid>> Register(CancellationToken until)
        {
            var registered = new List<Guid>();
            while (!until.IsCancellationRequested)
            {
                using var answer = await client.PostAsJsonAsync("/v1/creators", new { name = $"Creator {registered.Count}", email = $"{Guid.NewGuid():N}@example.com", locale = "en" }, CancellationToken.None);
                if (answer.StatusCode is HttpStatusCode.Created)
                {
                    registered.Add((await answer.Content.ReadFromJsonAsync<JsonElement>(CancellationToken.None)).GetProperty("id").GetGuid());
                    Interlocked.Increment(ref acknowledged);
                }
                else
                {
                    ((int)answer.StatusCode).ShouldBeGreaterThanOrEqualTo(500);
                    refused++;
                }
            }

            return registered;
        }

        async Task<long> Shown() => (await client.GetFromJsonAsync<JsonElement>("/v1/organization/dashboard")).GetProperty("creators").GetInt64();

        async Task<IReadOnlyList<Guid>> Ids()
        {
            await using var source = new NpgsqlDataSourceBuilder(database).Build();
            await using var command = source.CreateCommand("select array_agg(stream_id) from campaign.mt_events where type = 'creator_admitted'");
            return (Guid[])(await command.ExecuteScalarAsync())!;
        }
    }
}
