using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Connections.Platforms;
using Connections.Vault;

namespace Connections;

/// <summary>The sealed tokens of one connection. In a row beside the stream, never an event: it can be erased.</summary>
/// <param name="Id">The connection.</param>
/// <param name="KeyId">The key-encryption key that wrapped the data key by itself, as tokens sealed before creators had keys; null in all others.</param>
/// <param name="WrappedKey">The data key, wrapped by the creator's key.</param>
/// <param name="Ciphertext">The tokens under the data key.</param>
/// <param name="CreatorId">Whose key wrapped it.</param>
/// <param name="Generation">Which of the creator's keys: each erasure ends one.</param>
public sealed record SealedTokens(Guid Id, string? KeyId, byte[] WrappedKey, byte[] Ciphertext, Guid? CreatorId = null, int? Generation = null)
{
    /// <summary>By what a platform may name these tokens. Kept in a table of its own beside <see cref="Upkeep.UpkeepRow"/>.</summary>
    [JsonIgnore]
    public IReadOnlyList<TokenLookup> Lookups { get; init; } = [];

    /// <summary>As it is stored.</summary>
    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this);

    /// <summary>What <see cref="ToBytes"/> stored.</summary>
    public static SealedTokens FromBytes(byte[] stored) => JsonSerializer.Deserialize<SealedTokens>(stored)!;
}

/// <summary>
/// Seals tokens by envelope encryption: AES-256-GCM under a data key of their own, which the creator's key wraps, which a key-encryption key
/// wraps. Organization, creator and connection are bound in as associated data, so a row copied to another tenant, creator or connection
/// does not open. The creator's key lies in another database: what was sealed under one that is destroyed never opens again.
/// </summary>
public sealed class TokenVault(CreatorKeys keys, IKeyEncryption encryption, TokenLookups lookups)
{
    // Each further one follows an erasure that came in between, so more than two take a creator who is erased again and again. Whoever gives up has tokens that no platform gives twice.
    private const int Attempts = 10;

    /// <summary>Makes sure that sealing works. Call it before asking a platform for tokens that it gives only once.</summary>
    /// <exception cref="TokenVaultException">It does not work now.</exception>
    public async Task Prepare(string organization, Guid creatorId, CancellationToken ct)
    {
        using var key = await keys.Current(organization, creatorId, ct);
    }

    /// <summary>Seals a token set for one connection. May call a key-management service, so never while a stream is locked.</summary>
    /// <exception cref="TokenVaultException">The creator's key is not to be had now.</exception>
    public async Task<SealedTokens> Seal(string organization, Guid creatorId, Guid connection, TokenSet tokens, CancellationToken ct, int? generation = null)
    {
        using var creatorKey = generation is { } known ? await keys.Of(organization, creatorId, known, ct) : await keys.Current(organization, creatorId, ct);
        var dataKey = RandomNumberGenerator.GetBytes(Envelope.KeySize);
        var plain = JsonSerializer.SerializeToUtf8Bytes(tokens);
        var associated = Associated(organization, creatorId, connection);
        try
        {
            return new(connection, null, Envelope.Encrypt(creatorKey.Bytes, dataKey, associated), Envelope.Encrypt(dataKey, plain, associated), creatorId, creatorKey.Generation)
            {
                Lookups = lookups.KeysOf(tokens),
            };
        }
        finally
        {
            CryptographicOperations.ZeroMemory(dataKey);
            CryptographicOperations.ZeroMemory(plain);
        }
    }

    /// <summary>
    /// Seals and saves. Where the creator was erased between the two, the save fails (see <see cref="Upkeep.UpkeepTable.Put"/>) and both are
    /// done again under the creator's new key.
    /// </summary>
    /// <param name="organization">Whose.</param>
    /// <param name="creatorId">Whose key seals.</param>
    /// <param name="connection">What the tokens are of.</param>
    /// <param name="tokens">The secrets.</param>
    /// <param name="save">Saves what was sealed; may be called again.</param>
    /// <param name="ct">Gives up.</param>
    /// <param name="generation">The creator's key that sealed the tokens before, if it is at hand: tried first, and a save under one that is over fails.</param>
    public async Task<T> SealAndSave<T>(
        string organization, Guid creatorId, Guid connection, TokenSet tokens, Func<SealedTokens, Task<T>> save, CancellationToken ct, int? generation = null)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await save(await Seal(organization, creatorId, connection, tokens, ct, generation));
            }
            catch (Exception exception) when (attempt < Attempts && (ConnectionTables.IsSealedTooEarly(exception) || (generation is not null && exception is TokenVaultException { Fault: VaultFault.Destroyed })))
            {
                generation = null;
            }
        }
    }

    /// <summary>
    /// Opens the stored tokens of a connection; null where there are none. Prefer this to loading them first: while another connection of the creator is
    /// erased, theirs are sealed anew, and what was loaded a moment before opens no more.
    /// </summary>
    /// <exception cref="TokenVaultException">The key is destroyed, missing, or not to be had now.</exception>
    /// <exception cref="CryptographicException">Another connection, another creator, or tampered with.</exception>
    public async Task<TokenSet?> Open(string organization, Guid creatorId, Func<Task<SealedTokens?>> load, CancellationToken ct)
    {
        for (var stored = await load(); ;)
        {
            try
            {
                return stored is null ? null : await Open(organization, creatorId, stored, ct);
            }
            catch (TokenVaultException exception) when (exception.Fault is VaultFault.Destroyed)
            {
                // They are sealed anew before the key goes: whatever is still sealed by it opens no more.
                var anew = await load();
                if (anew?.Generation == stored!.Generation)
                {
                    throw;
                }

                stored = anew;
            }
        }
    }

    /// <summary>Opens what <see cref="Seal"/> sealed for the same organization, creator and connection.</summary>
    /// <exception cref="TokenVaultException">The key is destroyed, missing, or not to be had now.</exception>
    /// <exception cref="CryptographicException">Another connection, another creator, or tampered with.</exception>
    public async Task<TokenSet> Open(string organization, Guid creatorId, SealedTokens sealedTokens, CancellationToken ct)
    {
        byte[] dataKey;
        byte[] associated;
        if (sealedTokens.Generation is { } generation)
        {
            using var creatorKey = await keys.Of(organization, creatorId, generation, ct);
            associated = Associated(organization, creatorId, sealedTokens.Id);
            dataKey = Envelope.Decrypt(creatorKey.Bytes, sealedTokens.WrappedKey, associated);
        }
        else
        {
            // From before creators had keys of their own. Sealed the new way when it is next saved.
            associated = Encoding.UTF8.GetBytes($"{organization}/{sealedTokens.Id}");
            dataKey = await encryption.Unwrap(new(sealedTokens.KeyId!, sealedTokens.WrappedKey), associated, ct);
        }

        var plain = Array.Empty<byte>();
        try
        {
            plain = Envelope.Decrypt(dataKey, sealedTokens.Ciphertext, associated);
            return JsonSerializer.Deserialize<TokenSet>(plain)!;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(dataKey);
            CryptographicOperations.ZeroMemory(plain);
        }
    }

    private static byte[] Associated(string organization, Guid creator, Guid connection) => Encoding.UTF8.GetBytes($"{organization}/{creator}/{connection}");
}
