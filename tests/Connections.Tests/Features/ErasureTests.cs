using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Connections.Vault;
using CreatorConnections.Contracts.Connections;
using EventSourcing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Shouldly;
using Testing;
using Xunit;

namespace Connections.Tests.Features;

[Collection(nameof(HubFixture))]
public sealed class ErasureTests(HubFixture fixture)
{
    private static readonly string[] Platforms = ["instagram", "youtube", "tiktok"];

    private HubHost Host => fixture.Host;

    [Fact]
    public async Task Erasing_a_creator_ends_every_connection_takes_everything_away_and_tells_platforms_and_the_others()
    {
        var (creator, other) = (await Host.Creator(), await Host.Creator());
        foreach (var platform in Platforms)
        {
            await Host.Connect(creator, platform, Handle("uma", creator));
        }

        await Host.Connect(other, "youtube", Handle("vic", other));
        var ids = Platforms.Select(platform => Connection.IdOf("aurora", creator, platform)).ToArray();
        (await Left(ids)).ShouldBe([3, 3, 4, 5]);

        (await Erase(creator)).ShouldBe(HttpStatusCode.NoContent);

        foreach (var platform in Platforms)
        {
            var connection = await Host.ConnectionOf(creator, platform);
            (connection.GetProperty("status").GetString(), connection.GetProperty("reason").GetString(), connection.GetProperty("account").ValueKind)
                .ShouldBe(("Invalidated", "DataDeletionRequested", JsonValueKind.Null));
        }

        (await Left(ids)).ShouldBe([0, 0, 0, 0]);
        (await VaultDatabase.KeyOf(Host.Keys, creator, 0)).ShouldBe("destroyed");
        (await VaultDatabase.Count(Host.Database, "connections.erasure_due where creator_id = $1", creator)).ShouldBe(0);
        (await Host.Simulator.GetFromJsonAsync<JsonElement>($"/control/accounts/youtube/{Handle("uma", creator)}")).GetProperty("standing").GetString().ShouldBe("Revoked");
        await Eventually.Get(() => Host.Bus.Heard<ConnectionInvalidated>().Count(message => message.Body.GetProperty("creatorId").GetGuid() == creator), count => count == 3);
        (await Host.StatusOf(other, "youtube")).ShouldBe("Connected");
        (await Host.Services.Open(other, Connection.IdOf("aurora", other, "youtube"))).RefreshToken.ShouldNotBeNull();

        var events = await Events(ids);
        (await Erase(creator)).ShouldBe(HttpStatusCode.NoContent);
        (await Events(ids)).ShouldBe(events);
    }

    [Fact]
    public async Task A_copy_of_the_databases_rows_from_before_an_erasure_never_opens_again_with_every_key_encryption_key_at_hand()
    {
        var creator = await Host.Creator();
        await Host.Connect(creator, "youtube", Handle("wes", creator));
        var id = Connection.IdOf("aurora", creator, "youtube");
        var backup = $"backup_{creator:N}";
        await VaultDatabase.Run(Host.Database, $"create table {backup} as select * from connections.connection_upkeep where connection_id = '{id}'");
        (await Host.Services.Open(creator, id)).RefreshToken.ShouldNotBeNull();

        (await Erase(creator)).ShouldBe(HttpStatusCode.NoContent);
        await VaultDatabase.Run(Host.Database, $"insert into connections.connection_upkeep select * from {backup}");

        var stolen = (await Host.Services.Tokens(id))!;
        (await Should.ThrowAsync<TokenVaultException>(() => Host.Services.Open(creator, id))).Fault.ShouldBe(VaultFault.Destroyed);
        foreach (var associated in (string[])["", $"aurora/{id}", $"aurora/{creator}", $"aurora/{creator}/{id}"])
        {
            Should.Throw<CryptographicException>(() => Envelope.Decrypt(Convert.FromBase64String(HubHost.VaultKey), stolen.WrappedKey, Encoding.UTF8.GetBytes(associated)));
        }

        (await Host.Connect(creator, "youtube", Handle("wes", creator))).ShouldContain("outcome=connected");
        (await Host.Services.Tokens(id))!.Generation.ShouldBe(1);
        (await Host.Services.Open(creator, id)).RefreshToken.ShouldNotBeNull();
        var vault = Host.Services.GetRequiredService<TokenVault>();
        await Should.ThrowAsync<CryptographicException>(() => vault.Open("aurora", creator, stolen, default));
        await Should.ThrowAsync<CryptographicException>(() => vault.Open("aurora", creator, stolen with { Generation = 1 }, default));
    }

    [Fact]
    public async Task A_platforms_data_deletion_notice_destroys_the_key_and_the_creators_other_connections_live_on_under_a_new_one()
    {
        var creator = await Host.Creator();
        await Host.Connect(creator, "instagram", Handle("xia", creator));
        await Host.Connect(creator, "youtube", Handle("xia", creator));
        var (instagram, youtube) = (Connection.IdOf("aurora", creator, "instagram"), Connection.IdOf("aurora", creator, "youtube"));
        var before = await Host.Services.Open(creator, youtube);
        var stolen = (await Host.Services.Tokens(instagram))!;

        (await Host.Simulator.PostAsync($"/control/accounts/instagram/{Handle("xia", creator)}/data-deletion", null)).EnsureSuccessStatusCode();

        await Eventually.Get(() => VaultDatabase.KeyOf(Host.Keys, creator, 0), key => key == "destroyed");
        (await Host.Services.Tokens(instagram)).ShouldBeNull();

        // The key is destroyed first; whoever had it at hand forgets it then.
        await Eventually.Get(Stolen, fault => fault is VaultFault.Destroyed);
        (await Host.Services.Tokens(youtube))!.Generation.ShouldBe(1);
        (await Host.Services.Open(creator, youtube)).ShouldBe(before);
        (await Host.StatusOf(creator, "youtube")).ShouldBe("Connected");

        async Task<VaultFault?> Stolen()
        {
            try
            {
                await Host.Services.GetRequiredService<TokenVault>().Open("aurora", creator, stolen, default);
                return null;
            }
            catch (TokenVaultException refused)
            {
                return refused.Fault;
            }
        }
    }

    [Fact]
    public async Task An_erasure_whose_process_died_after_the_events_is_finished_by_a_worker()
    {
        var creator = await Host.Creator();
        var id = await Host.Services.Grant(creator, VaultDatabase.NewTokens());

        // What the endpoint commits, and then nothing more.
        await using (var session = Host.Services.GetRequiredService<StreamSessions>().For("aurora"))
        {
            await session.DecideAndSave<Connection>(
                id,
                connection => Connections.Features.EraseCreator.Decide(connection, DateTimeOffset.UtcNow),
                default,
                alongside: operations => ConnectionTables.Forget(operations, "aurora", creator, DateTimeOffset.UtcNow, id));
        }

        await Eventually.Get(() => VaultDatabase.KeyOf(Host.Keys, creator, 0), key => key == "destroyed");
        await Eventually.Get(() => VaultDatabase.Count(Host.Database, "connections.erasure_due where creator_id = $1", creator), due => due == 0);
    }

    [Fact]
    public async Task While_the_key_store_is_away_an_erasure_is_recorded_and_it_is_finished_when_the_store_is_back()
    {
        var creator = await Host.Creator();
        await Host.Connect(creator, "tiktok", Handle("yan", creator));

        await VaultDatabase.Run(Host.Keys, "alter table vault.creator_key rename to away");
        try
        {
            (await Erase(creator)).ShouldBe(HttpStatusCode.Accepted);
            (await Host.StatusOf(creator, "tiktok")).ShouldBe("Invalidated");
            (await VaultDatabase.Count(Host.Keys, "vault.away where creator_id = $1 and wrapped is not null", creator)).ShouldBe(1);
        }
        finally
        {
            await VaultDatabase.Run(Host.Keys, "alter table vault.away rename to creator_key");
        }

        // As if the time of a worker that tried in vain were over.
        await VaultDatabase.Run(Host.Database, "update connections.erasure_due set leased_until = null");
        await Eventually.Get(() => VaultDatabase.KeyOf(Host.Keys, creator, 0), key => key == "destroyed");
    }

    [Fact]
    public async Task Tokens_that_were_sealed_before_an_erasure_and_saved_after_it_are_sealed_again()
    {
        var (creator, tokens, times) = (await Host.Creator(), VaultDatabase.NewTokens(), 0);

        var id = await Host.Services.Grant(creator, tokens, async () =>
        {
            if (times++ == 0)
            {
                (await Erase(creator)).ShouldBe(HttpStatusCode.NoContent);
            }
        });

        times.ShouldBe(2);
        (await Host.Services.Tokens(id))!.Generation.ShouldBe(1);
        (await Host.Services.Open(creator, id)).ShouldBe(tokens);
    }

    [Fact]
    public async Task A_database_restored_from_before_an_erasure_brings_no_key_back_and_the_creator_can_connect_again()
    {
        var (creator, tokens) = (await Host.Creator(), VaultDatabase.NewTokens());
        var id = await Host.Services.Grant(creator, VaultDatabase.NewTokens());
        var stolen = (await Host.Services.Tokens(id))!;
        (await Erase(creator)).ShouldBe(HttpStatusCode.NoContent);
        await VaultDatabase.Run(Host.Database, "update connections.key_generation set generation = 0 where creator_id = $1", creator);

        await Host.Services.Grant(creator, tokens);

        (await Host.Services.Tokens(id))!.Generation.ShouldBe(1);
        (await Host.Services.Open(creator, id)).ShouldBe(tokens);
        (await Should.ThrowAsync<TokenVaultException>(() => Host.Services.GetRequiredService<TokenVault>().Open("aurora", creator, stolen, default))).Fault.ShouldBe(VaultFault.Destroyed);
    }

    [Fact]
    public async Task Tokens_that_are_renewed_while_another_connection_of_the_creator_is_erased_again_and_again_are_never_lost()
    {
        var creator = await Host.Creator();
        var id = await Host.Services.Grant(creator, VaultDatabase.NewTokens());
        var erased = Task.Run(async () =>
        {
            await using var session = Host.Services.GetRequiredService<StreamSessions>().For("aurora");
            var instagram = Connection.IdOf("aurora", creator, "instagram");
            for (var times = 0; times < 8; times++)
            {
                await session.DecideAndSave<Connection>(
                    instagram, _ => Decision.Nothing, default, alongside: operations => ConnectionTables.Forget(operations, "aurora", creator, DateTimeOffset.UtcNow, instagram));
                await Host.Services.GetRequiredService<Erasures>().Finish("aurora", creator, default);
            }
        });

        var last = VaultDatabase.NewTokens();
        for (var renewals = 0; renewals < 20 || !erased.IsCompleted; renewals++)
        {
            last = VaultDatabase.NewTokens();
            await Host.Services.Grant(creator, last);
            (await Host.Services.Open(creator, id)).ShouldBe(last);
        }

        await erased;
        (await Host.Services.Open(creator, id)).ShouldBe(last);
        (await VaultDatabase.KeyOf(Host.Keys, creator, 7), await VaultDatabase.KeyOf(Host.Keys, creator, 8)).ShouldBe(("destroyed", "there"));
    }

    [Fact]
    public async Task A_replica_that_still_has_the_destroyed_key_in_memory_seals_nothing_under_it()
    {
        await using var replica = Host.Replica();
        var (creator, tokens) = (await Host.Creator(), VaultDatabase.NewTokens());
        var id = await replica.Services.Grant(creator, VaultDatabase.NewTokens());
        replica.Services.GetRequiredService<KeyCache>().Find("aurora", creator, 0).ShouldNotBeNull();

        (await Erase(creator)).ShouldBe(HttpStatusCode.NoContent);
        replica.Services.GetRequiredService<KeyCache>().Find("aurora", creator, 0).ShouldNotBeNull();
        await replica.Services.Grant(creator, tokens);

        (await Host.Services.Tokens(id))!.Generation.ShouldBe(1);
        (await Host.Services.Open(creator, id)).ShouldBe(tokens);
    }

    [Fact]
    public async Task Erasing_whom_the_organization_does_not_know_or_without_the_right_to_is_refused_and_changes_nothing()
    {
        var creator = await Host.Creator();
        await Host.Connect(creator, "youtube", Handle("zoe", creator));

        (await Erase(Guid.CreateVersion7())).ShouldBe(HttpStatusCode.NotFound);
        (await Erase(creator, "borealis")).ShouldBe(HttpStatusCode.NotFound);
        (await Erase(creator, "aurora", "connections.read")).ShouldBe(HttpStatusCode.Forbidden);

        (await Host.StatusOf(creator, "youtube")).ShouldBe("Connected");
        (await VaultDatabase.KeyOf(Host.Keys, creator, 0)).ShouldBe("there");
    }

    [Fact]
    public async Task A_platforms_name_for_a_refresh_token_finds_its_connection_until_the_tokens_go()
    {
        var creator = await Host.Creator();
        await Host.Connect(creator, "youtube", Handle("abe", creator));
        var id = Connection.IdOf("aurora", creator, "youtube");
        var token = (await Host.Services.Open(creator, id)).RefreshToken!;
        var lookups = Host.Services.GetRequiredService<TokenLookups>();
        var hash = Convert.ToBase64String(SHA512.HashData(SHA512.HashData(Encoding.UTF8.GetBytes(token))));

        (await lookups.Find(TokenLookups.Prefix, token[..16], default)).ShouldContain(("aurora", id));
        (await lookups.Find(TokenLookups.DoubleHash, hash, default)).ShouldBe([("aurora", id)]);
        (await VaultDatabase.Count(Host.Database, "connections.token_lookup where value = $1 or value = $2", hash, token[..16])).ShouldBe(0);

        using var client = Host.As("aurora", "connections.write");
        (await client.PostAsync($"/v1/connections/{id}/disconnect", null)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await lookups.Find(TokenLookups.DoubleHash, hash, default)).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_was_written_under_an_older_local_key_is_found_as_long_as_that_key_is_at_hand()
    {
        await using var source = NpgsqlDataSource.Create(Host.Database);
        var (old, young) = (("kek-1", KeysInMemory.NewKey()), ("kek-2", KeysInMemory.NewKey()));
        var (token, id) = ($"1//0{Guid.NewGuid():N}", Guid.CreateVersion7());
        foreach (var row in new TokenLookups(KeysInMemory.Options(old), source).KeysOf(new("access", null, token, null, DateTimeOffset.UnixEpoch)))
        {
            await VaultDatabase.Run(Host.Database, "insert into connections.token_lookup (kind, value, tenant_id, connection_id) values ($1, $2, 'aurora', $3)", row.Kind, row.Value, id);
        }

        (await new TokenLookups(KeysInMemory.Options(young, old), source).Find(TokenLookups.Prefix, token[..16], default)).ShouldBe([("aurora", id)]);
        (await new TokenLookups(KeysInMemory.Options(young), source).Find(TokenLookups.Prefix, token[..16], default)).ShouldBeEmpty();
    }

    private static string Handle(string name, Guid creator) => $"{name}.{creator:N}"[..30];

    private async Task<HttpStatusCode> Erase(Guid creator, string organization = "aurora", string scope = "connections.write")
    {
        using var client = Host.As(organization, scope);
        using var response = await client.DeleteAsync($"/v1/creators/{creator}/connections-data");
        return response.StatusCode;
    }

    private async Task<long[]> Left(Guid[] ids) =>
    [
        await VaultDatabase.Count(Host.Database, "connections.connection_upkeep where connection_id = any($1)", ids),
        await VaultDatabase.Count(Host.Database, "connections.mt_doc_connectedaccount where id = any($1)", ids),
        await VaultDatabase.Count(Host.Database, "connections.token_lookup where connection_id = any($1)", ids),
        await VaultDatabase.Count(Host.Database, "connections.account_key where connection_id = any($1)", ids),
    ];

    private Task<long> Events(Guid[] ids) => VaultDatabase.Count(Host.Database, "connections.mt_events where stream_id = any($1)", ids);
}
