using System.Security.Cryptography;
using Connections.Vault;

namespace Connections.Features;

/// <summary>Keys of creators that another key wrapped come under the active one: a rotation needs nothing but a setting, and nobody waits for it.</summary>
internal sealed partial class RewrapKeys(
    KeyStore store, IKeyEncryption encryption, KeyCensus census, TokenVaultOptions options, TimeProvider clock, ILogger<RewrapKeys> logger) : ClockWorker(options.RewrapEvery, null, logger)
{
    private const int Page = 100;
    private readonly Queue<string> others = new();

    protected override async Task<int> DoPage(CancellationToken ct)
    {
        // Counting takes longer than a page: once a look, not once a page.
        if (others.Count == 0)
        {
            await Look(ct);
        }

        while (others.TryPeek(out var keyId))
        {
            var page = await store.Lease(keyId, clock.GetUtcNow() - options.RewrapAfter, Lease, Page, ct);
            if (page.Count > 0)
            {
                await Rewrap(page, ct);
                return page.Count;
            }

            others.Dequeue();
        }

        return 0;
    }

    private async Task Look(CancellationToken ct)
    {
        var counts = await census.Take(ct);
        foreach (var keyId in counts.Keys.Where(encryption.Holds))
        {
            others.Enqueue(keyId);
        }

        if (counts.Keys.Where(keyId => !encryption.Holds(keyId)).ToArray() is { Length: > 0 } missing)
        {
            Missing(string.Join(", ", missing));
        }
    }

    private async Task Rewrap(IReadOnlyList<LeasedKey> page, CancellationToken ct)
    {
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
    }

    [LoggerMessage(LogLevel.Error, "Keys of creators lie under {KeyIds}, which are not among the configured keys. Put them back into TokenVault:Keys.")]
    private partial void Missing(string keyIds);

    [LoggerMessage(LogLevel.Error, "The key of creator {Creator} does not unwrap with {KeyId}: the key of that name is another one than wrapped it, or the row was changed.")]
    private partial void DoesNotUnwrap(Guid creator, string keyId);
}
