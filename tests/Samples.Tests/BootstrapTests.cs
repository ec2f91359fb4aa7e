using System.Diagnostics;
using System.Net;
using Campaigns;
using CreatorConnections.Contracts.Campaigns;
using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Testing;

namespace Samples.Tests;

/// <summary>A subscriber that comes late: the past from the feed, the present from the broker, and a change-over in the middle of traffic.</summary>
public sealed class BootstrapTests : IAsyncLifetime
{
    private const string Organization = "aurora";
    private const int Past = 20_000;
    private const int PerSecond = 500;

    // Half a minute suffices where nothing else runs.
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(4);
    private readonly List<Sample> samples = [];
    private ServiceHost<Program> campaign = null!;
    private WebApplication authority = null!;
    private PlainAmqp bus = null!;
    private string database = "";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        database = await BackingServices.CreateDatabase("campaign");
        var broker = await BackingServices.CreateVirtualHost("samples");
        bus = await PlainAmqp.Connect(broker);
        await bus.Listen(["connections", "outreach"], typeof(CreatorAddedToCampaign), typeof(CreatorRemovedFromCampaign));
        campaign = new("campaign", database, broker);
        campaign.UseKestrel(0);
        campaign.StartServer();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        authority = builder.Build();
        authority.Urls.Add("http://127.0.0.1:0");
        authority.MapPost("/connect/token", async (HttpRequest request) =>
        {
            var form = await request.ReadFormAsync();
            return form["grant_type"] == "client_credentials" && form["client_id"] == "aurora" && form["client_secret"] == "secret"
                ? Results.Ok(new { access_token = TestTokens.Of(Organization, $"{form["scope"]}"), expires_in = 3600 })
                : Results.Unauthorized();
        });
        await authority.StartAsync();
        await NodePackages.Install(Path.Combine(Sample.Root(), "samples/subscriber-node"));
        Dictionary<string, string> settings = new()
        {
            ["ORGANIZATION"] = Organization,
            ["AMQP_URL"] = broker.ToString(),
            ["FEEDS"] = campaign.ClientOptions.BaseAddress.ToString(),
            ["TOKEN_URL"] = $"{authority.Urls.Single()}/connect/token",
            ["CLIENT_ID"] = "aurora",
            ["CLIENT_SECRET"] = "secret",
        };
        samples.Add(new("subscriber-node", "node", Path.Combine(Sample.Root(), "samples/subscriber-node/subscriber.js"), settings));
        var built = Path.GetRelativePath(Path.Combine(Sample.Root(), "tests/Samples.Tests"), AppContext.BaseDirectory);
        samples.Add(new("subscriber-dotnet", "dotnet", Path.Combine(Sample.Root(), "samples/subscriber-dotnet", built, "Subscriber.dll"), settings));
    }

    public async ValueTask DisposeAsync()
    {
        samples.ForEach(sample => sample.Dispose());
        await bus.DisposeAsync();
        await campaign.DisposeAsync();
        await authority.DisposeAsync();
    }

    [Fact]
    public async Task Who_comes_after_20000_events_reads_them_changes_over_while_500_a_second_come_and_does_each_once()
    {
        foreach (var _ in Enumerable.Range(0, Past / 2000))
        {
            await Happen(2000);
        }

        // All of the past has left the broker before anybody of ours listens: only the feed can tell it.
        await Happen(4, "borealis");
        await Eventually.Get(async () => await Scalar("select last_seq_id >= (select max(seq_id) from campaign.mt_events) from campaign.mt_event_progression where name like 'IntegrationRelay%'") is true, done => done, within: Bound);

        using var enough = new CancellationTokenSource();
        var traffic = Traffic(enough.Token);
        var began = Stopwatch.GetTimestamp();
        samples.ForEach(sample => sample.Start());
        foreach (var sample in samples)
        {
            await Eventually.Get(() => sample.Effects().Count, effects => effects > 4000, within: Bound);
            sample.Kill();
            sample.Start();
        }

        await Eventually.Get(() => samples.TrueForAll(sample => sample.HasCaughtUp), all => all, within: Bound);
        var caughtUp = Stopwatch.GetElapsedTime(began);
        await Eventually.Get(() => samples.TrueForAll(sample => sample.Effects().Count(effect => effect.Source == "broker") > PerSecond), all => all, within: Bound);
        await enough.CancelAsync();
        var came = await traffic;

        var published = await Published();
        published.Count.ShouldBe(Past + came);
        foreach (var sample in samples)
        {
            var effects = await Eventually.Get(sample.Effects, effects => effects.Count >= published.Count, within: Bound);
            effects.Select(effect => effect.MessageId).ShouldBeUnique(sample.Name);
            effects.Select(effect => effect.MessageId).ToHashSet().SetEquals(published).ShouldBeTrue(sample.Name);
            effects.ShouldAllBe(effect => !effect.Late);
            effects.GroupBy(effect => effect.Subject).ShouldAllBe(subject => subject.Select(effect => effect.Sequence).SequenceEqual(subject.Select((_, place) => place + 1L)));
            TestContext.Current.TestOutputHelper?.WriteLine($"{sample.Name}: {effects.Count(e => e.Source == "feed")} from the feed, {effects.Count(e => e.Source == "broker")} from the broker");
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{Past} past, {came} while they came, caught up after {caughtUp.TotalSeconds:0.0} s, one of the kills included");
        (await campaign.CreateClient().GetAsync("/alive", Cancelled)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    /// <summary>500 a second, in ten commits, until told to stop; answers how many.</summary>
    private async Task<int> Traffic(CancellationToken enough)
    {
        using var beat = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        var came = 0;
        while (!enough.IsCancellationRequested)
        {
            came += await Happen(PerSecond / 10);
            await beat.WaitForNextTickAsync(Cancelled);
        }

        return came;
    }

    /// <summary>Creators come onto a roster and leave it again, twice each or once, in one commit.</summary>
    private async Task<int> Happen(int events, string organization = Organization)
    {
        await using var session = campaign.Services.GetRequiredService<IDocumentStore>().LightweightSession(organization);
        var planned = Guid.CreateVersion7();
        for (var left = events; left > 0;)
        {
            var (membership, creator) = (Guid.CreateVersion7(), Guid.CreateVersion7());
            object[] facts = [new JoinedRoster(membership, planned, creator), new LeftRoster(membership, planned, creator), new JoinedRoster(membership, planned, creator)];
            session.Events.StartStream(membership, facts.Take(left));
            left -= Math.Min(left, facts.Length);
        }

        await session.SaveChangesAsync(Cancelled);
        return events;
    }

    private async Task<HashSet<string>> Published()
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand($"select array_agg(id::text) from campaign.mt_events where tenant_id = '{Organization}'");
        return [.. (string[])(await command.ExecuteScalarAsync(Cancelled))!];
    }

    private async Task<object?> Scalar(string sql)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync(Cancelled);
    }
}
