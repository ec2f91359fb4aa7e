using System.Security.Cryptography;
using System.Text;

namespace Connections.Vault;

/// <summary>Where wrapped keys of creators lie.</summary>
public interface ICreatorKeyStore
{
    /// <summary>The generation that new tokens of this creator are sealed under; each erasure begins another one.</summary>
    Task<int> Generation(string organization, Guid creator, CancellationToken ct);

    /// <summary>Begins the generation after this one, unless that has happened.</summary>
    Task BeginAfter(string organization, Guid creator, int generation, CancellationToken ct);

    /// <summary>A key; null where there is none yet.</summary>
    Task<StoredKey?> Find(string organization, Guid creator, int generation, CancellationToken ct);

    /// <summary>Keeps a new key, unless there is one already: answers the one that is kept.</summary>
    Task<StoredKey> Add(string organization, Guid creator, int generation, WrappedKey wrapped, CancellationToken ct);
}

/// <summary>A creator's key as it lies in the store; <paramref name="Wrapped"/> is null once it is destroyed, and nothing takes its place.</summary>
public sealed record StoredKey(WrappedKey? Wrapped);

/// <summary>The keys of creators: one per organization and creator at a time, made when first needed, unwrapped when needed.</summary>
public sealed partial class CreatorKeys(ICreatorKeyStore store, IKeyEncryption encryption, KeyCache cache, ILogger<CreatorKeys> logger)
{
    /// <summary>The key that this creator's tokens are sealed under now.</summary>
    /// <exception cref="TokenVaultException">Not now, or not with this configuration.</exception>
    public async Task<CreatorKey> Current(string organization, Guid creator, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            // Asked each time: a cached key may have been destroyed by another replica, and what is sealed under it would be lost.
            var generation = await store.Generation(organization, creator, ct);
            try
            {
                return await Get(organization, creator, generation, mayMake: true, ct);
            }
            catch (TokenVaultException exception) when (exception.Fault is VaultFault.Destroyed && attempt < 3)
            {
                // An erasure came in between and has begun the next generation; or the database was restored from a backup that knows nothing of it.
                await store.BeginAfter(organization, creator, generation, ct);
            }
        }
    }

    /// <summary>The key of one generation.</summary>
    /// <exception cref="TokenVaultException">Destroyed, or not now, or not with this configuration.</exception>
    public Task<CreatorKey> Of(string organization, Guid creator, int generation, CancellationToken ct) => Get(organization, creator, generation, mayMake: false, ct);

    internal static byte[] Associated(string organization, Guid creator) => Encoding.UTF8.GetBytes($"{organization}/{creator}");

    private async Task<CreatorKey> Get(string organization, Guid creator, int generation, bool mayMake, CancellationToken ct)
    {
        if (cache.Find(organization, creator, generation) is { } cached)
        {
            return cached;
        }

        var evictions = cache.Evictions;
        try
        {
            var stored = await store.Find(organization, creator, generation, ct) ?? (mayMake ? await Make(organization, creator, generation, ct) : null);
            if (stored?.Wrapped is not { } wrapped)
            {
                throw new TokenVaultException(VaultFault.Destroyed, "The creator's data was erased: their key is destroyed.");
            }

            var key = await encryption.Unwrap(wrapped, Associated(organization, creator), ct);
            cache.Keep(organization, creator, generation, key, evictions);
            return new(generation, key);
        }
        catch (TokenVaultException exception) when (exception.Fault is not VaultFault.Destroyed)
        {
            NotToBeHad(exception.Fault, exception.Message);
            throw;
        }
    }

    private async Task<StoredKey> Make(string organization, Guid creator, int generation, CancellationToken ct)
    {
        var key = RandomNumberGenerator.GetBytes(Envelope.KeySize);
        try
        {
            // Another replica may be doing the same: whoever comes first made the creator's key.
            return await store.Add(organization, creator, generation, await encryption.Wrap(key, Associated(organization, creator), ct), ct);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    [LoggerMessage(LogLevel.Error, "A creator's key is not to be had ({Fault}): {Why} Connections stay as they are.")]
    private partial void NotToBeHad(VaultFault fault, string why);
}
