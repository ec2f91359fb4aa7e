using System.Security.Cryptography;
using Connections.Vault;
using Microsoft.Extensions.Logging.Abstractions;

namespace Connections.Tests;

/// <summary>Wrapped keys of creators that last as long as a test.</summary>
internal sealed class KeysInMemory : ICreatorKeyStore
{
    private readonly Dictionary<(string, Guid), int> generations = [];

    public Dictionary<(string Organization, Guid Creator, int Generation), StoredKey> Rows { get; } = [];

    public Task<int> Generation(string organization, Guid creator, CancellationToken ct) => Task.FromResult(generations.GetValueOrDefault((organization, creator)));

    public Task BeginAfter(string organization, Guid creator, int generation, CancellationToken ct)
    {
        generations[(organization, creator)] = Math.Max(generations.GetValueOrDefault((organization, creator)), generation + 1);
        return Task.CompletedTask;
    }

    public Task<StoredKey?> Find(string organization, Guid creator, int generation, CancellationToken ct) => Task.FromResult(Rows.GetValueOrDefault((organization, creator, generation)));

    public Task<StoredKey> Add(string organization, Guid creator, int generation, WrappedKey wrapped, CancellationToken ct)
    {
        Rows.TryAdd((organization, creator, generation), new(wrapped));
        return Task.FromResult(Rows[(organization, creator, generation)]);
    }

    public void Erase(string organization, Guid creator)
    {
        var generation = generations.GetValueOrDefault((organization, creator));
        generations[(organization, creator)] = generation + 1;
        Rows[(organization, creator, generation)] = new(null);
    }

    /// <summary>A vault over these keys, with the options' own encryption unless another is given.</summary>
    public TokenVault Vault(TokenVaultOptions options, IKeyEncryption? encryption = null, KeyCache? cache = null)
    {
        encryption ??= new LocalKeyRing(options);
        return new(new CreatorKeys(this, encryption, cache ?? new KeyCache(options, TimeProvider.System), NullLogger<CreatorKeys>.Instance), encryption, new TokenLookups(options, null!));
    }

    /// <summary>Settings with keys of these names, the first of them active.</summary>
    public static TokenVaultOptions Options(params (string Id, string Key)[] keys)
    {
        var options = new TokenVaultOptions { ActiveKeyId = keys[0].Id, CacheFor = TimeSpan.Zero };
        foreach (var (id, key) in keys)
        {
            options.Keys[id] = key;
        }

        return options;
    }

    public static string NewKey() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
}
