using Microsoft.Extensions.Caching.Memory;

namespace Campaigns;

/// <summary>
/// What this replica has worked out of rosters, good for as long as a roster's newest change (<see cref="CampaignPulse.Seq"/>) is the one it was worked out from. The projection writes that number with everything
/// it counts, in one transaction, and whoever asks reads it first, so no answer is older for what is kept.
/// </summary>
public sealed class RosterMemory : IDisposable
{
    /// <summary>The largest thing kept of a roster are its counts: a number for every standing there can be.</summary>
    private const int MostKept = 500;

    // Names are among what is kept: not for longer than somebody looks.
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    private readonly MemoryCache cache = new(new MemoryCacheOptions { SizeLimit = MostKept });

    /// <summary>What was kept of a roster as of this change; null if nothing was.</summary>
    public T? Of<T>(string organization, Guid roster, long seq)
        where T : class
        => NewestOf<T>(organization, roster) is var (asOf, what) && asOf == seq ? what : null;

    /// <summary>What was kept of a roster, and as of which change; for whoever can make up for those since.</summary>
    public (long Seq, T What)? NewestOf<T>(string organization, Guid roster)
        where T : class
        => cache.TryGetValue((typeof(T), organization, roster), out (long Seq, T What) kept) ? kept : null;

    /// <summary>Keeps it in place of what was kept before.</summary>
    /// <param name="organization">Whose roster.</param>
    /// <param name="roster">Which.</param>
    /// <param name="seq">The newest change, read before anything that <paramref name="what"/> was made of.</param>
    /// <param name="what">What nobody changes any more.</param>
    public T Keep<T>(string organization, Guid roster, long seq, T what)
        where T : class
    {
        cache.Set((typeof(T), organization, roster), (seq, what), new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = Longest });
        return what;
    }

    /// <inheritdoc/>
    public void Dispose() => cache.Dispose();
}
