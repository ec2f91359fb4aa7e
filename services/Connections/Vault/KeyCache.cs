using System.Security.Cryptography;

namespace Connections.Vault;

/// <summary>A creator's key in the clear, zeroed when done with.</summary>
public sealed class CreatorKey(int generation, byte[] bytes) : IDisposable
{
    public int Generation { get; } = generation;

    internal ReadOnlySpan<byte> Bytes => bytes;

    public void Dispose() => CryptographicOperations.ZeroMemory(bytes);
}

/// <summary>
/// Unwrapped keys of creators, for a short time and so many at most. They lie where the garbage collector does not move them, so that zeroing
/// one leaves no copy behind; what is handed out is a copy that its user zeroes.
/// </summary>
public sealed class KeyCache : IDisposable
{
    private readonly TimeSpan keepFor;
    private readonly int most;
    private readonly TimeProvider clock;
    private readonly ITimer? timer;
    private readonly Lock gate = new();
    private readonly Dictionary<Name, LinkedListNode<Entry>> entries = [];

    // All live equally long, so the oldest is also the first to end.
    private readonly LinkedList<Entry> byAge = [];
    private long evictions;

    public KeyCache(TokenVaultOptions options, TimeProvider clock)
    {
        (keepFor, most, this.clock) = (options.CacheFor, options.CacheSize, clock);
        timer = keepFor > TimeSpan.Zero ? clock.CreateTimer(_ => Sweep(), null, keepFor, keepFor / 2) : null;
    }

    /// <summary>How many keys are held.</summary>
    public int Count
    {
        get
        {
            lock (gate)
            {
                return entries.Count;
            }
        }
    }

    /// <summary>Counts evictions by an erasure: a key read before one is not kept after it.</summary>
    public long Evictions => Interlocked.Read(ref evictions);

    public CreatorKey? Find(string organization, Guid creator, int generation)
    {
        lock (gate)
        {
            Sweep();
            return entries.TryGetValue(new(organization, creator, generation), out var node) ? new(generation, [.. node.Value.Key]) : null;
        }
    }

    public void Keep(string organization, Guid creator, int generation, ReadOnlySpan<byte> key, long evictionsBefore)
    {
        if (keepFor <= TimeSpan.Zero)
        {
            return;
        }

        var pinned = GC.AllocateUninitializedArray<byte>(key.Length, pinned: true);
        key.CopyTo(pinned);
        lock (gate)
        {
            var name = new Name(organization, creator, generation);
            if (evictionsBefore != evictions || entries.ContainsKey(name))
            {
                CryptographicOperations.ZeroMemory(pinned);
                return;
            }

            entries[name] = byAge.AddLast(new Entry(name, pinned, clock.GetUtcNow() + keepFor));
            while (entries.Count > most)
            {
                Remove(byAge.First!);
            }
        }
    }

    /// <summary>The creator's keys up to this generation are destroyed: forget them now.</summary>
    public void Evict(string organization, Guid creator, int upToGeneration)
    {
        lock (gate)
        {
            Interlocked.Increment(ref evictions);
            foreach (var node in entries.Where(entry => entry.Key.Organization == organization && entry.Key.Creator == creator && entry.Key.Generation <= upToGeneration).Select(entry => entry.Value).ToArray())
            {
                Remove(node);
            }
        }
    }

    public void Dispose()
    {
        timer?.Dispose();
        lock (gate)
        {
            while (byAge.First is { } node)
            {
                Remove(node);
            }
        }
    }

    private void Sweep()
    {
        lock (gate)
        {
            while (byAge.First is { } oldest && oldest.Value.EndsAt <= clock.GetUtcNow())
            {
                Remove(oldest);
            }
        }
    }

    private void Remove(LinkedListNode<Entry> node)
    {
        CryptographicOperations.ZeroMemory(node.Value.Key);
        entries.Remove(node.Value.Name);
        byAge.Remove(node);
    }

    private readonly record struct Name(string Organization, Guid Creator, int Generation);

    private sealed class Entry(Name name, byte[] key, DateTimeOffset endsAt)
    {
        public Name Name { get; } = name;

        public byte[] Key { get; } = key;

        public DateTimeOffset EndsAt { get; } = endsAt;
    }
}
