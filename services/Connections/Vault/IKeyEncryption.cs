namespace Connections.Vault;

/// <summary>Wraps the keys of creators. The local key ring does it in this process, a key-management service elsewhere.</summary>
public interface IKeyEncryption
{
    /// <summary>Name of the key that wraps from now on. Stored beside what it wrapped.</summary>
    /// <exception cref="TokenVaultException">A key-management service did not say.</exception>
    ValueTask<string> ActiveKeyId(CancellationToken ct);

    /// <summary>Can this unwrap what the key of this name wrapped?</summary>
    bool Holds(string keyId);

    /// <summary>Wraps a key under the active key.</summary>
    /// <param name="key">The key in the clear.</param>
    /// <param name="associated">Whose key it is: unwrapping needs the same.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="TokenVaultException">Not now, or not with this configuration.</exception>
    Task<WrappedKey> Wrap(byte[] key, byte[] associated, CancellationToken ct);

    /// <summary>The key in the clear. The caller zeroes it.</summary>
    /// <exception cref="TokenVaultException">Not now, or not with this configuration.</exception>
    /// <exception cref="System.Security.Cryptography.CryptographicException">Other associated data, or tampered with.</exception>
    Task<byte[]> Unwrap(WrappedKey wrapped, byte[] associated, CancellationToken ct);

    /// <summary>The same key under the active key.</summary>
    /// <exception cref="TokenVaultException">Not now, or not with this configuration.</exception>
    /// <exception cref="System.Security.Cryptography.CryptographicException">Other associated data, or tampered with.</exception>
    Task<WrappedKey> Rewrap(WrappedKey wrapped, byte[] associated, CancellationToken ct);
}

/// <summary>A key that another key has wrapped.</summary>
/// <param name="KeyId">The key that wrapped it.</param>
/// <param name="Bytes">What only that key makes sense of.</param>
public sealed record WrappedKey(string KeyId, byte[] Bytes);
