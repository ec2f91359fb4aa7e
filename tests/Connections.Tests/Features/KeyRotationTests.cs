using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Connections.Platforms;
using Connections.Vault;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Shouldly;
using Testing;
using Xunit;

namespace Connections.Tests.Features;

public sealed class KeyRotationTests
{
    private static readonly (string, string) OldKey = ("TokenVault:Keys:old", KeysInMemory.NewKey());
    private static readonly (string, string) NewKey = ("TokenVault:Keys:new", KeysInMemory.NewKey());
    private static readonly (string, string)[] AtOnce = [("TokenVault:RewrapEvery", "00:00:00.100"), ("TokenVault:RewrapAfter", "00:00:00"), ("TokenVault:Key", "")];

    [Fact]
    public async Task A_new_key_takes_over_while_grants_go_on_and_afterwards_the_old_one_is_needed_no_more()
    {
        await using var host = await HubHost.StartWith([OldKey, NewKey, Active("old"), ("TokenVault:Key", "")]);
        var granted = new ConcurrentDictionary<Guid, TokenSet>();
        using var enough = new CancellationTokenSource();
        var granting = Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(async () =>
        {
            while (!enough.IsCancellationRequested)
            {
                var (creator, tokens) = (Guid.CreateVersion7(), VaultDatabase.NewTokens());
                await host.Services.Grant(creator, tokens);
                granted[creator] = tokens;
            }
        })));
        await Eventually.Get(() => granted.Count, count => count > 100);

        await using var updated = host.Replica([OldKey, NewKey, Active("new"), .. AtOnce]);
        var before = granted.Count;
        await Eventually.Get(() => VaultDatabase.Count(host.Keys, "vault.creator_key where key_id = 'new'"), count => count >= before);
        await Eventually.Get(() => granted.Count, count => count > before + 100);
        await enough.CancelAsync();
        await granting;
        await Eventually.Get(() => updated.Services.GetRequiredService<KeyCensus>().Take(default), others => others.Count == 0);

        await using var afterwards = host.Replica([NewKey, .. AtOnce]);
        foreach (var (creator, tokens) in granted)
        {
            (await afterwards.Services.Open(creator, Connection.IdOf("aurora", creator, "youtube"))).ShouldBe(tokens);
        }
    }

    [Fact]
    public async Task Two_replicas_at_once_wrap_each_key_anew_exactly_once()
    {
        await using var transit = await TransitServer.Start();
        await using var host = await HubHost.StartWith([.. transit.Settings(), ("TokenVault:RewrapEvery", "1.00:00:00")]);
        var granted = Enumerable.Range(0, 300).ToDictionary(_ => Guid.CreateVersion7(), _ => VaultDatabase.NewTokens());
        foreach (var (creator, tokens) in granted)
        {
            await host.Services.Grant(creator, tokens);
        }

        transit.Rotate();
        await using var one = host.Replica([.. transit.Settings(), .. AtOnce[..2]]);
        await using var two = host.Replica([.. transit.Settings(), .. AtOnce[..2]]);
        await Eventually.Get(() => one.Services.GetRequiredService<KeyCensus>().Take(default), others => others.Count == 0);

        transit.Rewraps.Count.ShouldBe(300);
        transit.Rewraps.Values.ShouldAllBe(times => times == 1);
        (await VaultDatabase.Count(host.Keys, "vault.creator_key where key_id = 'transit:creators:v2' and encode(wrapped, 'escape') like 'vault:v2:%'")).ShouldBe(300);
        foreach (var (creator, tokens) in granted.Take(20))
        {
            (await two.Services.Open(creator, Connection.IdOf("aurora", creator, "youtube"))).ShouldBe(tokens);
        }
    }

    [Fact]
    public async Task A_key_that_was_destroyed_while_it_was_wrapped_anew_stays_destroyed()
    {
        var (keys, creator) = (await BackingServices.CreateDatabase("keys"), Guid.CreateVersion7());
        await using var nowhere = NpgsqlDataSource.Create(keys);
        await using var store = new KeyStore(keys, nowhere, TimeProvider.System);
        await store.Migrate(default);
        await store.Add("aurora", creator, 0, new("old", [1, 2]), default);
        var leased = (await store.Lease("old", DateTimeOffset.UtcNow, TimeSpan.FromMinutes(1), 10, default)).ShouldHaveSingleItem();
        (await store.Lease("old", DateTimeOffset.UtcNow, TimeSpan.FromMinutes(1), 10, default)).ShouldBeEmpty();

        await store.Destroy("aurora", creator, 0, default);
        await store.Destroy("aurora", creator, 0, default);

        (await store.Replace(leased, new("new", [1, 2, 3]), default)).ShouldBeFalse();
        (await store.Add("aurora", creator, 0, new("new", [1, 2, 3]), default)).Wrapped.ShouldBeNull();
        (await VaultDatabase.KeyOf(keys, creator, 0)).ShouldBe("destroyed");
    }

    [Fact]
    public async Task A_key_that_the_settings_lack_raises_an_alarm_and_leaves_the_connection_as_it_is()
    {
        await using var host = await HubHost.StartWith([NewKey, ("TokenVault:Key", ""), ("TokenVault:CacheFor", "00:00:00")]);
        var creator = await host.Creator();
        var handle = $"lia.{creator:N}"[..30];
        await host.Connect(creator, "youtube", handle);
        var id = Connection.IdOf("aurora", creator, "youtube");
        var (events, stored) = (await Events(host, id), (await host.Services.Tokens(id))!);
        await VaultDatabase.Run(host.Keys, "update vault.creator_key set key_id = 'forgotten'");

        using var browser = await host.Visit(creator);
        using var response = await browser.GetAsync(await HubHost.Answer(browser, await HubHost.PressConnect(browser, "youtube"), handle));

        (response.StatusCode, response.Headers.RetryAfter is null).ShouldBe((HttpStatusCode.ServiceUnavailable, false));
        (await host.StatusOf(creator, "youtube")).ShouldBe("Connected");
        (await Events(host, id)).ShouldBe(events);
        (await host.Services.Tokens(id))!.Ciphertext.ShouldBe(stored.Ciphertext);
        (await Should.ThrowAsync<TokenVaultException>(() => host.Services.Open(creator, id))).Message.ShouldContain("forgotten");
        await Eventually.Get(() => VaultHealth(host), health => health == "Degraded");

        await VaultDatabase.Run(host.Keys, "update vault.creator_key set key_id = 'new'");
        (await host.Services.Open(creator, id)).RefreshToken.ShouldNotBeNull();
        (await VaultHealth(host)).ShouldBe("Healthy");
    }

    [Fact]
    public async Task Replicas_that_start_at_once_make_the_key_store_once()
    {
        var keys = await BackingServices.CreateDatabase("keys");
        await using var nowhere = NpgsqlDataSource.Create(keys);
        var stores = Enumerable.Range(0, 8).Select(_ => new KeyStore(keys, nowhere, TimeProvider.System)).ToArray();

        await Task.WhenAll(stores.Select(store => store.Migrate(default)));

        var creator = Guid.CreateVersion7();
        var kept = await Task.WhenAll(stores.Select((store, n) => store.Add("aurora", creator, 0, new("kek", [(byte)n]), default)));
        kept.Select(key => key.Wrapped!.Bytes.Single()).Distinct().Count().ShouldBe(1);
        foreach (var store in stores)
        {
            await store.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_key_store_in_the_database_of_the_streams_is_refused_at_the_start()
    {
        var database = await BackingServices.CreateDatabase("connections");
        await using var host = new ServiceHost<Connection>("connections", database, new Uri("amqp://localhost"), ("ConnectionStrings:keys", database));

        Should.Throw<InvalidOperationException>(() => host.Services).Message.ShouldContain("Keys need another one");
    }

    private static (string, string) Active(string key) => ("TokenVault:ActiveKeyId", key);

    private static Task<long> Events(HubHost host, Guid id) => VaultDatabase.Count(host.Database, "connections.mt_events where stream_id = $1 and type = 'access_granted'", id);

    private static async Task<string?> VaultHealth(HubHost host)
    {
        using var client = new HttpClient { BaseAddress = host.Hub };
        return (await client.GetFromJsonAsync<JsonElement>("/health")).GetProperty("checks").GetProperty("token-vault").GetString();
    }
}
