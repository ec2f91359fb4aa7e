using System.Security.Cryptography;
using Connections.Platforms;
using Connections.Upkeep;
using EventSourcing;
using Npgsql;

namespace Connections.Vault;

/// <summary>
/// Finishes what <see cref="ConnectionTables.Forget"/> began. The creator's tokens that stay are sealed under the next key, then the ended keys are
/// destroyed, last the row that says so goes. Whoever is interrupted is followed by another who does the same again; nothing of it does harm twice.
/// </summary>
public sealed partial class Erasures(
    NpgsqlDataSource source, KeyStore store, KeyCache cache, TokenVault vault, PlatformList platforms, ILogger<Erasures> logger)
{
    private const int MostRounds = 10;

    /// <summary>Destroys the creator's ended keys, where any are still to be destroyed.</summary>
    /// <exception cref="TokenVaultException">Not now. What is due stays due.</exception>
    public async Task Finish(string organization, Guid creator, CancellationToken ct)
    {
        if (await Due(organization, creator, ct) is not { } generation)
        {
            return;
        }

        for (var round = 1; await ResealRemaining(organization, creator, generation, ct) > 0; round++)
        {
            // Others renew tokens meanwhile, though hardly as often as this.
            if (round == MostRounds)
            {
                throw new InvalidOperationException($"The tokens of creator {creator} do not come under their new key; the old one is not destroyed yet.");
            }
        }

        await store.Destroy(organization, creator, generation, ct);
        cache.Evict(organization, creator, generation);

        // Another erasure that came meanwhile has set a later generation, and keeps its row.
        await using var done = source.CreateCommand($"delete from {ConnectionTables.Schema}.erasure_due where tenant_id = $1 and creator_id = $2 and generation = $3");
        done.With(organization, creator, generation);
        await done.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Seals the creator's other tokens under the current key; answers how many there were. One that was renewed meanwhile is looked at again.</summary>
    private async Task<int> ResealRemaining(string organization, Guid creator, int endedGeneration, CancellationToken ct)
    {
        Guid[] all = [.. platforms.All.Select(platform => Connection.IdOf(organization, creator, platform.Options.Key))];
        var resealed = 0;
        foreach (var row in await UpkeepTable.Many(source, organization, all, ct))
        {
            var old = SealedTokens.FromBytes(row.Sealed);
            if (!(old.Generation <= endedGeneration))
            {
                continue;
            }

            TokenSet tokens;
            try
            {
                tokens = await vault.Open(organization, creator, old, ct);
            }
            catch (CryptographicException exception) when (exception is not TokenVaultException { Fault: not VaultFault.Destroyed })
            {
                // Nobody can read these any more, whatever becomes of the key.
                CannotBeRead(old.Id);
                continue;
            }

            await vault.SealAndSave(
                organization,
                creator,
                old.Id,
                tokens,
                renewed => source.Run(UpkeepTable.Reseal(row, renewed), ct),
                ct);
            resealed++;
        }

        return resealed;
    }

    private async Task<int?> Due(string organization, Guid creator, CancellationToken ct)
    {
        await using var command = source.CreateCommand($"select generation from {ConnectionTables.Schema}.erasure_due where tenant_id = $1 and creator_id = $2");
        command.With(organization, creator);
        return (int?)await command.ExecuteScalarAsync(ct);
    }

    [LoggerMessage(LogLevel.Error, "The tokens of connection {Connection} cannot be read and are not carried over to the creator's new key.")]
    private partial void CannotBeRead(Guid connection);
}
