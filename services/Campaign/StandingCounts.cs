using System.Data.Common;
using System.Runtime.InteropServices;

namespace Campaigns;

/// <summary>How many creators stand how: from the table of counts, or counted among those a search finds.</summary>
/// <param name="PerStanding">Creators per standing; nobody changes it any more. A page goes through it once for every facet, so it is no interface.</param>
/// <param name="Bits">What the standings are told apart by; the other bits are zero in all of them.</param>
public sealed record StandingCounts(Dictionary<Standing, long> PerStanding, short Bits = Standing.AllBits)
{
    public long Of(Func<Standing, bool> condition)
    {
        var sum = 0L;
        foreach (var (standing, creators) in PerStanding)
        {
            sum += condition(standing) ? creators : 0;
        }

        return sum;
    }

    /// <summary>The creators of those for whom a condition holds, per value, which is read from these bits.</summary>
    public IReadOnlyDictionary<string, long> By(short bits, Func<Standing, string> valueOf, Func<Standing, bool> condition)
    {
        var perCode = new long[bits + 1];
        foreach (var (standing, creators) in PerStanding)
        {
            if (condition(standing))
            {
                perCode[standing.Only(bits).Code] += creators;
            }
        }

        var sums = new Dictionary<string, long>();
        for (short code = 0; code < perCode.Length; code++)
        {
            if (perCode[code] > 0)
            {
                CollectionsMarshal.GetValueRefOrAddDefault(sums, valueOf(new(code)), out _) += perCode[code];
            }
        }

        return sums;
    }

    /// <summary>Told apart by these bits alone, which must be among those of this.</summary>
    public StandingCounts Only(short bits)
    {
        if (bits == Bits)
        {
            return this;
        }

        var counts = new Dictionary<Standing, long>();
        foreach (var (standing, creators) in PerStanding)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(counts, standing.Only(bits), out _) += creators;
        }

        return new(counts, bits);
    }

    /// <summary>Rows of a standing and its creators.</summary>
    public static async Task<StandingCounts> Read(DbDataReader reader, CancellationToken ct, short bits = Standing.AllBits)
    {
        var counts = new Dictionary<Standing, long>();
        while (await reader.ReadAsync(ct))
        {
            counts[new(reader.GetInt16(0))] = reader.GetInt64(1);
        }

        return new(counts, bits);
    }
}
