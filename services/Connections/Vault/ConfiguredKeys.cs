using System.Security.Cryptography;

namespace Connections.Vault;

/// <summary>
/// Every key the settings name, local ones and a key-management service's. Who wraps is one of them; what another wrapped stays readable and moves
/// over, so that a deployment can go from one to the other and back without a pause.
/// </summary>
public sealed class ConfiguredKeys(IKeyEncryption active, IReadOnlyList<IKeyEncryption> all) : IKeyEncryption
{
    public static TokenVaultException Missing(string keyId) => new(
        VaultFault.KeyMissing, $"A key was wrapped by {keyId}, which is not among the configured keys. Put it back into TokenVault:Keys until nothing is under it any more.");

    public ValueTask<string> ActiveKeyId(CancellationToken ct) => active.ActiveKeyId(ct);

    public bool Holds(string keyId) => all.Any(keys => keys.Holds(keyId));

    public Task<WrappedKey> Wrap(byte[] key, byte[] associated, CancellationToken ct) => active.Wrap(key, associated, ct);

    public Task<byte[]> Unwrap(WrappedKey wrapped, byte[] associated, CancellationToken ct) =>
        (all.FirstOrDefault(keys => keys.Holds(wrapped.KeyId)) ?? throw Missing(wrapped.KeyId)).Unwrap(wrapped, associated, ct);

    public async Task<WrappedKey> Rewrap(WrappedKey wrapped, byte[] associated, CancellationToken ct)
    {
        if (active.Holds(wrapped.KeyId))
        {
            return await active.Rewrap(wrapped, associated, ct);
        }

        var key = await Unwrap(wrapped, associated, ct);
        try
        {
            return await active.Wrap(key, associated, ct);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }
}
