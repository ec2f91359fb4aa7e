using System.Security.Cryptography;
using Connections.Vault;

namespace Connections.Features;

/// <summary>Keys of creators that another key wrapped come under the active one: a rotation needs nothing but a setting, and nobody waits for it.</summary>
internal sealed partial class RewrapKeys(
    KeyStore store, IKeyEncryption encryption, KeyCensus census, TokenVaultOptions options, TimeProvider clock, ILogger<RewrapKeys> logger) : ClockWorker(options.RewrapEvery, null, logger)
{
    private const int Page = 100;

    protected override async Task<int> DoPage(CancellationToken ct)
    {
        var others = await census.Take(ct);
        if (others.Keys.Where(key => !encryption.Holds(key)).ToArray() is { Length: > 0 } missing)
        {
            Missing(string.Join(", ", missing));
        }

        string[] movable = [.. others.Keys.Where(encryption.Holds)];
        if (movable.Length == 0)
        {
            return 0;
        }

        var page = await store.Lease(movable, clock.GetUtcNow() - options.RewrapAfter, Lease, Page, ct);
        foreach (var key in page)
        {
            try
            {
                await store.Replace(key, await encryption.Rewrap(key.Wrapped, CreatorKeys.Associated(key.Organization, key.CreatorId), ct), ct);
            }
            catch (CryptographicException exception) when (exception is not TokenVaultException)
            {
                // One that does not unwrap must not hold up the others. It stays where it is, and is tried again.
                DoesNotUnwrap(key.CreatorId, key.Wrapped.KeyId);
            }
        }

        return page.Count;
    }

    [LoggerMessage(LogLevel.Error, "Keys of creators lie under {KeyIds}, which are not among the configured keys. Put them back into TokenVault:Keys.")]
    private partial void Missing(string keyIds);

    [LoggerMessage(LogLevel.Error, "The key of creator {Creator} does not unwrap with {KeyId}: the key of that name is another one than wrapped it, or the row was changed.")]
    private partial void DoesNotUnwrap(Guid creator, string keyId);
}
