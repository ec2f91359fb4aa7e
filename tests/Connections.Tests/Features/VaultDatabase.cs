using Connections.Platforms;
using Connections.Upkeep;
using EventSourcing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Connections.Tests.Features;

/// <summary>What a test sees of the vault behind the service's back, and grants without a browser.</summary>
internal static class VaultDatabase
{
    public static async Task<long> Count(string database, string from, params object[] parameters)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand($"select count(*) from {from}");
        command.With(parameters);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    public static async Task Run(string database, string sql, params object[] parameters)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand(sql);
        command.With(parameters);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>The creator's key of a generation in the key store: how it is, in a word.</summary>
    public static async Task<string> KeyOf(string keys, Guid creator, int generation)
    {
        await using var source = NpgsqlDataSource.Create(keys);
        await using var command = source.CreateCommand("select case when wrapped is null then 'destroyed' else 'there' end from vault.creator_key where creator_id = $1 and generation = $2");
        command.With(creator, generation);
        return (string?)await command.ExecuteScalarAsync() ?? "none";
    }

    public static async Task<SealedTokens?> Tokens(this IServiceProvider services, Guid connection)
    {
        return await UpkeepTable.TokensOf(services.GetRequiredService<NpgsqlDataSource>(), "aurora", connection, default);
    }

    public static async Task<TokenSet> Open(this IServiceProvider services, Guid creator, Guid connection)
    {
        return (await services.GetRequiredService<TokenVault>().Open("aurora", creator, () => services.Tokens(connection), default))!;
    }

    /// <summary>Grants a connection as the callback does, without platform and browser.</summary>
    public static async Task<Guid> Grant(this IServiceProvider services, Guid creator, TokenSet tokens, Func<Task>? betweenSealingAndSaving = null)
    {
        var id = Connection.IdOf("aurora", creator, "youtube");
        await using var session = services.GetRequiredService<StreamSessions>().For("aurora");
        await services.GetRequiredService<TokenVault>().SealAndSave("aurora", creator, id, tokens, async sealedTokens =>
        {
            if (betweenSealingAndSaving is not null)
            {
                await betweenSealingAndSaving();
            }

            return await session.DecideAndSave<Connection>(
                id,
                _ => Decision.Of(new AccessGranted(creator, "youtube", $"account-{creator}", [], null, null, tokens.IssuedAt)),
                default,
                within: (transaction, _, ct) => transaction.Wrote(
                    UpkeepTable.Put(
                        UpkeepRow.Of("aurora", id, creator, new YouTubeOptions(), tokens, sealedTokens.ToBytes(), [], services.GetRequiredService<TimeProvider>().GetUtcNow(), new(new()), 0) with { DueAt = null },
                        sealedTokens),
                    ct));
        }, default);
        return id;
    }

    public static TokenSet NewTokens() => new($"access-{Guid.NewGuid()}", null, $"1//0{Guid.NewGuid():N}", null, DateTimeOffset.UnixEpoch);
}
