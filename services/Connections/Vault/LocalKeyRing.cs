using System.Security.Cryptography;

namespace Connections.Vault;

/// <summary>Key-encryption keys from configuration. One wraps, all unwrap.</summary>
public sealed class LocalKeyRing : IKeyEncryption
{
    private readonly Dictionary<string, byte[]> keys = [];
    private readonly string? active;

    /// <exception cref="ArgumentException">The settings name a key that is not there, or one of the wrong size.</exception>
    public LocalKeyRing(TokenVaultOptions options)
    {
        foreach (var (id, key) in options.AllKeys)
        {
            keys[id] = TokenVaultOptions.Bytes(key) is { Length: Envelope.KeySize } bytes && !id.StartsWith(TransitKeys.Prefix, StringComparison.Ordinal)
                ? bytes
                : throw new ArgumentException($"The key {id} of TokenVault must be 32 bytes in base64, and its name must not begin with {TransitKeys.Prefix}", nameof(options));
        }

        active = options.ActiveKeyId ?? (keys.Count == 1 ? keys.Keys.Single() : null);
        if (active is not null && !keys.ContainsKey(active))
        {
            throw new ArgumentException($"TokenVault:ActiveKeyId is {active}, which is not among the keys {string.Join(", ", keys.Keys)}.", nameof(options));
        }

        if (active is null && options.Transit is null)
        {
            throw new ArgumentException(
                keys.Count == 0 ? "TokenVault needs a key: set TokenVault:Key, TokenVault:Keys:{id} or TokenVault:Transit." : "TokenVault has several keys: name the one that wraps in TokenVault:ActiveKeyId.", nameof(options));
        }
    }

    public ValueTask<string> ActiveKeyId(CancellationToken ct) => ValueTask.FromResult(Active);

    public bool Holds(string keyId) => keys.ContainsKey(keyId);

    public Task<WrappedKey> Wrap(byte[] key, byte[] associated, CancellationToken ct) =>
        Task.FromResult(new WrappedKey(Active, Envelope.Encrypt(keys[Active], key, associated)));

    public Task<byte[]> Unwrap(WrappedKey wrapped, byte[] associated, CancellationToken ct) => keys.TryGetValue(wrapped.KeyId, out var key)
        ? Task.FromResult(Envelope.Decrypt(key, wrapped.Bytes, associated))
        : throw ConfiguredKeys.Missing(wrapped.KeyId);

    public async Task<WrappedKey> Rewrap(WrappedKey wrapped, byte[] associated, CancellationToken ct)
    {
        var key = await Unwrap(wrapped, associated, ct);
        try
        {
            return await Wrap(key, associated, ct);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    private string Active => active ?? throw new InvalidOperationException("No local key wraps: the key-management service does.");
}
