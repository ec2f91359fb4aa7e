using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Connections.Vault;

/// <summary>
/// Counts the keys of creators that are not under the active key: some during a rotation, none after it. One that no configured key unwraps is a
/// matter of configuration, and named. Gauge <c>token_vault.keys.under_other_keys</c>.
/// </summary>
public sealed class KeyCensus : IHealthCheck, IDisposable
{
    private readonly KeyStore store;
    private readonly IKeyEncryption encryption;
    private readonly Meter meter = new("Connections");
    private readonly ConcurrentDictionary<string, long> counts = new();

    public KeyCensus(KeyStore store, IKeyEncryption encryption)
    {
        (this.store, this.encryption) = (store, encryption);
        meter.CreateObservableGauge(
            "token_vault.keys.under_other_keys",
            () => counts.Select(count => new Measurement<long>(count.Value, new KeyValuePair<string, object?>("key.id", count.Key))),
            unit: "{key}",
            description: "Keys of creators that another key than the active one wrapped.");
    }

    /// <summary>How many keys lie under which other keys.</summary>
    public async Task<IReadOnlyDictionary<string, long>> Take(CancellationToken ct)
    {
        var found = await store.UnderOtherKeys(await encryption.ActiveKeyId(ct), ct);
        foreach (var gone in counts.Keys.Except(found.Keys))
        {
            // Reported once more as none, so that nobody's graph stands still at the last number.
            counts[gone] = 0;
        }

        foreach (var (key, count) in found)
        {
            counts[key] = count;
        }

        return found;
    }

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            var found = await Take(cancellationToken);
            var missing = found.Where(count => !encryption.Holds(count.Key)).Select(count => $"{count.Key} ({count.Value})").ToArray();
            return missing.Length > 0
                ? HealthCheckResult.Degraded($"Keys of creators lie under {string.Join(", ", missing)}, which is not among the configured keys. Put it back into TokenVault:Keys.")
                : HealthCheckResult.Healthy(found.Count == 0 ? null : $"Keys of creators move to the active key: {found.Values.Sum()} to go.");
        }
        catch (TokenVaultException exception)
        {
            return HealthCheckResult.Degraded($"{exception.Message} Tokens whose creator's key is in memory can still be used; nothing is lost meanwhile.");
        }
    }

    public void Dispose() => meter.Dispose();
}
